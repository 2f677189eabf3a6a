"""Warning and dissuasion (预警劝阻): alerts become tasks that people work on."""

from __future__ import annotations

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class AlertsConfig(AppConfig):
    """Alerts, tasks, clocks, visits."""

    name = "qingdun.console.alerts"
    label = "alerts"
    verbose_name = _("Warning and dissuasion")

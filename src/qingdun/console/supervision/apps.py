"""Supervision (督): who looks after which places and enterprises, what they find, and what becomes of it."""

from __future__ import annotations

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class SupervisionConfig(AppConfig):
    """Commissioners, rounds of assignment, visits on a phone, findings with deadlines and re-inspection."""

    name = "qingdun.console.supervision"
    label = "supervision"
    verbose_name = _("Supervision")

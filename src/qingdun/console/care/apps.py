"""Care after a verdict (回访) and for persons in danger again and again (重点人员)."""

from __future__ import annotations

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class CareConfig(AppConfig):
    """Follow-ups and key-person files."""

    name = "qingdun.console.care"
    label = "care"
    verbose_name = _("Care")

"""Incidents (警情): what was reported to have been taken from whom. Cases and gangs will stand on these."""

from __future__ import annotations

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class CasesConfig(AppConfig):
    """Incidents as far as warning and dissuasion need them."""

    name = "qingdun.console.cases"
    label = "cases"
    verbose_name = _("Crackdown")

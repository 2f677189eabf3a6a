"""Rosters (值班表), hand-overs (交接班) and calling the officer on duty."""

from __future__ import annotations

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class DutyConfig(AppConfig):
    """Who is on duty where, and who was called."""

    name = "qingdun.console.duty"
    label = "duty"
    verbose_name = _("Duty")

"""Measures of warning and dissuasion (成效): what field §3 says, with denominators."""

from __future__ import annotations

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class MeasuresConfig(AppConfig):
    """Figures over tasks, each with its rows."""

    name = "qingdun.console.measures"
    label = "measures"
    verbose_name = _("Measures")

"""The module as Django sees it."""

from __future__ import annotations

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class IndustryConfig(AppConfig):
    """Governance of operators and banks: lists sent to them, restrictions, appeals, findings."""

    name = "qingdun.console.industry"
    label = "industry"
    verbose_name = _("Industry")

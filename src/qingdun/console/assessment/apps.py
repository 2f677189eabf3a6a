"""Assessment (治): how towns and villages rank, what is decided about them, and what they answer."""

from __future__ import annotations

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class AssessmentConfig(AppConfig):
    """Rankings that are frozen and recomputed, cards and listings, objections, accountability."""

    name = "qingdun.console.assessment"
    label = "assessment"
    verbose_name = _("Assessment")

"""Visits (上门劝阻): what the officer's phone page keeps and says at the door."""

from __future__ import annotations

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class VisitsConfig(AppConfig):
    """Photos, consents, the place, words to say, the signed receipt."""

    name = "qingdun.console.visits"
    label = "visits"
    verbose_name = _("Visits")

"""Searches offered to the nearest free officers (就近派警)."""

from __future__ import annotations

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class OffersConfig(AppConfig):
    """Who was asked to take a search over, and who took it."""

    name = "qingdun.console.offers"
    label = "offers"
    verbose_name = _("Offers")

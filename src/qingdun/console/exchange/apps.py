"""The lists exchanged with other cities, operators, banks and communities (交换)."""

from __future__ import annotations

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class ExchangeConfig(AppConfig):
    """Peers, what may be shared with each, what was shared and what came."""

    name = "qingdun.console.exchange"
    label = "exchange"
    verbose_name = _("Exchange")

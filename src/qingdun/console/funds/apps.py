"""Funds: stop-payment orders (止付). Freezing, tracing and return will stand on these."""

from __future__ import annotations

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class FundsConfig(AppConfig):
    """Stop-payment orders as far as warning and dissuasion need them."""

    name = "qingdun.console.funds"
    label = "funds"
    verbose_name = _("Funds")

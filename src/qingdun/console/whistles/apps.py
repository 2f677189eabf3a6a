"""Alerts from outside: raised by hand at a counter or a hotline, sent as lists by province and ministry; and
the ledgers that stations are asked for.
"""

from __future__ import annotations

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class WhistlesConfig(AppConfig):
    """Whistles, tokens of organisations, lists of alerts, ledgers."""

    name = "qingdun.console.whistles"
    label = "whistles"
    verbose_name = _("Alerts from outside")

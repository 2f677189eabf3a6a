"""Outreach (宣): who has the app, whom a message reaches, who carries it on, and what came of it."""

from __future__ import annotations

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class OutreachConfig(AppConfig):
    """Registrations, mailings, the matrix of units, and visits from door to door."""

    name = "qingdun.console.outreach"
    label = "outreach"
    verbose_name = _("Outreach")

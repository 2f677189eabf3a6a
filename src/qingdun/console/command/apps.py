"""Command (统): who answers for which place, what provisions ask of whom, what is overdue anywhere."""

from __future__ import annotations

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class CommandConfig(AppConfig):
    """The chain of responsibility, the provisions as tracked undertakings, the page of what is overdue."""

    name = "qingdun.console.command"
    label = "command"
    verbose_name = _("Command")

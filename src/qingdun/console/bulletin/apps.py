"""The bulletin (战报): the account of a period and region that writes itself from the ledgers."""

from __future__ import annotations

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class BulletinConfig(AppConfig):
    """Figures of every module with their rows, text composed from them, two signatures, schedules."""

    name = "qingdun.console.bulletin"
    label = "bulletin"
    verbose_name = _("Bulletin")

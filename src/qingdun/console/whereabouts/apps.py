"""Where a person may be whom nobody reaches (查找): places, family and bank branches, for a purpose."""

from __future__ import annotations

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class WhereaboutsConfig(AppConfig):
    """Where a person may be, shown inside the task alone."""

    name = "qingdun.console.whereabouts"
    label = "whereabouts"
    verbose_name = _("Whereabouts")

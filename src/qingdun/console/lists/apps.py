"""Lists (名单): what is known to serve scams, reviewed by people, with reason, term and reversal."""

from __future__ import annotations

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class ListsConfig(AppConfig):
    """Entries, proposals, the change feed."""

    name = "qingdun.console.lists"
    label = "lists"
    verbose_name = _("Lists")

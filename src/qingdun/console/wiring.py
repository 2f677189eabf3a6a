"""What stands where: the systems of the rail, the searches behind the one search field. A module adds its
line here.

The table is read by the frame of every page; what the viewer may not use does not appear.
"""

from __future__ import annotations

from typing import NamedTuple

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from qingdun.console.kernel.roles import Permission


class System(NamedTuple):
    """One entry of the rail: its character, its word, where it leads, who may use it."""

    character: str
    word: str | Promise
    url_name: str
    permission: Permission


class Tool(NamedTuple):
    """One entry at the foot of the rail: an icon instead of a character."""

    icon: str
    word: str | Promise
    url_name: str
    permission: Permission


SYSTEMS: tuple[System, ...] = (System("防", _("Alerts"), "alerts:desk", Permission.SEE_ALERTS),)

TOOLS: tuple[Tool, ...] = (
    Tool("affiliate", _("Entities"), "alerts:entities", Permission.SEE_PERSONS),
    Tool("layout-grid", _("Wall"), "alerts:wall", Permission.SEE_WALL),
    Tool("users", _("User accounts"), "users", Permission.SEE_ACCOUNTS),
    Tool("clipboard-list", _("Audit"), "audit", Permission.READ_AUDIT),
    Tool("heartbeat", _("Health"), "health_page", Permission.SEE_HEALTH),
    Tool("database", _("Back office"), "admin:index", Permission.SEE_BACK_OFFICE),
)

SEARCHES: tuple[str, ...] = (
    "qingdun.console.kernel.queries.search_pages",
    "qingdun.console.kernel.queries.search_regions",
    "qingdun.console.kernel.queries.search_persons",
    "qingdun.console.alerts.entities.search_entities",
)
"""Dotted names of `search(viewer, text) -> list[Hit]`, asked in this order."""

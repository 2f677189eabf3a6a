"""The ledgers of registrations as tables."""

from __future__ import annotations

import datetime as dt
from typing import Any

from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from qingdun.console.kernel.tables import Column, Filter, Table
from qingdun.console.outreach import queries
from qingdun.console.outreach.codes import Count, WonAt
from qingdun.console.outreach.places import place_name


def day(at: dt.date | None) -> str:
    """The day as cells print it."""
    return f"{at}" if at else ""


def moment(at: dt.datetime | None) -> str:
    """The local time as cells print it."""
    return f"{timezone.localtime(at):%Y-%m-%d %H:%M}" if at else ""


def _place(row: Any) -> str:
    return place_name(row.region_path)


PLACE = Column(pgettext_lazy("county or town", "Place"), _place, "region_path")

COUNTS = Table(
    "counts",
    _("Registrations by day"),
    lambda viewer, ask: queries.counts(viewer, ask.region),
    (
        Column(_("Day"), lambda row: day(row.day), "day"),
        PLACE,
        Column(_("Grid"), lambda row: str(row.grid or "")),
        Column(_("Where won"), lambda row: row.get_won_at_display(), "won_at"),
        Column(Count.INSTALLED.label, lambda row: row.installed, "installed", "num"),
        Column(Count.REAL_NAME.label, lambda row: row.real_name, "real_name", "num"),
        Column(Count.WARNING_ON.label, lambda row: row.warning_on, "warning_on", "num"),
    ),
    (
        Filter("won_at", _("Where won"), WonAt.choices, "won_at"),
        Filter("grid", _("Grid"), (), "grid", ids=True),
    ),
    "day",
)
TARGETS = Table(
    "targets",
    _("Targets"),
    lambda viewer, ask: queries.targets(viewer, ask.region),
    (
        Column(_("To be met by"), lambda row: day(row.due_on), "due_on"),
        PLACE,
        Column(_("Which count"), lambda row: row.get_count_display(), "count"),
        Column(_("Goal"), lambda row: row.goal, "goal", "num"),
        Column(_("Set by"), lambda row: str(row.by)),
        Column(_("Set at"), lambda row: moment(row.at), "at"),
    ),
    (Filter("count", _("Which count"), Count.choices, "count"),),
    "due_on",
)
RANKS = Table(
    "ranks",
    _("Rank in the province"),
    lambda viewer, ask: queries.ranks(viewer, ask.region),
    (
        Column(_("Day"), lambda row: day(row.day), "day"),
        Column(_("Which count"), lambda row: row.get_count_display(), "count"),
        Column(pgettext_lazy("of a city", "Rank"), lambda row: row.rank, "rank", "num"),
        Column(_("Of how many"), lambda row: row.of, "", "num"),
        Column(_("Said by"), lambda row: row.source),
    ),
    (Filter("count", _("Which count"), Count.choices, "count"),),
    "day",
)
GRIDS = Table(
    "grids",
    _("Grids"),
    lambda viewer, ask: queries.grids(viewer, ask.region),
    (
        Column(pgettext_lazy("of a grid", "Code"), lambda row: row.code, "code"),
        Column(_("Grid"), lambda row: row.name, "name"),
        PLACE,
        Column(_("Doors"), lambda row: row.doors, "doors", "num"),
        Column(_("Residents, estimated"), lambda row: row.residents, "residents", "num"),
    ),
)
TABLES: dict[str, Table] = {table.code: table for table in (COUNTS, TARGETS, RANKS, GRIDS)}
"""Every table by its code."""

"""What is known of one unit, ambassador, venue, partner and so on: its facts, and figures over the rows that
hang on it.

Every figure is counted over exactly the rows of the ledger that its link shows.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import Any, NamedTuple

from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from qingdun.console.kernel.figures import Counted, Figure, address, reading
from qingdun.console.kernel.models import User
from qingdun.console.kernel.roles import Permission, may
from qingdun.console.kernel.scope import out_of_reach
from qingdun.console.kernel.tables import Ask, Column, Table
from qingdun.console.outreach.codes import Count
from qingdun.console.outreach.ledgers import TABLES

LATEST = 8
"""Rows of a ledger that a page of facts shows."""
OWN_PAGES = {"events": "outreach:event", "materials": "outreach:material", "mailings": "outreach:mailing"}
"""Ledgers whose rows have a page made for them."""
SHEETS = Figure("sheets", _("Sheets of the quiz"), _("Filled in at its events"), "sheets")
EVENTS = Figure("events", _("Events"), _("Up to today"), "events")
HEADS = Figure("heads", _("People who came"), _("To these events, as counted on the spot"), "events",
               total="heads")  # fmt: skip
DOORS = "doors"
COUNTED = ("voices", "held")
"""Columns of ledgers that the figures of a page tell in full."""


@dataclass(frozen=True, slots=True)
class Hanging:
    """Which rows hang on a row: by which filter of the ledgers, what is counted, which ledgers are shown."""

    filter: str
    figures: tuple[Figure, ...]
    shown: tuple[str, ...]


HANGING: dict[str, Hanging] = {
    "units": Hanging(
        "unit",
        (Figure("ambassadors", _("Ambassadors"), _("Whom the unit sends"), "ambassadors"), EVENTS, HEADS),
        ("ambassadors", "events"),
    ),
    "ambassadors": Hanging("ambassador", (EVENTS, HEADS), ("events",)),
    "venues": Hanging("venue", (EVENTS, HEADS), ("events",)),
    "partners": Hanging(
        "partner",
        (
            EVENTS, HEADS, Figure("pledges", _("Pledges"), _("Signed there"), "pledges"),
            Figure("commended", _("Commended"), _("People who work there"), "commendations"),
        ),
        ("events", "pledges", "commendations"),
    ),
    "grids": Hanging(
        "grid",
        (
            Figure("doors", _("Visits at doors"), _("Of all grid members"), DOORS),
            Figure("different", _("Different doors"), _("By building and number"), DOORS, distinct="place"),
            Figure("told", _("People told at doors"), _("Of these visits"), DOORS, total="told"),
            Figure("won", _("Registered at doors"), _("Of these visits"), DOORS, total="installed"),
            Figure("installed", Count.INSTALLED.label, _("Of the app’s own counts by day"), "counts",
                   total="installed"),
        ),
        (DOORS, "counts"),
    ),
    "pledges": Hanging("", (), ()),
    "commendations": Hanging("", (), ()),
    "doors": Hanging("", (), ()),
    "sheets": Hanging("", (), ()),
}  # fmt: skip
"""Ledgers whose rows have a page of facts."""
RELATED = {"unit": "units", "partner": "partners", "venue": "venues", "grid": "grids", "event": "events"}
"""Fields that name a row, and the ledger it stands in."""


class Latest(NamedTuple):
    """Rows of a ledger that hang on a row, the latest first, without the columns that name the row itself."""

    table: Table
    columns: list[Column]
    lines: list[tuple[str, list[tuple[Any, str]]]]
    """Of each row its page, and its cells with how each is set."""
    url: str
    """Where all of them are."""


@dataclass(frozen=True, slots=True)
class Facts:
    """Everything of the page of one row."""

    row: Any
    title: str
    facts: list[tuple[Any, Any, str]]
    """What it says: word, value, and the page of what the value names."""
    figures: list[Counted] = field(default_factory=list)
    latest: list[Latest] = field(default_factory=list)


def facts(viewer: User, code: str, pk: int) -> Facts:
    """What is known of one row of that ledger. Errors: NotPermitted if the viewer does not see it."""
    hanging, table = HANGING.get(code), TABLES.get(code)
    if hanging is None or table is None:
        raise out_of_reach()
    row = table.read(viewer, Ask()).filter(pk=pk).first()
    if row is None:
        raise out_of_reach()
    ask = Ask(picks={hanging.filter: str(pk)})
    (_name, title), *told = zip(table.columns, table.cells(row), strict=True)
    return Facts(
        row, row.name if code == "grids" else str(title),
        [(one.heading, cell, _names(viewer, row, cell)) for one, cell in told if one.sort not in COUNTED],
        [_counted(viewer, one, ask) for one in hanging.figures],
        [_latest(viewer, one, ask, str(row)) for one in hanging.shown],
    )  # fmt: skip


def _counted(viewer: User, figure: Figure, ask: Ask) -> Counted:
    """The figure over the rows asked for, and where they are."""
    one = replace(figure, picks={**figure.picks, **ask.picks})
    found = TABLES[one.table].rows(viewer, replace(ask, picks=one.picks))
    return Counted(one, reading(one, found), address(one, ask, "outreach:table"))


def _latest(viewer: User, code: str, ask: Ask, of: str) -> Latest:
    table = TABLES[code]
    rows = list(table.rows(viewer, ask, f"-{table.day}" if table.day else "")[:LATEST])
    lines = [table.line(row, page_of(code, row.pk)) for row in rows]
    shown = [
        at for at in range(len(table.columns)) if at == 0 or any(line["cells"][at][0] != of for line in lines)
    ]
    kept = [(line["url"], [line["cells"][at] for at in shown]) for line in lines]
    return Latest(
        table,
        [table.columns[at] for at in shown],
        kept,
        address(Figure("", "", "", code, ask.picks), Ask(), "outreach:table"),
    )


def page_of(code: str, pk: int) -> str:
    """Address of the page of one row; '' for rows that have none."""
    if code in OWN_PAGES:
        return reverse(OWN_PAGES[code], args=[pk])
    return reverse("outreach:row", args=[code, pk]) if code in HANGING else ""


def seen_page(viewer: User, code: str, pk: int) -> str:
    """The same, if the viewer sees the row."""
    seen = may(viewer, Permission.SEE_OUTREACH) and TABLES[code].read(viewer, Ask()).filter(pk=pk).exists()
    return page_of(code, pk) if seen else ""


def _names(viewer: User, row: Any, cell: Any) -> str:
    """The page of what the cell names, if it names a row that the viewer sees."""
    for name, code in RELATED.items():
        named = getattr(row, name, None)
        if named is not None and cell and str(named) == cell:
            return seen_page(viewer, code, named.pk)
    return ""

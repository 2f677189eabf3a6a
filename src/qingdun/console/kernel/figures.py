"""A module's figures: what each counts, in which of its tables the rows stand, narrowed by what.

A figure is counted over exactly the rows its link shows, so the two cannot differ.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any, NamedTuple
from urllib.parse import urlencode

from django.db.models import Max, QuerySet, Sum
from django.urls import reverse
from django.utils.functional import Promise

from qingdun.console.kernel.models import User
from qingdun.console.kernel.tables import Ask, Table


@dataclass(frozen=True, slots=True)
class Figure:
    """One figure."""

    code: str
    word: str | Promise
    meaning: str | Promise
    table: str
    picks: Mapping[str, str] = field(default_factory=dict)
    total: str = ""
    """A field whose sum it is; '' counts rows."""
    distinct: str = ""
    """A field whose different values it counts."""
    latest: str = ""
    """A field of the first row in the table's own order."""
    most: str = ""
    """A field whose greatest value it is."""
    standing: bool = False
    """Whether it is about what stands on the last day: a first day does not narrow it."""


class Counted(NamedTuple):
    """A figure in a place and period, and where its rows are."""

    figure: Figure
    value: int
    url: str


class Ledger(NamedTuple):
    """A module's figures by code, its tables by code, and the name of the page that shows a table."""

    figures: Mapping[str, Figure]
    tables: Mapping[str, Table]
    page: str

    def rows(self, viewer: User, code: str, ask: Ask, sort: str = "") -> QuerySet[Any]:
        """The rows that the figure counts in that place and period, of those the viewer sees."""
        return self._rows(viewer, self.figures[code], ask, sort)

    def value(self, viewer: User, code: str, ask: Ask) -> int:
        """The figure in that place and period; money in fen."""
        return reading(self.figures[code], self.rows(viewer, code, ask))

    def address(self, code: str, ask: Ask) -> str:
        """Where the rows of the figure are."""
        return address(self.figures[code], ask, self.page)

    def counted(self, viewer: User, ask: Ask, figures: Iterable[Figure] | None = None) -> list[Counted]:
        """Every figure in that place and period, or these over the same tables."""
        return [
            Counted(one, reading(one, self._rows(viewer, one, ask)), address(one, ask, self.page))
            for one in (self.figures.values() if figures is None else figures)
        ]

    def _rows(self, viewer: User, figure: Figure, ask: Ask, sort: str = "") -> QuerySet[Any]:
        wanted = replace(meant(figure, ask), picks=figure.picks)
        return self.tables[figure.table].rows(viewer, wanted, sort)


def ledger(figures: Iterable[Figure], tables: Mapping[str, Table], page: str) -> Ledger:
    """The ledger of these figures."""
    return Ledger({one.code: one for one in figures}, tables, page)


def meant(figure: Figure, ask: Ask) -> Ask:
    """The place and period in which the figure is counted."""
    return replace(ask, since=None) if figure.standing else ask


def reading(figure: Figure, found: QuerySet[Any]) -> int:
    """The figure over its rows; money in fen."""
    if figure.latest:
        return found.values_list(figure.latest, flat=True).first() or 0
    found = found.order_by()
    if figure.most:
        return int(found.aggregate(most=Max(figure.most))["most"] or 0)
    if figure.total:
        return int(found.aggregate(total=Sum(figure.total))["total"] or 0)
    if figure.distinct:
        return found.values(figure.distinct).distinct().count()
    return found.count()


def address(figure: Figure, ask: Ask, table_page: str) -> str:
    """Where the figure's rows are, on the page of the module's tables (a name of `urls.py`)."""
    ask = meant(figure, ask)
    asked = {"region": ask.region, "since": ask.since, "until": ask.until, **figure.picks}
    if figure.most:
        asked["sort"] = f"-{figure.most}"
    query = urlencode({name: one for name, one in asked.items() if one})
    return f"{reverse(table_page, args=[figure.table])}?{query}"

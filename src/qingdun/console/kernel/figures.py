"""A module's figures: what each counts, in which of its tables the rows stand, narrowed by what.

A figure is counted over exactly the rows its link shows, so the two cannot differ.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, NamedTuple
from urllib.parse import urlencode

from django.db.models import QuerySet, Sum
from django.urls import reverse
from django.utils.functional import Promise

from qingdun.console.kernel.tables import Ask


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


class Counted(NamedTuple):
    """A figure in a place and period, and where its rows are."""

    figure: Figure
    value: int
    url: str


def reading(figure: Figure, found: QuerySet[Any]) -> int:
    """The figure over its rows; money in fen."""
    if figure.latest:
        return found.values_list(figure.latest, flat=True).first() or 0
    found = found.order_by()
    if figure.total:
        return int(found.aggregate(total=Sum(figure.total))["total"] or 0)
    if figure.distinct:
        return found.values(figure.distinct).distinct().count()
    return found.count()


def address(figure: Figure, ask: Ask, table_page: str) -> str:
    """Where the figure's rows are, on the page of the module's tables (a name of `urls.py`)."""
    asked = {"region": ask.region, "since": ask.since, "until": ask.until, **figure.picks}
    query = urlencode({name: one for name, one in asked.items() if one})
    return f"{reverse(table_page, args=[figure.table])}?{query}"

"""Figures of a dashboard that stand over the same rows, counted together: of three periods and of every place
below, by one statement for a table. One figure after the other would read the same rows eight times.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import reduce
from operator import or_
from typing import Any

from django.db.models import Count, Q, Sum
from django.db.models.functions import Substr

from qingdun.console.command.figures import Tile, asked
from qingdun.console.kernel.models import User
from qingdun.console.kernel.tables import Ask, within_period
from qingdun.console.measures.queries import Period

NAMES = ("now", "before", "year")


@dataclass(slots=True)
class Tally:
    """A figure in the period, in the one before and a year before; and in the period by place below."""

    now: int = 0
    before: int = 0
    year: int = 0
    below: dict[str, int] = field(default_factory=dict)


def tallied(
    user: User, tiles: Iterable[Tile], ask: Ask, spans: Sequence[Period], depth: int
) -> dict[str, Tally]:
    """The figures of periods by their codes; `spans` are the period, the one before and that a year before,
    and places below have paths so long.
    """
    together: dict[tuple[str, tuple[Any, ...]], list[Tile]] = {}
    for tile in tiles:
        if not tile.standing:
            same = (tile.figure.table, tuple(sorted(tile.figure.picks.items())))
            together.setdefault(same, []).append(tile)
    found: dict[str, Tally] = {}
    for group in together.values():
        found |= _of_one_table(user, group, ask, spans, depth)
    return found


def _of_one_table(
    user: User, tiles: Sequence[Tile], ask: Ask, spans: Sequence[Period], depth: int
) -> Mapping[str, Tally]:
    table = tiles[0].table
    within = {
        name: within_period(table.day, table.moment, Ask(since=span.since, until=span.until))
        for name, span in zip(NAMES, spans, strict=True)
    }
    rows = table.rows(user, replace(asked(tiles[0], ask), since=None, until=None)).order_by()
    grouped = rows.filter(reduce(or_, within.values())).annotate(below=Substr("region_path", 1, depth))
    sums = {
        f"{tile.figure.code}_{name}": counted(tile, condition)
        for tile in tiles
        for name, condition in within.items()
    }
    found = {tile.figure.code: Tally() for tile in tiles}
    for row in grouped.values("below").annotate(**sums):
        for code, tally in found.items():
            tally.now += row[f"{code}_now"] or 0
            tally.before += row[f"{code}_before"] or 0
            tally.year += row[f"{code}_year"] or 0
            tally.below[row["below"]] = int(row[f"{code}_now"] or 0)
    return found


def counted(tile: Tile, condition: Q | None = None) -> Any:
    """The figure as an aggregate over the rows that fulfil the condition."""
    return Sum(tile.figure.total, filter=condition) if tile.figure.total else Count("pk", filter=condition)

"""The dashboard of a city, a county or a town: few figures, how they changed, and the places below."""

from __future__ import annotations

import calendar
import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass, replace

from django.db.models import Case, Value, When
from django.utils import timezone

from qingdun.console.assessment import queries as assessment
from qingdun.console.assessment.queries import Line
from qingdun.console.command import figures, overdue, queries
from qingdun.console.command.figures import TREND, Tile
from qingdun.console.command.models import Tenure
from qingdun.console.command.tallying import Tally, counted, tallied
from qingdun.console.kernel.localtime import midnight
from qingdun.console.kernel.models import Region, User
from qingdun.console.kernel.queries import regions
from qingdun.console.kernel.roles import Permission, may, require
from qingdun.console.kernel.scope import narrowed
from qingdun.console.kernel.tables import Ask
from qingdun.console.measures.queries import Period

MONTHS = 12
NEXT = {"city": "county", "county": "town", "town": "village"}


@dataclass(frozen=True, slots=True)
class Shown:
    """A figure with what it was before, and a year before; None of the moment."""

    tile: Tile
    value: int
    before: int | None
    year: int | None
    url: str


@dataclass(frozen=True, slots=True)
class Month:
    """One month of the trend, and the same a year before."""

    first: dt.date
    value: int
    year: int
    url: str


@dataclass(frozen=True, slots=True)
class Below:
    """A place below with its figures, each with where its rows are."""

    place: Region
    values: list[tuple[int, str]]
    rate: float | None
    """Of the first figure per 10,000 residents; None where nobody counts."""


@dataclass(frozen=True, slots=True)
class Board:
    """Everything of the page."""

    place: Region | None
    period: Period
    shown: list[Shown]
    overdue: int
    answers: Tenure | None
    line: Line | None
    """Of a town: its line in the latest published ranking."""
    trend: Tile | None
    months: list[Month]
    compared: list[Tile]
    below: list[Below]


def board(viewer: User, ask: Ask, trend: str = "") -> Board:
    """The dashboard of the region asked for by code, over the period; without one, of this month so far.

    Errors: NotPermitted.
    """
    require(viewer, Permission.SEE_COMMAND)
    place = narrowed(viewer, ask.region)
    period = period_of(ask)
    ask = replace(ask, region=place.code if place else "", since=period.since, until=period.until)
    tiles = list(figures.usable(viewer))
    drawn = [tile for tile in tiles if tile.figure.code in TREND]
    chosen = next((tile for tile in drawn if tile.figure.code == trend), drawn[0] if drawn else None)
    compared = [tile for tile in tiles if tile.by_place]
    children = _children(viewer, place)
    depth = len(children[0].path) if children else len(place.path) if place else 1
    tallies = tallied(viewer, tiles, ask, _spans(period), depth)
    chain = queries.answering(viewer, [place.path], timezone.now())[place.path] if place else []
    return Board(
        place=place,
        period=period,
        shown=[_shown(viewer, tile, ask, tallies) for tile in tiles],
        overdue=sum(overdue.counts(viewer, overdue.Wanted(ask.region)).values()),
        answers=next(iter(chain), None),
        line=_line(viewer, place),
        trend=chosen,
        months=_months(viewer, chosen, ask) if chosen else [],
        compared=compared,
        below=_below(viewer, children, compared, ask, tallies),
    )


def period_of(ask: Ask) -> Period:
    """The days asked for; without one, this month so far."""
    today = timezone.localdate()
    until = ask.until or today
    since = ask.since or until.replace(day=1)
    return Period(min(since, until), max(since, until))


def presets() -> list[tuple[str, Period]]:
    """Codes of the periods that are one click away, with their days."""
    today = timezone.localdate()
    first = today.replace(day=1)
    last = first - dt.timedelta(days=1)
    return [
        ("month", Period(first, today)),
        ("last", Period(last.replace(day=1), last)),
        ("quarter", Period(today - dt.timedelta(days=89), today)),
        ("year", Period(today.replace(month=1, day=1), today)),
    ]


def _spans(period: Period) -> tuple[Period, Period, Period]:
    """The period, the one before, and that a year before."""
    return period, period.before, Period(_year_back(period.since), _year_back(period.until))


def _shown(viewer: User, tile: Tile, ask: Ask, tallies: Mapping[str, Tally]) -> Shown:
    url = figures.link(tile, ask)
    if tile.standing:
        return Shown(tile, figures.valued(viewer, tile, ask), None, None, url)
    found = tallies[tile.figure.code]
    return Shown(tile, found.now, found.before, found.year, url)


def _months(viewer: User, tile: Tile, ask: Ask) -> list[Month]:
    """The last twelve months up to that of the last day, and the same a year before: one statement."""
    last = (ask.until or timezone.localdate()).replace(day=1)
    firsts = [_months_back(last, number) for number in range(2 * MONTHS)][::-1]
    whole = replace(ask, since=firsts[0], until=_month_end(last))
    found = tile.table.rows(viewer, figures.asked(tile, whole)).order_by()
    ends = [_month_end(first) + dt.timedelta(days=1) for first in firsts]
    day, moment = tile.table.day, tile.table.moment
    # By comparing: what cuts a time to its month is called for every single row, and costs ten times that.
    numbered = Case(
        *(
            When(**{f"{day}__lt": midnight(end) if moment else end}, then=Value(number))
            for number, end in enumerate(ends)
        )
    )
    grouped = found.annotate(month=numbered).values("month").annotate(value=counted(tile))
    values = {firsts[row["month"]]: int(row["value"] or 0) for row in grouped}
    return [
        Month(
            first, values.get(first, 0), values.get(_months_back(first, 12), 0),
            figures.link(tile, replace(ask, since=first, until=_month_end(first))),
        )
        for first in firsts[MONTHS:]
    ]  # fmt: skip


def _children(viewer: User, place: Region | None) -> list[Region]:
    """The places one level below."""
    level = NEXT.get(place.level) if place else None
    return list(regions(viewer, level).filter(parent=place)) if level else []


def _below(
    viewer: User, children: list[Region], tiles: list[Tile], ask: Ask, tallies: Mapping[str, Tally]
) -> list[Below]:
    if not children:
        return []
    depth = len(children[0].path)
    told = [
        figures.by_place(viewer, tile, ask, depth) if tile.standing else tallies[tile.figure.code].below
        for tile in tiles
    ]
    rows = []
    for child in children:
        at = replace(ask, region=child.code)
        values = [
            (values.get(child.path, 0), figures.link(tile, at))
            for tile, values in zip(tiles, told, strict=True)
        ]
        rate = 10_000 * values[0][0] / child.population if child.population and values else None
        rows.append(Below(child, values, rate))
    return rows


def _line(viewer: User, place: Region | None) -> Line | None:
    if place is None or place.level != Region.Level.TOWN or not may(viewer, Permission.SEE_ASSESSMENT):
        return None
    return assessment.lines_of(viewer, place.path).first()


def _year_back(day: dt.date) -> dt.date:
    last = calendar.monthrange(day.year - 1, day.month)[1]
    return day.replace(year=day.year - 1, day=min(day.day, last))


def _months_back(first: dt.date, months: int) -> dt.date:
    index = first.year * 12 + first.month - 1 - months
    return dt.date(index // 12, index % 12 + 1, 1)


def _month_end(first: dt.date) -> dt.date:
    return first.replace(day=calendar.monthrange(first.year, first.month)[1])

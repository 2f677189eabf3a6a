"""The dashboard of a city, a county or a town: few figures, how they changed, and the places below."""

from __future__ import annotations

import calendar
import datetime as dt
from dataclasses import dataclass, replace

from django.db.models import Count, Sum
from django.db.models.functions import TruncMonth
from django.utils import timezone

from qingdun.console.assessment import queries as assessment
from qingdun.console.assessment.queries import Line
from qingdun.console.command import figures, overdue, queries
from qingdun.console.command.figures import TREND, Tile
from qingdun.console.command.models import Tenure
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
    chain = queries.answering(viewer, [place.path], timezone.now())[place.path] if place else []
    return Board(
        place=place,
        period=period,
        shown=[_shown(viewer, tile, ask, period) for tile in tiles],
        overdue=sum(overdue.counts(viewer, overdue.Wanted(ask.region)).values()),
        answers=next(iter(chain), None),
        line=_line(viewer, place),
        trend=chosen,
        months=_months(viewer, chosen, ask) if chosen else [],
        compared=compared,
        below=_below(viewer, place, compared, ask),
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


def _shown(viewer: User, tile: Tile, ask: Ask, period: Period) -> Shown:
    value = figures.valued(viewer, tile, ask)
    if tile.standing:
        return Shown(tile, value, None, None, figures.link(tile, ask))
    before, year = period.before, Period(_year_back(period.since), _year_back(period.until))
    then = replace(ask, since=before.since, until=before.until)
    once = replace(ask, since=year.since, until=year.until)
    was, then_was = figures.valued(viewer, tile, then), figures.valued(viewer, tile, once)
    return Shown(tile, value, was, then_was, figures.link(tile, ask))


def _months(viewer: User, tile: Tile, ask: Ask) -> list[Month]:
    """The last twelve months up to that of the last day, and the same a year before: one statement."""
    last = (ask.until or timezone.localdate()).replace(day=1)
    firsts = [_months_back(last, number) for number in range(2 * MONTHS)][::-1]
    whole = replace(ask, since=firsts[0], until=_month_end(last))
    found = tile.table.rows(viewer, figures.asked(tile, whole)).order_by()
    counted = Sum(tile.figure.total) if tile.figure.total else Count("pk")
    grouped = found.annotate(month=TruncMonth(tile.table.day)).values("month").annotate(value=counted)
    values: dict[dt.date, int] = {}
    for row in grouped:
        month = row["month"]
        first = timezone.localdate(month) if isinstance(month, dt.datetime) else month
        values[first] = int(row["value"] or 0)
    return [
        Month(
            first, values.get(first, 0), values.get(_months_back(first, 12), 0),
            figures.link(tile, replace(ask, since=first, until=_month_end(first))),
        )
        for first in firsts[MONTHS:]
    ]  # fmt: skip


def _below(viewer: User, place: Region | None, tiles: list[Tile], ask: Ask) -> list[Below]:
    level = NEXT.get(place.level) if place else None
    children = list(regions(viewer, level).filter(parent=place)) if level else []
    if not children:
        return []
    depth = len(children[0].path)
    told = [figures.by_place(viewer, tile, ask, depth) for tile in tiles]
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

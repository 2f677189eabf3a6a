"""How registrations stand: counts and rates by place, the weeks so far, when targets are met.

Every number is a sum over rows of `queries.counts`, so that each can lead to exactly its rows.
"""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from django.db.models import QuerySet, Sum
from django.db.models.functions import Substr
from django.utils import timezone

from qingdun.console.kernel.models import Region, User
from qingdun.console.kernel.scope import in_station, narrowed, residents
from qingdun.console.outreach import queries
from qingdun.console.outreach.codes import Count, WonAt
from qingdun.console.outreach.models import AppCount, Grid, Target
from qingdun.reach.growth import DAYS_A_WEEK, MOST_WEEKS, Arrival, ahead, arrival, growth, weekly

SUMS = {code: Sum(code) for code in Count.values}
GRID = "grid"
"""A level below the village, for which there is no region."""
BELOW = {"city": "county", "county": "town", "town": "village", "village": GRID}
DRAWN_WEEKS = 52
FORECAST_WEEKS = 12


@dataclass(frozen=True, slots=True)
class Standing:
    """The three counts of a place over its residents; its place among its like by the count asked for."""

    code: str
    name: str
    counts: Mapping[str, int]
    residents: int
    estimated: bool
    query: str
    """What narrows the ledger to its rows."""
    rank: int = 0
    region: bool = True
    """Whether the scope can be set to it."""

    def rate(self, count: str) -> float | None:
        """Of a hundred residents so many registrations; one person can have several."""
        return 100 * self.counts[count] / self.residents if self.residents else None


@dataclass(frozen=True, slots=True)
class Outlook:
    """A target, what there is of it, and when it is met."""

    target: Target
    have: int
    last: dt.date
    """The last day of which anything is known."""
    met: Arrival | None
    """None: fewer weeks are known than a forecast needs."""

    def day(self, days: float | None) -> dt.date | None:
        """So many days after the last known one."""
        return None if days is None else self.last + dt.timedelta(days=round(days))

    @property
    def expected(self) -> dt.date | None:
        """The day on which it is met if it goes on as it does."""
        return self.day(self.met.expected) if self.met else None

    @property
    def earliest(self) -> dt.date | None:
        """The first day of the interval."""
        return self.day(self.met.earliest) if self.met else None

    @property
    def latest(self) -> dt.date | None:
        """The last day of the interval; None if there is none within ten years."""
        return self.day(self.met.latest) if self.met else None

    @property
    def verdict(self) -> str:
        """`met`, `likely` (the whole interval before the day due), `unlikely` (after it), `open`, or
        `unknown`.
        """
        if self.have >= self.target.goal:
            return "met"
        if self.met is None:
            return "unknown"
        due = (self.target.due_on - self.last).days
        if self.met.latest is not None and self.met.latest <= due:
            return "likely"
        return "unlikely" if self.met.earliest is None or self.met.earliest > due else "open"


@dataclass(frozen=True, slots=True)
class Week:
    """What was new in seven days, and how many there were at their end."""

    since: dt.date
    until: dt.date
    new: int
    total: int


@dataclass(frozen=True, slots=True)
class Board:
    """Everything of the page."""

    region: Region | None
    count: str
    level: str
    whole: Standing | None
    places: list[Standing]
    won: list[tuple[str, int]]
    """By where it was won, the most first."""
    weeks: list[Week]
    band: list[tuple[dt.date, float, float, float]]
    """Of the weeks to come: last day, lower bound, expected, upper bound of how many there will be."""
    outlooks: list[Outlook] = field(default_factory=list)

    @property
    def elsewhere(self) -> int:
        """Registrations of which no place of that level is known."""
        known = sum(place.counts[self.count] for place in self.places)
        return self.whole.counts[self.count] - known if self.whole else 0


def board(viewer: User, region: str, count: str, level: str = "") -> Board:
    """How registrations stand in the region named by code ('' for the viewer's own): by the places of a level
    below it, by where they were won, week by week; and when each target is met. Errors: NotPermitted.
    """
    picked = narrowed(viewer, region)
    rows = queries.counts(viewer, region).order_by()
    if picked is None:
        return Board(None, count, "", None, [], [], [], [])
    level = level if level in levels_below(picked) else BELOW[picked.level]
    sums = rows.aggregate(**SUMS)
    people, estimated = _residents(viewer, picked)
    whole = Standing(
        picked.code, str(picked), {code: sums[code] or 0 for code in Count.values}, people, estimated,
        f"region={picked.code}",
    )  # fmt: skip
    daily = _daily(rows, count)
    last = max(daily, default=timezone.localdate())
    new = weekly(_series(daily, last))
    return Board(
        picked, count, level, whole, _ranked(_places(viewer, picked, rows, level), count),
        _won(rows, count), _weeks(new, last, whole.counts[count]), _band(new, last, whole.counts[count]),
        _outlooks(viewer, region, rows, last),
    )  # fmt: skip


def levels_below(region: Region) -> list[str]:
    """The levels by which the region's registrations can be shown."""
    found, at = [], region.level
    while at in BELOW:
        at = BELOW[at]
        found.append(at)
    return found


def _residents(viewer: User, region: Region) -> tuple[int, bool]:
    """Residents of the region, and whether that is an estimate; in a station, of its towns there."""
    if not in_station(viewer) or region.level in (Region.Level.TOWN, Region.Level.VILLAGE):
        return region.population, region.population_estimated
    towns = _regions(viewer, region, Region.Level.TOWN)
    return sum(one.population for one in towns), any(one.population_estimated for one in towns)


def _regions(viewer: User, region: Region, level: str) -> list[Region]:
    """The places of that level in the region, in a station those of its towns."""
    found = Region.objects.filter(level=level, path__startswith=region.path)
    return list(residents(viewer, found, "path"))


def _places(viewer: User, region: Region, rows: QuerySet[AppCount], level: str) -> list[Standing]:
    if level == GRID:
        return _grids(viewer, region, rows)
    places = _regions(viewer, region, level)
    depth = max((len(place.path) for place in places), default=1)
    found: dict[str, Counter[str]] = {}
    by_place = rows.annotate(place=Substr("region_path", 1, depth)).values("place")
    summed: Iterable[Any] = by_place.annotate(**SUMS)
    for row in summed:
        found.setdefault(row["place"], Counter()).update({code: row[code] or 0 for code in Count.values})
    return [
        Standing(
            place.code, str(place), found.get(place.path, Counter()), place.population,
            place.population_estimated, f"region={place.code}", region=level != Region.Level.VILLAGE,
        )
        for place in places
    ]  # fmt: skip


def _grids(viewer: User, region: Region, rows: QuerySet[AppCount]) -> list[Standing]:
    summed: Iterable[Any] = rows.exclude(grid=None).values("grid").annotate(**SUMS)
    sums = {row["grid"]: row for row in summed}
    grids: QuerySet[Grid] = queries.grids(viewer, region.code)
    return [
        Standing(
            one.code, one.name, Counter({code: sums.get(one.pk, {}).get(code) or 0 for code in Count.values}),
            one.residents, True, f"grid={one.pk}", region=False,
        )
        for one in grids
    ]  # fmt: skip


def _ranked(places: Iterable[Standing], count: str) -> list[Standing]:
    """The highest rate first; equal rates share a rank, and who has no residents has none."""
    ordered = sorted(places, key=lambda place: (-(place.rate(count) or -1), place.code))
    ranked: list[Standing] = []
    for number, place in enumerate(ordered, start=1):
        same = ranked and ranked[-1].rate(count) == place.rate(count)
        rank = ranked[-1].rank if same else number
        ranked.append(replace(place, rank=rank if place.residents else 0))
    return ranked


def _won(rows: QuerySet[AppCount], count: str) -> list[tuple[str, int]]:
    found = rows.values_list("won_at").annotate(new=SUMS[count]).order_by("-new")
    return [(code, new) for code, new in found if new and code in WonAt.values]


def _daily(rows: QuerySet[AppCount], count: str) -> dict[dt.date, int]:
    """What was new by day; what there was before counting by day began is no day's growth."""
    rows = rows.exclude(won_at=WonAt.STOCK)
    return dict(rows.values_list("day").annotate(new=SUMS[count]))


def _series(daily: Mapping[dt.date, int], last: dt.date) -> list[int]:
    """Every day from the first known one to the last."""
    first = min(daily, default=last)
    return [daily.get(first + dt.timedelta(days=at), 0) for at in range((last - first).days + 1)]


def _weeks(new: Sequence[int], last: dt.date, total: int) -> list[Week]:
    """The latest weeks, the last first."""
    found: list[Week] = []
    for back, count in enumerate(reversed(new[-DRAWN_WEEKS:])):
        until = last - dt.timedelta(days=DAYS_A_WEEK * back)
        found.append(Week(until - dt.timedelta(days=DAYS_A_WEEK - 1), until, count, total))
        total -= count
    return found


def _band(new: Sequence[int], last: dt.date, total: int) -> list[tuple[dt.date, float, float, float]]:
    found = growth(new)
    if found is None:
        return []
    return [
        (last + dt.timedelta(days=DAYS_A_WEEK * week), total + low, total + mean, total + high)
        for week, (low, mean, high) in enumerate(ahead(found, FORECAST_WEEKS), start=1)
    ]


def _outlooks(viewer: User, region: str, rows: QuerySet[AppCount], last: dt.date) -> list[Outlook]:
    """Every target of the region and of what lies below it, the region's own first."""
    found = []
    since = last - dt.timedelta(days=DAYS_A_WEEK * MOST_WEEKS - 1)
    for target in queries.targets(viewer, region).order_by("region_path", "due_on", "pk"):
        here = rows.filter(region_path__startswith=target.region_path)
        have = here.aggregate(total=SUMS[target.count])["total"] or 0
        daily = _daily(here.filter(day__gte=since), target.count)
        seen = growth(weekly(_series(daily, last)))
        met = arrival(seen, target.goal - have) if seen else None
        found.append(Outlook(target, have, last, met))
    return found

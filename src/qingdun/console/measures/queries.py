"""Reads of measures: the viewer first, and only tasks that are theirs to see."""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from django.db.models import Count, QuerySet
from django.db.models.functions import TruncHour
from django.utils import timezone

from qingdun.console.alerts import queries as alerts
from qingdun.console.alerts.queries import Filters
from qingdun.console.cases import queries as cases
from qingdun.console.kernel.models import Region, User
from qingdun.console.kernel.scope import narrowed
from qingdun.console.measures import counting
from qingdun.console.measures.definitions import FIGURES, SHARES, Ground, figure_of
from qingdun.console.measures.periods import Period as Period  # what whoever asks hands in
from qingdun.console.measures.rates import Compared, Rate, rate_of

LEVELS = ("urgent", "high", "medium", "low")
CLOCKS = ("sign", "call", "meet")
RESULTS = ("answered", "busy", "forwarded", "switched_off", "no_answer", "refused")


@dataclass(frozen=True, slots=True)
class Ask:
    """Which tasks: of the region by code ('' for the viewer's own), in the period; `here` leaves those of
    which no place below the region is known.
    """

    region: str
    period: Period
    here: bool = False
    split: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Line:
    """The figures of a place or of a part of the period."""

    place: Region | None
    period: Period | None
    counts: Counter[str]

    @property
    def rates(self) -> list[Rate]:
        """Every share of it."""
        return [rate_of(share, self.counts) for share in SHARES]


@dataclass(frozen=True, slots=True)
class Report:
    """Everything of the page."""

    region: Region | None
    period: Period
    counts: counting.Counts
    places: list[Line]
    elsewhere: Line | None
    """Tasks of the region of which no place below it is known."""
    parts: list[Line]
    lead: dt.timedelta | None
    lead_before: dt.timedelta | None
    clocks: Counter[Any]
    contacts: Counter[Any]
    contacts_before: Counter[Any]

    @property
    def shares(self) -> list[Compared]:
        """Every share, compared with the period before."""
        now, before = self.counts.now, self.counts.before
        return [Compared(rate_of(share, now), rate_of(share, before)) for share in SHARES]


def report(viewer: User, ask: Ask) -> Report:
    """Every figure of the region, of the places below it and of the days of the period.

    One grouped query a table, and one for each median. Errors: NotPermitted.
    """
    with counting.room():
        return _report(viewer, ask)


def rows(viewer: User, code: str, ask: Ask) -> QuerySet[Any, dict[str, Any]]:
    """Exactly the rows that the figure counts, the latest task first: `pk` of the task, and `row`, the key of
    what is counted.

    Errors: NotPermitted, InputError (no such figure).
    """
    figure = figure_of(code)
    wanted = {name: value for name, value in ask.split.items() if name in figure.split and value}
    found = _tasks(viewer, ask).filter(figure.where(_ground(viewer, ask.period)), **wanted)
    # The order is part of what is told apart: without it a task would be told once for each of its joins.
    keys = found.order_by("-received_at", "-pk", figure.rows)
    listed: QuerySet[Any, dict[str, Any]] = keys.values("pk", "received_at", figure.rows).distinct()
    return listed


WEEK = (
    "clocks",
    "clocks_kept",
    "required",
    "met_required",
    "met_in_time",
    "verified",
    "confirmed",
    "avoided",
)
"""The figures of the desk's strip and of the wall."""


def week(viewer: User) -> tuple[Period, Counter[str]]:
    """Those figures over the last seven days of the viewer's region; of clocks those for signing. They count
    exactly the rows that `rows` lists. Errors: NotPermitted.
    """
    today = timezone.localdate()
    period = Period(today - dt.timedelta(days=6), today)
    with counting.room():
        found = _came_in(alerts.counted(viewer), period)
        return period, counting.count_alone(found, _ground(viewer, period), WEEK, clocks__name="sign")


class Hour(NamedTuple):
    """One hour of the wall's trend."""

    begins: dt.datetime
    received: int
    dissuaded: int


HOURLY = (("received", "received_at"), ("dissuaded", "verdict_at"))
"""Figures of the wall's trend, and when each comes about."""


def by_hour(viewer: User, hours: int = 24) -> list[Hour]:
    """Those figures of the viewer's region for each of the last hours, this one included: the tasks that came
    in then, and those whose person was dissuaded then, whenever they came in. Errors: NotPermitted.
    """
    this = timezone.localtime().replace(minute=0, second=0, microsecond=0)
    begins = [this - dt.timedelta(hours=back) for back in reversed(range(hours))]
    found = alerts.counted(viewer).filter(merged_into=None)
    ground = _ground(viewer, Period(begins[0].date(), this.date()))
    counts = [
        dict(
            found.filter(FIGURES[code].where(ground), **{f"{at}__gte": begins[0]})
            .annotate(hour=TruncHour(at))
            .order_by()
            .values_list("hour")
            .annotate(Count("pk"))
        )
        for code, at in HOURLY
    ]
    return [Hour(hour, *(count.get(hour, 0) for count in counts)) for hour in begins]


def _report(viewer: User, ask: Ask) -> Report:
    region, period = narrowed(viewer, ask.region), ask.period
    both = Period(period.before.since, period.until)
    ground = _ground(viewer, both)
    found = _tasks(viewer, Ask(ask.region, both))
    below = _below(region)
    counts = counting.count(found, ground, period, below)
    clocks, _ = counting.count_split(found, ground, period, ["clocks", "clocks_kept"])
    contacts, contacts_before = counting.count_split(found, ground, period, ["contacts"])
    nowhere = counts.places.get("")
    return Report(
        region=region,
        period=period,
        counts=counts,
        places=[Line(one, None, counts.places.get(one.code, Counter())) for one in below],
        elsewhere=Line(region, None, nowhere) if below and nowhere else None,
        parts=[Line(None, part, _over(counts, part)) for part in period.parts()],
        lead=counting.median_lead(_tasks(viewer, ask), counts.now["money"]),
        lead_before=counting.median_lead(
            _tasks(viewer, Ask(ask.region, period.before)), counts.before["money"]
        ),
        clocks=clocks,
        contacts=contacts,
        contacts_before=contacts_before,
    )


def _tasks(viewer: User, ask: Ask) -> QuerySet[Any]:
    region = narrowed(viewer, ask.region)
    found = alerts.tasks(viewer, Filters(state="all", region=ask.region)).order_by().select_related(None)
    if ask.here and region is not None:
        found = found.filter(region_path=region.path)
    return _came_in(found, ask.period)


def _came_in(found: QuerySet[Any], period: Period) -> QuerySet[Any]:
    return found.filter(received_at__gte=period.begins, received_at__lt=period.ends, merged_into=None)


def _ground(viewer: User, period: Period) -> Ground:
    stored = alerts.counted(viewer).model._default_manager
    every = stored.filter(received_at__gte=period.begins, received_at__lt=period.ends)
    return Ground(timezone.now(), every, cases.incidents(viewer).order_by())


def _below(region: Region | None) -> list[Region]:
    if region is None:
        return []
    return list(region.children.exclude(level=Region.Level.VILLAGE).order_by("path"))


def _over(counts: counting.Counts, part: Period) -> Counter[str]:
    total: Counter[str] = Counter()
    day = part.since
    while day <= part.until:
        total.update(counts.days.get(day, Counter()))
        day += dt.timedelta(days=1)
    return total

"""Figures of desk and wall: every rate with its numerator and denominator, no personal data."""

from __future__ import annotations

import datetime as dt
from collections import Counter
from dataclasses import dataclass
from typing import TypeVar

from django.db.models import Count, F, Model, Q, QuerySet, Sum
from django.db.models.functions import TruncHour
from django.utils import timezone

from qingdun.console.alerts.access import visible
from qingdun.console.alerts.codes import Level
from qingdun.console.alerts.models import Clock, Task, TaskEvent
from qingdun.console.alerts.queries import GROUPS
from qingdun.console.alerts.states import WORKED_ON, ClockName, State
from qingdun.console.kernel.models import Region, User
from qingdun.console.kernel.roles import Permission, require
from qingdun.console.kernel.scope import in_station, within

M = TypeVar("M", bound=Model)
PERIOD = dt.timedelta(days=7)


@dataclass(frozen=True, slots=True)
class Rate:
    """A rate that never comes without what it is of."""

    part: int
    whole: int

    @property
    def percent(self) -> float | None:
        """In hundredths; None over nothing."""
        return 100 * self.part / self.whole if self.whole else None


@dataclass(frozen=True, slots=True)
class Measures:
    """The measures of docs/field.md over the last seven days."""

    signed_in_time: Rate
    meeting: Rate
    timeliness: Rate
    precision: Rate
    loss_avoided_fen: int
    loss_avoided_count: int


@dataclass(frozen=True, slots=True)
class CountyFigures:
    """Open tasks of a county by level."""

    region: Region
    urgent: int
    high: int
    medium: int
    low: int
    late: int

    @property
    def total(self) -> int:
        """All of them."""
        return self.urgent + self.high + self.medium + self.low


def measures(viewer: User) -> Measures:
    """Meeting rate, timeliness, precision and loss avoided of the viewer's region over seven days.

    A clock that was called off counts nowhere; one that still runs counts once it has run out.
    """
    require(viewer, Permission.SEE_WALL if viewer.role == "viewer" else Permission.SEE_ALERTS)
    now = timezone.now()
    ran = _theirs(viewer, Clock.objects.filter(started_at__gte=now - PERIOD)).filter(
        Q(kept=True) | Q(stopped_at=None, due_at__lt=now)
    )
    in_time = Q(kept=True, stopped_at__lte=F("due_at"))
    of = {
        row["name"]: row
        for row in ran.values("name")
        .order_by("name")
        .annotate(
            all=Count("pk"), kept_count=Count("pk", filter=Q(kept=True)), timely=Count("pk", filter=in_time)
        )
    }
    none = {"all": 0, "kept_count": 0, "timely": 0}
    sign, meet = of.get(ClockName.SIGN.value, none), of.get(ClockName.MEET.value, none)
    said = _theirs(viewer, TaskEvent.objects.filter(at__gte=now - PERIOD, withdrawn_at=None)).exclude(
        verb="undo"
    )
    confirmed = said.filter(target__in=[State.AWAKENED, State.NOT_AWAKENED, State.ALREADY_PAID]).count()
    false = said.filter(target=State.FALSE_ALARM).count()
    saved = visible(
        viewer, Task.objects.filter(moved_at__gte=now - PERIOD, loss_avoided_fen__gt=0)
    ).aggregate(sum=Sum("loss_avoided_fen"), count=Count("pk"))
    return Measures(
        Rate(sign["timely"], sign["all"]),
        Rate(meet["kept_count"], meet["all"]),
        Rate(meet["timely"], meet["all"]),
        Rate(confirmed, confirmed + false),
        saved["sum"] or 0,
        saved["count"],
    )


def _theirs(viewer: User, rows: QuerySet[M]) -> QuerySet[M]:
    """Those of the rows whose task the viewer sees. Each row holds the place of its task, so that outside
    stations a week of work is counted without a join.
    """
    found = within(viewer, rows)
    return visible(viewer, found, "task") if in_station(viewer) else found


def by_county(viewer: User) -> list[CountyFigures]:
    """Open tasks of each county the viewer sees, by level, and how many of them are late."""
    require(viewer, Permission.SEE_WALL)
    now = timezone.now()
    counties = {r.code: r for r in Region.objects.filter(level=Region.Level.COUNTY)}
    seen: dict[str, Counter[str]] = {code: Counter() for code in counties}
    waiting = visible(viewer, Task.objects.filter(state__in=GROUPS["open"], closed_at=None))
    for path, level, due_at in waiting.values_list("region_path", "level", "due_at"):
        code = next((part for part in path.split("/") if part in counties), None)
        if code is not None:
            seen[code][level] += 1
            seen[code]["late"] += bool(due_at and due_at < now)
    return [
        CountyFigures(counties[code], *(count[name] for name in (*Level.values, "late")))
        for code, count in seen.items()
    ]


def trend(viewer: User, hours: int = 24) -> list[tuple[dt.datetime, int, int]]:
    """For each of the last hours: alerts taken in, and persons dissuaded."""
    require(viewer, Permission.SEE_WALL)
    start = timezone.now().replace(minute=0, second=0, microsecond=0) - dt.timedelta(hours=hours - 1)
    said = visible(viewer, TaskEvent.objects.filter(at__gte=start, withdrawn_at=None), "task")
    said = said.exclude(verb="undo").annotate(hour=TruncHour("at"))
    opened = dict(said.filter(verb="open").values_list("hour").order_by("hour").annotate(Count("pk")))
    woken = dict(
        said.filter(target=State.AWAKENED).values_list("hour").order_by("hour").annotate(Count("pk"))
    )
    each = [start + dt.timedelta(hours=h) for h in range(hours)]
    return [(hour, opened.get(hour, 0), woken.get(hour, 0)) for hour in each]


def waiting(viewer: User, count: int = 9) -> list[Task]:
    """The most urgent tasks whose person waits for help, for the wall: level, place, clock, nothing about the
    person. What an officer has reported no longer burns.
    """
    require(viewer, Permission.SEE_WALL)
    found = visible(viewer, Task.objects.filter(state__in=WORKED_ON, closed_at=None)).select_related(
        "town__parent"
    )
    return list(found.order_by("level_rank", F("due_at").asc(nulls_last=True), "-raised_at")[:count])


def outcomes(viewer: User, count: int = 12) -> list[TaskEvent]:
    """The latest verdicts, for the ticker."""
    require(viewer, Permission.SEE_WALL)
    said = [State.AWAKENED, State.ALREADY_PAID, State.FALSE_ALARM, State.MET]
    lines = TaskEvent.objects.filter(target__in=said, withdrawn_at=None).exclude(verb="undo")
    found = visible(viewer, lines, "task").select_related("task__town__parent")
    return list(found.order_by("-at", "-pk")[:count])

"""What the wall shows of the moment: open tasks, the last hours, outcomes; no personal data.

Rates and sums over a period are those of `measures`, on the wall as everywhere.
"""

from __future__ import annotations

import datetime as dt
from collections import Counter
from dataclasses import dataclass

from django.db.models import Count, F
from django.db.models.functions import TruncHour
from django.utils import timezone

from qingdun.console.alerts.access import visible
from qingdun.console.alerts.codes import Level
from qingdun.console.alerts.models import Task, TaskEvent
from qingdun.console.alerts.queries import GROUPS
from qingdun.console.alerts.states import WORKED_ON, State
from qingdun.console.kernel.models import Region, User
from qingdun.console.kernel.roles import Permission, require


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

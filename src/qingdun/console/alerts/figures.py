"""What the wall shows of the moment: open tasks, who waits, outcomes; no personal data.

What it shows of a period, the last hours or days, are figures of `measures`, on the wall as everywhere.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass

from django.db.models import Count, F, Q
from django.db.models.functions import Substr
from django.utils import timezone

from qingdun.console.alerts import queries
from qingdun.console.alerts.access import visible
from qingdun.console.alerts.codes import Level
from qingdun.console.alerts.models import Task, TaskEvent
from qingdun.console.alerts.queries import GROUPS
from qingdun.console.alerts.states import WORKED_ON, State
from qingdun.console.kernel.models import Region, User
from qingdun.console.kernel.queries import regions
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
    """Open tasks of each county the viewer sees, by level, and how many of them are late: as many as the desk
    lists there.
    """
    require(viewer, Permission.SEE_WALL)
    counties = list(Region.objects.filter(level=Region.Level.COUNTY))
    seen: dict[str, Counter[str]] = {one.path: Counter() for one in counties}
    depth = max((len(path) for path in seen), default=1)
    there = queries.counted(viewer).filter(state__in=GROUPS["open"], closed_at=None)
    late = Count("pk", filter=Q(due_at__lt=timezone.now()))
    grouped = there.annotate(place=Substr("region_path", 1, depth)).order_by().values_list("place", "level")
    for place, level, count, ran_out in grouped.annotate(Count("pk"), late=late):
        path = next((one for one in seen if place.startswith(one)), None)
        if path is not None:
            seen[path].update({level: count, "late": ran_out})
    return [
        CountyFigures(one, *(seen[one.path][name] for name in (*Level.values, "late"))) for one in counties
    ]


@dataclass(frozen=True, slots=True)
class SeatFigures:
    """The seat of a town, and the open tasks there."""

    town: Region
    total: int
    urgent: int


def by_town(viewer: User) -> list[SeatFigures]:
    """Every town of the viewer's region with its open tasks, and how many of them are urgent."""
    require(viewer, Permission.SEE_WALL)
    waiting = queries.counted(viewer).filter(state__in=GROUPS["open"], closed_at=None).order_by()
    urgent = Count("pk", filter=Q(level=Level.URGENT))
    grouped = waiting.values("town").annotate(total=Count("pk"), urgent=urgent)
    there = {row["town"]: (row["total"], row["urgent"]) for row in grouped}
    return [SeatFigures(town, *there.get(town.pk, (0, 0))) for town in regions(viewer, Region.Level.TOWN)]


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

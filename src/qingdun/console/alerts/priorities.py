"""Who goes first: what a minute of work on a task saves (`dispatch.priority`), worked out for the desk.

Only tasks whose person nobody has spoken with yet are ranked, at most `CANDIDATES` of them, chosen by the
database by level and expected loss.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import NamedTuple

from django.db.models import Exists, Max, OuterRef
from django.utils import timezone

from qingdun.console.alerts import queries
from qingdun.console.alerts.access import may_open, require_open, sees, visible
from qingdun.console.alerts.codes import is_chinese
from qingdun.console.alerts.models import Claim, Task
from qingdun.console.alerts.moves import next_step
from qingdun.console.alerts.queries import Filters
from qingdun.console.alerts.states import AT_A_DESK, State
from qingdun.console.kernel.models import Organisation, Person, User
from qingdun.console.kernel.scope import in_station
from qingdun.contract.columns import timestamp
from qingdun.dispatch.priority import Known, Priority, priority
from qingdun.dispatch.way import Point, way_min

CANDIDATES = 500
AWAITING = (
    *AT_A_DESK, State.STATION, State.SIGNED, State.UNREACHABLE, State.REFUSED, State.SEARCHING,
)  # fmt: skip
"""States in which nobody has spoken with the person yet."""


@dataclass(frozen=True, slots=True)
class Ranked:
    """A task with its rank, and the reckoning behind it."""

    task_id: int
    priority: Priority

    @property
    def text(self) -> str:
        """The reckoning in the reader's language."""
        return self.priority.text_zh() if is_chinese() else self.priority.text_en()

    @property
    def per_minute_fen(self) -> int:
        """What a minute of work saves."""
        return round(self.priority.fen_per_min)


class _Waiting(NamedTuple):
    """What the rule asks of a task, and no more: hundreds are read for one list."""

    pk: int
    person_id: str
    probability: float
    scam_type: str
    stage: str
    level: str
    town: str | None
    urban: bool | None
    station: int | None
    station_lng: float | None
    station_lat: float | None
    received_at: dt.datetime | None


def of_task(viewer: User, about: Task) -> Ranked | None:
    """The rank of the task for the viewer now; None if somebody has spoken with the person or it is not the
    viewer's to see.
    """
    if about.state not in AWAITING or not may_open(viewer) or not sees(viewer, about):
        return None
    return next(iter(_rank(viewer, [about.pk])), None)


def ranked(viewer: User, filters: Filters) -> list[Ranked]:
    """The tasks that await contact and that the filters let through, what saves most by the minute first."""
    found = queries.tasks(viewer, replace(filters, sort="priority")).filter(
        state__in=AWAITING, closed_at=None
    )
    return _rank(viewer, found.values_list("pk", flat=True)[:CANDIDATES])


def next_task(viewer: User) -> Task | None:
    """The task that *next* would give the viewer now, None if nothing waits for them; it is not given yet."""
    first = next(iter(open_to(viewer)), None)
    return queries.task(viewer, first.task_id) if first else None


def open_to(viewer: User) -> list[Ranked]:
    """The tasks that *next* can give the viewer, the first by rank first: those whose next step is theirs to
    make, that nobody else holds, and that were not given to a colleague just now.
    """
    require_open(viewer)
    mine = [
        state
        for state in AWAITING
        if any(next_step(state, level, viewer.role) is not None for level in ("urgent", "medium"))
    ]
    given = Claim.objects.filter(task=OuterRef("pk"), state=OuterRef("state"), until__gt=timezone.now())
    found = queries.tasks(viewer, Filters(state="open", sort="priority")).filter(state__in=mine)
    found = found.filter(~Exists(given.exclude(by=viewer)))
    waiting = [
        pk
        for owner in (viewer, None)
        for pk, state, level in found.filter(owner=owner).values_list("pk", "state", "level")[:CANDIDATES]
        if next_step(state, level, viewer.role) is not None
    ]
    return _rank(viewer, waiting)


def _rank(viewer: User, task_ids: Iterable[int]) -> list[Ranked]:
    """By their ids, which the database has chosen first: one that expects few of them would else bring
    together for all what belongs to them.
    """
    now = timezone.now()
    found = visible(viewer, Task.objects.filter(pk__in=list(task_ids))).order_by()
    read = found.annotate(last=Max("alerts__received_at")).values_list(
        "pk", "person_id", "probability", "scam_type", "stage", "level", "town_id", "town__urban",
        "station_id", "station__lng", "station__lat", "last",
    )  # fmt: skip
    listed = [_Waiting(*row) for row in read]
    persons = Person.objects.filter(pk__in={task.person_id for task in listed})
    homes = {pk: _point(lng, lat) for pk, lng, lat in persons.values_list("pk", "home_lng", "home_lat")}
    own = viewer.organisation if in_station(viewer) else None
    seat = _point(own.lng, own.lat) if own is not None else None
    seats = {} if in_station(viewer) else _seats(listed)
    ranks = []
    for task in listed:
        if task.received_at is None:
            continue
        # Minutes pass by our clock: a feed that is replayed lives in another time.
        received_us = timestamp(task.received_at)
        known = Known(task.probability, task.scam_type, task.stage, task.level, received_us)
        start = seat if in_station(viewer) else seats.get(task.pk)
        way = way_min(start, homes.get(task.person_id), bool(task.urban))
        ranks.append(Ranked(task.pk, priority(known, timestamp(now), way)))
    return sorted(ranks, key=lambda one: (-one.priority.fen_per_min, one.task_id))


def _seats(tasks: list[_Waiting]) -> dict[int, Point | None]:
    """By task, where the station is that holds it, else the one that serves its town."""
    towns = {task.town for task in tasks if task.station is None and task.town}
    stations = Organisation.objects.filter(kind=Organisation.Kind.STATION, towns__in=towns)
    serving = (
        {town: _point(lng, lat) for town, lng, lat in stations.values_list("towns", "lng", "lat")}
        if towns
        else {}
    )
    return {
        task.pk: serving.get(task.town or "")
        if task.station is None
        else _point(task.station_lng, task.station_lat)
        for task in tasks
    }


def _point(lng: float | None, lat: float | None) -> Point | None:
    return None if lng is None or lat is None else Point(lng, lat)

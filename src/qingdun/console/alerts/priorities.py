"""Who goes first: what a minute of work on a task saves (`dispatch.priority`), worked out for the desk.

Only tasks whose person nobody has spoken with yet are ranked, at most `CANDIDATES` of them, chosen by the
database by level and expected loss.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass, replace

from django.db.models import Max, QuerySet
from django.utils import timezone

from qingdun.console.alerts import queries
from qingdun.console.alerts.access import sees, visible
from qingdun.console.alerts.codes import is_chinese
from qingdun.console.alerts.models import Task
from qingdun.console.alerts.moves import AT_A_DESK, State, next_step
from qingdun.console.alerts.queries import Filters
from qingdun.console.kernel.models import Organisation, Person, User
from qingdun.console.kernel.roles import Permission, may, require
from qingdun.console.kernel.scope import in_station
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

    task: Task
    priority: Priority

    @property
    def text(self) -> str:
        """The reckoning in the reader's language."""
        return self.priority.text_zh() if is_chinese() else self.priority.text_en()

    @property
    def per_minute_fen(self) -> int:
        """What a minute of work saves."""
        return round(self.priority.fen_per_min)


def of_task(viewer: User, about: Task) -> Ranked | None:
    """The rank of the task for the viewer now; None if somebody has spoken with the person or it is not the
    viewer's to see.
    """
    if about.state not in AWAITING or not may(viewer, Permission.SEE_ALERTS) or not sees(viewer, about):
        return None
    return next(iter(_rank(viewer, [about], timezone.now())), None)


def ranked(viewer: User, filters: Filters) -> list[Ranked]:
    """The tasks that await contact and that the filters let through, what saves most by the minute first."""
    found = queries.tasks(viewer, replace(filters, sort="priority")).filter(
        state__in=AWAITING, closed_at=None
    )
    return _rank(viewer, _first(viewer, found), timezone.now())


def next_task(viewer: User) -> Task | None:
    """The task the viewer should take up now: the first by rank of those whose next step is theirs to make
    and that nobody else holds; None if nothing waits for them.
    """
    require(viewer, Permission.SEE_ALERTS)
    mine = [
        state
        for state in AWAITING
        if any(next_step(state, level, viewer.role) is not None for level in ("urgent", "medium"))
    ]
    open_to: QuerySet[Task] = queries.tasks(viewer, Filters(state="open", sort="priority"))
    unheld = _first(viewer, open_to.filter(state__in=mine, owner=None))
    held = _first(viewer, open_to.filter(state__in=mine, owner=viewer))
    waiting = [
        task for task in (*held, *unheld) if next_step(task.state, task.level, viewer.role) is not None
    ]
    first = next(iter(_rank(viewer, waiting, timezone.now())), None)
    return first.task if first else None


def _first(viewer: User, found: QuerySet[Task]) -> list[Task]:
    """The first candidates: by their ids, and only then with all that belongs to them, or a database that
    expects few of them brings that together for all.
    """
    return queries.among(viewer, found.values_list("pk", flat=True)[:CANDIDATES])


def _rank(viewer: User, tasks: Iterable[Task], now: dt.datetime) -> list[Ranked]:
    listed = list(tasks)
    latest = visible(viewer, Task.objects.filter(pk__in=[task.pk for task in listed]))
    received = dict(latest.annotate(last=Max("alerts__received_at")).values_list("pk", "last"))
    homes = Person.objects.in_bulk([task.person_id for task in listed])
    stations = _stations(listed)
    found = []
    for task in listed:
        if received.get(task.pk) is None:
            continue
        home = homes.get(task.person_id)
        station = viewer.organisation if in_station(viewer) else stations.get(task.pk)
        known = Known(
            task.probability, task.scam_type, task.stage, task.level,
            # Minutes pass by our clock: a feed that is replayed lives in another time.
            _us(received[task.pk]),
        )  # fmt: skip
        way = way_min(_seat(station), _home(home), task.town is not None and bool(task.town.urban))
        found.append(Ranked(task, priority(known, _us(now), way)))
    return sorted(found, key=lambda one: (-one.priority.fen_per_min, one.task.pk))


def _stations(tasks: list[Task]) -> dict[int, Organisation]:
    """By task, the station that holds it, else the one that serves its town."""
    towns = {task.town_id for task in tasks if task.station_id is None and task.town_id}
    serving = {
        town: station
        for station in Organisation.objects.filter(
            kind=Organisation.Kind.STATION, towns__in=towns
        ).prefetch_related("towns")
        for town in (served.pk for served in station.towns.all())
    }
    found = {task.pk: task.station or serving.get(task.town_id or "") for task in tasks}
    return {pk: station for pk, station in found.items() if station is not None}


def _seat(station: Organisation | None) -> Point | None:
    if station is None or station.lng is None or station.lat is None:
        return None
    return Point(station.lng, station.lat)


def _home(person: Person | None) -> Point | None:
    if person is None or person.home_lng is None or person.home_lat is None:
        return None
    return Point(person.home_lng, person.home_lat)


def _us(at: dt.datetime) -> int:
    return round(at.timestamp() * 1_000_000)

"""Tasks as the system itself reads them, with no viewer: for what happens without anybody's click.

Only ticks, and acts whose row a tick or a feed hands in, may use this. Whatever a page shows comes through
`queries`, whose reads take the viewer.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Iterable, Sequence

from django.db.models import Count, Exists, F, OuterRef, Q, QuerySet

from qingdun.console.alerts.codes import LEVEL_RANK
from qingdun.console.alerts.models import (
    Alert,
    ContextEvent,
    Escalation,
    LastAct,
    Suspect,
    Task,
    TaskEvent,
    Visit,
)
from qingdun.console.alerts.moves import BY_THE_CLOCK
from qingdun.console.alerts.moving import UNDO_FOR
from qingdun.console.alerts.queries import GROUPS, Seen
from qingdun.console.alerts.states import ARRIVED, IN_THE_FIELD, WORKED_ON, State
from qingdun.console.alerts.ticking import holder
from qingdun.console.kernel.models import Person
from qingdun.contract import tables as contract
from qingdun.contract.columns import timestamp
from qingdun.dispatch.way import Point

SLOWEST_TICK = dt.timedelta(minutes=1)
"""No tick works longer on what was due when it began."""


def tasks() -> QuerySet[Task]:
    """Every task that was not merged into another one."""
    return Task.objects.filter(merged_into=None)


def sure_suspects(kind: str, least: float) -> QuerySet[Suspect]:
    """Suspects of that kind which the engine holds now with at least that score, the surest first."""
    return Suspect.objects.filter(entity_kind=kind, gone_at=None, score__gte=least).order_by("-score", "pk")


def flagged(kind: str, entities: Collection[str]) -> dict[str, dt.datetime]:
    """When the engine first flagged each of these, as far as it ever did."""
    found = Suspect.objects.filter(entity_kind=kind, entity__in=entities)
    return dict(found.values_list("entity", "first_flagged_at"))


def unended(level: str, since: dt.datetime) -> QuerySet[Task]:
    """Tasks of the level that came since then and have not ended, the oldest first."""
    return Task.objects.filter(level=level, closed_at=None, received_at__gte=since).order_by("received_at")


def untouched(level: str, before: dt.datetime) -> QuerySet[Task]:
    """Tasks of the level that nobody has taken up, and on which no alert has come since `before`."""
    fresh = Alert.objects.filter(task=OuterRef("pk"), received_at__gte=before)
    rank = LEVEL_RANK[level]  # as the indexes have it
    found = Task.objects.filter(level_rank=rank, state__in=ARRIVED, closed_at=None, received_at__lt=before)
    return found.exclude(Exists(fresh)).order_by("pk")


def unsigned(
    levels: Sequence[str], stations: Collection[int], counties: Collection[int]
) -> list[tuple[int, dt.datetime]]:
    """Tasks of these levels that one of the stations, or a station of one of the counties, has and has not
    signed: the id, and since when it has it.
    """
    held = Task.objects.filter(state=State.STATION, level__in=levels, closed_at=None)
    held = held.filter(Q(station__in=stations) | Q(county__in=counties)).order_by("level_rank", "pk")
    return _since(held, State.STATION)


def may_be_undone(task: Task, now: dt.datetime) -> bool:
    """Whether the last move of the task, which the caller holds locked, can still be taken back.

    `now` may lie before the move: a tick that waited for others began before it. Further before it than that,
    a clock was set back, which holds nobody up.
    """
    last = LastAct.objects.filter(task=task, version=task.version).first()
    return last is not None and -SLOWEST_TICK < now - last.at < UNDO_FOR


def next_final(levels: Sequence[str], now: dt.datetime) -> dt.datetime | None:
    """When the first of the orders to a station about tasks of these levels can no longer be taken back; None
    if all of them are final.
    """
    held = Task.objects.filter(state=State.STATION, level__in=levels, closed_at=None)
    fresh = held.filter(moved_at__gt=now - UNDO_FOR, moved_at__lte=now, last_act__version=F("version"))
    at = fresh.order_by("last_act__at").values_list("last_act__at", flat=True).first()
    return at + UNDO_FOR if at else None


def told(levels: Sequence[str], since: dt.datetime) -> list[tuple[int, dt.datetime, int]]:
    """Open tasks of these levels of which a clock ran out since then: the id, when somebody was to hear of
    it, and who: 1 whoever holds it in the field, 2 the county, 3 the city.

    What has been done meanwhile is left out; of several at one moment the highest counts.
    """
    marks = TaskEvent.objects.filter(verb__in=BY_THE_CLOCK, at__gt=since, withdrawn_at=None)
    late = marks.filter(task__level__in=levels, task__closed_at=None, task__escalation__gt=0)
    found: dict[tuple[int, dt.datetime], int] = {}
    for mark in late.select_related("task").order_by("at", "pk"):
        who = holder(mark.task) if mark.verb == "breach" else Escalation[mark.note.upper()]
        key = (mark.task_id, mark.at)
        found[key] = max(found.get(key, 0), who.value)
    return [(task_id, at, who) for (task_id, at), who in found.items()]


def unsigned_in_time(levels: Sequence[str]) -> list[tuple[int, dt.datetime]]:
    """Tasks of these levels that a station has, and a clock of which has run out before anybody signed: the
    id, and since when the station has it.
    """
    held = Task.objects.filter(state=State.STATION, level__in=levels, closed_at=None)
    return _since(held.exclude(escalation=Escalation.NONE), State.STATION)


def searching() -> list[tuple[int, dt.datetime]]:
    """Tasks whose person is searched for: the id, and since when."""
    return _since(Task.objects.filter(state=State.SEARCHING, closed_at=None), State.SEARCHING)


def _since(tasks_there: QuerySet[Task], state: State) -> list[tuple[int, dt.datetime]]:
    """The id of each of these tasks, and since when it has been in that state."""
    moved = dict(tasks_there.values_list("pk", "moved_at"))
    # By the ids alone: told to look for the last line of each, a database may walk the history of all.
    came = TaskEvent.objects.filter(task__in=moved).order_by("at", "pk")
    moved |= {
        task_id: at
        for task_id, at, source, target in came.values_list("task", "at", "source", "target")
        if target == state and source != state
    }
    return list(moved.items())


def visiting(officers: Collection[int]) -> dict[int, set[int]]:
    """By officer, the tasks they hold in the field."""
    held = Task.objects.filter(state__in=IN_THE_FIELD, closed_at=None, owner__in=officers)
    found: dict[int, set[int]] = {}
    for owner, task_id in held.values_list("owner", "pk"):
        found.setdefault(owner, set()).add(task_id)
    return found


def last_visits(officers: Sequence[int], since: dt.datetime) -> dict[int, tuple[dt.datetime, Point | None]]:
    """By officer, when their latest visit since then began and where: at the home of whom they visited."""
    visits = Visit.objects.filter(by__in=officers, started_at__gte=since).order_by("started_at")
    rows = list(visits.values_list("by", "started_at", "task__person_id"))
    homes = Person.objects.in_bulk([person for _by, _at, person in rows])
    return {by: (at, _home(homes.get(person_id))) for by, at, person_id in rows}


def last_seen(task: Task) -> Seen | None:
    """The cell of the phone's last call before the task's latest alert."""
    call = ContextEvent.objects.filter(task=task).exclude(cell="").order_by("-at").first()
    return Seen(call.cell, call.at) if call else None


def _home(person: Person | None) -> Point | None:
    if person is None or person.home_lng is None or person.home_lat is None:
        return None
    return Point(person.home_lng, person.home_lat)


def locked(task_id: int) -> Task | None:
    """That task, locked until the transaction ends; None if there is none."""
    rows = Task.objects.select_for_update(of=("self",)).select_related("town")
    return rows.filter(pk=task_id).first()


def last_of(since: dt.datetime, count: int) -> dt.datetime | None:
    """When the last of the first so many alerts since then was taken in; None if there are not so many."""
    after = Alert.objects.filter(received_at__gt=since).order_by("received_at")
    return after.values_list("received_at", flat=True)[count - 1 : count].first()


def open_tasks(person_ids: Sequence[str], since: dt.datetime) -> dict[str, Task]:
    """By person, the task that a new alert joins: one that somebody works on, however old it is, else the
    latest one that came since then and is reported or reviewed.
    """
    theirs = Task.objects.filter(person_id__in=person_ids)
    found = theirs.filter(Q(state__in=WORKED_ON) | Q(state__in=GROUPS["review"], received_at__gte=since))
    ordered = sorted(found, key=lambda task: (task.state in WORKED_ON, task.received_at))
    return {task.person_id: task for task in ordered}


def tasks_of(alert_ids: Iterable[str]) -> dict[str, Task]:
    """By id of the alert, the task it belongs to."""
    found = Alert.objects.filter(alert_id__in=list(alert_ids)).select_related("task")
    return {alert.alert_id: alert.task for alert in found}


def counts_of(person_ids: Collection[str]) -> dict[str, int]:
    """How many tasks each of these persons ever had; who had none is missing."""
    found = Task.objects.filter(person_id__in=person_ids).order_by()
    return dict(found.values_list("person_id").annotate(Count("pk")))


def latest_alert(task: Task) -> contract.Alert | None:
    """The latest alert of the task, as a row of the contract; None if it has none."""
    alert = task.alerts.prefetch_related("evidence").order_by("raised_at", "received_at").last()
    if alert is None:
        return None
    pieces = tuple(
        contract.Evidence(
            piece.detector, timestamp(piece.at), piece.entity_kind, piece.entity, piece.bits,
            piece.text_zh, piece.text_en,
        )
        for piece in alert.evidence.all()
    )  # fmt: skip
    return contract.Alert(
        alert.alert_id, task.episode_id, task.person_id, task.msisdn, task.scam_type, task.level, task.stage,
        task.probability, timestamp(alert.raised_at), pieces,
    )  # fmt: skip

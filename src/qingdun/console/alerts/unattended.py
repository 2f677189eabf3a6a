"""Tasks as the system itself reads them, with no viewer: for what happens without anybody's click.

Only ticks, and acts whose row a tick or a feed hands in, may use this. Whatever a page shows comes through
`queries`, whose reads take the viewer.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Iterable, Sequence

from django.db.models import Q, QuerySet

from qingdun.console.alerts.models import Alert, Escalation, Task, TaskEvent
from qingdun.console.alerts.moves import BY_THE_CLOCK, State
from qingdun.console.alerts.queries import GROUPS
from qingdun.console.alerts.ticking import holder
from qingdun.contract import tables as contract


def tasks() -> QuerySet[Task]:
    """Every task that was not merged into another one."""
    return Task.objects.filter(merged_into=None)


def unended(level: str, since: dt.datetime) -> QuerySet[Task]:
    """Tasks of the level that came since then and have not ended, the oldest first."""
    return Task.objects.filter(level=level, closed_at=None, received_at__gte=since).order_by("received_at")


def unsigned(
    levels: Sequence[str], stations: Collection[int], counties: Collection[int]
) -> list[tuple[int, dt.datetime]]:
    """Tasks of these levels that one of the stations, or a station of one of the counties, has and has not
    signed: the id, and since when it has it.
    """
    held = Task.objects.filter(state=State.STATION, level__in=levels, closed_at=None)
    held = held.filter(Q(station__in=stations) | Q(county__in=counties)).order_by("level_rank", "pk")
    moved = dict(held.values_list("pk", "moved_at"))
    # By the ids alone: told to look for the last line of each, a database may walk the history of all.
    came = TaskEvent.objects.filter(task__in=moved).order_by("at", "pk")
    moved |= {
        task_id: at
        for task_id, at, source, target in came.values_list("task", "at", "source", "target")
        if target == State.STATION and source != State.STATION
    }
    return list(moved.items())


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


def locked(task_id: int) -> Task | None:
    """That task, locked until the transaction ends; None if there is none."""
    rows = Task.objects.select_for_update(of=("self",)).select_related("town")
    return rows.filter(pk=task_id).first()


def last_of(since: dt.datetime, count: int) -> dt.datetime | None:
    """When the last of the first so many alerts since then was taken in; None if there are not so many."""
    after = Alert.objects.filter(received_at__gt=since).order_by("received_at")
    return after.values_list("received_at", flat=True)[count - 1 : count].first()


def open_tasks(person_ids: Sequence[str], since: dt.datetime) -> dict[str, Task]:
    """By person, the latest task that came since then and is still open."""
    found = Task.objects.filter(person_id__in=person_ids, received_at__gte=since, state__in=GROUPS["open"])
    return {task.person_id: task for task in found.order_by("received_at")}


def tasks_of(alert_ids: Iterable[str]) -> dict[str, Task]:
    """By id of the alert, the task it belongs to."""
    found = Alert.objects.filter(alert_id__in=list(alert_ids)).select_related("task")
    return {alert.alert_id: alert.task for alert in found}


def count_of(person_id: str) -> int:
    """How many tasks the person ever had."""
    return Task.objects.filter(person_id=person_id).count()


def latest_alert(task: Task) -> contract.Alert | None:
    """The latest alert of the task, as a row of the contract; None if it has none."""
    alert = task.alerts.prefetch_related("evidence").order_by("raised_at", "received_at").last()
    if alert is None:
        return None
    pieces = tuple(
        contract.Evidence(
            piece.detector, _us(piece.at), piece.entity_kind, piece.entity, piece.bits,
            piece.text_zh, piece.text_en,
        )
        for piece in alert.evidence.all()
    )  # fmt: skip
    return contract.Alert(
        alert.alert_id, task.episode_id, task.person_id, task.msisdn, task.scam_type, task.level, task.stage,
        task.probability, _us(alert.raised_at), pieces,
    )  # fmt: skip


def _us(at: dt.datetime) -> int:
    return round(at.timestamp() * 1_000_000)

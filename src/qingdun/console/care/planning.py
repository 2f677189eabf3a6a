"""Follow-ups are planned once for each verdict, and follow the task's verdict as it changes."""

from __future__ import annotations

import datetime as dt
from typing import NamedTuple

from django.db import IntegrityError, transaction
from django.db.models import F, Q, QuerySet
from django.utils import timezone

from qingdun.console.alerts.unattended import tasks
from qingdun.console.care import rules
from qingdun.console.care.models import FollowUp
from qingdun.console.care.verdicts import FOLLOWED
from qingdun.console.kernel.audit import record
from qingdun.console.kernel.localtime import midnight

SETTLED = dt.timedelta(seconds=5)
"""A verdict may be taken back for as long."""
AT_ONCE = 50
"""What one look does at most, in less than a second."""
LOOKED_AT = 1000
"""Rows that one look reads at most."""
State = FollowUp.State


class Looked(NamedTuple):
    """What came of a look at what happened after some moment."""

    done: int
    until: dt.datetime | None = None
    """Up to when it looked; None if up to now."""


def due_at(verdict_at: dt.datetime, day: int) -> dt.datetime:
    """The end of the local day that is `day` days after the verdict."""
    on = timezone.localtime(verdict_at).date() + dt.timedelta(days=day + 1)
    return midnight(on)


def plan(now: dt.datetime, since: dt.datetime) -> Looked:
    """Of the tasks whose verdict is later than `since`, the first ones have their follow-ups."""
    said = tasks().filter(verdict_at__gt=since, verdict_at__lte=now - SETTLED).order_by("verdict_at", "pk")
    rows = list(said.values_list("pk", "verdict_at", "verdict")[:LOOKED_AT])
    planned: dict[int, set[int]] = {}
    for task_id, day in _standing().filter(task__in=[pk for pk, _, _ in rows]).values_list("task", "day"):
        planned.setdefault(task_id, set()).add(day)
    done = 0
    for task_id, at, verdict in rows:
        if verdict not in FOLLOWED or at is None or not _missing(planned.get(task_id, set())):
            continue
        if done == AT_ONCE:
            return Looked(done, before(at, since))
        done += _plan(task_id, now)
    last = rows[-1][1] if len(rows) == LOOKED_AT else None
    return Looked(done, before(last, since) if last else None)


def _standing() -> QuerySet[FollowUp]:
    """Follow-ups of a task's latest verdict, and those to do of an earlier one, which `follow_verdicts`
    moves to it.
    """
    return FollowUp.objects.filter(Q(state=State.OPEN) | Q(verdict_at=F("task__verdict_at")))


def _missing(days: set[int]) -> list[int]:
    return [day for day in rules.follow_up_days() if day not in days]


def before(at: dt.datetime, since: dt.datetime) -> dt.datetime:
    """From where to look on so that whatever else is of that moment is looked at too, and yet later than
    before.
    """
    return max(at - dt.timedelta(microseconds=1), since + dt.timedelta(microseconds=1))


def _plan(task_id: int, now: dt.datetime) -> bool:
    try:
        with transaction.atomic():
            task = tasks().select_for_update().filter(pk=task_id, verdict__in=FOLLOWED).first()
            if task is None or task.verdict_at is None or task.verdict_at > now - SETTLED:
                return False
            days = _missing(set(_standing().filter(task=task).values_list("day", flat=True)))
            if not days:
                return False
            FollowUp.objects.bulk_create(
                FollowUp(
                    task=task, region_path=task.region_path, person_id=task.person_id, day=day,
                    verdict_at=task.verdict_at, due_at=due_at(task.verdict_at, day),
                )
                for day in days
            )  # fmt: skip
            record(None, "plan_follow_ups", task, None, {"days": days})
    except IntegrityError:  # another process was at it at the same moment
        return False
    return True


def follow_verdicts(now: dt.datetime) -> int:
    """An open follow-up counts from the task's latest verdict, and is dropped if there is no more to follow;
    how many were changed.
    """
    stands = FollowUp.objects.filter(state=State.OPEN)
    gone = stands.filter(~Q(task__verdict__in=FOLLOWED) | Q(task__merged_into__isnull=False))
    moved = stands.filter(task__verdict__in=FOLLOWED).exclude(task__verdict_at=F("verdict_at"))
    dropped = sum(_drop(pk) for pk in list(gone.values_list("pk", flat=True)[:AT_ONCE]))
    return dropped + sum(_move(pk) for pk in list(moved.values_list("pk", flat=True)[:AT_ONCE]))


@transaction.atomic
def _drop(follow_up_id: int) -> bool:
    row = _open(follow_up_id)
    if row is None or (row.task.verdict in FOLLOWED and row.task.merged_into_id is None):
        return False
    row.state = State.DROPPED
    row.save(update_fields=["state"])
    record(None, "drop_follow_up", row, {"state": State.OPEN}, {"state": row.state, "day": row.day})
    return True


@transaction.atomic
def _move(follow_up_id: int) -> bool:
    row = _open(follow_up_id)
    said_at = row.task.verdict_at if row is not None and row.task.verdict in FOLLOWED else None
    if row is None or said_at is None or said_at == row.verdict_at:
        return False
    before = {"due_at": row.due_at}
    row.verdict_at, row.due_at = said_at, due_at(said_at, row.day)
    row.reminded_at = row.texted_at = None
    row.save(update_fields=["verdict_at", "due_at", "reminded_at", "texted_at"])
    record(None, "move_follow_up", row, before, {"due_at": row.due_at, "day": row.day})
    return True


def _open(follow_up_id: int) -> FollowUp | None:
    rows = FollowUp.objects.select_for_update(of=("self",)).select_related("task")
    return rows.filter(pk=follow_up_id, state=State.OPEN).first()

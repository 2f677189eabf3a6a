"""What is due without anybody's click: a clock that ran out is breached once, and those above hear of it.

First the duty officer of whoever holds the task; then, if the step is still not done, the county, then the
city. Everything is a mark on a row, set by one conditional update: a restart, a second process or a clock
that jumps finds the mark. Only the time handed in decides.
"""

from __future__ import annotations

import datetime as dt

from django.db import connection, transaction

from qingdun.console.alerts.acting import announce, write_line
from qingdun.console.alerts.clocks import span
from qingdun.console.alerts.models import Clock, Escalation, Task
from qingdun.console.alerts.states import AT_A_DESK, ENDED, State, Timed
from qingdun.console.alerts.timing import write_breach
from qingdun.console.kernel.audit import record

AT_ONCE = 50
"""Breaches, and steps up, that one tick does at most, in less than a second: the next one goes on."""


def tick(now: dt.datetime) -> int:
    """Every clock that ran out before `now` is breached, every task whose time to be escalated has come is;
    how many of both.
    """
    ran_out = Clock.objects.filter(stopped_at=None, breached_at=None, due_at__lt=now)
    clocks = list(ran_out.order_by("due_at", "pk").values_list("pk", "task_id")[:AT_ONCE])
    done = sum(_breach(clock_id, task_id, now) for clock_id, task_id in clocks)
    waiting = Task.objects.filter(escalate_at__lt=now).order_by("escalate_at", "pk")
    tasks = list(waiting.values_list("pk", flat=True)[:AT_ONCE])
    return done + sum(_step_up(task_id, now) for task_id in tasks)


@transaction.atomic
def _breach(clock_id: int, task_id: int, now: dt.datetime) -> bool:
    task = _locked(task_id)
    if task is None:
        return False
    marked = Clock.objects.filter(
        pk=clock_id, task=task, stopped_at=None, breached_at=None, due_at__lt=now
    ).update(breached_at=now)
    if not marked:
        return False
    name = Clock.objects.values_list("name", flat=True).get(pk=clock_id)
    before = {"escalation": task.escalation}
    write_breach(task, name, now)
    if task.escalation == Escalation.NONE:
        task.escalation = Escalation.HOLDER
        task.escalate_at = _next_step(task, now)
        task.save(update_fields=["escalation", "escalate_at"])
    record(None, "breach", task, before, {"escalation": task.escalation, "clock": name})
    announce(task, "breach")
    return True


@transaction.atomic
def _step_up(task_id: int, now: dt.datetime) -> bool:
    task = _locked(task_id)
    if task is None or task.escalate_at is None or task.escalate_at >= now:
        return False
    above = _above(task)
    before = {"escalation": task.escalation}
    if above is None or task.state in ENDED:
        task.escalate_at = None
        task.save(update_fields=["escalate_at"])
        return False
    task.escalation = above
    task.escalate_at = _next_step(task, now)
    task.save(update_fields=["escalation", "escalate_at"])
    write_line(task, None, now, "tell_above", task.state, task.state, Escalation(above).name.lower())
    record(None, "tell_above", task, before, {"escalation": above})
    announce(task, "tell_above")
    return True


def holder(task: Task) -> Escalation:
    """Whose duty officer is told first: the station's, the county's or the city's."""
    if task.state == State.COUNTY or (task.state == State.BOUNCED and task.county_id is not None):
        return Escalation.COUNTY
    return Escalation.CITY if task.state in AT_A_DESK else Escalation.HOLDER


def _above(task: Task) -> Escalation | None:
    """Who is told next; None if everybody has been."""
    reached = max(task.escalation, holder(task))
    return Escalation(reached + 1) if reached < Escalation.CITY else None


def _next_step(task: Task, now: dt.datetime) -> dt.datetime | None:
    further = span(task, Timed.ESCALATE)
    return now + further if further is not None and _above(task) is not None else None


def _locked(task_id: int) -> Task | None:
    """The task, locked; None if it is gone, or another process is just at it and will have seen to it."""
    waits_for_none = connection.features.has_select_for_update_skip_locked
    tasks = Task.objects.select_for_update(skip_locked=waits_for_none, of=("self",) if waits_for_none else ())
    return tasks.select_related("town").filter(pk=task_id).first()

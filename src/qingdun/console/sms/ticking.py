"""What is due without anybody's click: the warning of a low task (field §3), and the end of one that was
warned about. Sending is the worker's.
"""

from __future__ import annotations

import datetime as dt

from django.db import transaction
from django.db.models import Exists, OuterRef, QuerySet

from qingdun.console.alerts import unattended as tasks
from qingdun.console.alerts.actions import let_rest
from qingdun.console.alerts.queries import Task
from qingdun.console.kernel.audit import record
from qingdun.console.sms.actions import active_text, queue_warning
from qingdun.console.sms.codes import Kind, MessageState
from qingdun.console.sms.models import Message
from qingdun.console.sms.shipped import load_shipped
from qingdun.errors import IllegalMove, InputError

LEVEL = "low"
FRESH = dt.timedelta(hours=24)
"""Older tasks are not warned about when the tick was off."""
LOOKED_AT = 200
AT_ONCE = 40
"""Warnings that one tick queues at most, in less than a second: the next one goes on."""


RESTS_AFTER = dt.timedelta(hours=72)
"""As long as an episode: an alert that comes later is a new matter, with a task and a warning of its own."""
LOOKED_EVERY_S = 60
"""How often it is looked for tasks to let rest."""
HEARD = (MessageState.SENT, MessageState.DELIVERED, MessageState.UNCERTAIN)
"""States of a warning that has left."""


def tick(now: dt.datetime) -> int:
    """Every fresh open task of low level has its warning in the queue, and those that were warned about long
    enough ago are closed; how many of both.

    Each in its own transaction; a task that another process has warned about meanwhile is passed over.
    """
    return _warn_fresh(now) + (_let_rest(now) if int(now.timestamp()) % LOOKED_EVERY_S == 0 else 0)


def _warn_fresh(now: dt.datetime) -> int:
    load_shipped()
    warned = Message.objects.filter(task=OuterRef("pk"), kind=Kind.EMERGENCY)
    due = tasks.unended(LEVEL, now - FRESH).exclude(Exists(warned))
    done = 0
    for task_id in list(due.values_list("pk", flat=True)[:LOOKED_AT]):
        done += _warn(task_id, now)
        if done == AT_ONCE:
            break
    return done


def _let_rest(now: dt.datetime) -> int:
    """Low tasks that nobody has taken up, that were warned about, and on which nothing came since."""
    due = _warned(now).values_list("pk", flat=True)
    return sum(_rest(task_id, now) for task_id in list(due[:AT_ONCE]))


def _warned(now: dt.datetime) -> QuerySet[Task]:
    heard = Message.objects.filter(task=OuterRef("pk"), kind=Kind.EMERGENCY, state__in=HEARD)
    return tasks.untouched(LEVEL, now - RESTS_AFTER).filter(Exists(heard))


@transaction.atomic
def _rest(task_id: int, now: dt.datetime) -> bool:
    task = tasks.locked(task_id)
    if task is None or not _warned(now).filter(pk=task_id).exists():
        return False
    let_rest(task, now)
    return True


@transaction.atomic
def _warn(task_id: int, now: dt.datetime) -> bool:
    task = tasks.locked(task_id)
    if task is None or task.level != LEVEL or task.closed_at is not None:
        return False
    try:
        template = active_text(f"emergency.{task.scam_type}", Kind.EMERGENCY)
    except InputError:
        template = active_text("emergency.other", Kind.EMERGENCY)
    try:
        message = queue_warning(None, task, template, now)
    except (IllegalMove, InputError):
        return False
    after = {"task": task.pk, "text": template.code, "version": template.version}
    record(None, "warn", message, None, after, region_path=task.region_path)
    return True

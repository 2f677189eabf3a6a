"""What is due without anybody's click: the warning of a low task (field §3). Sending is the worker's."""

from __future__ import annotations

import datetime as dt

from django.db import transaction
from django.db.models import Exists, OuterRef

from qingdun.console.alerts import unattended as tasks
from qingdun.console.kernel.audit import record
from qingdun.console.sms.actions import active_text, queue_warning
from qingdun.console.sms.codes import Kind
from qingdun.console.sms.models import Message
from qingdun.console.sms.shipped import load_shipped
from qingdun.errors import IllegalMove, InputError

LEVEL = "low"
FRESH = dt.timedelta(hours=24)
"""Older tasks are not warned about when the tick was off."""
LOOKED_AT = 200
AT_ONCE = 40
"""Warnings that one tick queues at most, in less than a second: the next one goes on."""


def tick(now: dt.datetime) -> int:
    """Every fresh open task of low level has its warning in the queue; how many were queued is returned.

    Each in its own transaction; a task that another process has warned about meanwhile is passed over.
    """
    load_shipped()
    warned = Message.objects.filter(task=OuterRef("pk"), kind=Kind.EMERGENCY)
    due = tasks.unended(LEVEL, now - FRESH).exclude(Exists(warned))
    done = 0
    for task_id in list(due.values_list("pk", flat=True)[:LOOKED_AT]):
        done += _warn(task_id, now)
        if done == AT_ONCE:
            break
    return done


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

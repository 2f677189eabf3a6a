"""Who may read a task's person, and until when: one viewer, on one task, for a purpose."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

from django.db import transaction
from django.utils import timezone

from qingdun.console.alerts import queries
from qingdun.console.alerts.access import may_open, may_unmask, out_of_sight, visible
from qingdun.console.alerts.models import Task, Unmasking
from qingdun.console.kernel.actions import stated
from qingdun.console.kernel.audit import record
from qingdun.console.kernel.models import User
from qingdun.console.kernel.roles import Permission, require

UNMASKED_FOR = dt.timedelta(minutes=15)


@dataclass(frozen=True, slots=True)
class Unmasked:
    """The person of a task as the viewer may read them, and until when; no address once it is over."""

    name: str
    number: str
    address: str
    until: dt.datetime


@transaction.atomic
def unmask(actor: User, task_id: int, purpose: str) -> Task:
    """The actor, and nobody else, may read the person's name and number on this task for `UNMASKED_FOR`, and
    the address as long as the task is open; the audit says so, once, with the purpose.
    """
    task = visible(actor, Task.objects.all()).filter(pk=task_id).first()
    if task is None or not may_open(actor):
        require(actor, Permission.UNMASK)
        raise out_of_sight(task_id)
    if not may_unmask(actor, task):
        require(actor, Permission.UNMASK)
    fields = ["name", "number"] if task.closed_at else ["name", "number", "address"]
    record(actor, "unmask_task", task, None, {"fields": fields}, stated(purpose))
    until = timezone.now() + UNMASKED_FOR
    Unmasking.objects.update_or_create(
        task=task, viewer=actor, defaults={"until": until, "region_path": task.region_path}
    )
    return task


@transaction.atomic
def mask_again(actor: User, task_id: int) -> None:
    """The actor reads the person masked again. No audit row: nothing is done to anybody, and the row of the
    unmasking stays what it was.
    """
    task = visible(actor, Task.objects.all()).filter(pk=task_id).first()
    if task is None:
        raise out_of_sight(task_id)
    Unmasking.objects.filter(task=task, viewer=actor).delete()


def unmasked(viewer: User, about: Task) -> Unmasked | None:
    """The person of the task, if the viewer has unmasked them and the time is not over."""
    if not may_unmask(viewer, about):
        return None
    held = Unmasking.objects.filter(task=about, viewer=viewer, until__gt=timezone.now()).first()
    if held is None:
        return None
    person = queries.person(viewer, about)
    return Unmasked(
        name=person.name if person else "",
        number=about.msisdn,
        address=queries.home(viewer, about),
        until=held.until,
    )

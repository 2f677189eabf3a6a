"""A task changes hands: to an officer whom the system has asked, wherever their station is."""

from __future__ import annotations

from typing import Any

from django.db import transaction
from django.utils import timezone

from qingdun.console.alerts.access import out_of_sight
from qingdun.console.alerts.acting import Act, face
from qingdun.console.alerts.models import Task
from qingdun.console.alerts.moves import State
from qingdun.console.alerts.snapshot import snapshot
from qingdun.console.kernel.models import Organisation, User
from qingdun.console.kernel.roles import Permission, require


@transaction.atomic
def take_over(actor: User, task_id: int, **details: Any) -> Task:
    """The actor holds the task, and so does their station; whoever held it before is told.

    For `offers` alone, which knows that the task was offered to the actor: it may lie outside their region.
    Not signed yet, it is signed; searched for, the search goes on in other hands. `details` go into the audit
    row. Errors: NotPermitted, IllegalMove (the task is in no such state any more).
    """
    require(actor, Permission.WORK_ALERTS)
    task = Task.objects.select_for_update().filter(pk=task_id).first()
    if task is None:
        raise out_of_sight(task_id)
    act = Act(actor, task, timezone.now(), face(task), snapshot(task), task.station_id, task.owner_id)
    verb = "sign" if task.state == State.STATION else "take_over"
    act.apply(verb)
    if actor.organisation is not None and actor.organisation.kind == Organisation.Kind.STATION:
        task.station = actor.organisation
    return act.finish(verb, undoable=False, **details)

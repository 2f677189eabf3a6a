"""*Next* gives a task to one person: two who press it at the same moment are given two tasks.

A claim is no signature: whoever finds the task in the list may act on it. It only keeps `priorities` from
giving it to somebody else for a short while, and ends by itself when the task moves.
"""

from __future__ import annotations

from django.db import transaction
from django.utils import timezone

from qingdun.console.alerts import priorities
from qingdun.console.alerts.access import locked
from qingdun.console.alerts.models import Claim, Task
from qingdun.console.alerts.moves import next_step
from qingdun.console.alerts.rules import claim_lasts
from qingdun.console.kernel.audit import record
from qingdun.console.kernel.models import User
from qingdun.errors import NotPermitted


def take_next(actor: User) -> Task | None:
    """The first task that is open to the actor is given to them and to nobody else for now; None if none is.

    What was given to them before is free again. Errors: NotPermitted (opens no tasks).
    """
    for one in priorities.open_to(actor):
        task = _claim(actor, one.task_id)
        if task is not None:
            # By itself: whoever waits for one of those rows holds none that this one holds.
            Claim.objects.filter(by=actor).exclude(task=task).delete()
            return task
    return None


@transaction.atomic
def _claim(actor: User, task_id: int) -> Task | None:
    """The task, if it is still open to the actor once it is locked: whoever was faster is seen now."""
    try:
        task = locked(actor, task_id)
    except NotPermitted:
        return None
    step = next_step(task.state, task.level, actor.role)
    if task.state not in priorities.AWAITING or task.owner_id not in (None, actor.pk) or step is None:
        return None
    if task.owner_id == actor.pk:
        return task  # nobody else is given it anyway
    now = timezone.now()
    claim = Claim.objects.filter(task=task, state=task.state, until__gt=now).first()
    if claim is not None and claim.by_id != actor.pk:
        return None
    until = now + claim_lasts()
    given = {"by": actor, "state": task.state, "until": until, "region_path": task.region_path}
    Claim.objects.update_or_create(task=task, defaults=given)
    if claim is None:
        record(actor, "take_next", task, None, {"state": task.state, "ends_at": until})
    return task

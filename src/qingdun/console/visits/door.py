"""What every record of a visit asks first: whose the task is, whether it came before, when it happened."""

from __future__ import annotations

import datetime as dt
from typing import Any, TypeVar

from django.db.models import Model
from django.utils.translation import gettext as _

from qingdun.console.alerts import queries as alerts
from qingdun.console.kernel.models import User
from qingdun.console.kernel.roles import Permission, require
from qingdun.errors import IllegalMove, InputError, NotPermitted, RefusedError

M = TypeVar("M", bound=Model)
OLDEST = dt.timedelta(days=7)
"""How long ago a phone may say that something happened: it was offline at most as long as that."""


def task_at_the_door(actor: User, task_id: int) -> Any:
    """The task, which the actor has signed and which has not ended."""
    require(actor, Permission.WORK_ALERTS)
    task = alerts.task(actor, task_id)
    if task.owner_id != actor.pk:
        raise NotPermitted(_("Only the officer who signed the task records its visit."))
    if task.closed_at is not None:
        raise IllegalMove(_("The task has ended; nothing more is recorded of its visit."))
    return task


def task_of_the_person(actor: User, task_id: int) -> Any:
    """The task, which the actor sees, ended or not: for what its person may ask of every officer."""
    require(actor, Permission.WORK_ALERTS)
    return alerts.task(actor, task_id)


def sent_before(model: type[M], actor: User, task_id: int, key: str) -> M | None:
    """The row of that key. Errors: NotPermitted, InputError (no key), RefusedError (somebody else's key)."""
    require(actor, Permission.WORK_ALERTS)
    if not 8 <= len(key) <= 64:
        raise InputError(_("Key: found %(count)d characters, expected 8 to 64.") % {"count": len(key)})
    alerts.task(actor, task_id)
    known: Any = model._default_manager.filter(key=key).first()
    if known is not None and (known.task_id != task_id or known.by_id != actor.pk):
        raise RefusedError(_("This was sent before for another task or by somebody else."))
    found: M | None = known
    return found


def on_the_phone(said: dt.datetime | None, now: dt.datetime) -> dt.datetime:
    """When the phone says it happened; `now` if it says nothing, or what cannot be."""
    return said if said is not None and now - OLDEST <= said <= now else now

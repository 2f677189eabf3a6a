"""The last move is taken back for a few seconds, by whoever made it, if nothing has happened since.

Whatever leaves the building (a message, an order to a bank) waits that long after `Task.moved_at`, unless
the task is urgent: then every second counts more than a slip.
"""

from __future__ import annotations

import datetime as dt

from django.db import transaction
from django.db.models import F
from django.utils.translation import gettext as _

from qingdun.console.alerts import timing
from qingdun.console.alerts.access import visible
from qingdun.console.alerts.acting import Act, take, write_line
from qingdun.console.alerts.models import Clock, Contact, LastAct, OutcomeLine, Task, TaskEvent
from qingdun.console.alerts.moving import UNDO_FOR
from qingdun.console.alerts.snapshot import restore
from qingdun.console.kernel.models import User
from qingdun.errors import IllegalMove


@transaction.atomic
def undo(actor: User, task_id: int, version: int | None = None) -> Task:
    """The actor's last act on the task is taken back: state, level, holders and clocks are as before it.

    The history keeps the lines of the act, marked as taken back, and one for the undo. Notes and sums of a
    visit stay. Errors: NotPermitted for a task out of sight; IllegalMove if the last act was somebody
    else's, is older than five seconds, or something has happened since.
    """
    act = take(actor, task_id, version)
    task = act.task
    last = LastAct.objects.filter(task=task).first()
    if last is None or last.version != task.version or last.by_id != actor.pk:
        raise IllegalMove(_("Undo: your last move here was followed by another one, or there was none."))
    if act.now - last.at >= UNDO_FOR:
        raise IllegalMove(
            _("Undo: possible for %(seconds)s seconds; that is over.")
            % {"seconds": int(UNDO_FOR.total_seconds())}
        )
    _walk_back(act, last)
    # A clock that the act itself found run out runs again; the tick decides.
    Clock.objects.filter(task=task, breached_at=last.at).update(breached_at=None)
    restore(task, last.found)
    timing.settle_due(task)
    for line in (Contact, OutcomeLine):
        line.objects.filter(task=task, at=last.at, withdrawn_at=None).update(withdrawn_at=act.now)
    last.delete()
    return act.finish("undo", undoable=False, undone=last.verb)


def undoable_until(viewer: User, task: Task) -> dt.datetime | None:
    """Until when the viewer may take back their last act on the task; None if there is none to take back."""
    seen = visible(viewer, LastAct.objects.filter(task=task.pk), "task")
    last = seen.filter(by=viewer, version=F("task__version")).first()
    return last.at + UNDO_FOR if last else None


def _walk_back(act: Act, last: LastAct) -> None:
    """The state goes back move by move, each counted: the database lets it go back in no other way."""
    task = act.task
    lines = TaskEvent.objects.filter(task=task, at=last.at, withdrawn_at=None)
    for line in reversed(list(lines.order_by("pk"))):
        if line.source != line.target:
            task.state, task.undone = line.source, task.undone + 1
            task.save(update_fields=["state", "undone"])
    was = lines.last()
    lines.update(withdrawn_at=act.now)
    write_line(task, act.actor, act.now, "undo", was.target if was else task.state, task.state, last.verb)

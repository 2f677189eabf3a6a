"""Nobody is rung up again and again: who is about to call sees who has called this person lately, about
whatever task, and has to say that they call all the same.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

from django.db.models import QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _

from qingdun.console.alerts.access import may_open, sees, visible
from qingdun.console.alerts.clocks import span
from qingdun.console.alerts.models import Contact, Task, TaskEvent
from qingdun.console.alerts.states import Timed
from qingdun.console.kernel.models import Person, User
from qingdun.errors import Unconfirmed


@dataclass(frozen=True, slots=True)
class Attempt:
    """One call to the person, about this task or another one; of others' tasks no more than is needed."""

    at: dt.datetime
    result: str
    """Word for what came of it."""
    by: str
    """The officer; of a task out of sight, their organisation."""
    note: str
    task_id: int | None
    """The other task it was about, if the viewer sees it; None for this one and those out of sight."""
    elsewhere: bool
    """Whether it was about another task."""
    withdrawn: bool


def attempts(viewer: User, about: Task) -> list[Attempt]:
    """Every call to the person of the task, about whatever task, the latest first; nothing for who may not
    see the task.

    That somebody of another station has called is told to all who work on this person: it is why they need
    not call again. Notes and names stay with those who see the other task.
    """
    if not may_open(viewer) or not sees(viewer, about):
        return []
    calls = Contact.objects.filter(task__person_id=about.person_id).select_related("by__organisation")
    found = list(calls.order_by("-at", "-pk")[:50])
    if not found:
        return []
    seen = set(visible(viewer, Task.objects.filter(person_id=about.person_id)).values_list("pk", flat=True))
    return [
        Attempt(
            at=call.at,
            result=str(call.get_result_display()),
            by=str(call.by) if call.task_id in seen else _office(call.by),
            note=call.note if call.task_id in seen else "",
            task_id=call.task_id if call.task_id in seen and call.task_id != about.pk else None,
            elsewhere=call.task_id != about.pk,
            withdrawn=call.withdrawn_at is not None,
        )
        for call in found
    ]


def lately_called(about: Task, caller: User, now: dt.datetime) -> TaskEvent | None:
    """The latest call to the person within the span of the task's level by somebody else, or about another
    task; one's own last try about this task does not count.
    """
    quiet = span(about, Timed.QUIET)
    if quiet is None:
        return None
    calls: QuerySet[TaskEvent] = TaskEvent.objects.filter(
        task__person_id=about.person_id, verb="call", withdrawn_at=None, at__gt=now - quiet
    )
    found = calls.exclude(actor=caller, task=about).select_related("actor__organisation")
    return found.order_by("-at", "-pk").first()


def require_quiet(about: Task, caller: User, now: dt.datetime, confirmed: bool) -> None:
    """Nothing happens if nobody has called the person lately, or the caller has seen it and calls anyway.

    Errors: Unconfirmed, which says when, from where and with what result.
    """
    if confirmed:
        return
    # Of two who call the same person about two tasks at once the second waits here, and sees the first.
    Person.objects.select_for_update(no_key=True).filter(pk=about.person_id).first()
    last = lately_called(about, caller, now)
    if last is None:
        return
    raise Unconfirmed(
        _("%(who)s called this person %(minutes)s min ago: %(result)s. Call all the same?")
        % {
            "who": _office(last.actor) if last.actor else "–",
            "minutes": max(0, int((now - last.at).total_seconds() // 60)),
            "result": _result_of(last),
        }
    )


def warning(viewer: User, about: Task) -> Attempt | None:
    """The call that a call of the viewer about the task would follow too soon."""
    if not may_open(viewer) or not sees(viewer, about):
        return None
    last = lately_called(about, viewer, timezone.now())
    if last is None:
        return None
    return Attempt(
        at=last.at, result=_result_of(last), by=_office(last.actor) if last.actor else "–", note="",
        task_id=None, elsewhere=last.task_id != about.pk, withdrawn=False,
    )  # fmt: skip


def _result_of(call: TaskEvent) -> str:
    found = (
        Contact.objects.filter(task=call.task_id, at__gte=call.at, withdrawn_at=None).order_by("at").first()
    )
    return str(found.get_result_display()) if found else _("no result entered yet")


def _office(user: User) -> str:
    return str(user.organisation or user.region or user)

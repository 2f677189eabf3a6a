"""Whose a task is: every read of a task, of what hangs on it and every act on it goes through here."""

from __future__ import annotations

from typing import TypeVar

from django.db.models import Model, Q, QuerySet

from qingdun.console.alerts.models import Task
from qingdun.console.alerts.moving import CALM
from qingdun.console.alerts.states import AT_THE_HOTLINE
from qingdun.console.kernel.models import User
from qingdun.console.kernel.roles import Permission, may, require
from qingdun.console.kernel.scope import covers, in_station, out_of_reach, within
from qingdun.errors import NotPermitted

M = TypeVar("M", bound=Model)


OPEN_TO = (Permission.SEE_ALERTS, Permission.CALL_HOTLINE, Permission.VISIT_ENTRUSTED)
"""Who opens tasks at all: those of their region or station, calm ones from the hotline, or what they were
entrusted with.
"""


def may_open(viewer: User) -> bool:
    """Whether the viewer opens tasks."""
    return any(may(viewer, permission) for permission in OPEN_TO)


def require_open(viewer: User) -> None:
    """Nothing happens if the viewer opens tasks. Errors: NotPermitted."""
    if not may_open(viewer):
        require(viewer, Permission.SEE_ALERTS)


def may_unmask(viewer: User, task: Task) -> bool:
    """Whether the viewer may read the task's person unmasked, once they say why: who works on tasks alone,
    that of a task of their own, while it is open.
    """
    if may(viewer, Permission.UNMASK):
        return sees(viewer, task)
    own = task.owner_id == viewer.pk and task.closed_at is None
    return _works_alone(viewer) and own and sees(viewer, task)


def _works_alone(viewer: User) -> bool:
    """Whether the viewer has nothing of the desk: an operator of the hotline, a grid member."""
    return may_open(viewer) and not may(viewer, Permission.SEE_ALERTS)


def waits_for_the_hotline(state: str, level: str) -> bool:
    """Whether a task that stands there is open to every operator of the hotline."""
    return state in AT_THE_HOTLINE and level in CALM


def visible(viewer: User, rows: QuerySet[M], task: str = "") -> QuerySet[M]:
    """Only the tasks of the viewer's region; for whoever works in a station, only those that the station
    holds or held last, and those they have signed themselves, wherever a search has led them. For an operator
    of the hotline, the calm ones that wait at the city's desk and those they have taken; for a grid member,
    what they were entrusted with.

    `task` names the way from a row to its task ("alert__task"); empty if the rows are tasks. What hangs on a
    task (alerts, evidence, contacts, visits, history, its person) is seen by whoever sees the task.
    """
    way = f"{task}__" if task else ""
    if _works_alone(viewer):
        waits = {f"{way}state__in": AT_THE_HOTLINE, f"{way}level__in": CALM}
        own = Q(**{f"{way}owner": viewer.pk})
        found = within(viewer, rows, f"{way}region_path")
        return found.filter(own | Q(**waits) if may(viewer, Permission.CALL_HOTLINE) else own)
    if not in_station(viewer):
        return within(viewer, rows, f"{way}region_path")
    if not viewer.region_path:
        return rows.none()
    held = Q(**{f"{way}owner": viewer.pk})
    if viewer.organisation_id is not None:
        held |= Q(**{f"{way}station": viewer.organisation_id})
    return rows.filter(held)


def sees(viewer: User, task: Task) -> bool:
    """Whether the task, as it was read, is one of those: the same rule, and no statement more."""
    if _works_alone(viewer):
        waits = may(viewer, Permission.CALL_HOTLINE) and waits_for_the_hotline(task.state, task.level)
        return covers(viewer, task.region_path) and (waits or task.owner_id == viewer.pk)
    if not in_station(viewer):
        return covers(viewer, task.region_path)
    if not viewer.region_path:
        return False
    at_station = viewer.organisation_id is not None and task.station_id == viewer.organisation_id
    return at_station or task.owner_id == viewer.pk


def require_sight(viewer: User, task: Task) -> None:
    """Nothing happens if the viewer sees the task. Errors: NotPermitted."""
    if not sees(viewer, task):
        raise out_of_sight(task.pk)


def locked(actor: User, task_id: int) -> Task:
    """That task, locked until the transaction ends. Errors: NotPermitted if it is not the actor's to see."""
    # Place and owner come along: every act asks for them.
    found = Task.objects.select_for_update(of=("self",)).select_related("town", "owner")
    task = visible(actor, found).filter(pk=task_id).first()
    if task is None:
        raise out_of_sight(task_id)
    return task


def out_of_sight(task_id: int) -> NotPermitted:
    """What is said of a task that is not there and of one that is somebody else's: the same."""
    return out_of_reach()

"""A task changes hands: to an officer whom the system has asked, wherever their station is, or to a grid
member of the person's town.
"""

from __future__ import annotations

from typing import Any

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from qingdun.console.alerts import queries
from qingdun.console.alerts.access import out_of_sight
from qingdun.console.alerts.acting import Act, face, take
from qingdun.console.alerts.models import Task
from qingdun.console.alerts.snapshot import snapshot
from qingdun.console.alerts.states import State
from qingdun.console.kernel.models import Organisation, User
from qingdun.console.kernel.roles import Permission, require
from qingdun.errors import IllegalMove


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


@transaction.atomic
def entrust(actor: User, task_id: int, version: int | None, member_id: int) -> Task:
    """The grid member holds the task, calls or visits, and reports or hands it back to the station: the one
    that has it, or that serves the town if the city entrusted it past every station.

    Errors: NotPermitted; IllegalMove: the task is not calm, not the actor's, or has been moved; nobody of
    that id is a grid member of the person's town; no station is there to hand it back to.
    """
    act = take(actor, task_id, version)
    member = queries.grid_members(actor, act.task).filter(pk=member_id).first()
    act.apply("entrust", member.username if member else "")
    if member is None:
        raise IllegalMove(_("Choose a grid member of the person's town."))
    _at_a_station(act.task)
    act.task.owner = member
    return act.finish("entrust")


def hand_back(act: Act, note: str) -> Task:
    """The task waits at its station for an officer. Errors: as `entrust`; IllegalMove without a reason."""
    act.apply("hand_back", note)
    _at_a_station(act.task)
    return act.finish("hand_back", purpose=note)


def _at_a_station(task: Task) -> None:
    """The task has a station, and the county of it. Errors: IllegalMove if none serves the town."""
    if task.station is None:
        task.county, task.station = county_of(task), station_of(task)
    if task.station is None:
        raise IllegalMove(
            _("No station serves %(place)s, so nobody could take the task back. Send it down instead.")
            % {"place": task.town or task.region_path.strip("/").split("/")[-1]}
        )


def station_of(task: Task) -> Organisation | None:
    """The station that serves the town of the task; one whose region does not cover it could not open it."""
    codes = [code for code in task.region_path.split("/") if code]
    stations = Organisation.objects.filter(kind=Organisation.Kind.STATION, region__in=codes)
    return stations.filter(towns=task.town_id).first() if task.town_id else None


def county_of(task: Task) -> Organisation | None:
    """The bureau of the county that the task lies in."""
    codes = [code for code in task.region_path.split("/") if code]
    return Organisation.objects.filter(kind=Organisation.Kind.COUNTY_BUREAU, region__in=codes).first()

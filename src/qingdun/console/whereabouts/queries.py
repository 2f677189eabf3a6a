"""Where the person of a task may be: the viewer first, and only after a stated purpose."""

from __future__ import annotations

from dataclasses import dataclass

from django.utils import timezone

from qingdun.console.alerts import queries as alerts
from qingdun.console.alerts.access import sees, visible
from qingdun.console.alerts.queries import Task
from qingdun.console.kernel.models import Organisation, User
from qingdun.console.kernel.roles import Permission, may
from qingdun.console.kernel.scope import in_station
from qingdun.console.whereabouts import rules
from qingdun.console.whereabouts.drawing import Drawing, draw
from qingdun.console.whereabouts.models import Look
from qingdun.console.whereabouts.spots import Spot, point_of, spots


@dataclass(frozen=True, slots=True)
class Panel:
    """What the panel shows: the places, nearest kin of the map, and until when."""

    look: Look
    start: Organisation | None
    """From where distance and way are measured."""
    spots: list[Spot]
    drawing: Drawing


def may_look(viewer: User, about: Task) -> bool:
    """Whether the viewer may open the panel of the task, once they say why."""
    return about.state in rules.OPEN_IN and may(viewer, Permission.UNMASK) and sees(viewer, about)


def panel(viewer: User, about: Task) -> Panel | None:
    """The panel, if the viewer has said why and the task is still looked for; None otherwise."""
    if not may_look(viewer, about):
        return None
    looks = visible(viewer, Look.objects.filter(task=about.pk, until__gt=timezone.now()), "task")
    look = looks.filter(by=viewer).first()
    if look is None:
        return None
    start = viewer.organisation if in_station(viewer) else _station(viewer, about)
    found = spots(about, alerts.person(viewer, about), alerts.last_seen(viewer, about), point_of(start))
    return Panel(look, start, found, draw(found, point_of(start)))


def _station(viewer: User, about: Task) -> Organisation | None:
    """The station that has the task, or the one that serves its town."""
    if about.station is not None:
        return about.station
    return alerts.stations(viewer).filter(towns=about.town_id).first() if about.town_id else None

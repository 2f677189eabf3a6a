"""Where a person probably is, as the system itself reads it, with no viewer: no page may import this."""

from __future__ import annotations

import datetime as dt

from qingdun.console.alerts import unattended as tasks
from qingdun.console.alerts.queries import Task
from qingdun.console.kernel.models import Person
from qingdun.console.whereabouts.models import Cell
from qingdun.console.whereabouts.spots import point_of
from qingdun.dispatch.way import Point

FRESH = dt.timedelta(hours=1)
"""How long somebody is held to be near the last cell of their phone."""


def likely(task: Task, now: dt.datetime) -> Point | None:
    """The last cell if it is fresh, else home, else the seat of the town; None if even that is unknown."""
    seen = tasks.last_seen(task)
    if seen is not None and now - seen.at <= FRESH and (cell := Cell.objects.filter(pk=seen.cell).first()):
        return point_of(cell)
    person = Person.objects.filter(pk=task.person_id).first()
    if person is not None and person.home_lng is not None and person.home_lat is not None:
        return Point(person.home_lng, person.home_lat)
    return point_of(task.town)

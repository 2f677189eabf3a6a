"""Rosters as the system itself reads them, with no viewer: for what happens without anybody's click."""

from __future__ import annotations

import datetime as dt
from typing import NamedTuple

from qingdun.console.duty.models import OfficerNumber, Shift
from qingdun.console.kernel.models import Organisation
from qingdun.dispatch.way import Point


class Post(NamedTuple):
    """An officer on duty in a station: where that stands, and the number they are called at, if any."""

    officer_id: int
    username: str
    station_id: int
    at: Point | None
    msisdn: str


def on_duty_in_stations(now: dt.datetime) -> list[Post]:
    """Everybody on duty in a station at `now`, each once."""
    running = Shift.objects.filter(
        starts_at__lte=now, ends_at__gt=now, officer__is_active=True,
        organisation__kind=Organisation.Kind.STATION,
    )  # fmt: skip
    shifts = list(running.select_related("officer", "organisation").order_by("position", "pk"))
    numbers = dict(
        OfficerNumber.objects.filter(officer__in=[one.officer_id for one in shifts]).values_list(
            "officer", "msisdn"
        )
    )
    posts: dict[int, Post] = {}
    for shift in shifts:
        at = shift.organisation
        place = Point(at.lng, at.lat) if at.lng is not None and at.lat is not None else None
        posts.setdefault(
            shift.officer_id,
            Post(shift.officer_id, shift.officer.username, at.pk, place, numbers.get(shift.officer_id, "")),
        )
    return list(posts.values())

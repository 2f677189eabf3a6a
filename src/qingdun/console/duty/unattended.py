"""Rosters as the system itself reads them, with no viewer: for what happens without anybody's click."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection
from typing import NamedTuple

from qingdun.console.duty.models import OfficerNumber, Shift
from qingdun.console.kernel.models import Organisation, User
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


class Called(NamedTuple):
    """An officer who can be called, and the number."""

    officer: User
    msisdn: str


def numbers_of(officers: Collection[int]) -> dict[int, Called]:
    """Those of the officers who can be called, by their id."""
    rows = OfficerNumber.objects.filter(officer__in=officers, officer__is_active=True)
    return {row.officer_id: Called(row.officer, row.msisdn) for row in rows.select_related("officer__region")}


def first_called(now: dt.datetime) -> dict[int, Called]:
    """By organisation, the first on its roster at `now` who can be called."""
    running = Shift.objects.filter(starts_at__lte=now, ends_at__gt=now).order_by("position", "pk")
    turns = list(running.values_list("organisation", "officer"))
    numbers = numbers_of({officer for _, officer in turns})
    found: dict[int, Called] = {}
    for post, officer in turns:
        if officer in numbers:
            found.setdefault(post, numbers[officer])
    return found

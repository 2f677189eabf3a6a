"""Duty data of a county or a town, for the law of scope."""

from __future__ import annotations

import datetime as dt

from django.utils import timezone

from qingdun.console.alerts.models import Task
from qingdun.console.duty.models import DutyCall, HandOver, OfficerNumber, Shift
from qingdun.console.duty.posts import monday_of
from qingdun.console.kernel.models import Organisation, Region, User
from qingdun.console.kernel.roles import Role
from qingdun.console.sms.actions import call_to_duty

NUMBER = "+8617258900001"


def duty_station(place: str) -> str:
    """Code of the first station that serves the place or a part of it; empty if there is none."""
    found = _station(Region.objects.get(code=place))
    return found.code if found else ""


def duty_post(place: str) -> Organisation | None:
    """That station itself."""
    return _station(Region.objects.get(code=place))


def duty_monday() -> dt.date:
    """This week."""
    return monday_of(timezone.localdate())


def write_duty(place: Region) -> None:
    """Somebody is on duty at the place's station, has handed over, and was called about its task."""
    station = _station(place)
    assert station is not None
    now = timezone.now()
    path = station.region.path
    officer = User.objects.create(
        username=f"duty-{place.code}", role=Role.STATION_OFFICER, region=station.region, organisation=station,
        password="!",
    )  # fmt: skip
    OfficerNumber.objects.create(officer=officer, msisdn=NUMBER)
    Shift.objects.create(
        organisation=station, officer=officer, region_path=path, position=station.shifts.count() + 1,
        starts_at=now, ends_at=now + dt.timedelta(hours=1),
    )  # fmt: skip
    HandOver.objects.create(
        organisation=station, region_path=path, giver=officer, taker=officer, given_at=now
    )
    task = Task.objects.filter(region_path__contains=f"/{place.code}/").latest("raised_at")
    DutyCall.objects.create(
        task=task, region_path=task.region_path, order_at=now, step=0, organisation=station, officer=officer,
        message=call_to_duty(task, f"law-{place.code}", NUMBER, now), at=now,
    )  # fmt: skip


def _station(place: Region) -> Organisation | None:
    stations = Organisation.objects.filter(kind=Organisation.Kind.STATION, code__startswith="station-")
    return stations.filter(towns__path__startswith=place.path).order_by("code").first()

"""Doors: each once however often it is sent, only in one's own grids, at the phone's time where it can be."""

from __future__ import annotations

import datetime as dt
import json
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from qingdun.console.kernel.models import AuditRow, Region, User
from qingdun.console.kernel.roles import Role
from qingdun.console.outreach import doors, queries
from qingdun.console.outreach.doors import DoorForm
from qingdun.console.outreach.models import Door, Grid
from qingdun.errors import InputError, NotPermitted, RefusedError
from tests.console.conftest import LogIn, MakeUser
from tests.console.places import COUNTY_B, TOWN_A


@pytest.fixture
def grid(regions: dict[str, Region]) -> Grid:
    village = Region.objects.filter(level="village", parent=TOWN_A).order_by("code")[0]
    return Grid.objects.create(code="g-1", name="第一网格", region_path=village.path, doors=40)


@pytest.fixture
def member(make_user: MakeUser, grid: Grid) -> User:
    return make_user(Role.GRID_MEMBER, TOWN_A)


def form(key: str = "door-key-1", **more: Any) -> DoorForm:
    return DoorForm(**{"key": key, "grid": "g-1", "result": "met", "told": 3, "installed": 2, **more})


def test_a_door_sent_again_is_one(member: User) -> None:
    first = doors.record_door(member, form())
    assert doors.record_door(member, form()).pk == first.pk
    with pytest.raises(RefusedError):  # the key of another visit: nothing is lost in silence
        doors.record_door(member, form(told=1))
    doors.record_door(member, form("door-key-2"))
    assert Door.objects.count() == 2
    assert AuditRow.objects.filter(verb="record_door").count() == 2


def test_nobody_records_in_another_s_grid_nor_sees_another_s_doors(
    member: User, make_user: MakeUser, grid: Grid
) -> None:
    with pytest.raises(NotPermitted):
        doors.record_door(make_user(Role.GRID_MEMBER, COUNTY_B), form())
    with pytest.raises(NotPermitted):
        doors.record_door(make_user(Role.VIEWER), form())
    doors.record_door(member, form())
    other = make_user(Role.GRID_MEMBER, TOWN_A, "another-member")
    assert not queries.doors(other).exists()
    assert queries.doors(make_user(Role.PUBLICIST)).count() == 1


def test_what_cannot_be_is_refused_and_a_wrong_clock_is_not_believed(member: User) -> None:
    for wrong in ({"result": "x"}, {"told": 51}, {"installed": -1}, {"result": "nobody"}):
        with pytest.raises(InputError):
            doors.record_door(member, form(**wrong))
    now = timezone.now()
    good = doors.record_door(member, form(visited_at=now - dt.timedelta(hours=5)))
    assert good.visited_at == now - dt.timedelta(hours=5)
    for number, wrong_at in enumerate((now + dt.timedelta(days=1), now - dt.timedelta(days=400))):
        late = doors.record_door(member, form(f"wrong-clock-{number}", visited_at=wrong_at))
        assert abs(late.visited_at - now) < dt.timedelta(minutes=5)


def test_the_phone_s_interface_says_what_is_wrong(member: User, log_in: LogIn) -> None:
    client: Client = log_in(member)

    def post(body: dict[str, Any]) -> Any:
        return client.post("/api/outreach/doors", json.dumps(body), content_type="application/json")

    body = {
        "key": "from-the-phone",
        "grid": "g-1",
        "result": "met",
        "told": 2,
        "visited_at": f"{timezone.now():%Y-%m-%dT%H:%M:%SZ}",
    }
    assert post(body).json() == post(body).json() == {"id": Door.objects.get().pk, "today": 1}
    assert post({**body, "key": "another-key", "grid": "none"}).status_code == 403
    assert post({**body, "key": "short"}).status_code == 422
    assert "message" in post({**body, "key": "another-key", "result": "nobody"}).json()
    page = client.get("/m/doors/").content.decode()
    assert "第一网格" in page
    assert client.get("/outreach/").status_code == 403
    assert "/m/doors/" in client.get("/", follow=True).content.decode()


def test_a_door_recorded_by_mistake_is_taken_back_the_same_day_by_oneself(
    member: User, make_user: MakeUser, log_in: LogIn
) -> None:
    made = doors.record_door(member, form())
    other = make_user(Role.GRID_MEMBER, TOWN_A, "another-member")
    assert log_in(other).post(f"/m/doors/{made.pk}/take-back/").status_code == 403
    client = log_in(member)
    assert f"/m/doors/{made.pk}/take-back/" in client.get("/m/doors/").content.decode()
    assert client.post(f"/m/doors/{made.pk}/take-back/")["Location"] == "/m/doors/"
    assert not Door.objects.exists()
    assert ("installed", 2, None) in AuditRow.objects.get(verb="take_back_door").changes
    old = doors.record_door(member, form("door-key-2", visited_at=timezone.now() - dt.timedelta(days=2)))
    with pytest.raises(NotPermitted):
        doors.take_back(member, old.pk)

"""Figures of the wall open their rows, in which nobody stands, for whoever shows it."""

from __future__ import annotations

import re

import pytest

from qingdun.console.alerts import figures
from qingdun.console.command import wall
from qingdun.console.kernel.models import Organisation, Region, User
from qingdun.console.kernel.roles import Role
from tests.console.conftest import LogIn, MakeUser
from tests.console.places import COUNTY_A, COUNTY_B, TOWN_A
from tests.laws.scope_ledgers import held_back


@pytest.fixture
def viewer(make_user: MakeUser, regions: dict[str, Region]) -> User:
    """A display of the whole city, with an open urgent task and a stop of payment in each of two towns."""
    make_user(Role.CITY_ANALYST, name="sample-analyst")
    other = next(one for one in regions.values() if one.parent_id == COUNTY_B)
    for place in (regions[TOWN_A], other):
        station = Organisation.objects.create(code=f"s-{place.code}", kind="station", name="所", region=place)
        station.towns.set([place])
        held_back(place.code)
    return make_user(Role.VIEWER, name="display")


def count(page: str) -> int:
    found = re.search(r'role="status">\s*(\d+)', page)
    assert found is not None
    return int(found[1])


def test_each_figure_opens_exactly_its_rows(viewer: User, log_in: LogIn) -> None:
    client = log_in(viewer)
    live = client.get("/wall/live/").content.decode()
    links = re.findall(r'href="(/command/wall/[^"]+)">(\d+)</a>', live)
    assert len(links) >= 4
    for url, number in links:
        page = client.get(url.replace("&amp;", "&"))
        assert page.status_code == 200
        assert count(page.content.decode()) == int(number), url
    stopped, orders, held = wall.money(viewer)
    assert (stopped.value, orders.value, held.value) == (200, 2, 200)
    assert count(client.get(stopped.url).content.decode()) == 2
    seats = {one.town.code: one.total for one in figures.by_town(viewer)}
    assert sum(seats.values()) == sum(one.total for one in figures.by_county(viewer))
    assert seats[TOWN_A] >= 1


def test_a_display_names_nobody_and_opens_no_task(viewer: User, make_user: MakeUser, log_in: LogIn) -> None:
    client = log_in(viewer)
    pages = [
        client.get(url).content.decode()
        for url in ("/wall/", "/command/wall/open/", "/command/wall/stopped/")
    ]
    for page in pages:
        assert "丙丁" not in page
        assert "丙*" not in page
        assert not re.search(r"/alerts/\d+/|/funds/\d+/|\+86\d{11}", page)
    assert client.get("/command/").status_code == 403
    assert client.get("/command/wall/nothing/").status_code == 403
    county = log_in(make_user(Role.COUNTY_OFFICER, COUNTY_A, name="county"))
    own = county.get("/command/wall/open/").content.decode()
    assert re.search(r"/alerts/\d+/", own)
    assert count(own) < count(pages[1])
    assert re.search(r"/alerts/\d+/", county.get("/wall/live/").content.decode())

"""What the tests of command share: who keeps what, and a post that somebody holds."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable

import pytest
from django.utils import timezone

from qingdun.console.command import actions
from qingdun.console.command.actions import Appointment, PostForm
from qingdun.console.command.models import Post
from qingdun.console.kernel.models import Region, User
from qingdun.console.kernel.roles import Role
from tests.console.conftest import MakeUser
from tests.console.places import COUNTY_A, TOWN_A

Held = Callable[..., Post]


@pytest.fixture
def analyst(make_user: MakeUser) -> User:
    """Who works for the whole city."""
    return make_user(Role.CITY_ANALYST, name="analyst")


@pytest.fixture
def second(make_user: MakeUser) -> User:
    """Who does the same, and has reported nothing."""
    return make_user(Role.CITY_ANALYST, name="second")


@pytest.fixture
def county(make_user: MakeUser) -> User:
    """Who works for the first county."""
    return make_user(Role.COUNTY_OFFICER, COUNTY_A, name="county")


@pytest.fixture
def cadre(make_user: MakeUser) -> User:
    """Who works for the first town."""
    return make_user(Role.TOWN_CADRE, TOWN_A, name="cadre")


@pytest.fixture
def held(analyst: User, regions: dict[str, Region]) -> Held:
    """A post at the place of that code, held and with deputies since a year ago."""

    def enter(code: str, title: str, name: str, *deputies: str, kind: str = "principal") -> Post:
        made = actions.open_post(analyst, PostForm(title, kind, regions[code].path))
        since = timezone.now() - dt.timedelta(days=365)
        if name:
            actions.hand_over(analyst, made.pk, Appointment(name, since))
        for rank, deputy in enumerate(deputies, start=1):
            actions.name_deputy(analyst, made.pk, Appointment(deputy, since), rank)
        return made

    return enter

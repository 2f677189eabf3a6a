"""Users, regions and a logged-in browser for the console's tests."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from allauth.mfa.totp.internal.auth import TOTP, generate_totp_secret
from django.core.cache import cache
from django.test import Client

from qingdun.console.kernel.loading import load_regions
from qingdun.console.kernel.models import Organisation, Region, User
from qingdun.console.kernel.roles import Role
from tests.console.places import CITY, small_city

PASSWORD = "a long enough pass phrase"

MakeUser = Callable[..., User]
LogIn = Callable[[User], Client]


@pytest.fixture(autouse=True)
def _forget_attempts() -> None:
    """Wrong codes are counted in the cache, which outlives a test."""
    cache.clear()


@pytest.fixture
def regions(db: None) -> dict[str, Region]:
    """Every region of a small city, by code."""
    load_regions(small_city())
    return {region.code: region for region in Region.objects.all()}


@pytest.fixture
def make_user(regions: dict[str, Region]) -> MakeUser:
    """A user of that role in that region, with an authenticator app unless said otherwise; a station officer
    works in a station that serves the town.
    """

    def make(role: Role, region: str = CITY, name: str = "", second_factor: bool = True) -> User:
        user = User(username=name or f"{role.value}-{region}", role=role, region=regions[region])
        if role == Role.STATION_OFFICER:
            user.organisation = station_for(regions[region])
        user.set_password(PASSWORD)
        user.save()
        if second_factor:
            TOTP.activate(user, generate_totp_secret())
        return user

    return make


def station_for(*towns: Region) -> Organisation:
    """A station that serves the towns; in the town, or in their county if there are several."""
    code = "-".join(["station", *(town.code for town in towns)])
    region = towns[0] if len(towns) == 1 else towns[0].parent
    station, _ = Organisation.objects.get_or_create(
        code=code, defaults={"kind": Organisation.Kind.STATION, "name": f"{code}所", "region": region}
    )
    station.towns.set(towns)
    return station


@pytest.fixture
def log_in() -> LogIn:
    """A browser in which that user is logged in."""

    def enter(user: User) -> Client:
        client = Client()
        client.force_login(user, backend="qingdun.console.kernel.accounts.ConsoleBackend")
        return client

    return enter

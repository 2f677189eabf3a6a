"""What the tests of assessment share: who decides, who speaks for a town, and losses in the ledger."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from itertools import count

import pytest
from django.utils import timezone

from qingdun.console.assessment.models import Residents
from qingdun.console.cases.models import Incident
from qingdun.console.kernel.localtime import midnight
from qingdun.console.kernel.models import Region, User
from qingdun.console.kernel.roles import Role
from tests.console.alerts.conftest import world
from tests.console.conftest import MakeUser
from tests.console.places import TOWN_A

__all__ = ["world"]
Lose = Callable[..., Incident]
_numbers = count(1)


@pytest.fixture
def analyst(make_user: MakeUser) -> User:
    """Who ranks the whole city and decides."""
    return make_user(Role.CITY_ANALYST, name="analyst")


@pytest.fixture
def second(make_user: MakeUser) -> User:
    """Who may do the same, and has decided nothing."""
    return make_user(Role.CITY_ANALYST, name="second")


@pytest.fixture
def cadre(make_user: MakeUser) -> User:
    """Who speaks for the first town."""
    return make_user(Role.TOWN_CADRE, TOWN_A, name="cadre")


@pytest.fixture
def lose(analyst: User, regions: dict[str, Region]) -> Lose:
    """An incident at noon of that day in the place of that code, with a loss in yuan."""

    def enter(code: str, on: dt.date, yuan: int = 10_000, person: str = "") -> Incident:
        number, at = next(_numbers), midnight(on) + dt.timedelta(hours=12)
        return Incident.objects.create(
            person_id=person or f"nobody-{number}", msisdn="", region_path=regions[code].path,
            reported_at=at, scam_type="brushing", loss_fen=yuan * 100, key=f"loss-{number}", by=analyst,
            entered_at=at,
        )  # fmt: skip

    return enter


@pytest.fixture
def counted_people(analyst: User, regions: dict[str, Region]) -> None:
    """Every town has a figure of residents that is no estimate."""
    Residents.objects.bulk_create(
        Residents(
            region_path=town.path, residents=40_000, as_of=dt.date(2020, 11, 1), source="测试", by=analyst,
            at=timezone.now(),
        )
        for town in regions.values() if town.level == "town"
    )  # fmt: skip


def month_back(months: int) -> dt.date:
    """The tenth of so many months ago."""
    today = timezone.localdate()
    index = today.year * 12 + today.month - 1 - months
    return dt.date(index // 12, index % 12 + 1, 10)

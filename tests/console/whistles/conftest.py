"""What the tests of alerts from outside share."""

from __future__ import annotations

import pytest
from django.utils import timezone
from pytest_django import Settings

from qingdun.console.alerts import actions
from qingdun.console.alerts.intake import ingest_alerts
from qingdun.console.alerts.models import Task
from qingdun.console.kernel.models import Organisation, Person, PersonNumber, Region, User
from qingdun.console.kernel.roles import Role
from tests.console.alerts import world as made
from tests.console.alerts.world import World, build_world
from tests.console.conftest import LogIn

NAMED = "郑晓岚"
KNOWN = "17258010000"
"""As a teller types the number of the golden story's person."""
UNKNOWN = "17258019999"


@pytest.fixture
def world(db: None) -> World:
    """The alert module's world, with numbers in the register."""
    built = build_world()
    for person in Person.objects.all():
        PersonNumber.objects.create(
            msisdn=made.number(int(person.pk[1:])), person=person, carrier="x", virtual_operator=False,
            activated_on="2020-01-01",
        )  # fmt: skip
    return built


@pytest.fixture
def bank(world: World) -> Organisation:
    """A bank that works in the whole city."""
    return Organisation.objects.create(
        code="bank-01", kind=Organisation.Kind.BANK, name="演练银行", name_en="Rehearsal Bank",
        region=Region.objects.get(level="city"),
    )  # fmt: skip


@pytest.fixture
def teller(bank: Organisation) -> User:
    """Somebody at a counter of the bank."""
    return User.objects.create(
        username="teller", role=Role.BANK_TELLER, region=bank.region, organisation=bank, password="!"
    )


@pytest.fixture
def hotline(world: World) -> User:
    """Somebody at the hotline."""
    city = Region.objects.get(level="city")
    return User.objects.create(
        username="hotline", role=Role.HOTLINE_OPERATOR, region=city, password="!", display_name="坐席"
    )


@pytest.fixture
def security(world: World) -> User:
    """Whoever gives rights."""
    city = Region.objects.get(level="city")
    return User.objects.create(username="security", role=Role.SECURITY_ADMIN, region=city, password="!")


@pytest.fixture
def still(monkeypatch: pytest.MonkeyPatch) -> None:
    """The clock stands still, so that everything falls into one window of a limit."""
    now = timezone.now()
    monkeypatch.setattr(timezone, "now", lambda: now)


@pytest.fixture
def client_of(settings: Settings, log_in: LogIn) -> LogIn:
    """A browser of that user; the second factor has tests of its own."""
    settings.DEMO = True
    return log_in


@pytest.fixture
def task(world: World) -> Task:
    """The golden story, with the station."""
    ingest_alerts(None, [made.police_urgent()])
    found = Task.objects.get()
    return actions.dispatch(world.analyst, found.pk, None)

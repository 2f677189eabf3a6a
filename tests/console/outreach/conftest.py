"""What the tests of outreach share."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable

import pytest
from django.utils import timezone

from qingdun.console.alerts.intake import ingest_alerts
from qingdun.console.kernel.models import Person, PersonNumber, Region, User
from qingdun.console.kernel.roles import Role
from qingdun.console.outreach.audience import Wanted
from qingdun.console.outreach.mailing import MailingForm
from qingdun.console.sms.shipped import load_shipped
from qingdun.contract.tables import Alert
from tests.console.alerts import world
from tests.console.conftest import MakeUser
from tests.console.places import COUNTY_A, COUNTY_B

TEXT = "education.police"
FLOATING = Wanted("floating", (COUNTY_A, COUNTY_B))


@pytest.fixture
def publicist(make_user: MakeUser) -> User:
    """Who works for outreach in the whole city."""
    return make_user(Role.PUBLICIST)


@pytest.fixture
def people(regions: dict[str, Region]) -> list[Person]:
    """Sixty floating residents in each of two counties and forty settled ones, all with a number."""
    load_shipped()
    made = []
    for county in (COUNTY_A, COUNTY_B):
        town = Region.objects.filter(parent=county, level="town").order_by("code")[0]
        made += [
            Person(
                person_id=f"{county}-{number:03}", name="赵某", birth_year=1960 + number % 40,
                sex="fm"[number % 2], floating=number < 60, region=town, region_path=town.path,
            )
            for number in range(100)
        ]  # fmt: skip
    Person.objects.bulk_create(made)
    PersonNumber.objects.bulk_create(
        PersonNumber(
            msisdn=f"+86172580{number:05}", person=person, carrier="x", virtual_operator=False,
            activated_on="2026-05-01" if number % 10 == 0 else "2020-01-01",
        )
        for number, person in enumerate(made)
    )  # fmt: skip
    return made


def form(key: str = "a-form-key", wanted: Wanted = FLOATING, held: int = 10) -> MailingForm:
    return MailingForm(key, "流动人口提醒", wanted, TEXT, held, 3)


@pytest.fixture
def approver(make_user: MakeUser) -> User:
    return make_user(Role.CITY_ANALYST)


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Callable[[dt.timedelta], dt.datetime]:
    """Moves the time that the console reads."""
    begin = timezone.now()

    def moved(by: dt.timedelta) -> dt.datetime:
        monkeypatch.setattr(timezone, "now", lambda: begin + by)
        return begin + by

    return moved


def alerted(person_id: str, scam_type: str = "police") -> None:
    """The person has an alert of that type now."""
    held = PersonNumber.objects.get(person=person_id)
    ingest_alerts(
        None,
        [
            Alert(
                f"a-{person_id}", f"e-{person_id}", person_id, held.msisdn, scam_type, "low", "lure", 0.2,
                world.us(timezone.now()), world.POLICE_EVIDENCE[:1],
            )
        ],
    )  # fmt: skip

"""The demonstration's incidents: their banks' replies are taken in, followed and frozen."""

from __future__ import annotations

import pytest
from pytest_django import Settings

from qingdun.console.funds.demo import AGO_H, create_demo_funds
from qingdun.console.funds.models import Freeze, Movement, StopPayment
from qingdun.console.kernel.models import Person, PersonAccount, User
from qingdun.console.kernel.roles import Role
from qingdun.errors import NotPermitted
from tests.console.alerts.world import World


def test_every_incident_s_reply_is_taken_in_and_followed_once(world: World, settings: Settings) -> None:
    with pytest.raises(NotPermitted):
        create_demo_funds()
    settings.DEMO = True
    User.objects.create(
        username="demo-city", demo=True, role=Role.CITY_ANALYST, region=world.analyst.region, password="!"
    )
    for number, person in enumerate(Person.objects.filter(numbers__isnull=False).order_by("person_id")):
        PersonAccount.objects.create(person=person, account=f"62109900000000{number:02}", bank="演练银行")
    assert create_demo_funds() == len(AGO_H)
    assert create_demo_funds() == 0
    assert Movement.objects.count() > 100
    assert StopPayment.objects.count() == len(AGO_H) - 1
    assert Freeze.objects.exists()

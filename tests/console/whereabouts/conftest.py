"""An urgent task of the officer's town; its person has a home, a workplace, a wife, a phone seen in a cell.

Nobody here exists.
"""

from __future__ import annotations

from dataclasses import dataclass

import pytest
from pytest_django import Settings

from qingdun.console.alerts import actions as alerts
from qingdun.console.alerts.intake import ingest_alerts
from qingdun.console.alerts.models import Task
from qingdun.console.kernel.models import Person, PersonAccount, PersonNumber, PersonRelation
from qingdun.console.whereabouts.models import Branch, Cell
from tests.console.alerts.world import World, build_world, police_context, police_urgent
from tests.console.conftest import LogIn

SECRETS = (
    "演练基站七",
    "演练家园",
    "演练工厂",
    "罗演练",
    "17258017777",
    "113.03331",
    "113.03332",
    "113.03333",
)
"""What stands in whereabouts alone: cell, home, workplace, the wife with her number, coordinates."""


@dataclass(frozen=True)
class Sought:
    """The task, signed by the officer."""

    world: World
    task: Task
    person: Person


@pytest.fixture
def sought(db: None, settings: Settings) -> Sought:
    settings.DEMO = True  # the second factor has tests of its own
    world = build_world()
    person = Person.objects.get(pk="p00")
    seat = world.town
    person.home_lng, person.home_lat, person.home_address = 113.03331, seat.lat + 0.02, "演练家园1号"
    person.work_lng, person.work_lat, person.work_address = 113.03332, seat.lat - 0.03, "演练工厂"
    person.save()
    wife = Person.objects.create(
        person_id="w00", name="罗演练", birth_year=1955, sex="f", floating=False, region=person.region,
        region_path=person.region_path, home_lng=113.03333, home_lat=seat.lat + 0.05,
    )  # fmt: skip
    PersonNumber.objects.create(
        msisdn="+8617258017777", person=wife, carrier="x", virtual_operator=False, activated_on="2020-01-01"
    )
    PersonRelation.objects.create(person=person, relative=wife, relation="spouse")
    PersonAccount.objects.create(account="6200000000000999", person=person, kind="personal", bank="演练银行")
    Cell.objects.create(cell="演练基站七", lng=113.04, lat=seat.lat)
    for number, bank in enumerate(("演练银行", "别家银行", "别家银行", "别家银行", "别家银行", "别家银行")):
        Branch.objects.create(
            branch_code=f"b{number}",
            bank=bank,
            name=f"{bank}{number}支行",
            lng=113.05 + number / 200,
            lat=seat.lat,
        )
    Branch.objects.create(branch_code="far", bank="演练银行", name="远方支行", lng=119.0, lat=seat.lat)
    call = police_context()[3]._replace(cell="演练基站七")
    earlier = police_context()[1]._replace(cell="旧基站")
    ingest_alerts(None, [police_urgent()], {police_urgent().alert_id: [call, earlier]})
    task = Task.objects.get()
    alerts.dispatch(world.analyst, task.pk, None)
    alerts.move(world.officer, task.pk, None, "sign")
    return Sought(world, Task.objects.get(), person)


@pytest.fixture
def client_of(sought: Sought, log_in: LogIn) -> LogIn:
    return log_in

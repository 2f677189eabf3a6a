"""What a mailing of a demonstration has changed can be read: alerts of either group, worked to their end."""

from __future__ import annotations

from typing import Any

import pytest
from django.utils import timezone

from qingdun.console import aftermath
from qingdun.console.alerts.models import Task
from qingdun.console.alerts.states import State
from qingdun.console.cases.models import Incident
from qingdun.console.kernel.demo import create_demo_accounts
from qingdun.console.kernel.models import Person, PersonNumber, Region
from qingdun.console.outreach.demo_mailings import create_demo_mailings
from qingdun.console.outreach.models import Mailing, Reading
from qingdun.console.sms.shipped import load_shipped
from tests.console.alerts.world import build_world

FLOATING = 600


@pytest.fixture
def floating(db: None, settings: Any, tmp_path: object) -> None:
    """Floating residents of the county with the most residents, each with a number."""
    settings.DEMO, settings.VAR = True, tmp_path
    build_world()
    create_demo_accounts()
    load_shipped()
    county = Region.objects.filter(level="county").order_by("-population", "code")[0]
    town = Region.objects.filter(parent=county, level="town").order_by("code")[0]
    people = Person.objects.bulk_create(
        Person(
            person_id=f"f{number:04}", name="演练人", birth_year=1980, sex="fm"[number % 2], floating=True,
            region=town, region_path=town.path,
        )
        for number in range(FLOATING)
    )  # fmt: skip
    PersonNumber.objects.bulk_create(
        PersonNumber(
            msisdn=f"+86172570{number:05}", person=person, carrier="x", virtual_operator=False,
            activated_on="2020-01-01",
        )
        for number, person in enumerate(people)
    )  # fmt: skip


def test_of_those_held_out_more_met_with_a_scam_and_every_alert_was_worked(
    floating: None, settings: Any
) -> None:
    settings.DEMO = False
    assert create_demo_mailings(aftermath.meet_with) == 0
    settings.DEMO = True
    assert create_demo_mailings(aftermath.meet_with) == 3
    assert create_demo_mailings(aftermath.meet_with) == 0
    read = Mailing.objects.order_by("prepared_at")[0]
    last = Reading.objects.filter(mailing=read).order_by("-days")[0]
    assert (last.days, last.sent + last.held) == (21, FLOATING)
    assert last.sent_alerts == round(aftermath.ALERTED["sent"] * last.sent)
    assert last.held_alerts == round(aftermath.ALERTED["held"] * last.held)
    assert last.held_alerts / last.held > last.sent_alerts / last.sent
    tasks = Task.objects.all()
    assert len(tasks) == last.sent_alerts + last.held_alerts
    assert {task.state for task in tasks} == {State.CLOSED}
    assert all(task.closed_at and task.closed_at < timezone.now() for task in tasks)
    assert all(task.events.count() > 4 and task.alerts.get().evidence.exists() for task in tasks)
    paid = [task for task in tasks if task.verdict in (State.ALREADY_PAID, State.NOT_AWAKENED)]
    assert Incident.objects.count() == len(paid) == last.sent_cases + last.held_cases

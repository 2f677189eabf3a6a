"""Sent twice, or by two at once: each thing is entered once, and nobody gets an error of the server."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from functools import partial

import pytest
from django.test import Client

from qingdun.console.cases import casework, crackdown, queries
from qingdun.console.cases.casework import CaseForm, MeasureForm, PersonForm, SeizureForm
from qingdun.console.cases.crackdown import CampaignForm, GangForm
from qingdun.console.cases.models import Case, CasePerson, Gang, Measure, Part, Seizure, numbers_of
from qingdun.console.kernel.forms import FieldFaults
from qingdun.console.kernel.models import AuditRow, Submission
from qingdun.console.kernel.submissions import KEY
from tests.console.alerts.test_at_once import together
from tests.console.alerts.world import World
from tests.console.conftest import LogIn

DAY = dt.date(2021, 6, 17)


def told(act: Callable[..., object], *args: object) -> object:
    """What came of an act: a fault in words counts as an answer, by its fields."""
    try:
        return act(*args)
    except FieldFaults as wrong:
        return set(wrong.faults)


def twice(act: Callable[..., object], *args: object) -> list[object]:
    """What came of the same act done by two at the same moment."""
    return together(*[partial(told, act, *args)] * 2)


def filed(world: World, number: str = "甲1") -> Case:
    return casework.file_case(world.county, CaseForm(number, "贩卡案", DAY, "", True))


def sent(client: Client, address: str, **typed: str) -> str:
    """The form as its page gives it, filled in and sent twice; where the second led."""
    key = client.get(address).context["key"]
    first, second = (client.post(address, {KEY: key, **typed}) for _ in range(2))
    assert first.status_code == second.status_code == 302
    assert first.headers["Location"] == second.headers["Location"]
    return second.headers["Location"]


@pytest.mark.django_db
def test_a_form_that_is_sent_twice_enters_once_and_leads_where_it_led(world: World, client_of: LogIn) -> None:
    client = client_of(world.county)
    where = sent(client, "/cases/new/case/", number="乙2", name="某案", filed_on="2021-06-01")
    case = Case.objects.get()
    assert where == f"/cases/{case.pk}/"
    cards = {"kind": "phone_card", "count": "274", "on": f"{DAY}"}
    sent(client, f"/cases/new/seizure/{case.pk}/", **cards)
    assert Seizure.objects.get().count == 274
    assert AuditRow.objects.filter(verb="seize").count() == 1
    # The same again from a page of its own is another seizure; and so is what somebody goes back and mends.
    page = client.get(f"/cases/new/seizure/{case.pk}/").context["key"]
    client.post(f"/cases/new/seizure/{case.pk}/", {KEY: page, **cards})
    client.post(f"/cases/new/seizure/{case.pk}/", {KEY: page, **cards, "count": "3"})
    assert list(Seizure.objects.order_by("pk").values_list("count", flat=True)) == [274, 274, 3]
    # What was refused has not been taken.
    wrong = {KEY: "k" * 32, **cards, "count": "0"}
    assert client.post(f"/cases/new/seizure/{case.pk}/", wrong).status_code == 422
    assert Seizure.objects.count() == 3
    assert not Submission.objects.filter(address="").exists()


@pytest.mark.django_db(transaction=True)
def test_one_form_sent_at_the_same_moment_enters_once(world: World, client_of: LogIn) -> None:
    case = filed(world)
    clients = [client_of(world.county) for _ in range(4)]
    body = {KEY: "one-page", "kind": "phone_card", "count": "274", "on": f"{DAY}"}
    address = f"/cases/new/seizure/{case.pk}/"
    answers = together(*(lambda one=one: one.post(address, body).status_code for one in clients))
    assert answers == [302] * 4
    assert Seizure.objects.count() == 1


@pytest.mark.django_db(transaction=True)
def test_of_two_who_enter_the_same_at_once_one_does_and_the_other_is_told(world: World) -> None:
    for turn in range(3):
        cases = twice(filed, world, f"丙{turn}")
        assert sorted(isinstance(one, Case) for one in cases) == [False, True]
        assert {"number"} in cases
        gangs = twice(crackdown.record_gang, world.county, GangForm(f"团伙{turn}", "cards", DAY))
        assert sorted(isinstance(one, Gang) for one in gangs) == [False, True]
        campaigns = twice(crackdown.open_campaign, world.county, CampaignForm(f"行动{turn}", DAY))
        assert {"name"} in campaigns


@pytest.mark.django_db(transaction=True)
def test_a_person_entered_in_two_cases_at_once_is_one_and_keeps_every_number(world: World) -> None:
    for turn in range(3):
        cases = [filed(world, f"丁{turn}{n}") for n in range(2)]
        numbers = [f"+86172580{turn}{n}111" for n in range(2)]

        forms = [PersonForm(f"ID{turn}", "韦晓东", "mule", DAY, "", [number]) for number in numbers]
        made = together(
            *(
                partial(told, casework.add_person, world.county, case.pk, form)
                for case, form in zip(cases, forms, strict=True)
            )
        )
        assert all(isinstance(one, Part) for one in made)
        person = CasePerson.objects.get(identity=f"ID{turn}")
        told_numbers = numbers_of(queries.parts(world.county).filter(person=person))
        assert sorted(told_numbers) == numbers
        detain = MeasureForm("detained", DAY)
        both = twice(casework.take_measure, world.county, cases[0].pk, person.pk, detain)
        assert sorted(isinstance(one, Measure) for one in both) == [False, True]


@pytest.mark.django_db(transaction=True)
def test_a_gang_broken_up_by_two_is_broken_up_once(world: World) -> None:
    gang = crackdown.record_gang(world.county, GangForm("戊帮", "cards", DAY))
    together(*(lambda: crackdown.move_gang(world.county, gang.pk, "break_up_gang", DAY) for _ in range(2)))
    assert AuditRow.objects.filter(verb="break_up_gang").count() == 1


@pytest.mark.django_db
def test_seizures_of_the_same_form_by_another_officer_are_their_own(world: World, client_of: LogIn) -> None:
    case = filed(world)
    body = {KEY: "same", "kind": "device", "count": "1", "on": f"{DAY}"}
    for user in (world.county, world.analyst):
        client_of(user).post(f"/cases/new/seizure/{case.pk}/", body)
    assert Seizure.objects.count() == 2
    assert casework.seize(world.county, case.pk, SeizureForm("device", DAY, 1)).pk

"""A person unmasked for a purpose: legible for one viewer, on one task, for a quarter of an hour."""

from __future__ import annotations

import datetime as dt
import json

import pytest
from django.test import Client
from django.utils import timezone
from pytest_django import Settings

from qingdun.console.alerts import actions, unmasking
from qingdun.console.alerts.intake import ingest_alerts
from qingdun.console.alerts.models import Task, Unmasking
from qingdun.console.kernel.models import AuditRow, User
from qingdun.console.kernel.roles import Role
from qingdun.errors import NotPermitted
from tests.console.alerts import world as made
from tests.console.alerts.world import World, stand_at
from tests.console.conftest import LogIn

NAME = "郑晓岚"


@pytest.fixture
def client_of(settings: Settings, log_in: LogIn) -> LogIn:
    """A browser of that user; the second factor has tests of its own."""
    settings.DEMO = True
    return log_in


def legible(client: Client, task: Task, **headers: str) -> set[str]:
    """The addresses on which the person's name, number or home can be read."""
    paths = ("/alerts/", f"/alerts/{task.pk}/", f"/alerts/{task.pk}/pane/", f"/m/visit/{task.pk}/", "/wall/")
    found = set()
    for path in paths:
        text = client.get(path, headers=headers).content.decode()
        if any(secret in text for secret in (NAME, task.msisdn, "演练路1号")):
            found.add(path.replace(str(task.pk), "N"))
    return found


def unmask(client: Client, task: Task) -> dict[str, str]:
    answer = client.post(
        f"/api/alerts/tasks/{task.pk}/unmask", {"purpose": "核实身份后联系"}, content_type="application/json"
    )
    assert answer.status_code == 200
    found: dict[str, str] = answer.json()
    return found


def test_it_holds_through_every_refresh_for_its_viewer_alone_and_ends_by_itself(
    world: World, task: Task, client_of: LogIn
) -> None:
    mine, colleague = client_of(world.analyst), client_of(world.county)
    assert legible(mine, task) == set()
    answer = unmask(mine, task)
    assert (answer["name"], answer["number"]) == (NAME, task.msisdn)
    left = dt.datetime.fromisoformat(answer["until"]) - timezone.now()
    assert dt.timedelta(minutes=14) < left <= dt.timedelta(minutes=15)
    everywhere = {"/alerts/", "/alerts/N/", "/alerts/N/pane/", "/m/visit/N/"}
    assert legible(mine, task) == everywhere
    assert legible(mine, task) == everywhere
    page = mine.get(f"/alerts/{task.pk}/pane/").content.decode()
    assert "data-mask>" in page
    assert "data-unmask>" not in page
    assert legible(colleague, task) == set()
    assert AuditRow.objects.filter(verb="unmask_task").count() == 1
    Unmasking.objects.update(until=timezone.now())
    assert legible(mine, task) == set()
    assert "data-unmask>" in mine.get(f"/alerts/{task.pk}/pane/").content.decode()


def test_it_is_masked_again_at_once_and_nobody_else_can_do_that(
    world: World, task: Task, client_of: LogIn
) -> None:
    mine = client_of(world.analyst)
    unmask(mine, task)
    unmasking.mask_again(world.county, task.pk)
    assert legible(mine, task)
    answer = mine.post(f"/api/alerts/tasks/{task.pk}/mask", content_type="application/json")
    assert (answer.status_code, answer.json()) == (200, {"masked": True})
    assert legible(mine, task) == set()
    assert AuditRow.objects.filter(verb="unmask_task").count() == 1
    assert client_of(world.other_county).post(f"/api/alerts/tasks/{task.pk}/mask").status_code == 403


def test_what_a_phone_keeps_for_a_dead_spot_is_masked(world: World, task: Task, client_of: LogIn) -> None:
    actions.dispatch(world.analyst, task.pk, None)
    actions.move(world.officer, task.pk, None, "sign")
    phone = client_of(world.officer)
    unmask(phone, task)
    page = phone.get(f"/m/visit/{task.pk}/").content.decode()
    assert f'href="tel:{task.msisdn}"' in page
    kept = phone.get(f"/m/visit/{task.pk}/", headers={"X-Background": "1"}).content.decode()
    assert "tel:" not in kept
    assert NAME not in kept
    assert task.msisdn not in kept


def test_another_task_of_the_same_person_stays_masked(world: World, task: Task) -> None:
    other = Task.objects.get(pk=task.pk)
    other.pk, other.episode_id = None, "another"
    other.save()
    unmasking.unmask(world.analyst, task.pk, "核实身份后联系")
    assert unmasking.unmasked(world.analyst, task) is not None
    assert unmasking.unmasked(world.analyst, other) is None


def test_the_address_is_gone_when_the_task_closes_and_no_purpose_brings_it_back(
    world: World, task: Task, client_of: LogIn
) -> None:
    mine = client_of(world.analyst)
    assert unmask(mine, task)["address"].endswith("演练路1号")
    actions.move(world.analyst, task.pk, None, "dismiss", "重复预警")
    closed = Task.objects.get(pk=task.pk)
    still = unmasking.unmasked(world.analyst, closed)
    assert still is not None
    assert (still.name, still.address) == (NAME, ""), "the quarter of an hour goes on without the address"
    for path in (f"/alerts/{task.pk}/", f"/m/visit/{task.pk}/", "/persons/p00/"):
        assert "演练路1号" not in mine.get(path).content.decode(), path
    assert unmask(mine, task)["address"] == ""
    said = [
        json.loads(row.after)["fields"] for row in AuditRow.objects.filter(verb="unmask_task").order_by("seq")
    ]
    assert said == [["name", "number", "address"], ["name", "number"]]
    answer = mine.post("/persons/p00/unmask/", {"purpose": "核实身份后联系"}).content.decode()
    assert NAME in answer
    assert "演练路1号" not in answer, "an address is read inside a task and nowhere else"


@pytest.mark.parametrize("role", [Role.HOTLINE_OPERATOR, Role.GRID_MEMBER])
def test_who_works_alone_reads_nobody_once_their_task_is_over(world: World, role: Role) -> None:
    ingest_alerts(None, [made.police_high()._replace(alert_id="medium", level="medium")])
    task = Task.objects.get()
    region = world.town if role == Role.GRID_MEMBER else world.analyst.region
    assert region is not None
    alone = made.make_user("alone", role, region, "坐席辛")
    if role == Role.GRID_MEMBER:
        actions.move(world.analyst, task.pk, None, "hotline")
        actions.entrust(world.analyst, task.pk, None, alone.pk)
    else:
        actions.move(alone, task.pk, None, "hotline")
    actions.record_contact(alone, task.pk, None, "answered")
    unmasking.unmask(alone, task.pk, "核实身份后联系")
    actions.save_visit(alone, task.pk, None, "alone-1", actions.VisitForm(("persuade",)), "awakened")
    task.refresh_from_db()
    assert unmasking.unmasked(alone, task) is not None, "reported is not closed"
    stand_at(task.pk, "closed")
    Task.objects.filter(pk=task.pk).update(closed_at=timezone.now())
    task.refresh_from_db()
    assert task.owner == alone
    assert unmasking.unmasked(alone, task) is None
    with pytest.raises(NotPermitted):
        unmasking.unmask(alone, task.pk, "核实身份后联系")


def test_it_ends_with_the_right_to_unmask_and_with_the_sight_of_the_task(world: World, task: Task) -> None:
    task = actions.dispatch(world.analyst, task.pk, None)
    unmasking.unmask(world.officer, task.pk, "上门劝阻前核实")
    assert unmasking.unmasked(world.officer, task) is not None
    task.station = None
    task.save()
    assert unmasking.unmasked(world.officer, task) is None
    User.objects.filter(pk=world.officer.pk).update(is_active=False)
    assert unmasking.unmasked(User.objects.get(pk=world.officer.pk), task) is None

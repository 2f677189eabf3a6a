"""The module's addresses: who gets what, refusals in words, the export masked."""

from __future__ import annotations

import csv
import io

import pytest
from pytest_django import Settings

from qingdun.console.alerts import priorities, queries, views
from qingdun.console.alerts.intake import ingest_alerts
from qingdun.console.alerts.models import Task
from qingdun.console.alerts.queries import Filters
from qingdun.console.kernel.models import AuditRow
from tests.console.alerts import world as made
from tests.console.alerts.world import World
from tests.console.conftest import LogIn


@pytest.fixture
def client_of(settings: Settings, log_in: LogIn) -> LogIn:
    """A browser of that user; the second factor has tests of its own."""
    settings.DEMO = True
    return log_in


def test_move_over_the_interface(world: World, task: Task, client_of: LogIn) -> None:
    client = client_of(world.analyst)
    body = {"version": task.version}
    answer = client.post(f"/api/alerts/tasks/{task.pk}/dispatch", body, content_type="application/json")
    assert (answer.status_code, answer.json()["state"]) == (200, "station")
    again = client.post(f"/api/alerts/tasks/{task.pk}/dispatch", body, content_type="application/json")
    assert again.status_code == 409
    assert "已有人先行办理：值班员甲" in again.json()["message"]


def test_other_county_gets_neither_page_nor_act(world: World, task: Task, client_of: LogIn) -> None:
    client = client_of(world.other_county)
    assert client.get(f"/alerts/{task.pk}/").status_code == 403
    assert client.get(f"/m/visit/{task.pk}/").status_code == 403
    assert client.get(f"/api/alerts/tasks/{task.pk}/timeline").status_code == 403
    answer = client.post(
        f"/api/alerts/tasks/{task.pk}/unmask", {"purpose": "想看一看"}, content_type="application/json"
    )
    assert answer.status_code == 403
    assert not AuditRow.objects.filter(verb="unmask_task").exists()


def test_export_holds_no_unmasked_person(world: World, task: Task, client_of: LogIn) -> None:
    client = client_of(world.analyst)
    text = b"".join(client.get("/alerts/export.csv")).decode("utf-8-sig")
    assert "郑**" in text
    assert "郑晓岚" not in text
    assert task.msisdn not in text


@pytest.mark.parametrize("sort", ["urgency", "priority"])
def test_an_export_is_whole_in_the_order_of_the_queue_and_in_the_readers_language(
    world: World, client_of: LogIn, monkeypatch: pytest.MonkeyPatch, sort: str
) -> None:
    monkeypatch.setattr(views, "AT_ONCE", 4)
    ingest_alerts(None, [made.police_urgent(), *made.calm_alerts()])
    world.analyst.language = "en"
    world.analyst.save()
    answer = client_of(world.analyst).get(f"/alerts/export.csv?sort={sort}")
    headings, *lines = csv.reader(io.StringIO(b"".join(answer).decode("utf-8-sig")))
    assert headings[:3] == ["Task", "Level", "State"]
    assert lines[0][1:3] == ["Urgent", "Scored"]
    filters = Filters(sort=sort)
    wanted = (
        [one.task_id for one in priorities.ranked(world.analyst, filters)]
        if sort == "priority"
        else list(queries.tasks(world.analyst, filters).values_list("pk", flat=True))
    )
    assert len(wanted) > 2 * views.AT_ONCE
    assert [int(line[0]) for line in lines] == wanted
    assert answer["Content-Disposition"].endswith(f'-{len(wanted)}.csv"')
    assert f'"rows":{len(wanted)}' in AuditRow.objects.get(verb="export_masked").after


def test_pages_hold_no_unmasked_person(world: World, task: Task, client_of: LogIn) -> None:
    client = client_of(world.analyst)
    for address in ("/alerts/", f"/alerts/{task.pk}/", f"/m/visit/{task.pk}/", "/wall/"):
        page = client.get(address).content.decode()
        assert "郑晓岚" not in page, address
        assert task.msisdn not in page, address
    assert "郑**" not in client.get("/wall/").content.decode()


def test_unknown_kind_of_entity_is_refused_in_words(world: World, client_of: LogIn) -> None:
    client = client_of(world.analyst)
    assert client.get("/api/alerts/boundary/moon").json()["message"].startswith("图层：收到“moon”")

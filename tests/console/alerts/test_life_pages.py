"""The pages and addresses of clocks, undo, next, merging and the contact guard."""

from __future__ import annotations

import pytest
from django.test import Client
from pytest_django import Settings

from qingdun.console.alerts import actions
from qingdun.console.alerts.models import ClockRule, Task
from qingdun.console.alerts.ticking import tick
from qingdun.console.kernel.models import AuditRow
from tests.console.alerts import world as made
from tests.console.alerts.world import World
from tests.console.conftest import LogIn

RULE = {
    "level": "urgent", "clock": "meet", "region": "", "area": "rural", "length": "20", "unit": "min",
    "reason": "山区道路改善",
}  # fmt: skip


@pytest.fixture
def client_of(settings: Settings, log_in: LogIn) -> LogIn:
    """A browser of that user; the second factor has tests of its own."""
    settings.DEMO = True
    return log_in


def post(client: Client, path: str, **body: object) -> tuple[int, dict[str, object]]:
    answer = client.post(f"/api/alerts/tasks/{path}", body, content_type="application/json")
    return answer.status_code, answer.json()


def test_the_city_sets_and_takes_back_a_clock(world: World, client_of: LogIn) -> None:
    client = client_of(world.analyst)
    assert client.post("/alerts/clocks/", RULE).status_code == 302
    rule = ClockRule.objects.get()
    assert (rule.length_s, rule.by) == (1200, world.analyst)
    page = client.get("/alerts/clocks/").content.decode()
    assert "山区道路改善" in page
    wrong = client.post(f"/alerts/clocks/{rule.pk}/drop/", {"reason": ""})
    assert wrong.status_code == 422
    assert client.post(f"/alerts/clocks/{rule.pk}/drop/", {"reason": "恢复默认时限"}).status_code == 302
    assert not ClockRule.objects.exists()
    assert AuditRow.objects.filter(verb__endswith="clock_rule").count() == 2


@pytest.mark.parametrize(
    "change", [{"length": "2x"}, {"length": "9999999"}, {"reason": "略"}, {"unit": "moon"}]
)
def test_a_mistake_is_explained_and_what_was_typed_stays(
    world: World, client_of: LogIn, change: dict[str, str]
) -> None:
    answer = client_of(world.analyst).post("/alerts/clocks/", {**RULE, "unit": "d", **change})
    assert answer.status_code == 422
    page = answer.content.decode()
    assert 'role="alert"' in page
    assert f'value="{change.get("length", "20")}"' in page
    assert not ClockRule.objects.exists()


def test_others_read_the_clocks_and_change_none(world: World, client_of: LogIn) -> None:
    client = client_of(world.county)
    page = client.get(f"/alerts/clocks/?region={world.town.code}").content.decode()
    assert str(world.town) in page
    assert 'name="length"' not in page
    assert client.post("/alerts/clocks/", RULE).status_code == 403
    assert client_of(world.viewer).get("/alerts/clocks/").status_code == 403


def test_undo_over_the_interface_and_on_the_phone(world: World, task: Task, client_of: LogIn) -> None:
    client = client_of(world.analyst)
    assert post(client, f"{task.pk}/dispatch", version=task.version)[0] == 200
    version = task.version + 1
    status, answer = post(client, f"{task.pk}/undo", version=version)
    assert (status, answer["state"]) == (200, "scored")
    status, answer = post(client, f"{task.pk}/undo", version=version)
    assert (status, answer["overtaken"]) == (409, True)
    actions.dispatch(world.analyst, task.pk, None)
    phone = client_of(world.officer)
    assert "data-until" not in phone.get(f"/m/visit/{task.pk}/").content.decode()
    actions.move(world.officer, task.pk, None, "sign")
    assert "data-until" in phone.get(f"/m/visit/{task.pk}/").content.decode()


def test_a_second_call_is_asked_about_in_the_answer(world: World, client_of: LogIn) -> None:
    first = made.alert(0, "high", "loan", "lure", made.POLICE_EVIDENCE[:2], -6000, "before")
    older, newer = made.two_open_tasks(first, made.police_urgent())
    for task, who in ((older, world.colleague), (newer, world.officer)):
        actions.dispatch(world.analyst, task.pk, None)
        actions.move(who, task.pk, None, "sign")
    actions.record_contact(world.colleague, older.pk, None, "busy")
    client = client_of(world.officer)
    page = client.get(f"/m/visit/{newer.pk}/").content.decode()
    assert "card guard" in page
    version = Task.objects.get(pk=newer.pk).version
    status, answer = post(client, f"{newer.pk}/contact", result="answered", version=version)
    assert (status, answer["confirm"]) == (409, True)
    status, answer = post(client, f"{newer.pk}/contact", result="answered", confirmed=True, version=version)
    assert (status, answer["state"]) == (200, "reached")
    assert post(client, f"{newer.pk}/contact", result="busy", version=0)[1].get("confirm") is None


def test_next_leads_to_a_task_or_says_that_none_waits(world: World, task: Task, client_of: LogIn) -> None:
    desk = client_of(world.analyst)
    assert desk.get("/api/alerts/next").json() == {"task": task.pk}
    assert desk.get("/alerts/next/?level=urgent")["Location"] == f"/alerts/?level=urgent&task={task.pk}"
    phone = client_of(world.officer)
    assert phone.get("/m/next/").status_code == 200
    assert phone.get("/api/alerts/next").json() == {"task": None}
    actions.dispatch(world.analyst, task.pk, None)
    assert phone.get("/m/next/")["Location"] == f"/m/visit/{task.pk}/"
    beside = client_of(world.colleague)
    assert beside.get("/m/next/").status_code == 200
    assert beside.post("/api/alerts/next", {}, content_type="application/json").json() == {"task": None}
    assert beside.get(f"/m/visit/{task.pk}/").status_code == 200
    assert client_of(world.viewer).get("/m/next/").status_code == 403


def test_two_tasks_are_merged_from_the_page(world: World, client_of: LogIn) -> None:
    first = made.alert(0, "medium", "loan", "lure", made.POLICE_EVIDENCE[:2], -6000, "before")
    older, newer = made.two_open_tasks(first, made.police_urgent())
    client = client_of(world.analyst)
    assert f'data-merge="{older.pk}"' in client.get(f"/alerts/{newer.pk}/").content.decode()
    status, answer = post(client, f"{older.pk}/merge", into=newer.pk, version=older.version)
    assert (status, answer["id"]) == (200, newer.pk)
    older.refresh_from_db()
    assert older.state == "merged"


def test_what_is_late_lost_and_ranked_is_said_in_words(world: World, task: Task, client_of: LogIn) -> None:
    assert task.due_at is not None
    actions.dispatch(world.analyst, task.pk, None)
    actions.move(world.officer, task.pk, None, "sign")
    actions.move(world.officer, task.pk, None, "lose")
    far = task.due_at.replace(year=task.due_at.year + 1)
    tick(far)
    client = client_of(world.analyst)
    for address in ("/alerts/?lost=1&sort=priority", f"/alerts/{task.pk}/", f"/m/visit/{task.pk}/"):
        page = client.get(address).content.decode()
        assert 'data-escalation="1"' in page, address
        assert "escalation lost" in page, address
        assert 'class="rank"' in page or 'card rank"' in page, address
    assert f'id="row-{task.pk}"' in client.get("/alerts/?lost=1&sort=priority").content.decode()
    assert 'id="row-' not in client.get("/alerts/?state=suppressed").content.decode()

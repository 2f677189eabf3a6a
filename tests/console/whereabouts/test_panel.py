"""Whereabouts: only inside the task, only after a purpose, gone when the person is met or the task ends."""

from __future__ import annotations

import datetime as dt
import json
import re
from collections.abc import Iterator

import pytest
from django.urls import URLPattern, URLResolver, get_resolver
from django.utils import timezone

from qingdun.console.alerts import actions as alerts
from qingdun.console.alerts import queries as alert_queries
from qingdun.console.alerts import retention
from qingdun.console.alerts.models import Task
from qingdun.console.kernel.models import AuditRow, LiveEvent, Outbox, User
from qingdun.console.whereabouts import actions, queries, rules
from qingdun.console.whereabouts.models import Look
from qingdun.console.whereabouts.ticking import tick
from qingdun.errors import IllegalMove, InputError, NotPermitted
from tests.console.alerts.world import stand_at
from tests.console.conftest import LogIn
from tests.console.whereabouts.conftest import SECRETS, Sought

PURPOSE = "电话占线，上门查找"


def told(text: str) -> list[str]:
    return [secret for secret in SECRETS if secret in text]


def address(sought: Sought) -> str:
    return f"/alerts/{sought.task.pk}/whereabouts/"


def test_nothing_is_shown_before_a_purpose_and_everything_after_it_with_one_audit_row(
    sought: Sought, client_of: LogIn
) -> None:
    client, where = client_of(sought.world.officer), address(sought)
    asked = client.get(where)
    assert "目的" in asked.content.decode()
    assert told(asked.content.decode()) == []
    refused = client.post(where, {"purpose": " 查"})
    assert refused.status_code == 422
    assert told(refused.content.decode()) == []
    assert not AuditRow.objects.filter(verb="look_for_person").exists()

    shown = client.post(where, {"purpose": PURPOSE})
    assert set(told(shown.content.decode())) == set(SECRETS)
    assert shown["Cache-Control"] == "no-store"
    assert set(told(client.get(where).content.decode())) == set(SECRETS)
    (row,) = AuditRow.objects.filter(verb="look_for_person")
    assert (row.purpose, row.actor) == (PURPOSE, "officer")
    assert told(json.dumps(row.after, ensure_ascii=False)) == []
    # Each says why for themselves.
    assert told(client_of(sought.world.colleague).get(where).content.decode()) == []


def test_the_panel_lists_what_is_known_with_distance_and_way_from_the_officer_s_station(
    sought: Sought,
) -> None:
    actions.look(sought.world.officer, sought.task.pk, PURPOSE)
    panel = queries.panel(sought.world.officer, sought.task)
    assert panel is not None
    assert panel.start == sought.world.station
    assert [spot.kind for spot in panel.spots] == [
        "cell",
        "home",
        "work",
        "family",
        *["branch"] * rules.MOST_BRANCHES,
    ]
    cell, home, _work, family, first, second = panel.spots[:6]
    assert (cell.name, cell.at) == (
        "演练基站七",
        alert_queries.context(sought.world.officer, sought.task).last().at,
    )  # type: ignore[union-attr]
    assert family.phones == ("+8617258017777",)
    assert [first.own_bank, second.own_bank] == [True, False], (
        "the branches nearest to the cell, one's own bank marked"
    )
    assert home.km is not None
    assert home.minutes == pytest.approx(home.km / (20 if sought.world.town.urban else 30) * 60)
    marks = {mark.label: mark for mark in panel.drawing.marks}
    assert set(marks) == {"S", *(str(spot.number) for spot in panel.spots)}
    assert marks["2"].at_y < marks["1"].at_y < marks["3"].at_y, "north is up"


def walk(patterns: list[URLPattern | URLResolver], before: str = "") -> Iterator[str]:
    """Every address of the console that takes nothing or one task."""
    for one in patterns:
        way = before + str(one.pattern)
        if isinstance(one, URLResolver):
            yield from walk(one.url_patterns, way)
        else:
            yield way


def addresses(task_id: int) -> list[str]:
    ways = [re.sub(r"<(?:int:)?task_id>", str(task_id), way) for way in walk(get_resolver().url_patterns)]
    plain = [f"/{way}" for way in ways if not any(mark in way for mark in "<^(?\\")]
    return [way for way in plain if "logout" not in way and "/static" not in way]


@pytest.mark.parametrize("state", ["searching", "met", "closed"])
def test_no_other_page_api_export_or_event_tells_it_and_none_at_all_once_the_person_is_met(
    sought: Sought, client_of: LogIn, state: str
) -> None:
    """Every address, by everybody who has said why; while it is open, the panel's own is left out."""
    world, where = sought.world, address(sought)
    readers = (world.officer, world.analyst)
    for reader in readers:
        actions.look(reader, sought.task.pk, PURPOSE)
    stand_at(sought.task.pk, state)
    ways = addresses(sought.task.pk)
    assert {
        where,
        f"/alerts/{sought.task.pk}/",
        f"/m/visit/{sought.task.pk}/",
        f"/api/alerts/tasks/{sought.task.pk}/map",
    } <= set(ways)
    for reader in readers:
        client = client_of(reader)
        for way in ways:
            if way == where and state == "searching":
                continue
            answer = client.get(way)
            body = b"".join(answer.streaming_content) if answer.streaming else answer.content  # type: ignore[arg-type, attr-defined]
            found = set(told(body.decode(errors="replace")))
            # The person's own page has an address, which is unmasked there with a purpose of its own.
            assert found == set(), (reader.username, way)
    assert told(json.dumps([event.payload for event in LiveEvent.objects.all()], ensure_ascii=False)) == []
    assert (
        told(json.dumps([row.after for row in AuditRow.objects.all()], ensure_ascii=False, default=str)) == []
    )
    assert told(json.dumps([row.payload for row in Outbox.objects.all()], ensure_ascii=False)) == []


@pytest.mark.parametrize("state", list(Task._meta.get_field("state").choices or ()))
def test_it_is_open_from_the_order_to_the_meeting_and_in_no_other_state(
    sought: Sought, state: tuple[str, str]
) -> None:
    stand_at(sought.task.pk, state[0])
    task = Task.objects.get()
    is_open = state[0] in rules.OPEN_IN
    assert queries.may_look(sought.world.officer, task) is is_open
    if is_open:
        actions.look(sought.world.officer, task.pk, PURPOSE)
        assert queries.panel(sought.world.officer, task) is not None
    else:
        with pytest.raises(IllegalMove):
            actions.look(sought.world.officer, task.pk, PURPOSE)
        assert not Look.objects.exists()


def test_a_look_ends_with_its_time_and_with_the_search_and_is_asked_for_anew(sought: Sought) -> None:
    officer, now = sought.world.officer, timezone.now()
    actions.look(officer, sought.task.pk, PURPOSE)
    assert tick(now + rules.look_lasts() - dt.timedelta(seconds=1)) == 0
    Look.objects.update(until=now)
    assert queries.panel(officer, sought.task) is None
    assert tick(now) == 1

    actions.look(officer, sought.task.pk, PURPOSE)
    alerts.move(officer, sought.task.pk, None, "meet")
    assert tick(now) == 1
    stand_at(sought.task.pk, "searching")
    assert queries.panel(officer, Task.objects.get()) is None, "taken up again, nobody has said why"


def test_only_who_sees_the_task_and_may_unmask_says_why(sought: Sought, client_of: LogIn) -> None:
    world = sought.world
    outsiders: list[User] = [world.other_county, world.viewer, world.auditor]
    for outsider in outsiders:
        with pytest.raises((NotPermitted, IllegalMove)):
            actions.look(outsider, sought.task.pk, PURPOSE)
        assert client_of(outsider).get(address(sought)).status_code in (403, 404)
    with pytest.raises(InputError):
        actions.look(world.officer, sought.task.pk, "   ")
    assert not Look.objects.exists()


def test_the_cell_goes_with_the_timeline_after_its_term(sought: Sought) -> None:
    assert alert_queries.last_seen(sought.world.officer, sought.task) is not None
    retention.purge(None, timezone.now() + dt.timedelta(days=31))
    assert alert_queries.last_seen(sought.world.officer, sought.task) is None


def test_nothing_known_is_said_so(sought: Sought, client_of: LogIn) -> None:
    sought.person.relations.all().delete()
    sought.person.home_lng = sought.person.home_lat = sought.person.work_lng = sought.person.work_lat = None
    sought.person.home_address = sought.person.work_address = ""
    sought.person.save()
    retention.purge(None, timezone.now() + dt.timedelta(days=31))
    page = client_of(sought.world.officer).post(address(sought), {"purpose": PURPOSE}).content.decode()
    assert "暂无线索" in page
    assert "<svg" not in page

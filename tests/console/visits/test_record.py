"""Consents and the place: what was said stays, with its withdrawal; a place is gone with the task."""

from __future__ import annotations

import datetime as dt
import json

import pytest
from django.conf import settings as console
from django.utils import timezone

from qingdun.console.alerts import actions as alerts
from qingdun.console.alerts.models import Task, TaskEvent
from qingdun.console.kernel.models import AuditRow
from qingdun.console.visits import actions, queries, retention
from qingdun.console.visits.models import Consent, Place
from qingdun.errors import IllegalMove, InputError, NotPermitted, RefusedError
from tests.console.alerts.world import World, police_high
from tests.console.conftest import LogIn
from tests.console.visits.conftest import meet

pytestmark = pytest.mark.django_db


@pytest.fixture
def door(world: World, task: Task) -> Task:
    return meet(world, task)


def test_what_was_said_stays_and_the_latest_holds(world: World, door: Task) -> None:
    said_at = timezone.now() - dt.timedelta(hours=2)
    actions.state_consent(world.officer, door.pk, "consent-0001", "bank", "yes", said_at)
    actions.state_consent(world.officer, door.pk, "consent-0001", "bank", "yes", said_at)
    actions.state_consent(world.officer, door.pk, "consent-0002", "family", "no")
    record = queries.record(world.analyst, door)
    standing = {one.kind: one for one in record.consents}
    assert standing["bank"].given
    assert standing["bank"].latest is not None
    assert (standing["bank"].latest.said_at, standing["bank"].latest.by) == (said_at, world.officer)
    assert not standing["family"].given
    assert standing["look"].latest is None
    actions.state_consent(world.officer, door.pk, "consent-0003", "bank", "withdrawn")
    record = queries.record(world.analyst, door)
    assert [one.answer for one in record.said if one.kind == "bank"] == ["yes", "withdrawn"]
    assert not {one.kind: one for one in record.consents}["bank"].given
    rows = [json.loads(row.after) for row in AuditRow.objects.filter(verb="state_consent").order_by("seq")]
    assert [(row["kind"], row["answer"]) for row in rows] == [
        ("bank", "yes"), ("family", "no"), ("bank", "withdrawn")
    ]  # fmt: skip


def test_a_phone_s_clock_is_believed_only_as_far_as_it_can_be(world: World, door: Task) -> None:
    now = timezone.now()
    for number, said_at in enumerate((now + dt.timedelta(hours=1), now - dt.timedelta(days=8))):
        made = actions.state_consent(world.officer, door.pk, f"consent-000{number}", "look", "yes", said_at)
        assert abs(made.said_at - now) < dt.timedelta(minutes=1)


def test_what_cannot_be_is_refused(world: World, door: Task) -> None:
    with pytest.raises(IllegalMove):
        actions.state_consent(world.officer, door.pk, "consent-0001", "look", "withdrawn")
    with pytest.raises(InputError, match="soul"):
        actions.state_consent(world.officer, door.pk, "consent-0001", "soul", "yes")
    with pytest.raises(InputError, match=r"8.+64"):
        actions.state_consent(world.officer, door.pk, "short", "look", "yes")
    with pytest.raises(NotPermitted):
        actions.state_consent(world.colleague, door.pk, "consent-0001", "look", "yes")
    for lat, lng, accuracy in ((91.0, 0, 1), (0, 181.0, 1), (0, 0, -1), (float("nan"), 0, 1)):
        with pytest.raises(InputError, match="地点"):
            actions.set_place(world.officer, door.pk, "place-key-1", lat, lng, accuracy)
    assert not Consent.objects.exists()
    assert not Place.objects.exists()


def test_a_place_is_seen_for_a_purpose_until_the_task_ends(
    world: World, door: Task, client_of: LogIn
) -> None:
    browser = client_of(world.officer)
    sent = {"key": "place-key-1", "lat": 23.681234567, "lng": 113.05, "accuracy_m": 11.2}
    for _ in range(2):
        answer = browser.post(f"/api/visits/tasks/{door.pk}/place", sent, content_type="application/json")
        assert answer.status_code == 200
    assert AuditRow.objects.filter(verb="set_place").count() == 1
    page = browser.get(f"/m/visit/{door.pk}/").content.decode()
    assert "±12 m" in page
    assert "23.68" not in page
    show = f"/api/visits/tasks/{door.pk}/place/show"
    assert browser.post(show, {"purpose": " "}, content_type="application/json").status_code == 422
    found = browser.post(show, {"purpose": "核对上门地点"}, content_type="application/json").json()
    assert found == {"lat": 23.681235, "lng": 113.05, "accuracy_m": 12}
    row = AuditRow.objects.get(verb="see_place")
    assert (row.actor, row.purpose) == ("officer", "核对上门地点")
    assert "23.68" not in "".join(AuditRow.objects.values_list("after", flat=True))
    other = client_of(world.other_county)
    assert other.post(show, {"purpose": "核对上门地点"}, content_type="application/json").status_code == 403

    Task.objects.filter(pk=door.pk).update(closed_at=timezone.now())
    assert browser.post(show, {"purpose": "核对上门地点"}, content_type="application/json").status_code == 403
    assert queries.record(world.officer, door).place is None
    sent["key"] = "place-key-2"
    answer = browser.post(f"/api/visits/tasks/{door.pk}/place", sent, content_type="application/json")
    assert answer.status_code == 409


def test_a_place_can_be_dropped_and_is_deleted_after_its_term(world: World, door: Task) -> None:
    actions.set_place(world.officer, door.pk, "place-key-1", 23.68, 113.05, 12)
    actions.drop_place(world.officer, door.pk)
    assert not Place.objects.exists()
    actions.set_place(world.officer, door.pk, "place-key-2", 23.68, 113.05, 12)
    now = timezone.now() + console.CONTEXT_KEPT + dt.timedelta(minutes=1)
    assert retention.purge(None, now) == {"photos": 0, "places": 1}
    assert not Place.objects.exists()


def test_a_field_that_is_missing_or_wrong_is_named_in_the_reader_s_language(
    world: World, door: Task, client_of: LogIn
) -> None:
    browser = client_of(world.officer)
    for language, said in (
        ("zh-hans", "kind：缺少该字段。 key：格式不符。"),
        ("en", "kind: missing. key: not in the form expected."),
    ):
        browser.cookies["django_language"] = language
        told = browser.post(
            f"/api/visits/tasks/{door.pk}/consents",
            {"key": 7, "answer": "yes"},
            content_type="application/json",
        )
        assert (told.status_code, told.json()["message"]) == (422, said)


def test_a_meeting_entered_without_a_line_is_sent_twice_and_made_once(
    world: World, task: Task, client_of: LogIn
) -> None:
    alerts.dispatch(world.analyst, task.pk, None)
    seen = alerts.move(world.officer, task.pk, None, "sign").version
    # What comes to the task while its officer cannot hear of it takes the meeting from nobody.
    alerts.ingest_alerts(None, [police_high()])
    client = client_of(world.officer)
    address, message = f"/api/visits/tasks/{task.pk}/met", {"key": "met-000001"}
    answers = [client.post(address, message, content_type="application/json") for _ in range(2)]
    assert [(one.status_code, one.json()) for one in answers] == [(200, {"version": seen + 2})] * 2
    assert Task.objects.get().state == "met"
    assert TaskEvent.objects.filter(verb="meet").count() == 1
    with pytest.raises(IllegalMove):
        alerts.meet(world.officer, task.pk, "met-000002")
    with pytest.raises(RefusedError):
        alerts.meet(world.colleague, task.pk, "met-000001")

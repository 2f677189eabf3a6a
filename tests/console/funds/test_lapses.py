"""First-level accounts entered late: a row once, each level told once, nobody once it is entered."""

from __future__ import annotations

import datetime as dt
import json
from concurrent.futures import ThreadPoolExecutor

import pytest
from django.db import connection, transaction
from django.utils import timezone

from qingdun.console.cases import actions as cases
from qingdun.console.cases.actions import IncidentForm
from qingdun.console.cases.models import Incident
from qingdun.console.funds import actions, lapsing, queries, rules, tracing
from qingdun.console.funds.actions import StopForm
from qingdun.console.funds.lapses import Lapse, Notice
from qingdun.console.funds.models import StopPayment
from qingdun.console.kernel.audit import verify_chain
from qingdun.console.kernel.models import AuditRow, LiveEvent
from qingdun.errors import NotPermitted
from tests.console.alerts import world as made
from tests.console.alerts.world import World
from tests.console.conftest import LogIn
from tests.console.test_lock_order import Other

ALLOWED = dt.timedelta(minutes=rules.limit("entry_min"))
FURTHER = dt.timedelta(minutes=rules.limit("escalate_min"))
SECOND = dt.timedelta(seconds=1)


@pytest.fixture
def loss(world: World) -> Incident:
    """A loss reported two hours ago by a station."""
    at = timezone.now() - dt.timedelta(hours=2)
    form = IncidentForm("late-0001", at, "police", 500_000, "", None, made.number(0), world.town.code)
    return cases.report_incident(world.officer, form)


def enter(world: World, loss: Incident) -> StopPayment:
    form = StopForm("late-stop-1", "甲", "6200000000000017", 500_000, loss.reported_at, "", None, loss.pk)
    return actions.request_stop(world.officer, form)


def test_it_lapses_once_when_its_minutes_are_over(loss: Incident) -> None:
    due = loss.reported_at + ALLOWED
    assert lapsing.tick(due) == 0
    assert lapsing.tick(due + SECOND) == 1
    assert lapsing.tick(due + SECOND) == 0
    lapse = Lapse.objects.get()
    assert (lapse.due_at, lapse.breached_at, lapse.told) == (due, due + SECOND, 1)
    assert AuditRow.objects.get(verb="breach").subject_id == str(lapse.pk)


def test_each_level_is_told_once_until_it_is_entered(world: World, loss: Incident) -> None:
    at = loss.reported_at + ALLOWED + SECOND
    lapsing.tick(at)
    assert [one.to for one in Notice.objects.all()] == [world.officer]
    assert lapsing.tick(at + FURTHER - SECOND) == 0
    assert [lapsing.tick(at + FURTHER), lapsing.tick(at + FURTHER)] == [1, 0]
    assert queries.notices(world.county).get().kind == "late"
    assert not queries.notices(world.other_county).exists()
    assert [lapsing.tick(at + 2 * FURTHER), lapsing.tick(at + 9 * FURTHER)] == [1, 0]
    assert queries.notices(world.analyst).count() == 1
    assert Notice.objects.count() == 3
    assert LiveEvent.objects.filter(topic="funds").count() == 3
    said = AuditRow.objects.filter(verb="tell_above").order_by("seq").values_list("after", flat=True)
    assert [json.loads(after)["told"] for after in said] == [2, 3]


def test_nobody_else_is_told_once_it_is_entered(world: World, loss: Incident) -> None:
    at = loss.reported_at + ALLOWED + SECOND
    lapsing.tick(at)
    stop = enter(world, loss)
    lapse = Lapse.objects.get()
    assert (lapse.entered_at, lapse.tell_at) == (stop.requested_at, None)
    assert lapsing.tick(at + 9 * FURTHER) == 0
    assert tracing.to_enter(world.officer, at) == []


def test_what_was_entered_in_time_does_not_lapse_and_what_was_entered_late_tells_nobody(
    world: World, loss: Incident
) -> None:
    stop = enter(world, loss)
    due = loss.reported_at + ALLOWED
    StopPayment.objects.filter(pk=stop.pk).update(requested_at=due)
    assert lapsing.tick(due + dt.timedelta(hours=1)) == 0
    StopPayment.objects.filter(pk=stop.pk).update(requested_at=due + SECOND)
    assert lapsing.tick(due + dt.timedelta(hours=1)) == 1  # the clock process was not there in between
    assert Lapse.objects.get().entered_at == due + SECOND
    assert not Notice.objects.exists()


def test_what_is_entered_while_it_is_found_late_is_no_false_mark(world: World, loss: Incident) -> None:
    due = loss.reported_at + ALLOWED
    (found,) = lapsing.overdue(due + SECOND)
    stop = enter(world, loss)
    StopPayment.objects.filter(pk=stop.pk).update(requested_at=due)
    assert not lapsing.lapse(found, due + SECOND)
    assert not Lapse.objects.exists()
    StopPayment.objects.filter(pk=stop.pk).update(requested_at=due + SECOND)
    assert lapsing.lapse(found, due + 2 * SECOND)
    assert (Lapse.objects.get().entered_at, Lapse.objects.get().tell_at) == (due + SECOND, None)
    assert not Notice.objects.exists()


def test_what_a_file_brought_too_late_is_history(world: World, loss: Incident) -> None:
    now = timezone.now()
    Incident.objects.update(key="import-0001")  # reported two hours ago, brought now
    assert lapsing.tick(now) == 0
    assert tracing.to_enter(world.officer, now) == []
    Incident.objects.update(entered_at=loss.reported_at + ALLOWED)  # brought within its minutes
    assert [one.incident_id for one in tracing.to_enter(world.officer, now)] == [loss.pk]
    assert lapsing.tick(now) == 1


@pytest.mark.skipif("connection.vendor != 'postgresql'", reason="SQLite has one lock for all")
@pytest.mark.django_db(transaction=True)
def test_the_clock_waits_for_whoever_enters_the_account(world: World, loss: Incident) -> None:
    due = loss.reported_at + ALLOWED
    (found,) = lapsing.overdue(due + SECOND)
    with transaction.atomic():
        stop = enter(world, loss)
        other = Other(lambda: lapsing.lapse(found, due + SECOND))
        assert other.waits()
        StopPayment.objects.filter(pk=stop.pk).update(requested_at=due)
    assert other.succeeds()
    assert not Lapse.objects.exists()


def test_no_loss_and_yesterday_s_do_not_lapse(loss: Incident) -> None:
    Incident.objects.update(loss_fen=0)
    assert lapsing.tick(timezone.now()) == 0
    Incident.objects.update(loss_fen=1, reported_at=timezone.now() - dt.timedelta(hours=25))
    assert lapsing.tick(timezone.now()) == 0


@pytest.mark.django_db(transaction=True)
def test_two_tick_processes_find_and_tell_once(world: World, loss: Incident) -> None:
    at = loss.reported_at + ALLOWED + SECOND

    def run(moment: dt.datetime) -> int:
        try:
            return lapsing.tick(moment)
        finally:
            connection.close()

    for moment in (at, at + FURTHER):
        with ThreadPoolExecutor(3) as pool:
            assert sum(pool.map(run, [moment] * 3)) == 1
    assert Notice.objects.count() == 2
    assert verify_chain().intact


def test_page_shows_it_to_those_of_the_place_and_a_notice_until_it_is_seen(
    world: World, loss: Incident, client_of: LogIn
) -> None:
    lapsing.tick(loss.reported_at + ALLOWED + SECOND)
    client = client_of(world.officer)
    page = client.get("/funds/").content.decode()
    notice = Notice.objects.get()
    assert f"/funds/enter/?incident={loss.pk}" in page
    assert f"/funds/notices/{notice.pk}/" in page
    client.post(f"/funds/notices/{notice.pk}/", {"next": "/funds/"})
    assert f"/funds/notices/{notice.pk}/" not in client.get("/funds/notices/").content.decode()
    with pytest.raises(NotPermitted):
        actions.see_notice(world.county, notice.pk)
    listed = client.get("/funds/late/?open=1").content.decode()
    assert f"incident={loss.pk}" in listed
    assert f"incident={loss.pk}" not in client.get("/funds/late/?open=0").content.decode()
    assert f"incident={loss.pk}" not in client_of(world.other_county).get("/funds/late/").content.decode()

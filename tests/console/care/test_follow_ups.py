"""Follow-ups: planned once, due by local days, entered once, called for when overdue, closing the task."""

from __future__ import annotations

import datetime as dt
import os
import signal
import subprocess
import sys

import pytest
from django.db import IntegrityError, connection, transaction
from django.utils import timezone

from qingdun.console.alerts import actions as alerts
from qingdun.console.alerts.intake import ingest_alerts
from qingdun.console.alerts.models import OutcomeLine, Task
from qingdun.console.care import queries, reminding, ticking
from qingdun.console.care.actions import record_result
from qingdun.console.care.models import FollowUp
from qingdun.console.duty.actions import add_shift, set_number
from qingdun.console.kernel.models import AuditRow, LiveEvent
from qingdun.console.sms.models import Message
from qingdun.errors import IllegalMove, InputError, NotPermitted
from tests.console.alerts import world as made
from tests.console.alerts.test_at_once import ROOT, together
from tests.console.alerts.world import World
from tests.console.care.conftest import SetClock, decide
from tests.console.conftest import LogIn

DAY = dt.timedelta(days=1)
LATE_EVENING = dt.datetime(2026, 3, 3, 15, 30, tzinfo=dt.UTC)
"""23:30 in the city."""


@pytest.fixture
def decided(world: World, task: Task, set_clock: SetClock) -> Task:
    set_clock(LATE_EVENING)
    return decide(world, task)


def plan(decided: Task) -> dict[int, FollowUp]:
    assert decided.verdict_at is not None
    ticking.tick(decided.verdict_at + dt.timedelta(seconds=6))
    return {row.day: row for row in FollowUp.objects.filter(task=decided)}


def test_three_days_are_planned_once_and_due_at_the_end_of_local_days(decided: Task) -> None:
    assert decided.verdict_at == LATE_EVENING
    ticking.tick(LATE_EVENING + dt.timedelta(seconds=2))
    assert not FollowUp.objects.exists()  # the verdict may still be taken back
    rows = plan(decided)
    assert sorted(rows) == [1, 3, 7]
    assert rows[1].due_at == dt.datetime(2026, 3, 4, 16, 0, tzinfo=dt.UTC)
    assert rows[7].due_at - rows[1].due_at == 6 * DAY
    ticking.tick(LATE_EVENING + dt.timedelta(hours=2))
    assert FollowUp.objects.count() == 3
    assert AuditRow.objects.filter(verb="plan_follow_ups").count() == 1
    with pytest.raises(IntegrityError), transaction.atomic():
        FollowUp.objects.create(
            task=decided, region_path="x", person_id="p", day=3, verdict_at=LATE_EVENING, due_at=LATE_EVENING
        )


def test_paid_after_all_is_told_to_the_engine_once(world: World, decided: Task, set_clock: SetClock) -> None:
    rows = plan(decided)
    set_clock(rows[3].due_at - dt.timedelta(hours=1))
    record_result(world.officer, rows[1].pk, "well")
    record_result(world.officer, rows[3].pk, "paid")
    set_clock(rows[7].due_at - dt.timedelta(hours=1))
    record_result(world.officer, rows[7].pk, "paid")
    told = OutcomeLine.objects.filter(task=decided).order_by("pk").values_list("result", "by")
    assert list(told) == [("awakened", "officer"), ("already_paid", "officer")]


@pytest.mark.parametrize(("verdict", "count"), [("not_awakened", 3), ("already_paid", 3), ("false_alarm", 0)])
def test_which_verdicts_are_followed(
    world: World, task: Task, set_clock: SetClock, verdict: str, count: int
) -> None:
    set_clock(LATE_EVENING)
    assert len(plan(decide(world, task, verdict))) == count


def test_a_tick_that_was_off_for_days_finds_what_it_missed(decided: Task) -> None:
    ticking.tick(LATE_EVENING - dt.timedelta(hours=1))
    ticking.tick(LATE_EVENING + 2 * DAY)
    assert FollowUp.objects.count() == 3
    assert FollowUp.objects.filter(reminders=1).values_list("day", flat=True).get() == 1


def test_overdue_ones_are_called_for_once_a_day(world: World, decided: Task) -> None:
    row = plan(decided)[1]
    late = row.due_at + dt.timedelta(seconds=1)
    for at in (late, late + dt.timedelta(hours=1), late + DAY):
        ticking.tick(at)
    row.refresh_from_db()
    assert row.reminders == 2
    events = LiveEvent.objects.filter(topic="care")
    assert {event.payload["task"] for event in events} == {decided.pk}
    assert {tuple(event.stations) for event in events} == {(world.station.pk,)}


def test_the_officer_has_one_message_on_the_day_and_by_day_alone(
    world: World, decided: Task, set_clock: SetClock
) -> None:
    set_number(world.analyst, world.station.code, world.officer.pk, "+8617258900001")
    row = plan(decided)[1]
    assert not Message.objects.exists()
    day = row.due_at - DAY  # midnight of its day
    ticking.tick(day + dt.timedelta(hours=8, minutes=59))
    assert not Message.objects.exists()
    for hours in (9, 9.02, 15, 20.9):
        ticking.tick(day + dt.timedelta(hours=hours))
    message = Message.objects.get()
    assert (message.kind, message.msisdn) == ("reminder", "+8617258900001")
    assert "您今日应办回访1项。" in message.text
    assert "郑" not in message.text
    assert decided.msisdn not in message.text
    assert message.not_before == message.created_at
    told = AuditRow.objects.get(verb="remind_of_follow_ups")
    assert str(row.pk) in told.after
    assert "17258900001" not in told.after
    set_clock(day + dt.timedelta(hours=10))
    record_result(world.officer, row.pk, "well")
    for days in (1, 2, 6):
        ticking.tick(day + dt.timedelta(days=days, hours=9))
    assert Message.objects.count() == 3  # one for D+3 and one for D+7


def test_late_ones_are_in_the_same_message_and_the_roster_hears_for_who_has_no_number(
    world: World, decided: Task, set_clock: SetClock
) -> None:
    rows = plan(decided)
    nine = rows[3].due_at - DAY + dt.timedelta(hours=9)
    ticking.tick(nine)
    assert not Message.objects.exists(), "nobody can be called"
    set_number(world.analyst, world.station.code, world.colleague.pk, "+8617258900002")
    set_clock(nine)
    start = nine - dt.timedelta(hours=1)
    add_shift(world.analyst, world.station.code, world.colleague.pk, start, start + dt.timedelta(hours=8), 1)
    together_at = nine + dt.timedelta(minutes=2)
    ticking.tick(together_at)
    message = Message.objects.get()
    assert message.msisdn == "+8617258900002"
    assert "2项（其中1项已逾期）" in message.text
    assert set(FollowUp.objects.filter(texted_at=together_at).values_list("day", flat=True)) == {1, 3}


KILLED = """
import datetime, os, signal
import django
from tests import settings as ours
ours.DATABASES["default"]["NAME"] = os.environ["THE_DATABASE"]
django.setup()
from qingdun.console.care import reminding
reminding.record = lambda *_, **__: os.kill(os.getpid(), signal.SIGKILL)
reminding.text(datetime.datetime.fromisoformat(os.environ["THE_TIME"]))
"""


@pytest.mark.django_db(transaction=True)
def test_two_ticks_at_once_remind_once_and_one_killed_in_the_middle_leaves_it_to_the_next(
    world: World, decided: Task
) -> None:
    set_number(world.analyst, world.station.code, world.officer.pk, "+8617258900001")
    row = plan(decided)[1]
    nine = row.due_at - DAY + dt.timedelta(hours=9)
    environment = {
        **{name: value for name, value in os.environ.items() if not name.startswith("COV_")},
        "DJANGO_SETTINGS_MODULE": "tests.settings",
        "THE_DATABASE": str(connection.settings_dict["NAME"]),
        "THE_TIME": nine.isoformat(),
    }
    ended = subprocess.run([sys.executable, "-c", KILLED], env=environment, cwd=ROOT, check=False, timeout=60)
    assert ended.returncode == -signal.SIGKILL
    row.refresh_from_db()
    assert row.texted_at is None
    assert not Message.objects.exists()
    together(*[lambda: reminding.text(nine)] * 3)
    assert Message.objects.count() == 1
    assert AuditRow.objects.filter(verb="remind_of_follow_ups").count() == 1


def test_entering_results_up_to_the_last_day_closes_the_task(
    world: World, decided: Task, set_clock: SetClock
) -> None:
    rows = plan(decided)
    alerts.move(world.analyst, decided.pk, None, "review")
    set_clock(rows[1].due_at - dt.timedelta(hours=3))
    record_result(world.officer, rows[1].pk, "well", "一切正常")
    assert Task.objects.get().state == "follow_up"
    set_clock(rows[7].due_at - dt.timedelta(hours=3))
    record_result(world.officer, rows[7].pk, "well")
    assert Task.objects.get().state == "closed"
    states = dict(FollowUp.objects.values_list("day", "state"))
    assert states == {1: "done", 3: "missed", 7: "done"}
    assert AuditRow.objects.filter(verb="record_follow_up").count() == 2
    assert "一切正常" not in AuditRow.objects.filter(verb="record_follow_up").first().after  # type: ignore[union-attr]


@pytest.mark.parametrize("result", ["contacted", "paid", "not_reached"])
def test_a_bad_last_day_leaves_the_task_open(
    world: World, decided: Task, set_clock: SetClock, result: str
) -> None:
    rows = plan(decided)
    alerts.move(world.analyst, decided.pk, None, "review")
    set_clock(rows[7].due_at)
    record_result(world.officer, rows[7].pk, result)
    assert Task.objects.get().state == "follow_up"


def test_before_the_review_nothing_is_closed(world: World, decided: Task) -> None:
    rows = plan(decided)
    record_result(world.officer, rows[7].pk, "well")
    assert Task.objects.get().state == "feedback"


def test_a_result_is_entered_once(world: World, decided: Task) -> None:
    row = plan(decided)[1]
    with pytest.raises(InputError):
        record_result(world.officer, row.pk, "fine")
    record_result(world.officer, row.pk, "not_reached")
    record_result(world.officer, row.pk, "not_reached")
    record_result(world.officer, row.pk, "well")
    record_result(world.officer, row.pk, "well", "again")
    with pytest.raises(IllegalMove):
        record_result(world.officer, row.pk, "paid")
    with pytest.raises(IllegalMove):
        record_result(world.colleague, row.pk, "well")
    assert AuditRow.objects.filter(verb="record_follow_up").count() == 2


def test_who_sees_and_who_enters(world: World, decided: Task) -> None:
    row = plan(decided)[1]
    for user in (world.analyst, world.county, world.colleague, world.officer):
        assert queries.follow_up(user, row.pk) == row
    for user in (world.other_county, world.viewer, world.auditor):
        with pytest.raises(NotPermitted):
            record_result(user, row.pk, "well")


def test_follow_ups_keep_to_the_latest_verdict(world: World, decided: Task, set_clock: SetClock) -> None:
    rows = plan(decided)
    later = set_clock(LATE_EVENING + 2 * DAY)
    record_result(world.officer, rows[1].pk, "contacted")
    alerts.move(world.analyst, decided.pk, None, "reopen", "再次接触")
    alerts.dispatch(world.analyst, decided.pk, None)
    decide(world, Task.objects.get(), "not_awakened")
    for seconds in (10, 80):
        ticking.tick(later + dt.timedelta(seconds=seconds))
    # What was done is done for the verdict before; this one is followed on every day of its own.
    fresh = {row.day: row for row in FollowUp.objects.filter(verdict_at=later)}
    assert [(day, row.state) for day, row in sorted(fresh.items())] == [(1, "open"), (3, "open"), (7, "open")]
    assert fresh[3].due_at == rows[3].due_at + 2 * DAY
    assert FollowUp.objects.exclude(verdict_at=later).get().state == "done"
    alerts.move(world.analyst, decided.pk, None, "reopen", "核实为误报")
    alerts.dispatch(world.analyst, decided.pk, None)
    set_clock(later + dt.timedelta(minutes=5))
    decide(world, Task.objects.get(), "false_alarm")
    ticking.tick(later + dt.timedelta(minutes=6))
    states = FollowUp.objects.order_by("day", "verdict_at").values_list("day", "state")
    assert list(states) == [(1, "done"), (1, "dropped"), (3, "dropped"), (7, "dropped")]


def test_lists_by_day(world: World, decided: Task, set_clock: SetClock) -> None:
    rows = plan(decided)

    def days(view: str, **more: bool) -> list[int]:
        return [row.day for row in queries.follow_ups(world.officer, view, **more)]

    assert (days("due"), days("coming")) == ([], [1, 3, 7])
    set_clock(rows[1].due_at - dt.timedelta(hours=10))
    assert (days("due"), days("overdue"), days("coming")) == ([1], [], [3, 7])
    set_clock(rows[3].due_at + dt.timedelta(minutes=1))
    assert (days("due"), days("overdue")) == ([1, 3], [1, 3])
    assert days("due", mine=True) == [1, 3]
    (by_station,) = queries.overdue_by_station(world.county)
    assert (by_station["count"], by_station["oldest"]) == (2, rows[1].due_at)
    assert not queries.follow_ups(world.other_county, "overdue")


def test_pages(world: World, decided: Task, set_clock: SetClock, client_of: LogIn) -> None:
    row = plan(decided)[1]
    set_clock(row.due_at + dt.timedelta(hours=1))
    client = client_of(world.officer)
    page = client.get("/follow-ups/?view=overdue").content.decode()
    assert "郑**" in page
    assert "郑晓岚" not in page
    one = client.get(f"/m/follow-up/{row.pk}/").content.decode()
    assert decided.msisdn not in one
    shown = client.post(f"/m/follow-up/{row.pk}/", {"unmask": "1", "purpose": "回访"}).content.decode()
    assert decided.msisdn not in shown  # two letters are no purpose
    answer = client.post(f"/m/follow-up/{row.pk}/", {"unmask": "1", "purpose": "第一天回访"})
    assert decided.msisdn in answer.content.decode()
    assert answer.headers["Cache-Control"] == "no-store"
    assert AuditRow.objects.filter(verb="unmask_task", actor="officer").count() == 1
    assert client.post(f"/m/follow-up/{row.pk}/", {"result": ""}).status_code == 422
    paid = client.post(f"/m/follow-up/{row.pk}/", {"result": "paid"}, follow=True).content.decode()
    assert f"/incidents/enter/?task={decided.pk}" in paid
    assert client_of(world.other_county).get(f"/m/follow-up/{row.pk}/").status_code == 403
    assert client_of(world.county).get("/follow-ups/?view=nonsense&page=x").status_code == 200


def test_a_calm_task_settled_by_phone_is_followed_too(world: World, set_clock: SetClock) -> None:
    at = set_clock(LATE_EVENING)
    ingest_alerts(None, made.calm_alerts())
    task = Task.objects.get(person_id="p05")
    alerts.dispatch(world.analyst, task.pk, None)
    alerts.dispatch(world.analyst, task.pk, None)
    alerts.move(world.analyst, task.pk, None, "sign")
    alerts.record_contact(world.analyst, task.pk, None, "answered")
    alerts.move(world.analyst, task.pk, None, "awakened_by_phone")
    ticking.tick(at + dt.timedelta(minutes=1))
    assert FollowUp.objects.filter(task=task).count() == 3
    assert timezone.now() == at

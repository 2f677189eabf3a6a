"""Who is called about an order, when, and how often: by the ledger alone."""

from __future__ import annotations

import datetime as dt
import os
import subprocess
import sys

import pytest
from django.utils import timezone

from qingdun.console.alerts import actions as alerts
from qingdun.console.alerts.actions import UNDO_FOR
from qingdun.console.alerts.intake import ingest_alerts
from qingdun.console.alerts.models import LastAct, Task, TaskEvent
from qingdun.console.alerts.ticking import tick as tick_alerts
from qingdun.console.duty import actions, ticking
from qingdun.console.duty.models import DutyCall, OfficerNumber, Shift
from qingdun.console.kernel.audit import verify_chain
from qingdun.console.kernel.models import AuditRow, Organisation, Person
from qingdun.console.sms.models import Message
from qingdun.errors import IllegalMove
from tests.console.alerts.world import alert, evidence
from tests.console.duty.conftest import NUMBERS, Posts
from tests.console.sms.conftest import PATIENCE_S, ROOT
from tests.console.sms.test_worker import database

MINUTE = dt.timedelta(seconds=60)


def called() -> list[str]:
    return [one.officer.username for one in DutyCall.objects.order_by("order_at", "step")]


def test_the_officer_on_duty_is_called_with_the_order_and_no_word_of_the_person(posts: Posts) -> None:
    posts.on_duty(posts.station, posts.world.officer)
    task = posts.ordered()
    assert ticking.tick(timezone.now()) == 1
    message = Message.objects.get()
    assert (message.kind, message.msisdn, message.priority) == ("duty", NUMBERS["officer"], 0)
    assert message.not_before == message.created_at  # no delay: the next round of the sender takes it
    assert f"{task.pk}号" in message.text
    assert "紧急" in message.text
    assert posts.world.town.name in message.text
    person = Person.objects.get(pk=task.person_id)
    for word in (person.name, person.name[0] + "女士", task.msisdn, task.msisdn[-4:], person.person_id):
        assert word not in message.text
    row = AuditRow.objects.get(verb="call_to_duty")
    assert NUMBERS["officer"] not in row.after
    assert verify_chain().intact


def test_again_until_signed_then_the_next_then_the_county_then_nobody(posts: Posts) -> None:
    world = posts.world
    posts.on_duty(posts.county, world.county)
    posts.on_duty(posts.station, world.colleague, position=2)
    posts.on_duty(posts.station, world.officer, position=1)
    posts.ordered("high")
    now = timezone.now()
    for minute in range(12):
        ticking.tick(now + minute * MINUTE)
        ticking.tick(now + minute * MINUTE + MINUTE / 2)
    assert called() == ["officer", "officer", "colleague", "colleague", "county", "county"]
    assert [one.step for one in DutyCall.objects.order_by("step")] == list(range(6))
    assert Message.objects.count() == 6


def test_a_signature_ends_the_calls(posts: Posts) -> None:
    posts.on_duty(posts.station, posts.world.officer)
    task = posts.ordered()
    now = timezone.now()
    ticking.tick(now)
    alerts.move(posts.world.officer, task.pk, None, "sign")
    assert ticking.tick(now + MINUTE) == 0
    assert called() == ["officer"]


def test_calm_tasks_and_tasks_elsewhere_call_nobody_until_the_level_rises(posts: Posts) -> None:
    posts.on_duty(posts.station, posts.world.officer)
    task = posts.ordered("medium")
    assert ticking.tick(timezone.now()) == 0
    type(task).objects.filter(pk=task.pk).update(level="urgent", level_rank=0)
    assert ticking.tick(timezone.now()) == 1


def test_a_new_order_begins_anew(posts: Posts) -> None:
    posts.on_duty(posts.station, posts.world.officer)
    task = posts.ordered()
    now = timezone.now()
    for minute in range(4):
        ticking.tick(now + minute * MINUTE)
    assert len(called()) == 2
    alerts.move(posts.world.analyst, task.pk, None, "recall")
    assert ticking.tick(now + 5 * MINUTE) == 0
    alerts.dispatch(posts.world.analyst, task.pk, None)
    assert ticking.tick(now + 6 * MINUTE) == 1
    assert len(set(DutyCall.objects.values_list("order_at", flat=True))) == 2
    assert TaskEvent.objects.filter(task=task, target="station").count() == 2


def test_no_roster_no_number_no_account_goes_on_to_the_next(posts: Posts) -> None:
    world = posts.world
    posts.ordered()
    now = timezone.now()
    assert ticking.tick(now) == 0
    posts.on_duty(posts.station, world.officer)
    posts.on_duty(posts.station, world.colleague, position=2)
    posts.on_duty(posts.county, world.county)
    OfficerNumber.objects.filter(officer=world.officer).delete()
    world.colleague.is_active = False
    world.colleague.save()
    assert ticking.tick(now) == 1
    assert called() == ["county"]


def test_clock_jumps_bring_one_step_and_no_flood(posts: Posts) -> None:
    posts.on_duty(posts.station, posts.world.officer)
    posts.on_duty(posts.station, posts.world.colleague, position=2)
    posts.ordered()
    now = timezone.now()
    assert [ticking.tick(now), ticking.tick(now)] == [1, 0]
    ahead = now + dt.timedelta(hours=3)
    assert [ticking.tick(ahead), ticking.tick(ahead)] == [1, 0]
    # Set back: the last call lies hours ahead; the next is not held up until then.
    back = now + dt.timedelta(seconds=10)
    assert [ticking.tick(back), ticking.tick(back), ticking.tick(back + MINUTE)] == [1, 0, 1]
    assert called() == ["officer", "officer", "colleague", "colleague"]


def test_a_shift_that_ends_hands_the_calls_to_the_next_one(posts: Posts) -> None:
    world = posts.world
    posts.on_duty(posts.station, world.officer, hours=2)
    end = Shift.objects.get().ends_at
    actions.add_shift(world.analyst, posts.station, world.colleague.pk, end, end + dt.timedelta(hours=8))
    posts.ordered()
    ticking.tick(end - MINUTE)
    ticking.tick(end)
    assert called() == ["officer", "colleague"]


@pytest.mark.parametrize("repeat", ["5", "300"])
def test_the_pause_is_a_setting(posts: Posts, repeat: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("QINGDUN_DUTY_REPEAT_SECONDS", repeat)
    monkeypatch.setenv("QINGDUN_DUTY_CALLS", "3")
    posts.on_duty(posts.station, posts.world.officer)
    posts.ordered()
    now = timezone.now()
    pause = dt.timedelta(seconds=int(repeat))
    did = [ticking.tick(now + step * pause / 2) for step in range(9)]
    assert did == [1, 0, 1, 0, 1, 0, 0, 0, 0]


def test_a_high_order_calls_when_it_can_no_longer_be_taken_back(posts: Posts) -> None:
    posts.on_duty(posts.station, posts.world.officer)
    task = posts.ordered("high")
    ordered_at = TaskEvent.objects.get(task=task, target="station").at
    # A tick that waited for others began before the order that it finds.
    assert ticking.tick(ordered_at - dt.timedelta(seconds=8)) == 0
    assert ticking.tick(ordered_at + UNDO_FOR - dt.timedelta(milliseconds=1)) == 0
    alerts.undo(posts.world.analyst, task.pk)
    assert ticking.tick(ordered_at + UNDO_FOR + MINUTE) == 0
    assert not Message.objects.exists()
    alerts.dispatch(posts.world.analyst, task.pk, None)
    again_at = TaskEvent.objects.filter(task=task, verb="dispatch_straight").latest("pk").at
    assert ticking.tick(again_at + UNDO_FOR) == 1
    assert ticking.tick(again_at - dt.timedelta(hours=1)) == 1  # a clock set back holds nobody up


def test_the_tick_is_told_when_an_order_can_no_longer_be_taken_back(posts: Posts) -> None:
    """Or its calls would go up to a second after that moment."""
    posts.on_duty(posts.station, posts.world.officer)
    posts.ordered()
    assert ticking.due_next(timezone.now()) is None, "an urgent order is held back by nothing"
    task = posts.ordered("high", 1)
    at = TaskEvent.objects.get(task=task, target="station").at
    assert ticking.due_next(at) == at + UNDO_FOR
    assert ticking.due_next(at + UNDO_FOR) is None, "from then on it is due"
    alerts.undo(posts.world.analyst, task.pk)
    assert ticking.due_next(at) is None
    alerts.dispatch(posts.world.analyst, task.pk, None)
    last = LastAct.objects.get(task=task)
    assert ticking.due_next(last.at) == last.at + UNDO_FOR


def test_a_high_order_that_can_be_taken_back_no_more_calls_at_once(posts: Posts) -> None:
    """What holds it back is that somebody may undo it, and not that five seconds have not gone by."""
    posts.on_duty(posts.station, posts.world.officer)
    task = posts.ordered("high")
    at = TaskEvent.objects.get(task=task, target="station").at
    assert ticking.tick(at) == 0
    piece = evidence(9, "message.lure", "sender", "106000000077", 2.0, "二", "two")
    ingest_alerts(None, [alert(0, "high", "police", "control", (piece,), 30)._replace(alert_id="more")])
    with pytest.raises(IllegalMove):
        alerts.undo(posts.world.analyst, task.pk)
    assert ticking.due_next(at) is None
    assert ticking.tick(at + dt.timedelta(milliseconds=1)) == 1


def test_an_undo_and_the_call_exclude_each_other(posts: Posts, monkeypatch: pytest.MonkeyPatch) -> None:
    """At the very moment at which the call goes, nothing is undone any more; a moment before, it is."""
    posts.on_duty(posts.station, posts.world.officer)
    task = posts.ordered("high")
    at = TaskEvent.objects.get(task=task, target="station").at
    monkeypatch.setattr("django.utils.timezone.now", lambda: at + UNDO_FOR)
    with pytest.raises(IllegalMove):
        alerts.undo(posts.world.analyst, task.pk)
    assert ticking.tick(at + UNDO_FOR) == 1


def test_a_clock_that_ran_out_calls_whoever_is_told_once_each_up_to_the_city(posts: Posts) -> None:
    world = posts.world
    city = Organisation.objects.get(kind="city_bureau").code
    actions.set_number(world.analyst, city, world.analyst.pk, "+8617258900004")
    posts.on_duty(posts.station, world.colleague)
    posts.on_duty(posts.county, world.county)
    posts.on_duty(city, world.analyst)
    task = posts.ordered()
    alerts.move(world.officer, task.pk, None, "sign")
    task.refresh_from_db()
    now = task.due_at + dt.timedelta(seconds=1)  # three minutes to call have gone by
    for _second in range(200):
        tick_alerts(now)
        ticking.tick(now)
        ticking.tick(now)
        now += dt.timedelta(seconds=1)
    assert called() == ["colleague", "county", "city"]
    assert set(DutyCall.objects.values_list("late", flat=True)) == {True}
    texts = list(Message.objects.values_list("text", flat=True))
    assert all("已超过处置时限" in text and f"{task.pk}号" in text for text in texts)
    assert AuditRow.objects.filter(verb="call_to_duty").count() == 3


def test_what_the_city_forgets_calls_the_city_and_what_was_done_meanwhile_nobody(posts: Posts) -> None:
    world = posts.world
    city = Organisation.objects.get(kind="city_bureau").code
    actions.set_number(world.analyst, city, world.analyst.pk, "+8617258900004")
    posts.on_duty(city, world.analyst)
    task = posts.ordered()
    alerts.move(world.analyst, task.pk, None, "recall")
    alerts.move(world.analyst, task.pk, None, "dismiss", "本人账户互转")
    piece = evidence(5, "call.fanout", "number", "+00852170990009", 6.0, "一", "one")
    for index in (1, 2):
        ingest_alerts(None, [alert(index, "urgent", "police", "control", (piece,))])
    kept, done = Task.objects.order_by("-pk")[:2]
    now = timezone.now() + dt.timedelta(seconds=61)
    tick_alerts(now)
    alerts.dispatch(world.analyst, done.pk, None)
    assert ticking.tick(now) == 1
    assert ticking.tick(now + MINUTE) == 0
    assert DutyCall.objects.get().task == kept


def test_a_clock_that_ran_out_while_the_tick_was_off_for_long_wakes_nobody(posts: Posts) -> None:
    posts.on_duty(posts.station, posts.world.officer, hours=20)
    task = posts.ordered()
    alerts.move(posts.world.officer, task.pk, None, "sign")
    now = timezone.now() + dt.timedelta(minutes=4)
    tick_alerts(now)
    assert ticking.tick(now + ticking.HEARD_OF_FOR + MINUTE) == 0


@pytest.mark.django_db(transaction=True)
def test_processes_at_once_make_each_step_once(transactional_db: None, posts: Posts) -> None:
    posts.on_duty(posts.station, posts.world.officer)
    for index in (0,):
        posts.ordered("urgent", index)
    code = (
        "import django; django.setup()\n"
        "from django.utils import timezone\n"
        "from qingdun.console.duty.ticking import tick\n"
        "print(sum(tick(timezone.now()) for _ in range(20)))\n"
    )
    environment = {
        **{name: value for name, value in os.environ.items() if not name.startswith("QINGDUN_")},
        "DJANGO_SETTINGS_MODULE": "qingdun.console.settings",
        "QINGDUN_VAR": os.environ["QINGDUN_VAR"],
        "QINGDUN_SECRET_KEY": "only-for-tests-" * 4,
        "QINGDUN_DATABASE": database(),
        "QINGDUN_DUTY_REPEAT_SECONDS": "3600",
    }
    running = [
        subprocess.Popen([sys.executable, "-c", code], env=environment, cwd=ROOT, stdout=subprocess.PIPE)
        for _ in range(3)
    ]
    did = [int(process.communicate(timeout=PATIENCE_S)[0]) for process in running]
    assert (sum(did), DutyCall.objects.count(), Message.objects.count()) == (1, 1, 1)

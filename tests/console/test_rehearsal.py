"""A demonstration's past is worked by synthetic officers in its own time; a watcher keeps what they took."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest
from django.utils import timezone

from qingdun.console import rehearsal
from qingdun.console.alerts import actions
from qingdun.console.alerts.models import Clock, Contact, Task, TaskEvent
from qingdun.console.alerts.states import SETTLED, State
from qingdun.console.kernel.audit import verify_chain
from qingdun.console.kernel.demo import clock_at, doors
from qingdun.console.kernel.models import AuditRow, Person, User
from qingdun.console.rehearsal import RehearsedSink
from qingdun.errors import NotPermitted
from tests.console.alerts import world as made
from tests.console.alerts.world import World, build_world

RAISED = made.MORNING + dt.timedelta(minutes=24)


@pytest.fixture
def world(db: None, settings: Any) -> World:
    settings.DEMO = True
    return build_world()


def row(index: int, level: str, minute: float = 24) -> Any:
    """An alert of that level on person `index`, raised so many minutes after the morning began."""
    return made.alert(index, level, "police", "transfer", made.POLICE_EVIDENCE, minute)


def test_the_past_has_been_worked_at_its_own_time(world: World) -> None:
    levels = ("urgent", "high", "medium", "low")
    sink = RehearsedSink("/demo", live=False)
    sink.alerts([row(n, levels[n % 4]) for n in range(12)], {})
    sink.progress(made.us(RAISED + dt.timedelta(hours=20)), {})
    tasks = list(Task.objects.all())
    assert len(tasks) == Person.objects.count() == 12
    assert {task.state for task in tasks} <= {*SETTLED, State.UNREACHABLE}
    assert sum(task.state == State.FOLLOW_UP for task in tasks) >= 8
    for task in tasks:
        assert task.received_at == RAISED + rehearsal.TAKEN_IN
        lines = list(task.events.order_by("pk"))
        times = [line.at for line in lines]
        assert times == sorted(times)
        assert times[-1] < RAISED + dt.timedelta(hours=20)
        assert all(line.actor is None or line.actor.username.startswith("duty-") for line in lines)
    assert Contact.objects.filter(at__gt=RAISED).count() >= 12
    in_time = Clock.objects.filter(kept=True, breached_at=None).count()
    assert in_time > 0.8 * Clock.objects.filter(kept=True).count()
    for breached in Clock.objects.exclude(breached_at=None):
        assert breached.breached_at is not None
        assert breached.due_at <= breached.breached_at < RAISED + dt.timedelta(hours=20)
    assert verify_chain().intact


def test_synthetic_officers_say_so_and_nobody_can_be_one(world: World) -> None:
    RehearsedSink("/demo", live=False)
    officers = User.objects.filter(username__startswith="duty-")
    assert officers.count() == 1 + 8 + 85
    assert all(str(one).endswith("（合成）") and not one.has_usable_password() for one in officers)
    assert not any(account in officers for door in doors() for account in door.accounts)


def test_what_somebody_who_watches_has_taken_up_is_theirs(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    now = RAISED
    monkeypatch.setattr(timezone, "now", lambda: now)
    sink = RehearsedSink("/demo", live=True)
    sink.alerts([row(0, "urgent"), row(1, "urgent")], {})
    mine, other = Task.objects.order_by("person_id")
    actions.dispatch(world.analyst, mine.pk, None)
    now += dt.timedelta(minutes=30)
    for _ in range(40):
        now += dt.timedelta(seconds=30)
        sink.progress(made.us(now), {})
    mine.refresh_from_db()
    other.refresh_from_db()
    assert mine.state == State.STATION
    assert {line.actor for line in mine.events.exclude(actor=None)} == {world.analyst}
    assert other.state not in (State.SCORED, State.STATION)


def test_live_officers_leave_most_of_a_clock_to_whoever_watches(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    now = RAISED
    monkeypatch.setattr(timezone, "now", lambda: now)
    sink = RehearsedSink("/demo", live=True)
    sink.alerts([row(0, "urgent")], {})
    now = RAISED + dt.timedelta(seconds=39)
    sink.progress(made.us(now), {})
    assert Task.objects.get().state == State.SCORED
    now = RAISED + dt.timedelta(seconds=59)
    sink.progress(made.us(now), {})
    assert Task.objects.get().state == State.STATION
    assert not Clock.objects.exclude(breached_at=None).exists()


def test_the_same_day_again_changes_nothing(world: World) -> None:
    counts = []
    for _time in range(2):
        sink = RehearsedSink("/demo", live=False)
        sink.alerts([row(0, "high"), row(1, "medium")], {})
        sink.progress(made.us(RAISED + dt.timedelta(hours=20)), {})
        counts.append([model.objects.count() for model in (Task, TaskEvent, Contact)])
    assert counts[0] == counts[1]
    assert AuditRow.objects.filter(verb="ingest_alerts").count() == 2


def test_no_other_clock_outside_demo_mode(world: World, settings: Any) -> None:
    with clock_at(RAISED):
        assert timezone.now() == RAISED
    assert timezone.now() > RAISED
    settings.DEMO = False
    with pytest.raises(NotPermitted), clock_at(RAISED):
        pass
    with pytest.raises(NotPermitted):
        RehearsedSink("/demo", live=False)

"""What ran out is breached once and climbs, whatever the clock on the wall does."""

from __future__ import annotations

import datetime as dt

import pytest

from qingdun.console import ticking as process
from qingdun.console.alerts import actions, clocks, intake
from qingdun.console.alerts.models import Clock, Escalation, Task, TaskEvent
from qingdun.console.alerts.states import AT_A_DESK, State
from qingdun.console.alerts.ticking import holder, tick
from qingdun.console.kernel.models import AuditRow, LiveEvent
from tests.console.alerts import world as made
from tests.console.alerts.world import World

SECOND = dt.timedelta(seconds=1)


def due(task: Task) -> dt.datetime:
    task.refresh_from_db()
    assert task.due_at is not None
    return task.due_at


def told(task: Task) -> tuple[int, int]:
    """Breaches and steps up in the history."""
    lines = TaskEvent.objects.filter(task=task)
    return lines.filter(verb="breach").count(), lines.filter(verb="tell_above").count()


def test_a_clock_breaches_once_with_one_line_one_audit_row_and_one_event(world: World, task: Task) -> None:
    at = due(task)
    assert tick(at) == 0  # in time to the very moment
    rows, events = AuditRow.objects.count(), LiveEvent.objects.count()
    late = at + SECOND
    assert tick(late) == 1
    assert tick(late) == 0
    assert tick(late + SECOND) == 0
    clock = Clock.objects.get(task=task)
    assert (clock.breached_at, clock.stopped_at) == (late, None)
    assert told(task) == (1, 0)
    assert (AuditRow.objects.count(), LiveEvent.objects.count()) == (rows + 1, events + 1)
    event = LiveEvent.objects.latest("pk")
    assert event.payload == {
        "task": task.pk, "change": "breach", "level": "urgent", "state": "scored", "escalation": 1,
    }  # fmt: skip


def test_a_breach_takes_nobodys_form_away(world: World, task: Task) -> None:
    actions.dispatch(world.analyst, task.pk, None)
    version = Task.objects.get().version
    tick(due(task) + SECOND)
    assert actions.move(world.officer, task.pk, version, "sign").state == State.SIGNED


def test_escalation_climbs_from_the_station_to_the_county_to_the_city_and_stops(
    world: World, task: Task
) -> None:
    actions.dispatch(world.analyst, task.pk, None)
    now = due(task) + SECOND
    tick(now)
    seen = [Task.objects.get().escalation]
    for _ in range(4):
        now += dt.timedelta(seconds=61)
        tick(now)
        seen.append(Task.objects.get().escalation)
    assert seen == [1, 2, 3, 3, 3]
    assert Task.objects.get().escalate_at is None
    # Sign, then call ran out meanwhile: both are breaches, the way up is one.
    assert told(task) == (2, 2)


def test_what_the_city_holds_goes_no_higher_and_a_county_goes_to_the_city(world: World) -> None:
    intake.ingest_alerts(None, [made.police_high()])
    task = Task.objects.get()
    tick(due(task) + SECOND)
    task.refresh_from_db()
    assert (task.escalation, task.escalate_at) == (Escalation.HOLDER, None)
    clocks.set_rule(world.analyst, "medium", "sign", "", "both", 600, "试行三个月")
    Task.objects.update(level="medium")
    actions.dispatch(world.analyst, task.pk, None)
    now = due(task) + SECOND
    tick(now)
    task.refresh_from_db()
    assert task.escalate_at is not None
    tick(task.escalate_at + SECOND)
    task.refresh_from_db()
    assert (task.state, task.escalation, task.escalate_at) == (State.COUNTY, Escalation.CITY, None)


def test_doing_the_step_late_ends_the_escalation(world: World, task: Task) -> None:
    actions.dispatch(world.analyst, task.pk, None)
    tick(due(task) + SECOND)
    actions.move(world.officer, task.pk, None, "sign")
    task.refresh_from_db()
    assert (task.escalation, task.escalate_at) == (Escalation.NONE, None)


def test_a_jump_forward_breaches_everything_due_once_and_a_jump_back_changes_nothing(
    world: World, task: Task
) -> None:
    actions.dispatch(world.analyst, task.pk, None)
    start = due(task)
    far = start + dt.timedelta(days=400)
    assert tick(far) == 3
    assert told(task) == (3, 0)
    stands = list(Task.objects.values()), list(Clock.objects.values()), AuditRow.objects.count()
    for now in (start - dt.timedelta(days=400), start, far):
        assert tick(now) == 0
        assert (list(Task.objects.values()), list(Clock.objects.values()), AuditRow.objects.count()) == stands
    assert tick(far + dt.timedelta(seconds=61)) == 1


def test_a_restart_finds_the_marks(world: World, task: Task) -> None:
    late = due(task) + SECOND
    assert process.tick_once(late)["qingdun.console.alerts.ticking.tick"] == 1
    assert process.tick_once(late)["qingdun.console.alerts.ticking.tick"] == 0


def test_stopped_clocks_and_ended_tasks_are_left_alone(world: World, task: Task) -> None:
    at = due(task)
    actions.move(world.analyst, task.pk, None, "dismiss", "本人账户互转")
    assert tick(at + dt.timedelta(days=1)) == 0
    assert told(task) == (0, 0)


def test_many_at_once_are_done_over_several_ticks(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    from qingdun.console.alerts import ticking

    monkeypatch.setattr(ticking, "AT_ONCE", 2)
    intake.ingest_alerts(None, [made.police_urgent(), *made.calm_alerts()[:4]])
    far = due(Task.objects.latest("pk")) + dt.timedelta(days=1)
    assert [tick(far), tick(far), tick(far), tick(far)] == [2, 2, 1, 0]


@pytest.mark.parametrize("state", State.values)
def test_every_state_has_a_holder(state: str) -> None:
    task = Task(state=state, county_id=1)
    expected = Escalation.HOLDER if state not in AT_A_DESK else Escalation.CITY
    if state in (State.COUNTY, State.BOUNCED):
        expected = Escalation.COUNTY
    assert holder(task) == expected

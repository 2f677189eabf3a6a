"""Medium alerts: timed from the alert, called from the city's hotline, handed down if unsettled."""

from __future__ import annotations

import datetime as dt

import pytest
from pytest_django import Settings

from qingdun.console.alerts import actions, clocks, intake
from qingdun.console.alerts.models import Clock, Contact, Task, TaskEvent
from qingdun.console.alerts.moves import State
from qingdun.console.alerts.ticking import tick
from qingdun.errors import IllegalMove, NotPermitted
from tests.console.alerts import world as made
from tests.console.alerts.world import World
from tests.console.conftest import LogIn

HOUR, DAY = dt.timedelta(hours=1), dt.timedelta(days=1)


@pytest.fixture
def medium(world: World) -> Task:
    """A medium alert, on the city's desk."""
    row = made.police_high()._replace(alert_id="medium", level="medium")
    intake.ingest_alerts(None, [row])
    return Task.objects.get()


@pytest.fixture
def client_of(settings: Settings, log_in: LogIn) -> LogIn:
    """A browser of that user; the second factor has tests of its own."""
    settings.DEMO = True
    return log_in


def running(task: Task) -> dict[str, dt.datetime]:
    return dict(Clock.objects.filter(task=task, stopped_at=None).values_list("name", "due_at"))


def test_a_medium_alert_is_timed_from_its_arrival_and_a_desk_that_forgets_it_is_told(medium: Task) -> None:
    got = medium.received_at
    assert running(medium) == {"call": got + 2 * HOUR, "meet": got + DAY}
    assert tick(got + 2 * HOUR + dt.timedelta(seconds=1)) == 1
    medium.refresh_from_db()
    assert medium.escalation > 0


def test_being_sent_on_gives_nobody_more_time(world: World, medium: Task) -> None:
    due = running(medium)
    actions.dispatch(world.analyst, medium.pk, None)
    actions.dispatch(world.county, medium.pk, None)
    task = actions.move(world.officer, medium.pk, None, "sign")
    assert task.state == State.SIGNED
    assert running(task) == due


def test_the_hotline_calls_first_and_settles_it(world: World, medium: Task) -> None:
    actions.move(world.analyst, medium.pk, None, "hotline")
    task = actions.record_contact(world.analyst, medium.pk, None, "answered")
    assert (task.state, task.owner) == (State.REACHED, world.analyst)
    task = actions.save_visit(
        world.analyst, medium.pk, None, "hotline-1", actions.VisitForm(("persuade",)), "awakened"
    )
    assert (task.state, task.verdict) == (State.FEEDBACK, "awakened")
    assert running(task) == {}


def test_what_the_hotline_does_not_reach_goes_down_for_a_visit_within_the_day(
    world: World, medium: Task
) -> None:
    due = running(medium)
    actions.move(world.analyst, medium.pk, None, "hotline")
    actions.record_contact(world.analyst, medium.pk, None, "no_answer")
    with pytest.raises(IllegalMove, match="签收人为值班员甲"):
        actions.move(world.county, medium.pk, None, "call")
    task = actions.move(world.analyst, medium.pk, None, "hand_down")
    assert (task.state, task.owner, task.county is not None) == (State.COUNTY, None, True)
    assert running(task) == {"meet": due["meet"]}
    task = actions.dispatch(world.county, medium.pk, None)
    assert task.station == world.station
    assert running(task)["meet"] == due["meet"]


def test_the_desk_offers_the_hotline_and_the_phone_page_the_way_down(
    world: World, medium: Task, client_of: LogIn
) -> None:
    client = client_of(world.analyst)
    assert 'data-verb="hotline"' in client.get(f"/alerts/{medium.pk}/").content.decode()
    actions.move(world.analyst, medium.pk, None, "hotline")
    assert 'data-verb="hand_down"' in client.get(f"/m/visit/{medium.pk}/").content.decode()


def test_neither_serious_alerts_nor_counties_use_the_hotline(world: World, medium: Task) -> None:
    with pytest.raises(NotPermitted):
        actions.move(world.county, medium.pk, None, "hotline")
    intake.ingest_alerts(None, [made.police_high()])
    with pytest.raises(IllegalMove):
        actions.move(world.analyst, medium.pk, None, "hotline")


def test_results_of_calls_are_entered_as_calls_alone(world: World, medium: Task) -> None:
    actions.move(world.analyst, medium.pk, None, "hotline")
    actions.move(world.analyst, medium.pk, None, "call")
    for verb in ("reach", "miss", "refuse"):
        with pytest.raises(IllegalMove, match="专门的表单"):
            actions.move(world.analyst, medium.pk, None, verb)
    actions.record_contact(world.analyst, medium.pk, None, "refused")
    assert Contact.objects.get().result == "refused"


def test_a_high_order_sent_out_again_and_again_keeps_its_hard_cap(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    intake.ingest_alerts(None, [made.police_high()])
    task = Task.objects.get()
    clock = _Wall(task.received_at)
    monkeypatch.setattr("django.utils.timezone.now", clock)
    actions.dispatch(world.analyst, task.pk, None)
    assert running(task)["meet"] == clock.at + 2 * HOUR
    for hours in (10, 20, 23):
        clock.at = task.received_at + hours * HOUR
        actions.move(world.analyst, task.pk, None, "recall")
        actions.dispatch(world.analyst, task.pk, None)
    assert running(task)["meet"] == task.received_at + DAY
    clocks.set_rule(world.analyst, "high", "cap", "", "both", 86_400 * 2, "专项行动")
    clock.at += HOUR
    actions.move(world.analyst, task.pk, None, "recall")
    actions.dispatch(world.analyst, task.pk, None)
    assert running(task)["meet"] == clock.at + 2 * HOUR


def test_a_clock_that_ran_out_while_no_tick_ran_is_breached_when_it_is_stopped(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    intake.ingest_alerts(None, [made.police_urgent()])
    task = Task.objects.get()
    clock = _Wall(task.received_at + dt.timedelta(seconds=61))
    monkeypatch.setattr("django.utils.timezone.now", clock)
    actions.dispatch(world.analyst, task.pk, None)
    late = Clock.objects.get(task=task, stopped_at=clock.at)
    assert (late.name, late.breached_at) == ("sign", clock.at)
    breaches = TaskEvent.objects.filter(task=task, verb="breach", withdrawn_at=None)
    assert breaches.count() == 1
    actions.undo(world.analyst, task.pk)
    late.refresh_from_db()
    assert (late.stopped_at, late.breached_at, breaches.count()) == (None, None, 0)
    assert tick(clock.at) == 1  # and the tick that is back tells the duty officer
    task.refresh_from_db()
    assert (task.escalation, breaches.count()) == (1, 1)


def test_a_rise_takes_up_what_was_closed_and_the_same_level_does_not(world: World) -> None:
    low = made.police_high()._replace(alert_id="low", level="low")
    intake.ingest_alerts(None, [low])
    task = Task.objects.get()
    actions.move(world.analyst, task.pk, None, "dismiss", "短信已提醒")
    intake.ingest_alerts(None, [low._replace(alert_id="low again")])
    assert Task.objects.get().state == State.CLOSED
    intake.ingest_alerts(None, [low._replace(alert_id="medium", level="medium")])
    task = Task.objects.get()
    assert (task.state, task.level) == (State.REOPENED, "medium")
    assert set(running(task)) == {"call", "meet"}


class _Wall:
    """The clock on the wall, set by hand."""

    def __init__(self, at: dt.datetime) -> None:
        self.at = at

    def __call__(self) -> dt.datetime:
        return self.at

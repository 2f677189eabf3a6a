"""The last move is taken back within five seconds, by its actor, if nothing has happened since."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable

import pytest
from django.utils import timezone

from qingdun.console.alerts import actions, intake, undoing
from qingdun.console.alerts.actions import VisitForm, undo
from qingdun.console.alerts.models import Clock, Contact, Escalation, LastAct, Task, TaskEvent
from qingdun.console.alerts.moving import UNDO_FOR
from qingdun.console.alerts.outcomes import outcomes_since
from qingdun.console.alerts.states import State
from qingdun.console.alerts.ticking import tick
from qingdun.console.kernel.audit import verify_chain
from qingdun.console.kernel.models import AuditRow, LiveEvent
from qingdun.console.measures.queries import week
from qingdun.errors import IllegalMove, NotPermitted
from tests.console.alerts import world as made
from tests.console.alerts.world import World

SAME = (
    "state", "level", "level_rank", "owner_id", "station_id", "county_id", "due_at", "due_clock", "closed_at",
    "verdict", "verdict_at", "lost_at", "escalation", "escalate_at",
)  # fmt: skip


def looks(task: Task) -> dict[str, object]:
    """The task and its clocks as anybody may compare them."""
    task = Task.objects.get(pk=task.pk)
    clocks = Clock.objects.filter(task=task).order_by("pk")
    return {
        **{name: getattr(task, name) for name in SAME},
        "clocks": list(clocks.values_list("pk", "name", "started_at", "due_at", "stopped_at", "kept")),
    }


def signed(world: World, task: Task) -> Task:
    actions.dispatch(world.analyst, task.pk, None)
    return actions.move(world.officer, task.pk, None, "sign")


def met(world: World, task: Task) -> Task:
    signed(world, task)
    return actions.move(world.officer, task.pk, None, "meet")


@pytest.fixture
def later(monkeypatch: pytest.MonkeyPatch) -> Callable[[float], None]:
    """The server's clock goes on by so many seconds."""
    clock = [timezone.now()]
    monkeypatch.setattr(timezone, "now", lambda: clock[0])

    def go_on(seconds: float) -> None:
        clock[0] += dt.timedelta(seconds=seconds)

    return go_on


def test_a_dispatch_is_undone_as_if_it_had_not_been(
    world: World, task: Task, later: Callable[[float], None]
) -> None:
    was = looks(task)
    later(7)
    actions.dispatch(world.analyst, task.pk, None)
    assert looks(task) != was
    later(4.9)
    back = undo(world.analyst, task.pk)
    assert looks(task) == was
    assert back.moved_at == timezone.now()


def test_history_keeps_both_lines_and_the_audit_and_the_desk_hear_of_it(world: World, task: Task) -> None:
    actions.dispatch(world.analyst, task.pk, None)
    undo(world.analyst, task.pk)
    lines = list(TaskEvent.objects.filter(task=task).order_by("pk"))
    assert [line.verb for line in lines] == ["open", "score", "dispatch_straight", "undo"]
    assert lines[2].withdrawn_at is not None
    assert (lines[3].source, lines[3].target, lines[3].note) == ("station", "scored", "dispatch_straight")
    row = AuditRow.objects.get(verb="undo")
    assert ("state", "station", "scored") in row.changes
    assert verify_chain().intact
    event = LiveEvent.objects.latest("pk")
    assert (event.payload["change"], event.stations) == ("undo", [world.station.pk])


def test_after_five_seconds_by_the_servers_clock_it_is_over(
    world: World, task: Task, later: Callable[[float], None]
) -> None:
    actions.dispatch(world.analyst, task.pk, None)
    later(5.001)
    with pytest.raises(IllegalMove, match="5"):
        undo(world.analyst, task.pk)
    assert Task.objects.get().state == State.STATION


def test_only_who_moved_it_may_and_only_once(world: World, task: Task) -> None:
    signed(world, task)
    for actor in (world.analyst, world.colleague):
        with pytest.raises(IllegalMove):
            undo(actor, task.pk)
    undo(world.officer, task.pk)
    with pytest.raises(IllegalMove):
        undo(world.officer, task.pk)
    with pytest.raises(NotPermitted):
        undo(world.other_county, task.pk)
    assert Task.objects.get().state == State.STATION


def test_nothing_is_undone_that_was_followed_by_something(world: World) -> None:
    intake.ingest_alerts(None, [made.police_high()])
    task = Task.objects.get()
    actions.dispatch(world.analyst, task.pk, None)
    intake.ingest_alerts(None, [made.police_urgent()])
    with pytest.raises(IllegalMove):
        undo(world.analyst, task.pk)


def test_a_slip_on_the_result_of_a_call_leaves_nothing_behind(world: World) -> None:
    intake.ingest_alerts(None, [made.police_high()])
    task = Task.objects.get()
    signed(world, task)
    was = looks(task)
    actions.record_contact(world.officer, task.pk, None, "busy")
    assert Task.objects.get().level == "urgent"
    undo(world.officer, task.pk)
    assert looks(task) == was
    assert Contact.objects.get().withdrawn_at is not None
    later = timezone.now() + dt.timedelta(minutes=1)
    assert outcomes_since(0, now=later).rows == []
    # Withdrawn calls do not add up to a search.
    for _ in range(2):
        actions.record_contact(world.officer, task.pk, None, "no_answer")
    assert Task.objects.get().state == State.UNREACHABLE


def test_a_verdict_and_its_report_go_back_together_and_count_nowhere(world: World, task: Task) -> None:
    met(world, task)
    was = looks(task)
    actions.save_visit(world.officer, task.pk, None, "key-00000001", VisitForm(reason="work"), "false_alarm")
    undo(world.officer, task.pk)
    assert looks(task) == was
    assert week(world.analyst)[1]["verified"] == 0
    actions.save_visit(world.officer, task.pk, None, "key-00000002", VisitForm(), "awakened")
    counted = week(world.analyst)[1]
    assert (counted["confirmed"], counted["verified"]) == (1, 1)
    later = timezone.now() + dt.timedelta(minutes=1)
    assert [row.result for row in outcomes_since(0, now=later).rows] == ["awakened"]


def test_every_move_of_the_table_can_be_undone(world: World, task: Task) -> None:
    from qingdun.console.alerts.moves import DISPATCH, MOVES

    tried = 0
    for move in MOVES:
        actor = {"city_analyst": world.analyst, "station_officer": world.analyst}.get(
            move.roles[0], world.analyst
        )
        if move.apart or "urgent" not in move.levels:
            continue
        for source in move.sources:
            made.stand_at(task.pk, source)
            Task.objects.filter(pk=task.pk).update(
                owner=actor, lost_at=timezone.now() if move.lost is False else None
            )
            was = looks(task)
            if move.verb in DISPATCH:
                actions.move(actor, task.pk, None, move.verb, "因为")
            else:
                actions.move(actor, task.pk, None, move.verb, "因为", confirmed=True)
            undo(actor, task.pk)
            assert looks(task) == was, (move.verb, source)
            tried += 1
    assert tried > 80


def test_the_page_is_told_until_when(world: World, task: Task) -> None:
    assert undoing.undoable_until(world.analyst, task) is None
    actions.dispatch(world.analyst, task.pk, None)
    until = undoing.undoable_until(world.analyst, task)
    assert until == LastAct.objects.get().at + UNDO_FOR
    assert undoing.undoable_until(world.officer, task) is None


def test_who_has_heard_meanwhile_of_a_clock_that_ran_out_has_heard_of_it(world: World, task: Task) -> None:
    signed(world, task)
    due = actions.move(world.officer, task.pk, None, "lose").due_at
    assert due is not None
    late = due + dt.timedelta(seconds=1)
    assert tick(late) == 1
    undo(world.officer, task.pk)
    task.refresh_from_db()
    assert (task.lost_at, task.escalation) == (None, Escalation.HOLDER)
    # Nobody calls the clock out a second time: without the time of the next step the county would never hear.
    assert tick(late + dt.timedelta(seconds=61)) == 1
    task.refresh_from_db()
    assert task.escalation == Escalation.COUNTY

"""What people do: states, clocks, audit rows, contact guard, and two who act at once."""

from __future__ import annotations

import datetime as dt

import pytest
from django.utils import timezone

from qingdun.console.alerts import actions, intake, queries
from qingdun.console.alerts.actions import VisitForm
from qingdun.console.alerts.disclosure import Disclosure
from qingdun.console.alerts.export import export_outcomes
from qingdun.console.alerts.models import Alert, Clock, Task
from qingdun.console.alerts.states import State
from qingdun.console.kernel.models import AuditRow, LiveEvent, Organisation
from qingdun.errors import IllegalMove, InputError, NotPermitted
from tests.console.alerts import world as made
from tests.console.alerts.world import World


def to_signed(world: World, task: Task) -> Task:
    actions.dispatch(world.analyst, task.pk, task.version)
    return actions.move(world.officer, task.pk, None, "sign")


def to_met(world: World, task: Task) -> Task:
    to_signed(world, task)
    actions.record_contact(world.officer, task.pk, None, "busy")
    return actions.move(world.officer, task.pk, None, "meet")


def test_whole_life_of_an_urgent_task(world: World, task: Task) -> None:
    met = to_met(world, task)
    form = VisitForm(("hang_up", "persuade"), "家中", "已劝醒", 6_700_000, 0, 3)
    reported = actions.save_visit(world.officer, task.pk, met.version, "key-00000001", form, "awakened")
    assert reported.state == State.FEEDBACK
    actions.move(world.county, task.pk, reported.version, "review")
    followed = actions.move(world.officer, task.pk, None, "follow_up")
    closed = actions.move(world.officer, task.pk, followed.version, "close")
    assert (closed.state, closed.loss_avoided_fen, closed.cards_protected) == ("closed", 6_700_000, 3)
    assert closed.due_at is None
    verbs = list(queries.history(world.analyst, task).order_by("pk").values_list("verb", flat=True))
    assert verbs == [
        "open", "score", "dispatch_straight", "sign", "call", "miss", "meet", "awakened", "report", "review",
        "follow_up", "close",
    ]  # fmt: skip


def test_every_act_leaves_one_audit_row_and_one_event(world: World, task: Task) -> None:
    def written() -> tuple[int, int]:
        return AuditRow.objects.count(), LiveEvent.objects.filter(topic="alerts").count()

    for act in (
        lambda: actions.dispatch(world.analyst, task.pk, None),
        lambda: actions.move(world.officer, task.pk, None, "sign"),
        lambda: actions.record_contact(world.officer, task.pk, None, "busy"),
        lambda: actions.move(world.officer, task.pk, None, "meet"),
        lambda: actions.save_visit(world.officer, task.pk, None, "key-00000001", VisitForm(), "awakened"),
        lambda: actions.move(world.county, task.pk, None, "review"),
        lambda: actions.move(world.officer, task.pk, None, "close"),
        lambda: actions.move(world.county, task.pk, None, "reopen", "家属来电"),
        lambda: actions.undo(world.county, task.pk),
    ):
        rows, events = written()
        act()
        assert written() == (rows + 1, events + 1)


def test_urgent_goes_to_the_towns_station_with_the_county_copied(world: World, task: Task) -> None:
    sent = actions.dispatch(world.analyst, task.pk, task.version)
    assert (sent.state, sent.station) == (State.STATION, world.station)
    assert sent.county is not None
    assert sent.county.region_id == world.town.parent_id


def test_two_who_act_at_once_one_wins_and_the_other_is_told(world: World, task: Task) -> None:
    actions.dispatch(world.analyst, task.pk, task.version)
    told = r"已有人先行办理：值班员甲，\d\d:\d\d:\d\d，直达派出所.*任务当前状态：待派出所签收"
    with pytest.raises(IllegalMove, match=told):
        actions.move(world.county, task.pk, task.version, "dismiss", "误报")


def test_contact_guard_only_who_signed_calls(world: World, task: Task) -> None:
    to_signed(world, task)
    with pytest.raises(IllegalMove, match="只能由签收人办理，签收人为民警丁"):
        actions.record_contact(world.colleague, task.pk, None, "answered")


def test_three_failed_calls_send_out_the_search(world: World, task: Task) -> None:
    to_signed(world, task)
    states = [actions.record_contact(world.officer, task.pk, None, "no_answer").state for _ in range(3)]
    assert states == ["unreachable", "unreachable", "searching"]


def test_busy_line_raises_high_to_urgent(world: World) -> None:
    intake.ingest_alerts(None, [made.police_high()])
    task = Task.objects.get()
    to_signed(world, task)
    raised = actions.record_contact(world.officer, task.pk, None, "busy")
    assert raised.level == "urgent"
    meet = Clock.objects.get(task=task, name="meet", stopped_at=None)
    assert meet.due_at <= timezone.now() + dt.timedelta(minutes=15)


def test_clocks_stop_when_done_and_are_called_off_otherwise(world: World, task: Task) -> None:
    to_met(world, task)
    kept = set(Clock.objects.filter(task=task, kept=True).values_list("name", flat=True))
    assert kept == {"sign", "call", "meet"}
    intake.ingest_alerts(None, made.calm_alerts()[:1])
    other = Task.objects.latest("pk")
    actions.move(world.analyst, other.pk, None, "dismiss", "本人账户互转")
    assert list(Clock.objects.filter(task=other).values_list("name", "kept")) == [("sign", False)]


def test_visit_sent_twice_is_kept_once(world: World, task: Task) -> None:
    to_met(world, task)
    form = VisitForm(("hang_up",), "", "", 100, 0, 0)
    first = actions.save_visit(world.officer, task.pk, None, "key-00000001", form, "awakened")
    again = actions.save_visit(world.officer, task.pk, None, "key-00000001", form, "awakened")
    assert (again.version, again.state) == (first.version, State.FEEDBACK)
    visit = queries.visit(world.officer, task)
    assert visit is not None
    assert [step.code for step in visit.steps.all()] == ["hang_up"]


def test_unmasking_needs_a_purpose_and_is_on_record(world: World, task: Task) -> None:
    actions.dispatch(world.analyst, task.pk, None)
    with pytest.raises(InputError):
        actions.unmask(world.officer, task.pk, " ")
    actions.unmask(world.officer, task.pk, "上门劝阻")
    row = AuditRow.objects.get(verb="unmask_task")
    assert (row.actor, row.purpose, row.subject_id) == ("officer", "上门劝阻", str(task.pk))


@pytest.mark.parametrize("who", ["other", "viewer", "auditor"])
def test_nobody_acts_outside_region_or_role(world: World, task: Task, who: str) -> None:
    actor = {"other": world.other_county, "viewer": world.viewer, "auditor": world.auditor}[who]
    for act in (
        lambda: actions.move(actor, task.pk, None, "accept"),
        lambda: actions.unmask(actor, task.pk, "想看一看"),
        lambda: actions.record_contact(actor, task.pk, None, "answered"),
    ):
        with pytest.raises((NotPermitted, IllegalMove)):
            act()
    task.refresh_from_db()
    assert task.version == 1


def test_county_sees_its_own_tasks_only(world: World, task: Task) -> None:
    assert list(queries.tasks(world.county, queries.Filters())) == [task]
    assert not queries.tasks(world.other_county, queries.Filters())
    with pytest.raises(NotPermitted):
        queries.task(world.other_county, task.pk)


def test_a_station_whose_region_does_not_cover_the_task_is_not_sent_it(world: World, task: Task) -> None:
    far = Organisation.objects.filter(kind="station").exclude(region=world.town).latest("pk")
    with pytest.raises(IllegalMove, match="没有对应的派出所"):
        actions.dispatch(world.analyst, task.pk, None, far.pk)


def test_an_event_is_addressed_to_who_holds_the_task_and_who_held_it_before(world: World, task: Task) -> None:
    def last() -> tuple[list[int], list[int]]:
        event = LiveEvent.objects.latest("pk")
        return event.stations, event.users

    assert last() == ([], [])
    actions.dispatch(world.analyst, task.pk, None)
    assert last() == ([world.station.pk], [])
    actions.move(world.officer, task.pk, None, "sign")
    assert last() == ([world.station.pk], [world.officer.pk])
    actions.move(world.officer, task.pk, None, "bounce", "不在辖区")
    actions.dispatch(world.county, task.pk, None)
    assert last() == ([world.station.pk], [])
    # A task that goes back to the county tells the station that it is gone.
    actions.move(world.officer, task.pk, None, "bounce", "不在辖区")
    Task.objects.update(level="medium")
    actions.dispatch(world.analyst, task.pk, None)
    assert Task.objects.get().station is None
    assert last() == ([world.station.pk], [])


def test_bulk_dispatch_checks_every_row(world: World) -> None:
    intake.ingest_alerts(None, [made.police_urgent(), *made.calm_alerts()])
    first, second = Task.objects.order_by("pk")[:2]
    actions.move(world.analyst, second.pk, None, "dismiss", "误报")
    done = actions.dispatch_many(world.analyst, [(first.pk, 1), (second.pk, 1), (999_999, 1)])
    assert [row.ok for row in done] == [True, False, False]
    assert "已有人先行办理：值班员甲" in done[1].message


def test_rise_of_level_is_the_same_task_with_shorter_clocks(world: World) -> None:
    intake.ingest_alerts(None, [made.police_high()])
    task = Task.objects.get()
    actions.dispatch(world.analyst, task.pk, None)
    intake.ingest_alerts(None, [made.police_urgent()])
    task = Task.objects.get()
    assert (task.level, task.stage, task.alerts.count()) == ("urgent", "transfer", 2)
    assert task.due_at is not None
    assert task.due_at <= timezone.now() + dt.timedelta(minutes=1)


def test_a_closed_task_takes_no_visit(world: World) -> None:
    intake.ingest_alerts(None, [made.police_high()])
    task = Task.objects.get()
    Task.objects.filter(pk=task.pk).update(state="closed", owner=world.officer)
    with pytest.raises(IllegalMove, match="已办结"):
        actions.save_visit(world.officer, task.pk, None, "key-of-a-late-form", VisitForm(), "")
    assert Task.objects.get().loss_avoided_fen == task.loss_avoided_fen


def test_a_rise_from_a_level_without_a_sign_clock_starts_it(world: World) -> None:
    high = made.police_high()
    intake.ingest_alerts(None, [high._replace(alert_id="as-medium", level="medium")])
    assert Task.objects.get().due_clock == "call"
    intake.ingest_alerts(None, [high])
    task = Task.objects.get()
    assert (task.level, task.due_clock) == ("high", "sign")
    assert task.due_at is not None


def test_prior_and_bits_add_up_to_the_probability(task: Task) -> None:
    from qingdun.console.alerts.timeline import waterfall

    alert = Alert.objects.get()
    drawn = waterfall(alert, Disclosure())
    assert drawn is not None
    assert drawn.probability == pytest.approx(alert.probability)
    assert drawn.bars[0].millibits == made.PRIOR_BITS * 1000
    assert drawn.bars[-1].total == drawn.posterior == sum(bar.millibits for bar in drawn.bars)


def test_outcomes_are_contract_rows(world: World, task: Task) -> None:
    met = to_met(world, task)
    actions.save_visit(world.officer, task.pk, met.version, "key-00000001", VisitForm(), "awakened")
    rows = export_outcomes(world.analyst)
    assert [row.result for row in rows] == ["busy", "awakened"]
    assert {row.alert_id for row in rows} == {made.police_urgent().alert_id}

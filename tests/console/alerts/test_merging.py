"""One open task a person: what joins it, what is set aside, what comes back."""

from __future__ import annotations

import datetime as dt

import pytest
from django.utils import timezone

from qingdun.console.alerts import actions, clocks, intake, queries
from qingdun.console.alerts.actions import VisitForm
from qingdun.console.alerts.merging import merge
from qingdun.console.alerts.models import Alert, Clock, ContextEvent, Task, TaskEvent
from qingdun.console.alerts.queries import Filters
from qingdun.console.alerts.states import SETTLED, WORKED_ON, State
from qingdun.console.kernel.models import AuditRow
from qingdun.contract.tables import Alert as Row
from qingdun.errors import IllegalMove, NotPermitted
from tests.console.alerts import world as made
from tests.console.alerts.world import World


def low(episode: str, minute: float = 24, level: str = "low", scam_type: str = "game") -> Row:
    return made.alert(3, level, scam_type, "contact", made.POLICE_EVIDENCE[:2], minute, episode)


def refute(world: World, task: Task) -> None:
    """A false alarm, by phone."""
    actions.move(world.analyst, task.pk, None, "accept")
    made.stand_at(task.pk, State.SIGNED)
    Task.objects.filter(pk=task.pk).update(owner=world.analyst)
    actions.record_contact(world.analyst, task.pk, None, "answered")
    actions.save_visit(
        world.analyst, task.pk, None, f"refuting-{task.pk}", VisitForm(reason="family"), "false_alarm"
    )
    actions.move(world.analyst, task.pk, None, "review")
    actions.move(world.analyst, task.pk, None, "close")


@pytest.fixture
def refuted(world: World) -> Task:
    """A person's closed task that was a false alarm."""
    intake.ingest_alerts(None, [low("first", -9000)])
    task = Task.objects.get()
    refute(world, task)
    task.refresh_from_db()
    return task


def test_a_hundred_alerts_on_one_person_are_one_task_with_a_line_each(world: World) -> None:
    rows = [low(f"episode-{n:03}", 24 + n, "medium") for n in range(100)]
    intake.ingest_alerts(None, rows)
    task = Task.objects.get()
    assert task.alerts.count() == 100
    lines = TaskEvent.objects.filter(task=task, verb="merged")
    assert lines.count() == 99
    assert lines.filter(source=State.SCORED, target=State.SCORED).count() == 99


def test_new_evidence_raises_the_level_and_the_line_says_so(world: World) -> None:
    intake.ingest_alerts(None, [made.police_high(), made.police_urgent()])
    verbs = list(
        queries.history(world.analyst, Task.objects.get()).order_by("pk").values_list("verb", flat=True)
    )
    assert verbs == ["open", "score", "merged", "raise_level"]


def test_a_low_alert_after_a_false_alarm_of_its_type_is_set_aside_with_its_reason(
    world: World, refuted: Task
) -> None:
    intake.ingest_alerts(None, [low("second")])
    task = Task.objects.latest("pk")
    assert (task.state, task.due_at, task.closed_at is None) == (State.SUPPRESSED, None, False)
    line = TaskEvent.objects.get(task=task, verb="suppress")
    assert line.note.startswith(f"#{refuted.pk} ")
    assert not Clock.objects.filter(task=task).exists()
    assert list(queries.tasks(world.analyst, Filters(state="suppressed"))) == [task]
    assert not queries.tasks(world.analyst, Filters(state="open"))


@pytest.mark.parametrize(
    "other",
    [low("second", level="medium"), low("second", scam_type="loan"), low("second")._replace(person_id="p04")],
    ids=["level", "type", "person"],
)
def test_what_is_of_another_level_type_or_person_is_not_set_aside(
    world: World, refuted: Task, other: Row
) -> None:
    intake.ingest_alerts(None, [other])
    assert Task.objects.latest("pk").state == State.SCORED


def test_a_false_alarm_is_forgotten_after_its_term_and_by_a_later_verdict(
    world: World, refuted: Task
) -> None:
    long_ago = timezone.now() - dt.timedelta(days=31)
    Task.objects.update(verdict_at=long_ago)
    intake.ingest_alerts(None, [low("second", -4500)])
    second = Task.objects.latest("pk")
    assert second.state == State.SCORED
    Task.objects.filter(pk=refuted.pk).update(verdict_at=timezone.now() - dt.timedelta(days=1))
    Task.objects.filter(pk=second.pk).update(verdict="awakened", verdict_at=timezone.now())
    made.stand_at(second.pk, State.CLOSED)
    intake.ingest_alerts(None, [low("third")])
    assert Task.objects.latest("pk").state == State.SCORED


def test_the_term_is_configured(world: World, refuted: Task) -> None:
    clocks.set_rule(world.analyst, "low", "suppress", "", "both", None, "不再自动搁置")
    intake.ingest_alerts(None, [low("second")])
    assert Task.objects.latest("pk").state == State.SCORED


def test_what_was_set_aside_comes_back_when_its_level_rises(world: World, refuted: Task) -> None:
    intake.ingest_alerts(None, [low("second")])
    intake.ingest_alerts(None, [low("second")._replace(alert_id="again")])
    task = Task.objects.latest("pk")
    assert task.state == State.SUPPRESSED
    intake.ingest_alerts(None, [low("second", 30, "high")])
    task.refresh_from_db()
    assert (task.state, task.level, task.due_clock, task.closed_at) == (State.SCORED, "high", "sign", None)


def test_what_was_set_aside_comes_back_when_an_alert_names_another_type(world: World, refuted: Task) -> None:
    intake.ingest_alerts(None, [low("second")])
    intake.ingest_alerts(None, [low("third", scam_type="loan")])
    task = Task.objects.latest("pk")
    assert (task.state, task.scam_type, task.closed_at) == (State.SCORED, "loan", None)
    assert list(queries.tasks(world.analyst, Filters(state="open"))) == [task]


@pytest.mark.parametrize("state", WORKED_ON)
def test_what_is_worked_on_takes_every_alert_on_its_person_however_old_it_is(
    world: World, task: Task, state: str
) -> None:
    made.stand_at(task.pk, state)
    Task.objects.filter(pk=task.pk).update(closed_at=None)
    intake.ingest_alerts(None, [low("a-week-later", 10_080)._replace(person_id=task.person_id)])
    assert list(Alert.objects.values_list("task", flat=True)) == [task.pk] * 2


@pytest.mark.parametrize("state", [*SETTLED, State.SUPPRESSED])
def test_after_72_hours_an_alert_on_whose_task_is_over_is_a_repeat(
    world: World, task: Task, state: str
) -> None:
    made.stand_at(task.pk, state)
    intake.ingest_alerts(
        None, [low("a-day-later", 1_440, scam_type="police")._replace(person_id=task.person_id)]
    )
    joined = state != State.CLOSED
    assert (Task.objects.count() == 1) is joined
    intake.ingest_alerts(
        None, [low("a-week-later", 10_080, scam_type="police")._replace(person_id=task.person_id)]
    )
    assert Task.objects.count() == 2
    assert Task.objects.latest("pk").alerts.count() == (1 if joined else 2)


def test_a_repeat_joins_the_task_that_is_worked_on_and_not_the_settled_one(world: World, task: Task) -> None:
    intake.ingest_alerts(None, [low("another", 9_000)._replace(person_id=task.person_id)])
    made.stand_at(task.pk, State.CLOSED)
    intake.ingest_alerts(None, [low("second", 9_001)._replace(person_id=task.person_id)])
    second = Task.objects.latest("pk")
    made.stand_at(second.pk, State.FEEDBACK)
    made.stand_at(task.pk, State.SIGNED)
    Task.objects.filter(pk=task.pk).update(closed_at=None)
    intake.ingest_alerts(None, [low("third", 9_002)._replace(person_id=task.person_id)])
    assert Alert.objects.get(episode_id="third").task_id == task.pk


@pytest.mark.parametrize("state", [State.FEEDBACK, State.REVIEWED, State.FOLLOW_UP, State.CLOSED])
def test_a_serious_alert_takes_a_settled_task_up_again(world: World, task: Task, state: str) -> None:
    made.stand_at(task.pk, state)
    intake.ingest_alerts(None, [made.police_high()])
    task.refresh_from_db()
    assert (task.state, task.owner, task.closed_at, task.due_clock) == (State.REOPENED, None, None, "sign")
    calm = made.police_high()._replace(alert_id="calm", level="medium")
    made.stand_at(task.pk, state)
    intake.ingest_alerts(None, [calm])
    task.refresh_from_db()
    assert task.state == state


@pytest.fixture
def two(world: World) -> tuple[Task, Task]:
    """Two open tasks of one person that the intake could not join."""
    first, second = made.two_open_tasks(low("first", -9000, "medium"), low("second", 24, "high"))
    for alert_id in ("first:medium", "second:high"):
        intake.ingest_context(None, alert_id, made.police_context())
    return first, second


def test_two_tasks_of_a_person_are_merged_by_hand(world: World, two: tuple[Task, Task]) -> None:
    first, second = two
    rows = AuditRow.objects.count()
    into = merge(world.analyst, second.pk, second.version, first.pk)
    assert (into.pk, into.level, into.alerts.count()) == (first.pk, "high", 2)
    second.refresh_from_db()
    assert (second.state, second.merged_into, second.due_at) == (State.MERGED, first, None)
    assert ContextEvent.objects.filter(task=first).count() == len(made.police_context())
    assert not ContextEvent.objects.filter(task=second).exists()
    assert AuditRow.objects.count() == rows + 1
    assert TaskEvent.objects.get(task=first, verb="merged").note == f"#{second.pk}"
    # What comes later for the episode belongs to the task it was merged into.
    intake.ingest_alerts(None, [low("second", 40, "urgent")])
    assert Alert.objects.get(alert_id="second:urgent").task == first


def test_what_is_worked_on_or_of_two_persons_is_not_merged(world: World, two: tuple[Task, Task]) -> None:
    first, second = two
    intake.ingest_alerts(None, [made.police_high()])
    third = Task.objects.latest("pk")
    with pytest.raises(IllegalMove, match="同一人"):
        merge(world.analyst, second.pk, None, third.pk)
    with pytest.raises(IllegalMove, match="同一人"):
        merge(world.analyst, second.pk, None, second.pk)
    with pytest.raises(NotPermitted):
        merge(world.county, second.pk, None, first.pk)
    made.stand_at(first.pk, State.CLOSED)
    with pytest.raises(IllegalMove, match="另一条任务已结束（已办结）"):
        merge(world.analyst, second.pk, None, first.pk)
    made.stand_at(second.pk, State.MET)
    with pytest.raises(IllegalMove, match="现在不能办理"):
        merge(world.analyst, second.pk, None, first.pk)
    with pytest.raises(IllegalMove, match="专门的表单"):
        actions.move(world.analyst, first.pk, None, "merge")

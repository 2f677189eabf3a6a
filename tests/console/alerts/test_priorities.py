"""Who goes first on the desk: the order of `dispatch.priority`, within what is the viewer's."""

from __future__ import annotations

import pytest
from django.utils import timezone, translation

from qingdun.console.alerts import actions, intake, priorities
from qingdun.console.alerts.models import Claim, Task
from qingdun.console.alerts.moves import next_step
from qingdun.console.alerts.queries import Filters
from qingdun.console.alerts.rules import claim_lasts
from qingdun.console.alerts.states import State
from qingdun.console.kernel.models import AuditRow, User
from tests.console.alerts import world as made
from tests.console.alerts.world import World


@pytest.fixture
def day(world: World) -> World:
    intake.ingest_alerts(None, [made.police_urgent(), *made.calm_alerts()])
    return world


def test_the_desk_is_in_the_order_of_what_a_minute_saves(day: World) -> None:
    found = priorities.ranked(day.analyst, Filters())
    assert len(found) == 11
    rates = [one.priority.fen_per_min for one in found]
    assert rates == sorted(rates, reverse=True)
    assert found[0].priority.way_min > 0


def test_who_was_spoken_with_or_is_done_is_not_ranked(day: World) -> None:
    first, second = Task.objects.order_by("pk")[:2]
    made.stand_at(first.pk, State.REACHED)
    made.stand_at(second.pk, State.CLOSED)
    ranked = {one.task_id for one in priorities.ranked(day.analyst, Filters(state="all"))}
    assert not {first.pk, second.pk} & ranked
    assert priorities.of_task(day.analyst, Task.objects.get(pk=first.pk)) is None


def test_filters_and_scope_hold(day: World) -> None:
    only = {one.task_id for one in priorities.ranked(day.analyst, Filters(level=("low",)))}
    assert set(Task.objects.filter(pk__in=only).values_list("level", flat=True)) == {"low"}
    ours = {one.task_id for one in priorities.ranked(day.county, Filters())}
    assert ours == set(
        Task.objects.filter(region_path__startswith=day.county.region_path).values_list("pk", flat=True)
    )
    assert priorities.ranked(day.officer, Filters()) == []


def test_the_reckoning_is_told_in_the_readers_language(day: World) -> None:
    task = Task.objects.get(scam_type="police")
    with translation.override("zh-hans"):
        ranked = priorities.of_task(day.analyst, task)
        assert ranked is not None
        assert "正在受骗的概率" in ranked.text
    with translation.override("en"):
        assert "being scammed" in ranked.text


def test_the_way_is_from_the_officers_own_station(day: World) -> None:
    task = Task.objects.get(scam_type="police")
    task = actions.dispatch(day.analyst, task.pk, None)
    near = priorities.of_task(day.officer, task)
    day.station.lng += 0.3
    day.station.save()
    day.officer.refresh_from_db()
    far = priorities.of_task(day.officer, task)
    assert near is not None
    assert far is not None
    assert far.priority.way_min > near.priority.way_min
    assert far.priority.fen_per_min < near.priority.fen_per_min


def test_next_is_the_best_task_whose_next_step_is_ones_own(day: World) -> None:
    for _ in range(11):
        found = priorities.next_task(day.analyst)
        assert found is not None
        assert next_step(found.state, found.level, day.analyst.role) is not None
        best = [one.task_id for one in priorities.ranked(day.analyst, Filters())]
        assert found.pk in best
        actions.move(day.analyst, found.pk, None, "dismiss", "本人账户互转")
    assert priorities.next_task(day.analyst) is None


def test_next_of_an_officer_is_what_their_station_holds_and_no_colleague_has_signed(day: World) -> None:
    assert priorities.next_task(day.officer) is None
    task = Task.objects.get(scam_type="police")
    actions.dispatch(day.analyst, task.pk, None)
    assert priorities.next_task(day.officer) == task
    actions.move(day.officer, task.pk, None, "sign")
    assert priorities.next_task(day.officer) == task
    assert priorities.next_task(day.colleague) is None


def test_what_next_gave_is_given_to_nobody_else_until_it_moves_or_its_minute_is_over(
    day: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    second = User.objects.create(
        username="city-2",
        role=day.analyst.role,
        region=day.analyst.region,
        organisation=day.analyst.organisation,
    )
    mine = actions.take_next(day.analyst)
    assert mine is not None
    assert actions.take_next(day.analyst) == mine
    theirs = actions.take_next(second)
    assert theirs not in (None, mine)
    assert AuditRow.objects.filter(verb="take_next").count() == 2
    later = timezone.now() + claim_lasts()
    monkeypatch.setattr(timezone, "now", lambda: later)
    assert actions.take_next(second) == mine
    assert actions.take_next(day.analyst) == theirs
    assert list(Claim.objects.order_by("task").values_list("task", "by")) == sorted(
        [(mine.pk, second.pk), (theirs.pk, day.analyst.pk)]
    )


def test_a_task_that_was_given_and_sent_on_is_the_next_of_who_has_it_now(day: World) -> None:
    task = Task.objects.get(scam_type="police")
    assert actions.take_next(day.analyst) == task
    actions.dispatch(day.analyst, task.pk, None)
    assert actions.take_next(day.officer) == task
    assert actions.take_next(day.colleague) is None
    assert actions.take_next(day.analyst) != task


def test_at_most_so_many_are_looked_at(
    day: World, monkeypatch: pytest.MonkeyPatch, django_assert_max_num_queries: object
) -> None:
    monkeypatch.setattr(priorities, "CANDIDATES", 4)
    assert len(priorities.ranked(day.analyst, Filters())) == 4
    with django_assert_max_num_queries(10):  # type: ignore[operator]
        priorities.ranked(day.analyst, Filters())

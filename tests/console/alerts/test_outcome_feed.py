"""A busy line, entered on the console, is evidence to the engine: at once, once, and not if undone."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import pytest
from pytest_django import Settings

from qingdun.console.alerts import actions
from qingdun.console.alerts.models import Alert, Task
from qingdun.console.alerts.outcome_feed import OutcomeFeed
from qingdun.console.alerts.sink import ConsoleSink
from qingdun.console.kernel.models import Person
from qingdun.contract.outcomes import OutcomeChange
from qingdun.detect.reference import Reference
from qingdun.detect.weights import Weights, load_weights
from qingdun.run.directory import run_directory
from qingdun.run.embedded import Engine
from qingdun.run.sources.files import Replay
from tests.console.alerts.world import World
from tests.console.conftest import LogIn
from tests.run import world as flows
from tests.run.world import H, M, S

CALLED_AT = flows.START + H


class HandTime:
    """A clock that passes only when slept on: a second of the replay is a second of it."""

    def __init__(self) -> None:
        self.at = 100.0

    def now_s(self) -> float:
        return self.at

    def sleep(self, seconds: float) -> None:
        self.at += seconds


def keywords(reference: Reference, weights: Weights | None) -> Engine:
    return Engine(reference, weights, texts=flows.KeywordTexts(), sites=flows.KeywordSites())


@pytest.fixture
def day(tmp_path: Path, world: World) -> Path:
    """A listed number with a false form calls p0, who is still on the line; visits go on every second."""
    made = flows.World(3)
    made.list("number", "+00861110")
    made.call(CALLED_AT, "+00861110", made.number(0), None, "overseas")
    for second in range(150):
        made.visit(CALLED_AT + second * S, made.number(1), "a.cn")
    Person.objects.create(
        person_id="p0", name="演练某", birth_year=1980, sex="f", floating=False, region=world.town,
        region_path=world.town.path,
    )  # fmt: skip
    return made.write(tmp_path)


def sign(world: World) -> Task:
    """The officer of the station has signed the one task there is."""
    task = Task.objects.get()
    actions.move(world.analyst, task.pk, None, "dispatch_county")
    actions.move(world.county, task.pk, None, "dispatch_station")
    return actions.move(world.officer, task.pk, None, "sign")


def test_a_busy_line_raises_the_alert_within_a_second(
    day: Path, world: World, log_in: LogIn, settings: Settings
) -> None:
    """The replay goes at real speed, so that its seconds are those that somebody would wait."""
    pace = HandTime()
    feed = OutcomeFeed(clock=pace.now_s)
    entered: list[int] = []

    def heard(clock: int) -> Sequence[OutcomeChange]:
        if not entered and clock >= CALLED_AT + M:
            task = sign(world)
            actions.record_contact(world.officer, task.pk, None, "forwarded", confirmed=True)
            entered.append(clock)
        return feed(clock)

    run_directory(
        day, None, [ConsoleSink()], Replay(speed=1.0), pace=pace, outcomes=heard, build=keywords,
        stopped=lambda: pace.at > 300,
    )  # fmt: skip
    first, risen = Alert.objects.order_by("raised_at")
    assert (first.level, risen.level) == ("medium", "high")
    assert risen.raised_at.timestamp() * S - entered[0] <= S
    weights = load_weights().detectors["contact.busy"].millibits
    worth = weights["marked"] + weights["forwarded"]
    assert risen.evidence.get(detector="contact.busy").bits == worth / 1000
    settings.DEMO = True
    page = log_in(world.officer).get(f"/alerts/{risen.task_id}/").content.decode()
    assert "民警致电呼叫转移" in page
    assert Task.objects.get().level == "high"


def test_what_is_told_comes_once_and_is_taken_back_if_undone(day: Path, world: World) -> None:
    run_directory(day, None, [ConsoleSink()], build=keywords)
    feed = OutcomeFeed(every_s=0)
    assert feed(CALLED_AT) == []
    task = sign(world)
    actions.record_contact(world.officer, task.pk, None, "forwarded", confirmed=True)
    (told,) = feed(CALLED_AT)
    assert (told.stands, told.outcome.result, told.outcome.at) == (True, "forwarded", CALLED_AT)
    assert feed(CALLED_AT + S) == []
    actions.undo(world.officer, task.pk)
    assert feed(CALLED_AT + S) == [OutcomeChange(False, told.outcome)]
    assert feed(CALLED_AT + S) == []


def test_only_evidence_is_told_and_nothing_from_before_a_replay(day: Path, world: World) -> None:
    run_directory(day, None, [ConsoleSink()], build=keywords)
    task = sign(world)
    actions.record_contact(world.officer, task.pk, None, "busy", confirmed=True)
    feed = OutcomeFeed(every_s=0)
    assert feed(CALLED_AT) == []
    actions.record_contact(world.officer, task.pk, None, "switched_off", confirmed=True)
    actions.record_contact(world.officer, task.pk, None, "refused", confirmed=True)
    assert [change.outcome.result for change in feed(CALLED_AT)] == ["refused"]


def test_in_flows_of_today_an_outcome_waits_for_an_engine_that_catches_up(day: Path, world: World) -> None:
    run_directory(day, None, [ConsoleSink()], build=keywords)
    task = sign(world)
    moved = actions.record_contact(world.officer, task.pk, None, "busy", confirmed=True).moved_at
    at = round(moved.timestamp() * S)
    feed = OutcomeFeed(own_time=True, every_s=0)
    assert feed(0) == []
    assert feed(at - H) == []
    (told,) = feed(at - S)
    assert told.outcome.at == at - S, "an officer's clock runs no engine ahead of its flows"
    assert OutcomeFeed(own_time=True, every_s=0)(at + M)[0].outcome.at == at

"""Visits stop the pass only while what made them due holds."""

from __future__ import annotations

import pytest

from qingdun.detect.evidence import VISITS
from qingdun.run.embedded import Engine
from tests.run.world import START, H, M, World, run

BANK = "m.icbc.com.cn"
Judged = list[tuple[int, str]]


@pytest.fixture
def judged(monkeypatch: pytest.MonkeyPatch) -> Judged:
    """Time and subscriber of each visit that is judged."""
    found: Judged = []
    original = Engine._judge

    def judge(engine: Engine, event: object, decisions: object) -> None:
        if event.flow == VISITS:  # type: ignore[attr-defined]
            found.append((event.at, event.row.subscriber))  # type: ignore[attr-defined]
        original(engine, event, decisions)  # type: ignore[arg-type]

    monkeypatch.setattr(Engine, "_judge", judge)
    return found


def test_visits_to_a_bank_after_the_call_are_only_counted(judged: Judged) -> None:
    world = World(6)
    at, someone, another = START + 2 * H, world.number(1), world.number(2)
    world.call(at, world.number(4), someone, 10 * 60)
    world.call(at + 30 * M, world.number(5), someone, 10 * 60)
    for minute in (5, 15, 20, 35, 45):
        world.visit(at + minute * M, someone, BANK)
        world.visit(at + minute * M, another, BANK)
    run(world.engine(), [world.batch()])
    assert judged == [(at + 5 * M, someone), (at + 35 * M, someone)]


def test_visits_in_a_call_that_began_in_an_earlier_batch_are_judged_until_it_ends(judged: Judged) -> None:
    world = World(6)
    at, someone = START + 2 * H, world.number(1)
    world.call(at, world.number(4), someone, 10 * 60)
    began, ended = world.rows["calls"]
    visits = World(6)
    for minute in (5, 9, 11, 20):
        visits.visit(at + minute * M, someone, BANK)
    rest = {"calls": [ended], "visits": visits.rows["visits"]}
    run(world.engine(), [world.batch({"calls": [began]}), world.batch(rest)])
    assert judged == [(at + 5 * M, someone), (at + 9 * M, someone)]

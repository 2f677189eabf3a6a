"""An engine that is told of a history knows what one that judged it knows."""

from __future__ import annotations

from itertools import combinations, product
from pathlib import Path
from random import Random

import pytest

from qingdun.contract.directory import FlowDirectory
from qingdun.contract.storage import write_table
from qingdun.contract.tables import CALLS
from qingdun.detect.reference import Reference
from qingdun.detect.weights import Weights
from qingdun.errors import MissingFile
from qingdun.run.directory import run_directory
from qingdun.run.embedded import Engine
from qingdun.run.history import recall
from tests.run.world import START, H, KeywordSites, KeywordTexts, M, World, run

DAY = 24 * H


def weeks(seed: int, days: int) -> World:
    """Calls and transfers of the same few persons, some of whom meet again after a month."""
    world, draw = World(12), Random(seed)
    for _ in range(days * 6):
        at = START + draw.randrange(days * 24 * 60) * M
        one, other = draw.sample(range(12), 2)
        world.call(at, world.number(one), world.number(other), draw.choice([30, None]))
        world.transfer(at, world.account(one), world.account(other), 20, settle=draw.random() < 0.5)
        world.visit(at, world.number(one), draw.choice(["www.common.cn", f"r{draw.randrange(20)}.cn"]))
    return world


@pytest.mark.parametrize(("seed", "ordered"), [(1, True), (2, False)])
def test_a_recalled_month_is_a_judged_month(tmp_path: Path, seed: int, ordered: bool) -> None:
    world = weeks(seed, 40)
    flows = world.write(tmp_path)
    if not ordered:
        calls = world.rows["calls"]
        (flows / "calls.parquet").unlink()
        for name, rows in (("a", calls[::2]), ("b", calls[1::2])):
            write_table(CALLS, rows, flows / "calls" / f"{name}.parquet")
    judging, told = world.engine(), world.engine()
    run(judging, [world.batch()])
    report = recall(FlowDirectory(flows, ()), told)
    assert report.rows == sum(len(world.rows[flow]) for flow in ("calls", "transfers", "visits"))
    assert report.unusable == 0
    assert told.clock == judging.clock
    later = told.clock + 3 * H
    for engine in (judging, told):
        engine._sweep(later)  # what stands for an hour at the most is tidied
    knows, is_told = judging._state.memory, told._state.memory
    persons = [world.number(i) for i in range(12)]
    paces = [[knows.traffic.pace(number, now) for number in persons] for now in (judging.clock, later)]
    assert any(pace["7d"].met > pace["1d"].met for pace in paces[0])
    assert paces[0] == [is_told.traffic.pace(number, told.clock) for number in persons]
    assert paces[1] == [is_told.traffic.pace(number, later) for number in persons]
    spoken = {pair for pair in combinations(persons, 2) if knows.have_spoken(*pair)}
    assert 0 < len(spoken) < 66
    assert spoken == {pair for pair in combinations(persons, 2) if is_told.have_spoken(*pair)}
    accounts = [world.account(i) for i in range(12)]
    paid = {pair for pair in product(accounts, repeat=2) if knows.has_paid(*pair)}
    assert 0 < len(paid) < 144
    assert paid == {pair for pair in product(accounts, repeat=2) if is_told.has_paid(*pair)}
    turned = [[knows.money.turned(account, now) for account in accounts] for now in (judging.clock, later)]
    assert any(one.received["7d"].met > one.received["1d"].met for one in turned[0])
    assert turned[0] == [is_told.money.turned(account, told.clock) for account in accounts]
    assert turned[1] == [is_told.money.turned(account, later) for account in accounts]
    hosts = ["www.common.cn", *(f"r{i}.cn" for i in range(20))]
    seen = [(knows.is_common(host), knows.visitors(host)) for host in hosts]
    assert seen == [(is_told.is_common(host), is_told.visitors(host)) for host in hosts]
    assert is_told.started_at == knows.started_at


def test_a_folder_without_flows_is_no_history(tmp_path: Path) -> None:
    with pytest.raises(MissingFile, match="no history; expected one or more of calls, transfers, visits"):
        recall(FlowDirectory(tmp_path, ()), World().engine())


def test_a_run_begins_with_what_its_engine_was_told(tmp_path: Path) -> None:
    """A long call over the net is nothing between two who have spoken, and something between strangers."""
    before, world = World(3), World(3)
    at = START + 40 * DAY
    for day in (1, 2):
        before.call(at - day * DAY - 9 * H, world.number(0), world.number(1), 60, "voip")
    history = before.write(tmp_path / "history")
    world.call(at, world.number(0), world.number(1), 3000, "voip")
    flows = world.write(tmp_path / "flows")
    engines: list[Engine] = []

    def build(reference: Reference, weights: Weights | None) -> Engine:
        engines.append(Engine(reference, weights, texts=KeywordTexts(), sites=KeywordSites()))
        return engines[-1]

    run_directory(flows, build=build, begin=lambda engine: recall(FlowDirectory(history, ()), engine))
    run_directory(flows, build=build)
    assert [engine._state.correlator.known("p1") for engine in engines] == [False, True]


def test_whoever_spoke_before_is_no_stranger_and_a_snapshot_knows_it(tmp_path: Path) -> None:
    world = World(3)
    for day in range(20):
        world.call(START + day * DAY, world.number(0), world.number(1))
    engine = world.engine()
    recall(FlowDirectory(world.write(tmp_path), ()), engine)
    again = world.engine()
    again.restore(engine.snapshot())
    at = engine.clock + H
    later = World(3)
    for one, other in ((0, 1), (0, 2)):
        later.call(at, world.number(one), world.number(other), None)
    for told in (engine, again, world.engine()):
        told.push(later.batch({"calls": later.rows["calls"][:1]}))
        call = told._state.memory.live_call(world.number(1), at)
        assert call is not None
        assert call.stranger is (told not in (engine, again))

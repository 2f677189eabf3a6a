"""Pairs of phones that relay a caller abroad, and lines that only talk at the same times."""

from __future__ import annotations

import pytest

from qingdun.detect.evidence import Suspicion
from qingdun.detect.weights import load_weights
from tests.detect.listening import suspicions
from tests.run.world import START, H, M, S, World

NIGHT = START + 2 * H
NEAR, FAR, ABROAD = "+8617900000001", "+8617900000002", "+44700000001"
BITS = load_weights().detectors["call.paired_lines"].millibits


def session(world: World, at: int, strangers: range, cell: str = "tower", **far: str) -> None:
    """A call from abroad to one phone, and those to strangers meanwhile from the other."""
    own = {"caller": ABROAD, "cell": "tower", "origin": "overseas"} | far
    world.taken(at, own["caller"], FAR, 10 * 60, own["origin"], own["cell"])
    for i, stranger in enumerate(strangers):
        world.call(at + (1 + i) * M, NEAR, world.number(stranger), 30, cell=cell)


def found(world: World) -> list[Suspicion]:
    return suspicions(world, "call.paired_lines")


def relayed(**far: str) -> World:
    world = World(60)
    for turn in range(8):
        session(world, NIGHT + turn * 12 * M, range(turn * 6, turn * 6 + 6), **far)
    return world


def test_a_pair_is_suspected_at_both_ends_and_tied() -> None:
    said = found(relayed())
    assert {s.entity for s in said} == {NEAR, FAR}
    assert {s.tied_to for s in said if s.entity == FAR} == {(("number", NEAR),)}
    assert [s.millibits for s in said if s.entity == NEAR][:2] == [BITS["some"]] * 2
    assert said[-1].millibits == BITS["often"]
    assert "手机口" in said[0].text_zh
    assert FAR in said[0].text_en


def test_calls_over_the_net_relay_as_well() -> None:
    assert found(relayed(origin="voip", caller="+8676300000009"))


@pytest.mark.parametrize("far", [{"cell": "elsewhere"}, {"origin": "domestic"}])
def test_lines_that_are_apart_or_called_from_home_are_no_pair(far: dict[str, str]) -> None:
    assert found(relayed(**far)) == []


def test_couriers_in_one_depot_are_called_back_or_move() -> None:
    for back, cells in ((True, 1), (False, 4)):
        world = relayed()
        calls = [c for c in world.rows["calls"] if c.caller == NEAR]
        if back:
            for call in calls[::6]:
                world.call(call.at + 40 * S, call.callee, NEAR, 10)
        else:
            world.rows["calls"] = [
                c._replace(caller_cell=f"way{i // 4 % cells}") if c.caller == NEAR else c
                for i, c in enumerate(world.rows["calls"])
            ]
        assert found(world) == []


def test_an_agent_of_a_call_centre_is_called_by_many() -> None:
    world = World(60)
    for turn in range(8):
        strangers = range(turn * 6, turn * 6 + 6)
        session(world, NIGHT + turn * 12 * M, strangers, caller=f"+4470000001{turn}")
    assert found(world) == []


def test_kin_abroad_who_talk_long_beside_a_sales_room_are_one_call() -> None:
    world = World(60)
    world.taken(NIGHT, ABROAD, FAR, 100 * 60, "overseas", "tower")
    for i in range(50):
        world.call(NIGHT + (1 + i) * M, NEAR, world.number(i), 30, cell="tower")
    assert found(world) == []


def test_who_is_now_and_then_called_from_abroad_beside_a_sales_room_is_no_pair() -> None:
    world = World(60)
    for turn in range(8):
        session(world, NIGHT + turn * 12 * M, range(turn * 6, turn * 6 + 6))
    kept = [c for c in world.rows["calls"] if c.callee != FAR or c.at // M % 36 < 12]
    world.rows["calls"] = kept
    assert found(world) == []


def test_what_a_line_did_before_it_was_half_of_a_pair_clears_nobody() -> None:
    world = World(170)
    for i in range(40):
        world.call(NIGHT - (40 - i) * M, NEAR, world.number(100 + i), 30, cell="tower")
    for turn in range(16):
        session(world, NIGHT + turn * 12 * M, range(turn * 6, turn * 6 + 6))
    assert found(world)[-1].millibits == BITS["often"]

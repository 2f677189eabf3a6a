"""Chance cards ordinary towns under plain rules far more often than under ours."""

from __future__ import annotations

from qingdun.evaluate.carding import Town, carded_by_chance


def test_fewer_ordinary_towns_are_carded_and_high_ones_are_found() -> None:
    sizes = (3_000, 8_000, 20_000, 40_000, 80_000, 150_000)
    towns = [Town(f"t{i:02}", f"c{i % 4}", sizes[i % 6], 1.0) for i in range(30)]
    towns.append(Town("high", "c0", 100_000, 3.0))
    worst, raw, rule, shrunk = carded_by_chance(towns, 12.0, 3, seed=1)
    assert worst.ordinary == 90
    assert worst.high == 3
    assert worst.yellow_by_chance > raw.yellow_by_chance > rule.yellow_by_chance >= shrunk.yellow_by_chance
    assert rule.high_found == shrunk.high_found == 1.0
    assert shrunk.red_by_chance < 0.05 < raw.red_by_chance

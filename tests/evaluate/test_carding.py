"""Chance cards and lists ordinary towns under plain rules far more often than under ours."""

from __future__ import annotations

from qingdun.evaluate.carding import Town, carded_by_chance


def test_fewer_ordinary_towns_are_carded_and_high_ones_are_found() -> None:
    sizes = (3_000, 8_000, 20_000, 40_000, 80_000, 150_000)
    towns = [Town(f"t{i:02}", f"c{i % 4}", sizes[i % 6], 1.0) for i in range(30)]
    towns.append(Town("high", "c0", 100_000, 3.0))
    worst, raw, chance, ours = carded_by_chance(towns, 12.0, 3, seed=1)
    assert (worst.yellow.whole, worst.found.whole) == (90, 3)
    shares = [one.yellow.value for one in (worst, raw, chance, ours)]
    assert shares == sorted(shares, reverse=True)
    assert ours.yellow.value < raw.yellow.value / 4
    assert ours.red.value < 0.05 < raw.red.value
    assert chance.found.value == ours.found.value == 1.0
    low, high = ours.yellow.interval or (0.0, 0.0)
    assert low <= ours.yellow.value <= high < raw.yellow.value

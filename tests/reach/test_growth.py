"""When a target is met: exact where nothing strays, wider the further ahead, and honest on made-up years."""

from __future__ import annotations

import math
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from qingdun.evaluate.growing import coverage
from qingdun.reach.growth import Growth, ahead, arrival, growth, weekly


def test_weeks_end_with_the_last_day() -> None:
    assert weekly([]) == []
    assert weekly([1] * 6) == []
    assert weekly([100, *[1] * 7, *[2] * 7]) == [7, 14]


def test_too_few_weeks_tell_nothing() -> None:
    assert growth([10] * 7) is None
    assert growth([10] * 8) is not None


def test_what_never_strays_is_met_to_the_day() -> None:
    found = growth([70] * 12)
    assert found is not None
    met = arrival(found, 140)
    assert met.expected == met.earliest == met.latest == pytest.approx(14)
    assert arrival(found, 0).expected == 0


def test_what_does_not_grow_is_never_met() -> None:
    found = growth([0] * 12)
    assert found is not None
    assert arrival(found, 1).expected is None
    assert arrival(found, 1).latest is None


@given(st.integers(1, 400), st.floats(0.05, 0.9), st.floats(0, 50))
def test_the_spread_of_a_sum_is_that_of_its_weeks(weeks: int, share: float, spread: float) -> None:
    found = Growth(100, share, spread, 26)
    naive = spread * math.sqrt(math.fsum((1 + j * share) ** 2 for j in range(weeks)))
    assert found.deviation(weeks) == pytest.approx(naive)


@given(st.lists(st.integers(0, 5000), min_size=8, max_size=40), st.integers(1, 100_000))
def test_the_interval_holds_the_expected_day_and_bounds_never_fall(weeks: list[int], gap: int) -> None:
    found = growth(weeks)
    assert found is not None
    met = arrival(found, gap)
    if met.expected is not None:
        assert met.earliest is not None
        assert met.earliest <= met.expected + 1e-6
        assert met.latest is None or met.latest >= met.expected - 1e-6
    lows = [low for low, _mean, _high in ahead(found, 60)]
    highs = [high for _low, _mean, high in ahead(found, 60)]
    assert lows == sorted(lows)
    assert highs == sorted(highs)
    assert all(low <= high for low, high in zip(lows, highs, strict=True))


def test_nine_of_ten_intervals_hold_the_day_on_drifting_years() -> None:
    """Twelve places whose level drifts by 6 % a week and whose weeks stray by 20 %, asked from every week."""
    dice = Random(11)
    years = []
    for _ in range(12):
        level, weeks = 2000.0, []
        for _week in range(52):
            level *= math.exp(dice.gauss(0, 0.06))
            weeks.append(round(level * math.exp(dice.gauss(0, 0.2))))
        years.append(weeks)
    for ahead_weeks in (4, 8):
        found = coverage(years, ahead_weeks)
        assert found.asked > 400
        assert 0.85 <= found.share <= 0.97
        assert found.interval is not None
        assert found.interval.low < found.share < found.interval.high

from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from qingdun.detect.rarity import BY_CHANCE, Rarity, beyond
from qingdun.detect.weights import load_weights


def test_the_weights_were_drawn_with_ten_and_forty_visitors() -> None:
    assert Rarity.of(load_weights(), 54_186) == (10, 40)


def test_in_a_small_town_a_few_visitors_are_many() -> None:
    assert Rarity.of(load_weights(), 2_186) == (2, 10)
    assert Rarity.of(load_weights(), 1_000_000) == (107, 200)


def test_without_a_register_nothing_is_called_common_early() -> None:
    most = load_weights().rare_most
    assert Rarity.of(load_weights(), 0) == (most, most)


@given(st.integers(1, 5_000_000), st.integers(1, 5_000_000))
def test_more_subscribers_never_make_fewer_visitors_many(one: int, other: int) -> None:
    small, large = (Rarity.of(load_weights(), size) for size in sorted((one, other)))
    assert small.few <= large.few
    assert small.common <= large.common
    assert small.few <= small.common


@pytest.mark.parametrize("expected", [0.0, 0.01, 1.2, 4.9, 29.8, 250.0])
def test_so_many_hardly_ever_come_by_chance(expected: float) -> None:
    """Against the tail summed the other way round, term by term from logarithms."""

    def at_least(count: int) -> float:
        if not expected:
            return float(count == 0)
        terms = (math.exp(k * math.log(expected) - expected - math.lgamma(k + 1)) for k in range(count, 900))
        return sum(terms)

    count = beyond(expected, 1000)
    assert at_least(count) < BY_CHANCE <= at_least(count - 1)

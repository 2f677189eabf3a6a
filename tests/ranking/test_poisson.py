"""Exact to published values, and to sums of the distribution itself."""

from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from qingdun.ranking.poisson import at_least, at_most, gamma_quantile, interval, lower_gamma


@given(st.integers(0, 60), st.floats(0.01, 80))
def test_tails_are_sums_of_the_distribution(count: int, mean: float) -> None:
    terms = [math.exp(k * math.log(mean) - mean - math.lgamma(k + 1)) for k in range(count + 1)]
    assert at_most(count, mean) == pytest.approx(math.fsum(terms), abs=1e-11)
    assert at_least(count, mean) == pytest.approx(1 - math.fsum(terms[:-1]), abs=1e-11)


@pytest.mark.parametrize(
    ("count", "low", "high"),
    [
        (0, 0.0, 3.6889),
        (1, 0.0253, 5.5716),
        (3, 0.6187, 8.7673),
        (10, 4.7954, 18.3904),
        (100, 81.364, 121.627),
    ],
)
def test_intervals_are_the_published_ones(count: int, low: float, high: float) -> None:
    """Garwood's table."""
    assert interval(count) == pytest.approx((low, high), abs=5e-4)


@given(st.floats(0.2, 5000), st.floats(0.001, 0.999))
def test_a_quantile_is_where_the_distribution_reaches_its_share(shape: float, share: float) -> None:
    assert lower_gamma(shape, gamma_quantile(shape, share)) == pytest.approx(share, abs=1e-9)

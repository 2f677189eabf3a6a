"""A town can check how its rank came about, and chance does not brand a small one."""

from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from qingdun.ranking.composite import Month, Weights, moves, ranking
from qingdun.ranking.rates import Counted, rates

months = st.lists(
    st.builds(
        Month, st.uuids().map(str), st.sampled_from(("甲", "乙", "丙")), st.integers(500, 200_000),
        st.integers(0, 60), st.integers(0, 10**9), st.integers(0, 3), st.just(0),
    ),
    min_size=1, max_size=20,
)  # fmt: skip


def test_one_case_in_a_small_town_is_not_above_the_city() -> None:
    towns = [Counted(f"t{i}", "甲", 8, 40_000) for i in range(9)] + [Counted("small", "甲", 2, 2_000)]
    small = rates(towns)[-1]
    assert small.raw == 10.0
    assert small.differs == "alike"
    assert small.low < 2.0 < small.high
    # Towns that differ no more than by chance share the county's rate: 74 cases among 362,000.
    assert small.shrunk == pytest.approx(74 / 36.2, rel=0.15)


def test_a_large_town_keeps_its_own_rate() -> None:
    towns = [Counted(f"t{i}", "甲", 20, 100_000) for i in range(9)] + [Counted("large", "甲", 200, 200_000)]
    large = rates(towns)[-1]
    assert large.differs == "above"
    assert large.shrunk == pytest.approx(large.raw, rel=0.1)


@given(months)
def test_shrunk_rates_lie_between_the_county_and_the_town(given_months: list[Month]) -> None:
    counted = [Counted(m.town, m.county, m.cases, m.residents) for m in given_months]
    for place, rate in zip(counted, rates(counted), strict=True):
        own = [p for p in counted if p.county == place.county]
        mean = sum(p.cases for p in own) / sum(p.residents for p in own) * 10_000
        low, high = sorted((mean, rate.raw))
        assert low - 1e-9 <= rate.shrunk <= high + 1e-9
        assert rate.low <= rate.raw <= rate.high
        assert rate.shrunk_low <= rate.shrunk <= rate.shrunk_high


@given(months)
def test_points_add_up_and_ranks_follow_them(given_months: list[Month]) -> None:
    ranked = ranking(given_months)
    assert {row.town for row in ranked} == {m.town for m in given_months}
    for row in ranked:
        parts = (row.cases, row.mean_loss, row.major)
        assert row.points == round(sum(part.points for part in parts), 4)
        for part in parts:
            ratio = min(part.used / part.city, 2.0) / 2.0 if part.city else 0.0
            assert part.points == pytest.approx(part.of * (1 - ratio))
    assert ranked[0].rank == 1
    for worse, better in pairwise(ranked):
        assert worse.points <= better.points
        assert (worse.rank == better.rank) == (worse.points == better.points)


def test_the_same_rows_in_any_order_give_the_same_ranking() -> None:
    rows = [Month(f"t{i}", "甲", 10_000 + i, i % 5, i * 100_000, i % 2, 0) for i in range(20)]
    assert ranking(rows) == ranking(rows[::-1])


def test_hand_reckoning_of_a_town() -> None:
    rows = [Month("a", "甲", 10_000, 2, 4_000_000, 0, 0), Month("b", "甲", 10_000, 2, 4_000_000, 0, 0)]
    (first, second) = ranking(rows, Weights(cases=40, mean_loss=30, major=30))
    # The city's own value loses half of an indicator's points; no major case anywhere loses none.
    assert first.points == second.points == 20 + 15 + 30
    assert (first.rank, second.rank) == (1, 1)
    assert moves([first], [second]) == {}
    assert moves([first], [first]) == {"a": 0}


def test_a_place_without_residents_is_refused() -> None:
    with pytest.raises(ValueError, match="residents of x: found none"):
        rates([Counted("x", "甲", 1, 0)])

"""Sums are exact to the fen."""

from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from qingdun.trace.shares import in_proportion, lessened, refunds

losses = st.dictionaries(st.text("abcdef", min_size=1, max_size=3), st.integers(0, 10**11), max_size=12)


@given(st.integers(0, 10**12), losses)
def test_refunds_sum_to_what_is_frozen_or_lost(frozen: int, lost: dict[str, int]) -> None:
    back = refunds(frozen, lost)
    whole = sum(lost.values())
    assert sum(back.values()) == min(frozen, whole)
    assert back.keys() == lost.keys()
    for victim, fen in back.items():
        assert 0 <= fen <= lost[victim]
        if whole:
            exact = min(frozen, whole) * lost[victim]
            assert exact // whole <= fen <= -(-exact // whole)


@given(st.integers(0, 10**9), losses)
def test_who_lost_more_never_gets_less(frozen: int, lost: dict[str, int]) -> None:
    back = refunds(frozen, lost)
    order = sorted(lost, key=lambda v: lost[v])
    assert all(back[a] <= back[b] + (lost[a] == lost[b]) for a, b in pairwise(order))


def test_the_demo_case_of_three_victims() -> None:
    assert refunds(100_001, {"a": 100, "b": 200, "c": 300_000}) == {"a": 33, "b": 67, "c": 99_901}
    assert in_proportion(0, {"a": 0}) == {"a": 0}
    with pytest.raises(ValueError, match="not negative"):
        refunds(-1, {"a": 1})


@given(
    st.dictionaries(st.text(min_size=1, max_size=2), st.integers(0, 10**9), min_size=1, max_size=5),
    st.dictionaries(st.text(min_size=1, max_size=2), st.integers(0, 10**9), max_size=5),
)
def test_what_is_left_sums_exactly_and_no_part_grows(parts: dict[str, int], taken: dict[str, int]) -> None:
    left = lessened(parts, taken)
    assert sum(left.values()) == max(0, sum(parts.values()) - sum(taken.values()))
    assert all(0 <= left[key] <= fen for key, fen in parts.items())
    if all(taken.get(key, 0) <= fen for key, fen in parts.items()) and set(taken) <= set(parts):
        assert left == {key: fen - taken.get(key, 0) for key, fen in parts.items()}

"""Who is asked to take a search: laws of the rule."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from qingdun.dispatch.offering import Ask, Candidate, nearest, next_asked
from qingdun.dispatch.way import Point, distance_km

places = st.tuples(st.integers(0, 300), st.integers(0, 300)).map(
    lambda steps: Point(112.5 + steps[0] / 100, 23.5 + steps[1] / 100)
)
crowds = st.lists(places, max_size=12).map(
    lambda found: [Candidate(number, place) for number, place in enumerate(found)]
)


@given(places, crowds, st.booleans())
def test_everybody_is_ranked_once_and_nobody_nearer_comes_later(
    target: Point, crowd: list[Candidate], urban: bool
) -> None:
    ranked = nearest(target, crowd, urban)
    assert sorted(ask.officer for ask in ranked) == [one.officer for one in crowd]
    lengths = [distance_km(crowd[ask.officer].at, target) for ask in ranked]
    assert lengths == sorted(lengths)
    assert nearest(target, reversed(crowd), urban) == ranked, "the order they are named in does not matter"


@given(places, crowds, st.integers(1, 4))
def test_rounds_ask_everybody_once_the_nearest_first(
    target: Point, crowd: list[Candidate], at_once: int
) -> None:
    ranked = nearest(target, crowd, True)
    asked: list[int] = []
    while round_ := next_asked(ranked, asked, at_once):
        assert len(round_) <= at_once
        asked += [ask.officer for ask in round_]
    assert asked == [ask.officer for ask in ranked]


def test_nobody_further_away_than_a_free_holder_is_asked() -> None:
    ranked = [Ask(1, 1.0, 3.0), Ask(2, 2.0, 6.0), Ask(3, 4.0, 12.0)]
    assert [ask.officer for ask in next_asked(ranked, (), 5, holder_min=6.0)] == [1]
    assert [ask.officer for ask in next_asked(ranked, {1}, 5)] == [2, 3]

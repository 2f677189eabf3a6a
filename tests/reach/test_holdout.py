"""The draw: the same for the same seed, its share in every stratum, nobody favoured."""

from __future__ import annotations

from collections import Counter

import pytest
from hypothesis import given
from hypothesis import strategies as st

from qingdun.reach.holdout import held_out

PEOPLE = {f"p{number:04}": "abc"[number % 3] for number in range(900)}


@given(
    st.dictionaries(st.text(min_size=1, max_size=6), st.sampled_from("abc"), max_size=60),
    st.floats(0, 0.5),
    st.text(max_size=8),
)
def test_a_draw_is_repeated_by_its_seed_in_whatever_order(
    people: dict[str, str], share: float, seed: str
) -> None:
    found = held_out(people, share, seed)
    assert found == held_out(dict(reversed(people.items())), share, seed)
    assert found <= people.keys()
    members = Counter(people.values())
    for stratum, count in Counter(people[one] for one in found).items():
        assert abs(count - share * members[stratum]) < 1


def test_every_stratum_has_its_tenth_and_another_seed_draws_others() -> None:
    found = held_out(PEOPLE, 0.1, "one")
    assert Counter(PEOPLE[person] for person in found) == {"a": 30, "b": 30, "c": 30}
    assert found != held_out(PEOPLE, 0.1, "two")
    assert held_out(PEOPLE, 0, "one") == set()


def test_nobody_is_favoured() -> None:
    """Over 400 seeds everybody is held out about as often: 40 times, give or take five deviations."""
    drawn = Counter(person for seed in range(400) for person in held_out(PEOPLE, 0.1, f"{seed}"))
    assert all(10 <= drawn[person] <= 70 for person in PEOPLE)


def test_a_share_is_a_share() -> None:
    with pytest.raises(ValueError, match="share held out"):
        held_out(PEOPLE, 1, "")

"""Who supervises what: balanced whatever came before, of the same county where there is room."""

from __future__ import annotations

from collections import Counter

import pytest
from hypothesis import given
from hypothesis import strategies as st

from qingdun.console.supervision.assigning import Officer, Subject, assign

COUNTIES = st.sampled_from("abcdefgh")
OFFICERS = st.lists(COUNTIES, min_size=1, max_size=12).map(
    lambda homes: [Officer(number, home) for number, home in enumerate(homes)]
)
SUBJECTS = st.lists(
    st.tuples(COUNTIES, st.integers(1, 3), st.one_of(st.none(), st.integers(0, 14))), max_size=50
).map(lambda rows: [Subject(f"s{n}", home, weight, keeper) for n, (home, weight, keeper) in enumerate(rows)])


def loads(subjects: list[Subject], officers: list[Officer]) -> Counter[int]:
    """The sum of weights of each officer."""
    given = assign(subjects, officers)
    found = Counter({one.ident: 0 for one in officers})
    for one in subjects:
        found[given[one.key].officer] += one.weight
    return found


@given(SUBJECTS, OFFICERS)
def test_everything_is_somebodys_and_nobody_has_much_more_than_another(
    subjects: list[Subject], officers: list[Officer]
) -> None:
    found = assign(subjects, officers)
    assert set(found) == {one.key for one in subjects}
    assert {one.officer for one in found.values()} <= {one.ident for one in officers}
    told = loads(subjects, officers)
    heaviest = max((one.weight for one in subjects), default=0)
    assert max(told.values()) - min(told.values()) <= heaviest
    assert assign(subjects, officers) == found


@given(SUBJECTS, OFFICERS)
def test_the_reason_is_true(subjects: list[Subject], officers: list[Officer]) -> None:
    homes = {one.ident: one.county for one in officers}
    for one, its in ((one, assign(subjects, officers)[one.key]) for one in subjects):
        if its.why == ("kept",):
            assert its.officer == one.keeper
        if "county" in its.why:
            assert homes[its.officer] == one.county
        if "ended" in its.why:
            assert one.keeper not in homes
        if "full" in its.why:
            assert one.keeper in homes


def test_the_same_again_changes_nothing() -> None:
    """A round over the same lists: nobody has to begin with a place anew."""
    officers = [Officer(number, "abcdefgh"[number % 8]) for number in range(10)]
    subjects = [Subject(f"s{n}", "abcdefgh"[n % 5], 2 if n % 20 < 5 else 1) for n in range(40)]
    first = assign(subjects, officers)
    again = [Subject(one.key, one.county, one.weight, first[one.key].officer) for one in subjects]
    second = assign(again, officers)
    moved = [key for key, its in second.items() if its.officer != first[key].officer]
    assert len(moved) <= 2
    assert sum(its.why == ("kept",) for its in second.values()) >= 38


def test_without_anybody_nothing_is_given() -> None:
    with pytest.raises(ValueError, match="in office"):
        assign([Subject("s", "a", 1)], [])

"""Sketches of visitors: what they estimate, and that nothing but who came when matters to them."""

from __future__ import annotations

import math
import random

import numpy as np
import numpy.typing as npt
import pytest
from hypothesis import given
from hypothesis import strategies as st

from qingdun.detect.tiles import sketches
from qingdun.detect.tiles.letters import digest

ERROR = 1.04 / math.sqrt(sketches.REGISTERS)
VISITS = st.lists(st.tuples(st.integers(0, 300), st.integers(1, 50)), max_size=120)


def sketch_of(visits: list[tuple[int, int]]) -> sketches.Marks:
    """Of numbers that came in minutes."""
    marks = np.zeros((sketches.REGISTERS, sketches.RANKS), np.int32)
    for number, minute in visits:
        sketches.mark(marks, digest(f"+8613{number:09d}"), minute)
    return marks


def spread(count: int, seed: int) -> npt.NDArray[np.int64]:
    """Digests of as many numbers that follow each other, as a gang's do."""
    return np.array([digest(f"+86{13_000_000_000 + seed * count + i}") for i in range(count)], np.int64)


@pytest.mark.parametrize("count", [1, 10, 40, 200, 1_000, 5_000, 60_000])
def test_an_estimate_is_within_four_standard_errors(count: int) -> None:
    far: list[float] = []
    for seed in range(12):
        marks = np.zeros((sketches.REGISTERS, sketches.RANKS), np.int32)
        for one in spread(count, seed).tolist():
            sketches.mark(marks, one, 7)
        far.append(sketches.estimate(marks, 7) / count - 1)
        assert sketches.estimate(marks, 8) == 0
    assert max(map(abs, far)) <= 4 * ERROR
    assert abs(sum(far) / len(far)) <= 4 * ERROR / math.sqrt(len(far))  # no bias to speak of


@given(VISITS, VISITS, st.integers(1, 50))
def test_a_merge_is_the_sketch_of_the_union(
    one: list[tuple[int, int]], other: list[tuple[int, int]], since: int
) -> None:
    merged, again = sketch_of(one), sketch_of(other)
    sketches.merge(merged, sketch_of(other))
    sketches.merge(again, sketch_of(one))
    whole = sketch_of(one + other)
    assert (merged == whole).all()
    assert (again == whole).all()
    lately = [(number, 1) for number, minute in one + other if minute >= since]
    assert sketches.estimate(whole, since) == sketches.estimate(sketch_of(lately), 1)


@given(VISITS, st.randoms())
def test_neither_order_nor_repeats_matter(visits: list[tuple[int, int]], draw: random.Random) -> None:
    again = [*draw.sample(visits, len(visits)), *visits[: len(visits) // 2]]
    assert (sketch_of(again) == sketch_of(visits)).all()


def test_a_slot_is_used_again_and_is_empty_then() -> None:
    held = sketches.Sketches()
    held.with_entities(8)
    held.begin(np.array([2, 5], np.int32))
    for place in (2, 5):
        sketches.mark(held.marks[held.slot_of[place]], digest("n"), 9)
    held.end(np.array([2]))
    held.begin(np.array([7], np.int32))
    assert [held.estimate(place, 9) for place in (5, 7)] == [1, 0]
    held.only(np.array([5, 6]))
    assert held.held().tolist() == [0]
    assert held.estimate(0, 9) == 1
    assert len(held.marks) == 2

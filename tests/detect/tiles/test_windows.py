"""Windows of mergeable tiles, against a plain pass over the rows."""

from __future__ import annotations

import pickle
import random
from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from qingdun.detect.evidence import DAY_US, MINUTE_US
from qingdun.detect.tiles import tallying as t
from qingdun.detect.tiles.turnover import LARGEST_FEN
from qingdun.detect.tiles.windows import LENGTHS, Figures, Windows

START = 20_000 * DAY_US
TILE_US, RING = 5 * MINUTE_US, 12
THREE = {"a": (2 * MINUTE_US, 3), "b": (3 * MINUTE_US, 5), "c": (TILE_US, RING)}
"""Of tiles that are not parts of each other."""
ONES = range(1, 13, 2)


class Row(NamedTuple):
    """One row as a window takes it."""

    one: int
    other: int
    at: int
    what: int
    amount: int


ROWS = st.lists(
    st.builds(
        Row,
        st.sampled_from(ONES),
        st.integers(0, 8),
        st.one_of(
            st.integers(START, START + 100 * TILE_US),  # most of it is older than the window
            st.integers(START + 85 * TILE_US, START + 100 * TILE_US),
        ),
        st.integers(0, 7),
        st.one_of(st.integers(0, 600), st.integers(0, LARGEST_FEN)),
    ),
    max_size=80,
)


def naive(rows: Sequence[Row], one: int, now: int, tile_us: int = TILE_US, ring: int = RING) -> Figures:
    """The figures, counted row by row."""
    count = marked = 0
    met, amounts = set(), []
    for row in rows:
        if row.one != one or row.at // tile_us <= now // tile_us - ring:
            continue
        marked += bool(row.what & t.MARKED)
        if row.what & t.BEGINS:
            count += 1
            met.add(row.other)
        if row.what & t.MEASURED:
            amounts.append(row.amount)
    least, most = (min(amounts), max(amounts)) if amounts else (0, 0)
    return Figures(count, marked, len(amounts), len(met), sum(amounts), least, most)


def all_naive(rows: Sequence[Row], now: int) -> list[dict[str, Figures]]:
    """Of every entity there may be, in each window."""
    return [{name: naive(rows, one, now, *of) for name, of in THREE.items()} for one in ONES]


def counted(*batches: Sequence[Row], now: int, into: Windows | None = None) -> Windows:
    """Windows that have counted the batches, of which none goes beyond now."""
    windows = Windows(wide=True, lengths=THREE) if into is None else into
    for batch in batches:
        windows.count(*np.array(batch, np.int64).reshape(-1, 5).T.copy(), now)
    return windows


def figures(windows: Windows, now: int) -> list[dict[str, Figures]]:
    """Of every entity there may be, in each window."""
    return [windows.figures(one, now) for one in ONES]


def last(rows: Sequence[Row]) -> int:
    """No row is later."""
    return max((row.at for row in rows), default=START)


@given(ROWS, st.integers(0, 80), st.integers(0, 3 * TILE_US), st.randoms())
def test_tiles_are_a_plain_pass_in_any_order_and_in_any_batches(
    rows: list[Row], cut: int, later: int, draw: random.Random
) -> None:
    mixed, end = draw.sample(rows, len(rows)), last(rows)
    now = end + later
    assert figures(counted(rows, now=end), now) == all_naive(rows, now)
    assert figures(counted(mixed[:cut], mixed[cut:], now=end), now) == all_naive(rows, now)


@given(ROWS)
def test_rows_that_come_one_by_one_are_a_plain_pass(rows: list[Row]) -> None:
    windows, now = Windows(wide=True, lengths=THREE), START
    for row in rows:  # as the pass takes them: nothing is left out for its age
        now = max(now, row.at)
        windows.expect(1, now)
        t.add_one(windows.tiles(), *row)
    assert figures(windows, now) == all_naive(rows, now)


@given(ROWS, st.integers(0, 80), st.integers(0, 80))
def test_merging_is_counting_and_neither_order_nor_brackets_matter(
    rows: list[Row], first: int, second: int
) -> None:
    first, second = sorted((first, second))
    parts = [rows[:first], rows[first:second], rows[second:]]
    now = last(rows)
    for a, b, c in ((0, 1, 2), (2, 0, 1), (1, 0, 2)):
        left, right, other = (counted(parts[part], now=now) for part in (a, b, a))
        left.merge(counted(parts[b], now=now), now)
        left.merge(counted(parts[c], now=now), now)
        right.merge(counted(parts[c], now=now), now)
        other.merge(right, now)
        assert figures(left, now) == figures(other, now) == all_naive(rows, now)


@given(ROWS, st.integers(0, 80))
def test_a_snapshot_goes_on_as_if_nothing_had_been(rows: list[Row], cut: int) -> None:
    now = last(rows)
    windows = counted(rows[:cut], now=now)
    restored = pickle.loads(pickle.dumps(windows))
    assert restored.memory_bytes() == windows.memory_bytes()
    assert figures(counted(rows[cut:], now=now, into=restored), now) == all_naive(rows, now)


STEPS = st.lists(
    st.tuples(
        st.sampled_from(["count", "count", "add", "add", "forget", "save", "merge"]),
        st.integers(0, 2),
        st.sampled_from([0, 0, 1, 2, 5, 10, 30, 61, 120]),
        st.lists(
            st.tuples(
                st.sampled_from(ONES),
                st.integers(0, 4),
                st.sampled_from([0, 0, 1, 3, 4, 20, 50, 70]),
                st.integers(0, 7),
                st.integers(0, 9),
            ),
            max_size=6,
        ),
    ),
    max_size=40,
)
"""What is done, with which windows, how many minutes later, and rows so many minutes old."""


@settings(max_examples=150)
@given(STEPS)
def test_whoever_is_forgotten_and_returns_is_counted_in_whatever_was_merged(steps: list[Any]) -> None:
    """Rings and pairs of the forgotten serve others, and windows with such leftovers merge."""
    parts, told, now = (
        [Windows(wide=True, lengths=THREE) for _ in range(3)],
        [list[Row]() for _ in range(3)],
        START,
    )
    for act, which, later, ages in steps:
        now, place = now + later * MINUTE_US, which % len(parts)
        rows = [Row(one, other, now - age * MINUTE_US, *rest) for one, other, age, *rest in ages]
        match act:
            case "count":
                counted(rows, now=now, into=parts[place])
                told[place] += rows
            case "add":
                parts[place].expect(len(rows), now)
                for row in rows:
                    t.add_one(parts[place].tiles(), *row)
                told[place] += rows
            case "forget":
                parts[place]._kept = -1  # as if a quarter more were held
                parts[place].expect(len(rows), now)
            case "save":
                parts[place] = pickle.loads(pickle.dumps(parts[place]))
            case "merge" if len(parts) > 1:
                other = (place + 1) % len(parts)
                parts[place].merge(parts[other], now)
                told[place] += told[other]
                del parts[other], told[other]
        for windows, all_rows in zip(parts, told, strict=True):
            assert figures(windows, now) == all_naive(all_rows, now)


@settings(max_examples=20)
@given(st.integers(0, 1 << 32))
def test_what_is_stale_makes_room_and_what_is_not_stays_exact(seed: int) -> None:
    draw, now, rows = np.random.default_rng(seed), START, []
    windows, held, alive = Windows(wide=True, lengths=THREE), [], []
    for _ in range(40):
        now += int(draw.integers(0, 30)) * MINUTE_US
        times = now - draw.integers(0, 5 * MINUTE_US, 50)
        ones, others = 2 * draw.integers(0, 400, 50) + 1, draw.integers(0, 400, 50)
        batch = [Row(*map(int, row), 7, 10) for row in zip(ones, others, times, strict=True)]
        rows += batch
        counted(batch, now=now, into=windows)
        held.append(windows.memory_bytes())
        alive.append(sum(row.at > now - RING * TILE_US for row in rows) + len(batch))
        for one in ones[:5].tolist():
            assert windows.figures(one, now) == {n: naive(rows, one, now, *of) for n, of in THREE.items()}
    # An open table is a power of two, at least a quarter full when it is made; a ring has at most 20 cells.
    most = 4 * (8 * t.ENTITY + 16) + 2 * 20 * 8 * t.CELL
    assert max(held) <= most * max(alive)


def test_narrow_cells_hold_as_much_as_they_can() -> None:
    """Milliseconds told as seconds, of a machine that calls all day: no sum is below nothing."""
    calls = [Row(1, 1, START + place, t.MEASURED, 86_400) for place in range(13_000)]
    columns = np.array(calls, np.int64).T.copy()
    windows, others = Windows(), Windows()
    for counting in (windows, others):
        counting.count(*columns, START + DAY_US // 2)
    assert windows.figures(1, START + DAY_US // 2)["7d"].total == 13_000 * 86_400
    windows.merge(others, START + DAY_US // 2)
    windows.count(*columns, START + DAY_US // 2)
    assert windows.figures(1, START + DAY_US // 2)["7d"].total == (1 << 31) - 1


def test_windows_of_four_lengths_end_now() -> None:
    windows = Windows()
    ages = [MINUTE_US * minutes for minutes in (0, 5, 30, 120, 1_500, 8_000, 20_000)]
    rows = [Row(1, 1 + i, START - age, t.BEGINS, 0) for i, age in enumerate(ages)]
    windows.count(*np.array(rows, np.int64).T.copy(), START)
    found = windows.figures(1, START)
    assert found == {name: naive(rows, 1, START, *of) for name, of in LENGTHS.items()}
    assert [figures.met for figures in found.values()] == [2, 3, 4, 6]

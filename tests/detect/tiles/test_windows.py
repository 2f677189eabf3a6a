"""Windows of mergeable tiles, against a plain pass over the rows."""

from __future__ import annotations

import pickle
import random
from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from qingdun.detect.evidence import DAY_US, MINUTE_US
from qingdun.detect.tiles import tallying as t
from qingdun.detect.tiles.turnover import LARGEST_FEN
from qingdun.detect.tiles.windows import LENGTHS, Figures, Window, Windows

START = 20_000 * DAY_US
TILE_US, RING = 5 * MINUTE_US, 12
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


def counted(*batches: Sequence[Row], into: Window | None = None) -> Window:
    """A window that has counted the batches."""
    window = Window(TILE_US, RING, wide=True) if into is None else into
    for batch in batches:
        window.count(*np.array(batch, np.int64).reshape(-1, 5).T.copy())
    return window


def figures(window: Window, now: int) -> list[Figures]:
    """Of every entity there may be."""
    return [Figures(*row[t.COUNT :]) for row in window.read(np.array(ONES), now).tolist()]


def last(rows: Sequence[Row]) -> int:
    """No row is later."""
    return max((row.at for row in rows), default=START)


@given(ROWS, st.integers(0, 80), st.integers(0, 3 * TILE_US), st.randoms())
def test_tiles_are_a_plain_pass_in_any_order_and_in_any_batches(
    rows: list[Row], cut: int, later: int, draw: random.Random
) -> None:
    mixed = draw.sample(rows, len(rows))
    now = last(rows) + later
    expected = [naive(rows, one, now) for one in ONES]
    assert figures(counted(rows), now) == expected
    assert figures(counted(mixed[:cut], mixed[cut:]), now) == expected


@given(ROWS, st.integers(0, 80), st.integers(0, 80))
def test_merging_is_counting_and_neither_order_nor_brackets_matter(
    rows: list[Row], first: int, second: int
) -> None:
    first, second = sorted((first, second))
    parts = [rows[:first], rows[first:second], rows[second:]]
    now = last(rows)
    expected = [naive(rows, one, now) for one in ONES]
    for a, b, c in ((0, 1, 2), (2, 0, 1), (1, 0, 2)):
        left, right = counted(parts[a]), counted(parts[b])
        left.merge(counted(parts[b]), now)
        left.merge(counted(parts[c]), now)
        right.merge(counted(parts[c]), now)
        other = counted(parts[a])
        other.merge(right, now)
        assert figures(left, now) == figures(other, now) == expected


@given(ROWS, st.integers(0, 80))
def test_a_snapshot_goes_on_as_if_nothing_had_been(rows: list[Row], cut: int) -> None:
    restored = pickle.loads(pickle.dumps(counted(rows[:cut])))
    now = last(rows)
    assert figures(counted(rows[cut:], into=restored), now) == figures(counted(rows), now)


@settings(max_examples=20)
@given(st.integers(0, 1 << 32))
def test_what_is_stale_makes_room_and_what_is_not_stays_exact(seed: int) -> None:
    draw, now, rows = np.random.default_rng(seed), START, []
    window, held, alive = Window(TILE_US, RING), [], []
    for _ in range(40):
        now += int(draw.integers(0, 30)) * MINUTE_US
        times = now - draw.integers(0, 5 * MINUTE_US, 50)
        ones, others = 2 * draw.integers(0, 400, 50) + 1, draw.integers(0, 400, 50)
        batch = [Row(*map(int, row), 7, 10) for row in zip(ones, others, times, strict=True)]
        rows += batch
        counted(batch, into=window)
        held.append(max(len(window.tiles.cells), len(window.tiles.pairs)))
        alive.append(sum(row.at > now - RING * TILE_US for row in rows) + len(batch))
        for one in ones[:5].tolist():
            assert window.figures(one, now) == naive(rows, one, now)
    # An open table is a power of two, at least a quarter full when it is made.
    assert max(held) <= 4 * max(alive)


def test_windows_of_four_lengths_end_now() -> None:
    windows = Windows()
    ages = [MINUTE_US * minutes for minutes in (0, 5, 30, 120, 1_500, 8_000, 20_000)]
    rows = [Row(1, 1 + i, START - age, t.BEGINS, 0) for i, age in enumerate(ages)]
    windows.count(*np.array(rows, np.int64).T.copy(), START)
    for name, (tile_us, ring) in LENGTHS.items():
        assert windows[name].figures(1, START) == naive(rows, 1, START, tile_us, ring)
    assert [windows[name].figures(1, START).met for name in LENGTHS] == [2, 3, 4, 6]

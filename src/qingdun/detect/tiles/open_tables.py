"""Open tables of integers: rows by their first column, a key that is 0 where nothing stands.

No row is taken out; a table that must grow is filled anew without what does not count any more. Room is made
before a batch, so that the compiled loops always find a free row.

There are two kinds: a key is held through the *generation* in which it was entered last and the next one
(`enter`, `is_held`); or it belongs to a *count* that began at some time (`join`).
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final

import numpy as np
import numpy.typing as npt

from qingdun.compiled import njit

Ints = npt.NDArray[np.int64]
Valid = Callable[[Ints], npt.NDArray[np.bool_]]

KEY: Final = 0
GENERATION: Final = 1
WHEN, MARK = 1, 2
"""Of keys that belong to a count: since when that is counted, and whatever is to be known besides."""
COUNT, NOW, SINCE = range(3)
"""Of a tally: how many rows are taken, the generation, since when it lasts."""
TALLY: Final = 3


@njit(cache=True, nogil=True)
def ordered_pair(one: int, other: int) -> Any:
    """A key for two entities of these digests, a payer and a payee say; another one the other way round."""
    state = one * 0x2545_F491_4F6C_DD1D + other
    state = (state ^ (state >> 31)) * 0x51_7C_C1_B7_27_22_0A_95
    return (state ^ (state >> 29)) | 1


@njit(cache=True, nogil=True)
def ordered_pairs(one: Any, other: Any) -> Any:
    """`ordered_pair` of each."""
    found = np.empty(len(one), np.int64)
    for i in range(len(one)):
        found[i] = ordered_pair(one[i], other[i])
    return found


@njit(cache=True, nogil=True)
def place_of(table: Any, key: int) -> Any:
    """Where the key stands in the table, or where it would."""
    mask = len(table) - 1
    state = key * 0x2545_F491_4F6C_DD1D
    at = (state ^ (state >> 32)) & mask
    while table[at, KEY] != 0 and table[at, KEY] != key:
        at = (at + 1) & mask
    return at


@njit(cache=True, nogil=True)
def is_held(table: Any, tally: Any, key: int) -> bool:
    """Whether the key was entered in this generation or the one before."""
    at = place_of(table, key)
    return bool(table[at, KEY] != 0 and table[at, GENERATION] >= tally[NOW] - 1)


@njit(cache=True, nogil=True)
def enter(table: Any, tally: Any, key: int, when: int, lasts_us: int) -> Any:
    """The key is of this generation, a new one if the last has lasted so long; its place."""
    at = place_of(table, key)
    tally[COUNT] += table[at, KEY] == 0
    if when - tally[SINCE] > lasts_us:
        tally[NOW] += 1
        tally[SINCE] = when
    table[at, KEY], table[at, GENERATION] = key, tally[NOW]
    return at


@njit(cache=True, nogil=True)
def join(table: Any, taken: Any, key: int, since: int) -> Any:
    """The key belongs to the count since then; its place, or −1 − its place if it did before."""
    at = place_of(table, key)
    if table[at, KEY] and table[at, WHEN] == since:
        return -1 - at
    taken[0] += table[at, KEY] == 0
    table[at, KEY], table[at, WHEN], table[at, MARK] = key, since, 0
    return at


@njit(cache=True, nogil=True)
def _fill(table: Any, rows: Any) -> None:
    for i in range(len(rows)):
        at = place_of(table, rows[i, KEY])
        for j in range(table.shape[1]):
            table[at, j] = rows[i, j]


def empty(width: int) -> Ints:
    """A table of nothing."""
    return np.zeros((16, width), np.int64)


def with_room(table: Ints, taken: Ints, more: int, valid: Valid) -> Ints:
    """The table with room for so many keys more; when it must grow, what is not valid goes. `taken[0]` is how
    many rows are taken."""
    if 2 * (int(taken[0]) + more) <= len(table):
        return table
    return filled(rows_of(table, valid), taken, more)


def held_with_room(table: Ints, tally: Ints, more: int) -> Ints:
    """The same of a table of generations."""
    return with_room(table, tally, more, lambda rows: rows[:, GENERATION] >= tally[NOW] - 1)


def rows_of(table: Ints, valid: Valid) -> Ints:
    """The rows that are taken and valid."""
    rows = table[table[:, KEY] != 0]
    return np.asarray(rows[valid(rows)])


def filled(rows: Ints, taken: Ints, more: int) -> Ints:
    """A table of these rows, with room for so many more."""
    table = np.zeros((1 << (3 * (len(rows) + more) + 15).bit_length(), rows.shape[1]), np.int64)
    _fill(table, rows)
    taken[0] = len(rows)
    return table

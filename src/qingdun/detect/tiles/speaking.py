"""Pairs that have spoken with each other, whoever called."""

from __future__ import annotations

from typing import Any, Final

import numpy as np

from qingdun.compiled import njit
from qingdun.detect.tiles.layout import DAY, SPOKEN, SWEPT
from qingdun.detect.tiles.open_tables import TALLY, enter, is_held, place_of

SPOKEN_US: Final = 15 * DAY
"""How long a generation of pairs lasts."""
MET_AT: Final = 2
"""Column of a pair: when the first call ended since it was forgotten last."""


@njit(cache=True, nogil=True)
def pair_of(one: int, other: int) -> Any:
    """One key for two parties of these digests, whoever calls."""
    low, high = min(one, other), max(one, other)
    state = low * 0x2545_F491_4F6C_DD1D + high
    state = (state ^ (state >> 31)) * 0x51_7C_C1_B7_27_22_0A_95
    return (state ^ (state >> 29)) | 1


@njit(cache=True, nogil=True)
def pairs_of(one: Any, other: Any) -> Any:
    """`pair_of` of each."""
    found = np.empty(len(one), np.int64)
    for i in range(len(one)):
        found[i] = pair_of(one[i], other[i])
    return found


@njit(cache=True, nogil=True)
def have_spoken(cells: Any, spoken: Any, pair: int) -> bool:
    """Whether the pair had a call before the last day."""
    if not is_held(spoken, cells[SPOKEN : SPOKEN + TALLY], pair):
        return False
    return bool(spoken[place_of(spoken, pair), MET_AT] < cells[SWEPT] - DAY)


@njit(cache=True, nogil=True)
def speak(cells: Any, spoken: Any, pair: int, when: int) -> None:
    """The pair had a call that ended then."""
    tally = cells[SPOKEN : SPOKEN + TALLY]
    first = not is_held(spoken, tally, pair)
    at = enter(spoken, tally, pair, when, SPOKEN_US)
    if first:
        spoken[at, MET_AT] = when


@njit(cache=True, nogil=True)
def speak_all(cells: Any, spoken: Any, pairs: Any, when: Any) -> None:
    """So had each of the pairs, in order of time; the table has room for all."""
    for i in range(len(pairs)):
        speak(cells, spoken, pairs[i], when[i])

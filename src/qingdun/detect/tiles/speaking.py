"""Pairs that have spoken with each other, whoever called."""

from __future__ import annotations

from typing import Any, Final

import numpy as np

from qingdun.compiled import njit
from qingdun.detect.tiles.layout import DAY, SPOKEN, SWEPT
from qingdun.detect.tiles.open_tables import TALLY, enter, is_held, ordered_pair, ordered_pairs, place_of

SPOKEN_US: Final = 15 * DAY
"""How long a generation of pairs lasts."""
MET_AT: Final = 2
"""Column of a pair: when the first call ended since it was forgotten last."""


@njit(cache=True, nogil=True)
def pair_of(one: int, other: int) -> Any:
    """One key for two parties of these digests, whoever calls."""
    return ordered_pair(min(one, other), max(one, other))


def pairs_of(one: Any, other: Any) -> Any:
    """`pair_of` of each."""
    return ordered_pairs(np.minimum(one, other), np.maximum(one, other))


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

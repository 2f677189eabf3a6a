"""Whether labels may be like anybody's: those that cannot be, nine in ten, `lookalike` need not look at.

What it names always passes here; what passes it need not name.
"""

from __future__ import annotations

from typing import Any, Final

import numpy as np

from qingdun.compiled import njit
from qingdun.detect.sites.brands import SHORTEST_NEAR
from qingdun.detect.sites.names import (
    ANYWHERE,
    BEYOND_ASCII,
    DOT,
    HYPHEN,
    MULTIPLIER,
    NINE,
    WHOLE,
    ZERO,
    near_bit,
)
from qingdun.detect.sites.spelling import PAIRS

_LEAST_NEAR: Final = SHORTEST_NEAR - 1
_MERGED: Final = tuple((ord(pair[0]), ord(pair[1]), ord(letter)) for pair, letter in PAIRS)


@njit(cache=True, nogil=True)
def _holds_name(data: Any, start: int, end: int, names: Any) -> bool:
    """Whether a name stands in the label, by the shapes of its letters; hyphens do not count."""
    for first in range(start, end):
        node = np.int64(0)
        for i in range(first, end):
            if data[i] == HYPHEN:
                continue
            node = np.int64(names.trie[node, names.spelt[data[i]]])
            if not node:
                break
            if names.ends[node] & ANYWHERE:
                return True
            if first == start and names.ends[node] & WHOLE and i == end - 1:
                return True
    return False


@njit(cache=True, nogil=True)
def _is_near(data: Any, start: int, end: int, names: Any) -> bool:
    """Whether the word, as it is or without one letter, may be spelt as a name is, perhaps without one."""
    length = end - start
    if length < _LEAST_NEAR or length > names.longest[0]:
        return False
    before = np.zeros(length + 1, np.uint64)
    for i in range(length):
        before[i + 1] = before[i] * MULTIPLIER + np.uint64(names.spelt[data[start + i]])
    bit = near_bit(before[length])
    if names.near[bit >> 3] >> (bit & 7) & 1:
        return True
    power, behind = np.uint64(1), np.uint64(0)
    for i in range(length - 1, -1, -1):
        bit = near_bit(before[i] * power + behind)
        if names.near[bit >> 3] >> (bit & 7) & 1:
            return True
        behind += power * np.uint64(names.spelt[data[start + i]])
        power *= MULTIPLIER
    return False


@njit(cache=True, nogil=True)
def _has_near_word(data: Any, start: int, end: int, names: Any) -> bool:
    """Whether a word of the label is near a name, with the digits around it or without."""
    first = start
    for i in range(start, end + 1):
        if i < end and data[i] != HYPHEN:
            continue
        low, high = first, i
        while low < high and ZERO <= data[low] <= NINE:
            low += 1
        while high > low and ZERO <= data[high - 1] <= NINE:
            high -= 1
        if _is_near(data, low, high, names) or (high - low < i - first and _is_near(data, first, i, names)):
            return True
        first = i + 1
    return False


@njit(cache=True, nogil=True)
def _merged(data: Any, start: int, end: int, hyphens: bool, into: Any) -> int:
    """`spelling.merged` of the label, with or without its hyphens; how long it is."""
    n = 0
    for i in range(start, end):
        if data[i] == HYPHEN and not hyphens:
            continue
        into[n] = data[i]
        n += 1
    m = i = 0
    while i < n:
        letter, ahead = into[i], into[i + 1] if i + 1 < n else 0
        i += 1
        for one, other, made in _MERGED:
            if letter == one and ahead == other:
                letter, i = made, i + 1
                break
        into[m] = letter
        m += 1
    return m


@njit(cache=True, nogil=True)
def may_be_like(data: Any, start: int, end: int, names: Any, room: Any) -> bool:
    """Whether `lookalike.likeness` need look at the labels from start to end: it names nobody otherwise."""
    for i in range(start, end):
        foreign = i + 3 < end and data[i] == 120 and data[i + 1] == 110
        if data[i] >= BEYOND_ASCII or (foreign and data[i + 2] == HYPHEN and data[i + 3] == HYPHEN):
            return True
    first = start
    for i in range(start, end + 1):
        if i < end and data[i] != DOT:
            continue
        if _holds_name(data, first, i, names) or _has_near_word(data, first, i, names):
            return True
        length = _merged(data, first, i, False, room)
        if length < i - first and _holds_name(room, 0, length, names):
            return True
        length = _merged(data, first, i, True, room)
        if length < i - first and _has_near_word(room, 0, length, names):
            return True
        first = i + 1
    return False

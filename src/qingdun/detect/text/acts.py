"""What a text does, whoever sent it: asks for a code, names a deadline, promises gain, moves the talk.

Scams of another year or medium use other sentences, but do the same things. `acts.json` says by which
wordings each act is known; here they become a table that finds all of them in one pass over the characters.
"""

from __future__ import annotations

import json
from functools import cache
from importlib import resources
from typing import Any, Final, NamedTuple

import numpy as np
import numpy.typing as npt

from qingdun.compiled import njit
from qingdun.detect.text.fold import NUMBER
from qingdun.detect.text.normalise import normalise

BUCKETS: Final = 1 << 18
START: Final = 0x811C9DC5
"""The state of a hash before its first character."""
LONGEST_WORDING: Final = 12
ENOUGH: Final = 6
"""Of a text that does more than so many acts each counts less, and each pair of them less again: in a long
talk everything comes up once."""
GOES_ON: Final = 1 << 14
_HINTS: Final = 1 << 14
"""Few enough to stay in a processor's nearest memory."""


class Acts(NamedTuple):
    """The wordings of all acts by their hashes."""

    states: npt.NDArray[np.int64]
    """Hashes of wordings, by their last bits; one that is known for two acts stands twice."""
    act: npt.NDArray[np.int64]
    """Of each the number of its act."""
    hint: npt.NDArray[np.int16]
    """By the last bits of a hash, the row of the first wording that ends so, plus one; `GOES_ON` is added
    where a longer wording may begin so."""


@njit(cache=True, nogil=True, inline="always")
def hashed(state: int, code: int) -> int:
    """The hash of what came before and one more character."""
    return ((state ^ code) * 0x9E3779B1) & 0xFFFFFFFF


@njit(cache=True, nogil=True, inline="always")
def bucket_of(state: int) -> int:
    """The bucket of a hash."""
    return (state ^ (state >> 15)) & (BUCKETS - 1)


@njit(cache=True, nogil=True, inline="always")
def hint_of(acts: Any, state: int) -> int:
    """What is known of a hash at a glance: nothing, most often."""
    return acts.hint[state & (_HINTS - 1)]  # type: ignore[no-any-return]


@njit(cache=True, nogil=True, inline="always")
def may_end(hint: int) -> bool:
    """Whether a wording may end here."""
    return hint & (GOES_ON - 1) != 0


@njit(cache=True, nogil=True)
def mark_acts(acts: Any, state: int, hint: int, found: Any) -> None:
    """Every act that the hashed wording is known for is set in `found`."""
    at = (hint & (GOES_ON - 1)) - 1
    if at >= 0:
        slot = state & (_HINTS - 1)
        while at < len(acts.states) and acts.states[at] & (_HINTS - 1) == slot:
            if acts.states[at] == state:
                found[acts.act[at]] = True
            at += 1


@njit(cache=True, nogil=True)
def acts_worth(found: Any, weights: Any, pair_weights: Any) -> float:
    """What the acts of a text that were found are worth together, each and each two of them."""
    count, single, double = 0, 0.0, 0.0
    for act in range(len(found)):
        if found[act]:
            count += 1
            single += weights[act]
            for other in range(act):
                if found[other]:
                    double += pair_weights[act, other]
    share = min(1.0, ENOUGH / count) if count else 0.0
    return share * (single + share * double)


def act_columns(found: npt.NDArray[np.bool_]) -> npt.NDArray[np.float32]:
    """Texts × acts, then pairs in the order of `pairs_of`: what `acts_worth` multiplies by weights."""
    share = np.minimum(1, ENOUGH / np.maximum(found.sum(axis=1, keepdims=True), 1)).astype(np.float32)
    one, other = pairs_of(found.shape[1])
    return np.hstack([found * share, (found[:, one] & found[:, other]) * share**2])


def pairs_of(count: int) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.int64]]:
    """Of every pair of so many acts the later and the earlier."""
    one, other = np.tril_indices(count, -1)
    return one, other


@cache
def act_names() -> tuple[str, ...]:
    """The names of all acts, in the order of their numbers."""
    return tuple(_raw())


@cache
def wordings() -> Acts:
    """The table, built once."""
    rows: set[tuple[int, int, int]] = set()
    hint = np.zeros(_HINTS, np.int16)
    for number, act in enumerate(_raw().values()):
        for word in act["words"].split():
            states = _states(normalise(word).replace(NUMBER, ""))
            if states:
                rows.add((states[-1] & (_HINTS - 1), states[-1], number))
                hint[[state & (_HINTS - 1) for state in states[:-1]]] = GOES_ON
    ordered = sorted(rows)
    for row in range(len(ordered) - 1, -1, -1):
        slot = ordered[row][0]
        hint[slot] = hint[slot] & GOES_ON | row + 1
    _, hashes, numbers = np.array(ordered, np.int64).reshape(-1, 3).T
    return Acts(hashes.copy(), numbers.copy(), hint)


def _states(word: str) -> list[int]:
    states, state = [], START
    for char in word:
        state = int(hashed(state, ord(char)))
        states.append(state)
    return states


def _raw() -> dict[str, dict[str, str]]:
    file = resources.files("qingdun.detect.text").joinpath("acts.json")
    acts: dict[str, dict[str, str]] = json.loads(file.read_text("utf-8"))["acts"]
    return acts

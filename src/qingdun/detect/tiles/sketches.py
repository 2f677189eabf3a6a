"""How many different subscribers asked for a suspect host that too many ask for to tell them one by one.

A sketch is HyperLogLog whose registers know when: for each rank a register may have, the last minute in which
a subscriber of that rank came. The register of a window is the highest rank with a minute in it, so that one
sketch answers for every window. Nothing but the later minute is ever taken, hence the order of visits and how
often they are told do not matter, and the sketch of two parts together is, to the bit, their merge.

The standard error of an estimate is 1.04 / √1024 = 3.25 %, less where fewer than some hundreds came.
Sources: Flajolet et al., HyperLogLog (2007); for minutes, Chabchoub and Hébrail, Sliding HyperLogLog (2010);
for the estimate, Ertl, New cardinality estimation algorithms for HyperLogLog sketches (2017), algorithm 6.
"""

from __future__ import annotations

import math
from typing import Any, Final

import numpy as np
import numpy.typing as npt

from qingdun.compiled import njit

REGISTERS: Final = 1024
RANKS: Final = 16
"""The last one stands for all higher ones as well; it is met from some tens of millions on."""
NONE: Final = -1
"""The slot of a host without a sketch."""

Marks = npt.NDArray[np.int32]
Ints = npt.NDArray[np.int64]


@njit(cache=True, nogil=True)
def mark(sketch: Any, digest: int, minute: int) -> None:
    """Somebody of this digest came in that minute (since 1970, above 0)."""
    state = digest * 0x2545_F491_4F6C_DD1D
    state = (state ^ (state >> 32)) * 0x51_7C_C1_B7_27_22_0A_95
    state = state ^ (state >> 29)
    register, rest, rank = state & (REGISTERS - 1), state >> 10, 0
    while rank < RANKS - 1 and not rest & 1:
        rest, rank = rest >> 1, rank + 1
    sketch[register, rank] = max(sketch[register, rank], minute)


@njit(cache=True, nogil=True)
def merge(sketch: Any, other: Any) -> None:
    """Whoever came in the other one has come here too."""
    for register in range(REGISTERS):
        for rank in range(RANKS):
            sketch[register, rank] = max(sketch[register, rank], other[register, rank])


@njit(cache=True, nogil=True)
def _sigma(x: float) -> float:
    power, found, before = 1.0, x, -1.0
    while found != before:
        x, before = x * x, found
        found += x * power
        power += power
    return found


@njit(cache=True, nogil=True)
def _tau(x: float) -> float:
    if x in (0.0, 1.0):
        return 0.0
    power, found, before = 1.0, 1.0 - x, -1.0
    while found != before:
        x, before, power = math.sqrt(x), found, power * 0.5
        found -= (1.0 - x) ** 2 * power
    return found / 3.0


@njit(cache=True, nogil=True)
def estimate(sketch: Any, since: int) -> float:
    """How many different ones came in that minute or later."""
    of = np.zeros(RANKS + 1, np.int64)
    for register in range(REGISTERS):
        rank = RANKS
        while rank and sketch[register, rank - 1] < since:
            rank -= 1
        of[rank] += 1
    if of[0] == REGISTERS:
        return 0.0
    total = REGISTERS * _tau(1.0 - of[RANKS] / REGISTERS)
    for rank in range(RANKS - 1, 0, -1):
        total = 0.5 * (total + of[rank])
    total += REGISTERS * _sigma(of[0] / REGISTERS)
    return REGISTERS / (2.0 * math.log(2.0)) * REGISTERS / total


class Sketches:
    """Those of hosts, by their places among the touched entities."""

    def __init__(self) -> None:
        self.slot_of: Marks = np.zeros(0, np.int32)
        """By place: where its sketch stands, or `NONE`."""
        self.marks: Marks = np.zeros((0, REGISTERS, RANKS), np.int32)
        self._free: list[int] = []

    def with_entities(self, count: int) -> None:
        """There are so many entities."""
        known = len(self.slot_of)
        if count > known:
            larger = np.full(max(count, known + known // 2), NONE, np.int32)
            larger[:known] = self.slot_of
            self.slot_of = larger

    def begin(self, places: npt.NDArray[np.int32]) -> None:
        """These entities, which had none, have empty sketches."""
        if len(places) > len(self._free):
            held = len(self.marks)
            self.marks = np.concatenate([self.marks, np.zeros((len(places), REGISTERS, RANKS), np.int32)])
            self._free += range(held, len(self.marks))
        for place in places.tolist():
            self.slot_of[place] = self._free.pop()

    def end(self, places: Ints) -> None:
        """These entities, which had one, have none any more."""
        slots = self.slot_of[places]
        self.marks[slots] = 0
        self._free += slots.tolist()
        self.slot_of[places] = NONE

    def held(self) -> Ints:
        """The places of entities that have one."""
        return np.flatnonzero(self.slot_of != NONE)

    def only(self, places: Ints) -> None:
        """Nothing but these entities, in this order."""
        gone = self.slot_of != NONE
        gone[places] = False
        self.end(np.flatnonzero(gone))
        self.slot_of = self.slot_of[places]

    def estimate(self, place: int, since: int) -> int:
        """How many different subscribers came in that minute or later, to the nearest whole number."""
        return round(float(estimate(self.marks[self.slot_of[place]], since)))

    def memory_bytes(self) -> int:
        """What the arrays take."""
        return self.slot_of.nbytes + self.marks.nbytes

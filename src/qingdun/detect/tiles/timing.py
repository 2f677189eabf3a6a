"""Timers of live calls between strangers, in a heap."""

from __future__ import annotations

from typing import Any, Final

from qingdun.compiled import njit
from qingdun.detect.tiles.layout import (
    DUE_AT,
    DUE_CALL,
    DUE_NUMBER,
    DUE_PARTY,
    DUE_STEP,
    HEAP,
    LINE,
    LIVE,
    LIVE_AT,
    NOBODY,
    SPEAKS,
    TIMER_AT,
    TIMER_CALL,
    TIMER_NUMBER,
    TIMER_PARTY,
    TIMER_STEP,
    TIMERS,
)

MINUTES: Final = (5, 10, 20, 30)
"""After which a live call is looked at."""


@njit(cache=True, nogil=True)
def _sooner(one: Any, other: Any) -> bool:
    if one[DUE_AT] != other[DUE_AT]:
        return bool(one[DUE_AT] < other[DUE_AT])
    return bool(one[DUE_NUMBER] < other[DUE_NUMBER])


@njit(cache=True, nogil=True)
def _swap(heap: Any, one: int, other: int) -> None:
    for j in range(heap.shape[1]):
        heap[one, j], heap[other, j] = heap[other, j], heap[one, j]


@njit(cache=True, nogil=True)
def set_timer(cells: Any, heap: Any, at: int, party: int, call: int, step: int) -> None:
    """The call of the party is looked at then."""
    cells[TIMERS] += 1
    i = cells[HEAP]
    heap[i, DUE_AT], heap[i, DUE_NUMBER], heap[i, DUE_PARTY] = at, cells[TIMERS], party
    heap[i, DUE_CALL], heap[i, DUE_STEP] = call, step
    cells[HEAP] += 1
    while i > 0 and _sooner(heap[i], heap[(i - 1) // 2]):
        _swap(heap, i, (i - 1) // 2)
        i = (i - 1) // 2


@njit(cache=True, nogil=True)
def take_timer(cells: Any, heap: Any) -> None:
    """The first timer is off the heap and in the cells."""
    cells[TIMER_AT], cells[TIMER_NUMBER], cells[TIMER_PARTY] = heap[0, 0], heap[0, 1], heap[0, 2]
    cells[TIMER_CALL], cells[TIMER_STEP] = heap[0, DUE_CALL], heap[0, DUE_STEP]
    cells[HEAP] -= 1
    count = cells[HEAP]
    _swap(heap, 0, count)
    i = 0
    while True:
        least = i
        for child in (2 * i + 1, 2 * i + 2):
            if child < count and _sooner(heap[child], heap[least]):
                least = child
        if least == i:
            return
        _swap(heap, i, least)
        i = least


@njit(cache=True, nogil=True)
def fires(cells: Any, heap: Any, parties: Any) -> bool:
    """Whether the timer that was taken is a signal; if the call goes on without one, the next one is set."""
    party, step = cells[TIMER_PARTY], cells[TIMER_STEP]
    if parties[party, LIVE] != cells[TIMER_CALL] or parties[party, LINE] == NOBODY:
        return False
    if cells[SPEAKS] >> step & 1:
        return True
    if step + 1 < len(MINUTES):
        at = parties[party, LIVE_AT] + MINUTES[step + 1] * 60_000_000
        set_timer(cells, heap, at, party, cells[TIMER_CALL], step + 1)
    return False

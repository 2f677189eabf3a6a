"""Calls as they go by: what their callers do in windows of time, which are live, which Python looks at."""

from __future__ import annotations

from typing import Any, Final

from qingdun.compiled import njit
from qingdun.detect.tiles import devices, distinct, speaking, tallying, timing
from qingdun.detect.tiles.layout import (
    ANSWERED,
    AT,
    CALL,
    CROWDED,
    DEVICE,
    DUE,
    ENDED,
    FANNED_OUT,
    FOLLOWED,
    FREE_NODE,
    FROM,
    IN_CALL,
    LASTED,
    LEAST_NUMBERS,
    LIVE,
    LIVE_AT,
    LIVE_JUDGED,
    LIVE_ONE,
    LIVE_OTHER,
    LIVE_STRANGER,
    NODES,
    ONE,
    ONE_LINE,
    OTHER,
    OTHER_LINE,
    PAIR,
    PHASE,
    SIZE,
    STRANGER_S,
    STRANGERS,
    SWEPT,
    TO,
    TURNED_AWAY,
    WATCHED,
    WENT_LIVE,
)

LONGEST_S: Final = 86_400
"""No call counts for longer."""


@njit(cache=True, nogil=True)
def _tally(row: Any, callers: Any) -> None:
    """The call counts in each of its caller's windows: when it begins, and when it ends as long as it was."""
    what, lasted = tallying.BEGINS, 0
    if row[PHASE] == ENDED:
        what, lasted = tallying.MEASURED, min(row[LASTED], LONGEST_S)
    elif row[PHASE] == ANSWERED:
        what |= tallying.MARKED
    tallying.add_one(callers, row[FROM], row[TO], row[AT], what, lasted)


@njit(cache=True, nogil=True)
def _use(cells: Any, row: Any, used: Any, nodes: Any) -> None:
    """The caller has called from its device; whether it is one more number and the device has many."""
    tally, device = cells[NODES : FREE_NODE + 1], row[DEVICE]
    _, fresh = devices.use(tally, cells[SWEPT], device, row[ONE], row[AT], used, nodes)
    if fresh and used[device, SIZE] >= cells[LEAST_NUMBERS]:
        cells[CROWDED] = 1


@njit(cache=True, nogil=True)
def _go_live(cells: Any, row: Any, parties: Any, spoken: Any, flags: Any) -> None:
    cells[WENT_LIVE], cells[STRANGERS] = 1, not speaking.have_spoken(cells, spoken, row[PAIR])
    for party, line in ((row[ONE], row[ONE_LINE]), (row[OTHER], row[OTHER_LINE])):
        parties[party, LIVE], parties[party, LIVE_ONE], parties[party, LIVE_OTHER] = (
            row[CALL],
            row[ONE],
            row[OTHER],
        )
        parties[party, LIVE_AT], parties[party, LIVE_STRANGER] = row[AT], cells[STRANGERS]
        parties[party, LIVE_JUDGED] = 0
        if line >= 0:
            flags[line] |= IN_CALL


@njit(cache=True, nogil=True)
def _is_due(cells: Any, row: Any, parties: Any, flags: Any) -> bool:
    """Whether some detector or the timeline may have a say on the call, besides what was counted."""
    if row[DUE] or flags[row[ONE_LINE]] & FOLLOWED or flags[row[OTHER_LINE]] & FOLLOWED:
        return True
    one, other, phase = row[ONE], row[OTHER], row[PHASE]
    if phase == ANSWERED:
        return bool(parties[one, WATCHED] or parties[other, WATCHED])
    if phase == TURNED_AWAY:
        return bool(parties[other, LIVE] != 0)
    if phase == ENDED and parties[other, LIVE] == row[CALL]:
        if parties[other, LIVE_JUDGED]:
            return True
        return bool(parties[other, LIVE_STRANGER] and row[LASTED] >= cells[STRANGER_S])
    return False


@njit(cache=True, nogil=True)
def call(
    cells: Any, row: Any, parties: Any, used: Any, nodes: Any, heap: Any, fans: Any, spoken: Any, over: bool,
    flags: Any, callers: Any,
) -> bool:  # fmt: skip
    """The call is counted; whether Python is to look at it. `over`: its end has come before it."""
    _tally(row, callers)
    if row[PHASE] == ANSWERED and not over:
        _go_live(cells, row, parties, spoken, flags)
    if distinct.fan_out(cells, row, parties, fans, spoken):
        cells[FANNED_OUT] = 1
    if row[DEVICE] >= 0 and row[PHASE] != ENDED:
        _use(cells, row, used, nodes)
    one, other = row[ONE], row[OTHER]
    if _is_due(cells, row, parties, flags) or cells[FANNED_OUT] or cells[CROWDED]:
        if cells[WENT_LIVE]:
            parties[one, LIVE_JUDGED] = parties[other, LIVE_JUDGED] = 1
        return True
    if cells[WENT_LIVE] and cells[STRANGERS]:
        victim = other if row[OTHER_LINE] >= 0 else one
        at = row[AT] + timing.MINUTES[0] * 60_000_000
        timing.set_timer(cells, heap, at, victim, row[CALL], 0)
    return False


@njit(cache=True, nogil=True)
def hang_up(cells: Any, row: Any, parties: Any, spoken: Any, flags: Any) -> None:
    """The call that ended is live no more, and its parties have spoken."""
    for party, line in ((row[ONE], row[ONE_LINE]), (row[OTHER], row[OTHER_LINE])):
        if parties[party, LIVE] == row[CALL]:
            parties[party, LIVE] = 0
            if line >= 0:
                flags[line] &= 255 - IN_CALL
    speaking.speak(cells, spoken, row[PAIR], row[AT])

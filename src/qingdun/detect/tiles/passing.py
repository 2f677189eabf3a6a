"""The compiled pass through calls, messages and transfers: every row is counted, and the pass stops where
Python is to look.

What is counted of which stands in files of its own: `calling` (with `distinct`, `devices`, `speaking` and
`timing`), `distinct` for messages, `paying` and `turnover` for transfers.
"""

from __future__ import annotations

from typing import Any, Final

from qingdun.compiled import njit
from qingdun.detect.tiles.calling import call, hang_up
from qingdun.detect.tiles.distinct import mail
from qingdun.detect.tiles.layout import (
    ALWAYS,
    ANOTHER_TIMER,
    ANSWERED,
    AT,
    CALLS,
    CLOCK,
    CODE,
    CODE_US,
    COUNTED,
    CUT,
    DEVICE,
    DONE,
    DUE,
    DUE_AT,
    DUE_NUMBER,
    ENDED,
    ENDED_ID,
    ENTERS_HOUR,
    FANNED_OUT,
    FLOW,
    FOLLOWED,
    HEAP,
    HOUR,
    ID,
    IN_CALL,
    LASTED,
    MESSAGES,
    NEXT,
    ONE,
    ONE_ENTITY,
    ONE_PERSON,
    OTHER,
    OTHER_ENTITY,
    OTHER_LINE,
    OTHER_NUMBER,
    OTHER_PERSON,
    OTHER_TIMER,
    OWN_TIMER,
    PAIR,
    PENDING,
    PHASE,
    REQUESTED,
    ROW,
    SEEN,
    SETTLED,
    SWEPT,
    TIMER_AT,
    TRANSFERS,
    UNTIL,
    UPTO,
    WATCHED,
)
from qingdun.detect.tiles.open_tables import TALLY, enter, is_held
from qingdun.detect.tiles.paying import KIND, MERCHANT, have_dealt, pay
from qingdun.detect.tiles.timing import fires, take_timer
from qingdun.detect.tiles.turnover import settle

SEEN_US: Final = 3 * HOUR
"""How long a generation of ids lasts."""


@njit(cache=True, nogil=True)
def _after(cells: Any, row: Any, parties: Any, spoken: Any, flags: Any, money: Any) -> None:
    """What holds once all detectors have seen the row."""
    if row[FLOW] == TRANSFERS and row[PHASE] in (REQUESTED, SETTLED):
        have_dealt(money[0], money[4], row[PAIR], row[AT])
    elif row[FLOW] == CALLS and row[PHASE] == ENDED:
        hang_up(cells, row, parties, spoken, flags)


@njit(cache=True, nogil=True)
def _touch(row: Any, touched: Any, waiting: Any, person: int, entity: int) -> None:
    if person >= 0 and entity >= 0:
        i = waiting[0]
        touched[i, 0], touched[i, 1], touched[i, 2], touched[i, 3] = row[CUT], person, entity, row[AT]
        waiting[0] += 1


@njit(cache=True, nogil=True)
def _code_tells(cells: Any, row: Any, flags: Any, rare: Any) -> bool:
    """Whether some detector or the timeline may have a say on the one-time code."""
    person = row[OTHER_PERSON]
    lately = person >= 0 and rare[person] >= row[AT] - cells[CODE_US]
    return bool(lately or flags[row[OTHER_LINE]] & (FOLLOWED | IN_CALL))


@njit(cache=True, nogil=True)
def proceed(
    cells: Any, rows: Any, parties: Any, devices: Any, nodes: Any, heap: Any, fans: Any, mails: Any,
    spoken: Any, seen: Any, flags: Any, touched: Any, waiting: Any, callers: Any, money: Any,
) -> int:  # fmt: skip
    """Rows and timers up to the bounds are counted, in their order; or up to one that Python looks at."""
    if cells[PENDING] >= 0:
        _after(cells, rows[cells[PENDING]], parties, spoken, flags, money)
        cells[PENDING] = -1
    ids = cells[SEEN : SEEN + TALLY]
    while True:
        i = cells[NEXT]
        clock = rows[i, CLOCK] if i < cells[UPTO] else cells[UNTIL]
        while True:
            other = cells[OTHER_TIMER] < clock
            if cells[HEAP] and heap[0, DUE_AT] < clock:
                at, number = heap[0, DUE_AT], heap[0, DUE_NUMBER]
                after = at > cells[OTHER_TIMER] or (at == cells[OTHER_TIMER] and number > cells[OTHER_NUMBER])
                if other and after:
                    return ANOTHER_TIMER
                take_timer(cells, heap)
                if fires(cells, heap, parties):
                    return OWN_TIMER
            elif other:
                return ANOTHER_TIMER
            else:
                break
        if i >= cells[UPTO]:
            return DONE
        row = rows[i]
        if clock - clock % HOUR != cells[SWEPT]:
            return ENTERS_HOUR
        cells[NEXT] = i + 1
        if row[ID]:
            if is_held(seen, ids, row[ID]):
                continue
            enter(seen, ids, row[ID], clock, SEEN_US)
        cells[FANNED_OUT:TIMER_AT] = 0
        if row[FLOW] == CALLS:
            over = row[PHASE] == ANSWERED and is_held(seen, ids, row[ENDED_ID])
            due = call(cells, row, parties, devices, nodes, heap, fans, spoken, over, flags, callers)
        elif row[FLOW] == MESSAGES:
            if row[COUNTED]:
                mail(cells, row, parties, mails)
            due = (
                row[DUE] == ALWAYS
                or parties[row[ONE], WATCHED] != 0
                or (row[ONE_ENTITY] >= 0 and flags[row[OTHER_LINE]] & FOLLOWED != 0)
                or (row[DUE] == CODE and _code_tells(cells, row, flags, money[6]))
            )
        elif row[FLOW] == TRANSFERS:
            received, paid = money[-2:]
            settled = row[PHASE] == SETTLED
            if settled:
                settle(row, money[1][row[OTHER], KIND] == MERCHANT, received, paid)
            move = (row[AT], row[LASTED], row[ONE], row[OTHER], False, cells[SWEPT])
            requested = row[PHASE] == REQUESTED
            due = pay(money[0], move, row[PAIR], requested, settled, row[DEVICE], *money[1:-2])
            due = due or row[DUE] != 0
        else:
            due = True
        if due:
            cells[PENDING] = i
            return ROW
        _touch(row, touched, waiting, row[OTHER_PERSON], row[ONE_ENTITY])
        _touch(row, touched, waiting, row[ONE_PERSON], row[OTHER_ENTITY])
        _after(cells, row, parties, spoken, flags, money)

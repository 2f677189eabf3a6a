"""The compiled pass through calls and messages: every row is counted, and the pass stops where Python is to
look.

Everything is a table of integers, a row for each party, pair, device or timer and a column for each figure.
`fans`, `mails`, `spoken` and `seen` are open tables whose first column is a key and 0 where nothing stands;
`traffic` makes room before a batch.
"""

from __future__ import annotations

from typing import Any, Final

import numpy as np

from qingdun.compiled import njit
from qingdun.detect.tiles.paying import REQUESTED, SETTLED, have_dealt, pay

NEVER: Final = -(1 << 62)
NOBODY: Final = -1
HOUR: Final = 3_600_000_000
DAY: Final = 24 * HOUR

# Columns of rows.
(FLOW, AT, CLOCK, CUT, ID, PHASE, ONE, OTHER, ONE_LINE, OTHER_LINE, ONE_PERSON, OTHER_PERSON, DUE, CALL) = (
    range(14)
)
"""Flow, times, the visit before which the row came, id; who calls or writes and who is called or written to,
their places in the register, their persons; whether Python looks at it in any case; the call's digest."""
DEVICE, LASTED, ORIGIN, ONE_ENTITY, OTHER_ENTITY, PAIR, ENDED_ID, COUNTED, SUSPICIOUS = range(14, 23)
"""Of calls: device, seconds (of transfers, the amount), origin, what is touched, the pair, the id of the end;
of messages: whether the sender is one that is counted, and whether the text is suspicious."""
ROW_WIDTH: Final = 23

# Flows and phases.
CALLS, MESSAGES, OTHERS, TRANSFERS = range(4)
ANSWERED, ENDED, INVALID, TURNED_AWAY = 1, 2, 3, 4
OVERSEAS_CALL, VOIP_CALL = 1, 2

# Columns of parties: whoever calls, is called, writes or is written to.
(WATCHED, LINE, SINCE, CALLEES, ATTEMPTS, TAKEN, EMPTY, OVERSEAS, VOIP, BACK, JUDGED_AT) = range(11)
"""Until when calls of it are looked at; place in the register; since when its calls are counted, and what."""
(LIVE, LIVE_ONE, LIVE_OTHER, LIVE_AT, LIVE_STRANGER, LIVE_JUDGED) = range(11, 17)
"""The call it is in: digest, parties, answered when, between strangers, seen by Python."""
(MAILED_SINCE, RECIPIENTS, SUSPECTED) = range(17, 20)
"""Since when its messages are counted, to how many, and to how many suspicious ones."""
PARTY_WIDTH: Final = 20

# Columns of the others.
HEAD, SIZE = range(2)  # of devices
PARTY, USED_AT, NEXT_NODE = range(3)  # of nodes: the numbers of a device
DUE_AT, DUE_NUMBER, DUE_PARTY, DUE_CALL, DUE_STEP = range(5)  # of the heap of timers
KEY, WHEN, MARK = range(3)  # of fans and mails: the pair, the count it belongs to, called back or suspicious
GENERATION, MET_AT = 1, 2  # of spoken and seen

# Cells: where the pass stands, its counts and bounds, and what it says of the row it stopped at.
(NEXT, PENDING, UPTO, UNTIL, OTHER_TIMER, OTHER_NUMBER, SWEPT, TIMERS, HEAP) = range(9)
(NODES, FREE_NODE, FANS, MAILS, SPOKEN, SEEN, SPOKEN_NOW, SPOKEN_SINCE, SEEN_NOW, SEEN_SINCE) = range(9, 19)
(FANNED_OUT, CROWDED, WENT_LIVE, STRANGERS, FRESH, PEOPLE, ALL_PEOPLE) = range(19, 26)
(TIMER_AT, TIMER_NUMBER, TIMER_PARTY, TIMER_CALL, TIMER_STEP) = range(26, 31)
(LEAST_CALLEES, LEAST_NUMBERS, STRANGER_S, SPEAKS) = range(31, 35)
"""Thresholds of the detectors, the last one a bit for each step at which a stranger's call is a signal."""
CELLS: Final = 36

DONE, ROW, ENTERS_HOUR, OWN_TIMER, ANOTHER_TIMER = range(5)
"""Why the pass stopped."""

MOST_CALLEES: Final = 400
MOST_RECIPIENTS: Final = 200
GROWN: Final = 1.25
MINUTES: Final = (5, 10, 20, 30)
"""After which a live call is looked at."""
SPOKEN_US: Final = 15 * DAY
SEEN_US: Final = 3 * HOUR
IN_CALL: Final = 2
UNDER_EVIDENCE: Final = 4


@njit(cache=True, nogil=True)
def place_of(table: Any, key: int) -> Any:
    """Where the key stands in an open table, or where it would."""
    mask = len(table) - 1
    state = key * 0x2545_F491_4F6C_DD1D
    at = (state ^ (state >> 32)) & mask
    while table[at, KEY] != 0 and table[at, KEY] != key:
        at = (at + 1) & mask
    return at


@njit(cache=True, nogil=True)
def fill(table: Any, rows: Any) -> None:
    """The rows stand in the table, which has room."""
    for i in range(len(rows)):
        at = place_of(table, rows[i, KEY])
        for j in range(table.shape[1]):
            table[at, j] = rows[i, j]


@njit(cache=True, nogil=True)
def pair_of(one: int, other: int) -> Any:
    """One key for two parties of these digests, whoever calls."""
    low, high = min(one, other), max(one, other)
    state = low * 0x2545_F491_4F6C_DD1D + high
    state = (state ^ (state >> 31)) * 0x51_7C_C1_B7_27_22_0A_95
    return (state ^ (state >> 29)) | 1


@njit(cache=True, nogil=True)
def have_spoken(cells: Any, spoken: Any, pair: int) -> bool:
    """Whether the pair had a call before the last day."""
    at = place_of(spoken, pair)
    if spoken[at, KEY] == 0 or spoken[at, GENERATION] < cells[SPOKEN_NOW] - 1:
        return False
    return bool(spoken[at, MET_AT] < cells[SWEPT] - DAY)


@njit(cache=True, nogil=True)
def _was_seen(cells: Any, seen: Any, key: int) -> bool:
    at = place_of(seen, key)
    return bool(seen[at, KEY] != 0 and seen[at, GENERATION] >= cells[SEEN_NOW] - 1)


@njit(cache=True, nogil=True)
def _see(cells: Any, seen: Any, key: int, clock: int) -> None:
    if clock - cells[SEEN_SINCE] > SEEN_US:
        cells[SEEN_NOW] += 1
        cells[SEEN_SINCE] = clock
    at = place_of(seen, key)
    if seen[at, KEY] == 0:
        seen[at, KEY] = key
        cells[SEEN] += 1
    seen[at, GENERATION] = cells[SEEN_NOW]


# Timers of calls between strangers.


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
def _set_timer(cells: Any, heap: Any, at: int, party: int, call: int, step: int) -> None:
    cells[TIMERS] += 1
    i = cells[HEAP]
    heap[i, DUE_AT], heap[i, DUE_NUMBER], heap[i, DUE_PARTY] = at, cells[TIMERS], party
    heap[i, DUE_CALL], heap[i, DUE_STEP] = call, step
    cells[HEAP] += 1
    while i > 0 and _sooner(heap[i], heap[(i - 1) // 2]):
        _swap(heap, i, (i - 1) // 2)
        i = (i - 1) // 2


@njit(cache=True, nogil=True)
def _take_timer(cells: Any, heap: Any) -> None:
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
def _fires(cells: Any, heap: Any, parties: Any) -> bool:
    """Whether the timer that was taken is a signal; if the call goes on without one, the next one is set."""
    party, step = cells[TIMER_PARTY], cells[TIMER_STEP]
    if parties[party, LIVE] != cells[TIMER_CALL] or parties[party, LINE] == NOBODY:
        return False
    if cells[SPEAKS] >> step & 1:
        return True
    if step + 1 < len(MINUTES):
        at = parties[party, LIVE_AT] + MINUTES[step + 1] * 60_000_000
        _set_timer(cells, heap, at, party, cells[TIMER_CALL], step + 1)
    return False


# Calls.


@njit(cache=True, nogil=True)
def _counts(cells: Any, since: int) -> bool:
    """Whether what is counted since then is not forgotten."""
    return bool(since != NEVER and since >= cells[SWEPT] - DAY)


@njit(cache=True, nogil=True)
def _fan_out(cells: Any, row: Any, parties: Any, fans: Any) -> bool:
    """The call counts for its caller; whether so many more were called that the caller is weighed."""
    one, other, at = row[ONE], row[OTHER], row[AT]
    if _counts(cells, parties[other, SINCE]):
        back = place_of(fans, (other << 32 | one) + 1)
        if fans[back, KEY] and fans[back, WHEN] == parties[other, SINCE] and not fans[back, MARK]:
            fans[back, MARK] = 1
            parties[other, BACK] += 1
    if row[PHASE] == ENDED:
        return False
    if not _counts(cells, parties[one, SINCE]) or at - parties[one, SINCE] > DAY:
        parties[one, SINCE:LIVE] = 0
        parties[one, SINCE] = at
    parties[one, ATTEMPTS] += 1
    parties[one, TAKEN] += row[PHASE] == ANSWERED
    parties[one, EMPTY] += row[PHASE] == INVALID
    parties[one, OVERSEAS] += row[ORIGIN] == OVERSEAS_CALL
    parties[one, VOIP] += row[ORIGIN] == VOIP_CALL
    if parties[one, CALLEES] < MOST_CALLEES:
        key = (one << 32 | other) + 1
        fan = place_of(fans, key)
        if fans[fan, KEY] == 0 or fans[fan, WHEN] != parties[one, SINCE]:
            cells[FANS] += fans[fan, KEY] == 0
            fans[fan, KEY], fans[fan, WHEN], fans[fan, MARK] = key, parties[one, SINCE], 0
            parties[one, CALLEES] += 1
    count = parties[one, CALLEES]
    if count < cells[LEAST_CALLEES] or count < parties[one, JUDGED_AT] * GROWN:
        return False
    parties[one, JUDGED_AT] = count
    return True


@njit(cache=True, nogil=True)
def _use_device(cells: Any, row: Any, devices: Any, nodes: Any) -> bool:
    """The caller has called from its device; whether it is one more number and the device has many."""
    device, one, before = row[DEVICE], row[ONE], -1
    known = False
    node = devices[device, HEAD]
    while node >= 0:
        following = nodes[node, NEXT_NODE]
        if nodes[node, USED_AT] < cells[SWEPT] - DAY:
            if before < 0:
                devices[device, HEAD] = following
            else:
                nodes[before, NEXT_NODE] = following
            nodes[node, NEXT_NODE], nodes[node, PARTY] = cells[FREE_NODE], NOBODY
            cells[FREE_NODE] = node
            devices[device, SIZE] -= 1
        else:
            if nodes[node, PARTY] == one:
                nodes[node, USED_AT], known = row[AT], True
            before = node
        node = following
    if known:
        return False
    node = cells[FREE_NODE]
    if node >= 0:
        cells[FREE_NODE] = nodes[node, NEXT_NODE]
    else:
        node = cells[NODES]
        cells[NODES] += 1
    nodes[node, PARTY], nodes[node, USED_AT], nodes[node, NEXT_NODE] = one, row[AT], devices[device, HEAD]
    devices[device, HEAD] = node
    devices[device, SIZE] += 1
    return bool(devices[device, SIZE] >= cells[LEAST_NUMBERS])


@njit(cache=True, nogil=True)
def thin(devices: Any, nodes: Any, fresh: Any, into: Any, places: Any, since: int) -> int:
    """The numbers that called since then, in tables of their own and under new places; how many there are."""
    taken = 0
    for device in range(len(devices)):
        node = devices[device, HEAD]
        while node >= 0:
            if nodes[node, USED_AT] >= since:
                into[taken, PARTY], into[taken, USED_AT] = places[nodes[node, PARTY]], nodes[node, USED_AT]
                into[taken, NEXT_NODE] = fresh[device, HEAD]
                fresh[device, HEAD] = taken
                fresh[device, SIZE] += 1
                taken += 1
            node = nodes[node, NEXT_NODE]
    return taken


@njit(cache=True, nogil=True)
def pairs_of(one: Any, other: Any) -> Any:
    """`pair_of` of each."""
    found = np.empty(len(one), np.int64)
    for i in range(len(one)):
        found[i] = pair_of(one[i], other[i])
    return found


@njit(cache=True, nogil=True)
def _go_live(cells: Any, row: Any, parties: Any, spoken: Any, flags: Any) -> None:
    cells[WENT_LIVE], cells[STRANGERS] = 1, not have_spoken(cells, spoken, row[PAIR])
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
    if row[DUE] or flags[row[ONE_LINE]] & UNDER_EVIDENCE or flags[row[OTHER_LINE]] & UNDER_EVIDENCE:
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
def _call(
    cells: Any, row: Any, parties: Any, devices: Any, nodes: Any, heap: Any, fans: Any, spoken: Any,
    seen: Any, flags: Any,
) -> bool:  # fmt: skip
    if row[PHASE] == ANSWERED and not _was_seen(cells, seen, row[ENDED_ID]):  # else the end came first
        _go_live(cells, row, parties, spoken, flags)
    if _fan_out(cells, row, parties, fans):
        cells[FANNED_OUT] = 1
    if row[DEVICE] >= 0 and row[PHASE] != ENDED and _use_device(cells, row, devices, nodes):
        cells[CROWDED] = 1
    one, other = row[ONE], row[OTHER]
    if _is_due(cells, row, parties, flags) or cells[FANNED_OUT] or cells[CROWDED]:
        if cells[WENT_LIVE]:
            parties[one, LIVE_JUDGED] = parties[other, LIVE_JUDGED] = 1
        return True
    if cells[WENT_LIVE] and cells[STRANGERS]:
        victim = other if row[OTHER_LINE] >= 0 else one
        _set_timer(cells, heap, row[AT] + MINUTES[0] * 60_000_000, victim, row[CALL], 0)
    return False


@njit(cache=True, nogil=True)
def _after(cells: Any, row: Any, parties: Any, spoken: Any, flags: Any, money: Any) -> None:
    """What holds once all detectors have seen the row: an ended call is live no more, and its parties have
    spoken; who has ordered money has paid."""
    if row[FLOW] == TRANSFERS and row[PHASE] in (REQUESTED, SETTLED):
        have_dealt(money[0], money[4], row[PAIR], row[AT])
    if row[FLOW] != CALLS or row[PHASE] != ENDED:
        return
    for party, line in ((row[ONE], row[ONE_LINE]), (row[OTHER], row[OTHER_LINE])):
        if parties[party, LIVE] == row[CALL]:
            parties[party, LIVE] = 0
            if line >= 0:
                flags[line] &= 255 - IN_CALL
    _speak(cells, spoken, row[PAIR], row[AT])


@njit(cache=True, nogil=True)
def _speak(cells: Any, spoken: Any, pair: int, when: int) -> None:
    """The pair had a call that ended then."""
    at = place_of(spoken, pair)
    if spoken[at, KEY] == 0 or spoken[at, GENERATION] < cells[SPOKEN_NOW] - 1:
        cells[SPOKEN] += spoken[at, KEY] == 0
        spoken[at, KEY], spoken[at, MET_AT] = pair, when
    if when - cells[SPOKEN_SINCE] > SPOKEN_US:
        cells[SPOKEN_NOW] += 1
        cells[SPOKEN_SINCE] = when
    spoken[at, GENERATION] = cells[SPOKEN_NOW]


@njit(cache=True, nogil=True)
def speak_all(cells: Any, spoken: Any, pairs: Any, when: Any) -> None:
    """So had each of the pairs, in order of time; the table has room for all."""
    for i in range(len(pairs)):
        _speak(cells, spoken, pairs[i], when[i])


# Messages.


@njit(cache=True, nogil=True)
def _mail(cells: Any, row: Any, parties: Any, mails: Any) -> None:
    """The message counts for its sender."""
    one, at = row[ONE], row[AT]
    if not _counts(cells, parties[one, MAILED_SINCE]) or at - parties[one, MAILED_SINCE] > DAY:
        parties[one, MAILED_SINCE], parties[one, RECIPIENTS], parties[one, SUSPECTED] = at, 0, 0
    if parties[one, RECIPIENTS] >= MOST_RECIPIENTS:
        return
    key = (one << 32 | row[OTHER]) + 1
    mail = place_of(mails, key)
    if mails[mail, KEY] == 0 or mails[mail, WHEN] != parties[one, MAILED_SINCE]:
        cells[MAILS] += mails[mail, KEY] == 0
        mails[mail, KEY], mails[mail, WHEN], mails[mail, MARK] = key, parties[one, MAILED_SINCE], 0
        parties[one, RECIPIENTS] += 1
    if row[SUSPICIOUS] and not mails[mail, MARK]:
        mails[mail, MARK] = 1
        parties[one, SUSPECTED] += 1
        cells[FRESH], cells[PEOPLE], cells[ALL_PEOPLE] = 1, parties[one, SUSPECTED], parties[one, RECIPIENTS]


# The pass.


@njit(cache=True, nogil=True)
def _touch(row: Any, touched: Any, waiting: Any, person: int, entity: int) -> None:
    if person >= 0 and entity >= 0:
        i = waiting[0]
        touched[i, 0], touched[i, 1], touched[i, 2], touched[i, 3] = row[CUT], person, entity, row[AT]
        waiting[0] += 1


@njit(cache=True, nogil=True)
def proceed(
    cells: Any, rows: Any, parties: Any, devices: Any, nodes: Any, heap: Any, fans: Any, mails: Any,
    spoken: Any, seen: Any, flags: Any, touched: Any, waiting: Any, money: Any,
) -> int:  # fmt: skip
    """Rows and timers up to the bounds are counted, in their order; or up to one that Python looks at."""
    if cells[PENDING] >= 0:
        _after(cells, rows[cells[PENDING]], parties, spoken, flags, money)
        cells[PENDING] = -1
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
                _take_timer(cells, heap)
                if _fires(cells, heap, parties):
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
            if _was_seen(cells, seen, row[ID]):
                continue
            _see(cells, seen, row[ID], clock)
        cells[FANNED_OUT:TIMER_AT] = 0
        if row[FLOW] == CALLS:
            due = _call(cells, row, parties, devices, nodes, heap, fans, spoken, seen, flags)
        elif row[FLOW] == MESSAGES:
            if row[COUNTED]:
                _mail(cells, row, parties, mails)
            due = (
                row[DUE] != 0
                or parties[row[ONE], WATCHED] != 0
                or flags[row[OTHER_LINE]] & UNDER_EVIDENCE != 0
            )
        elif row[FLOW] == TRANSFERS:
            purse, accounts, movements, dealers, pairs, known, rare, met, shares = money
            move = (row[AT], row[LASTED], row[ONE], row[OTHER], False, cells[SWEPT])
            requested = row[PHASE] == REQUESTED
            due = pay(
                purse,
                move,
                row[PAIR],
                requested,
                accounts,
                movements,
                dealers,
                pairs,
                known,
                rare,
                met,
                shares,
            )
            due = due or row[DUE] != 0
        else:
            due = True
        if due:
            cells[PENDING] = i
            return ROW
        _touch(row, touched, waiting, row[OTHER_PERSON], row[ONE_ENTITY])
        _touch(row, touched, waiting, row[ONE_PERSON], row[OTHER_ENTITY])
        _after(cells, row, parties, spoken, flags, money)

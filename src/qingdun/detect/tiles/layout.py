"""What stands in which column of the tables that the compiled pass fills.

Everything is a table of integers: a row for each party, pair, device or timer and a column for each figure.
"""

from __future__ import annotations

from typing import Final

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
"""Of calls: device, seconds (of transfers, the amount up to `turnover.LARGEST_FEN`), origin, what is touched,
the pair, the id of the end; of messages: whether the sender is one that is counted, and whether the text is
suspicious."""
FROM, TO = 23, 24
"""Of calls and transfers: digests of who calls or pays, and of who is called or paid."""
ROW_WIDTH: Final = 25

ALWAYS, CODE = 1, 2
"""What `DUE` says: Python looks at the row in any case; at a one-time code if its recipient is followed, in a
call or has lately asked for an uncommon host."""

# Flows and phases.
CALLS, MESSAGES, OTHERS, TRANSFERS = range(4)
ANSWERED, ENDED, INVALID, TURNED_AWAY = 1, 2, 3, 4
REQUESTED, SETTLED = 1, 2
"""Phases of transfers that count."""
OVERSEAS_CALL, VOIP_CALL = 1, 2

# Columns of parties: whoever calls, is called, writes or is written to.
(WATCHED, LINE, SINCE, CALLEES, ATTEMPTS, TAKEN, EMPTY, OVERSEAS, VOIP, BACK, ABROAD, JUDGED_AT) = range(12)
"""Until when calls of it are looked at; place in the register; since when its calls are counted, and what;
how many strangers it called from abroad."""
(LIVE, LIVE_ONE, LIVE_OTHER, LIVE_AT, LIVE_STRANGER, LIVE_JUDGED) = range(12, 18)
"""The call it is in: digest, parties, answered when, between strangers, seen by Python."""
(MAILED_SINCE, RECIPIENTS, SUSPECTED) = range(18, 21)
"""Since when its messages are counted, to how many, and to how many suspicious ones."""
PARTY_WIDTH: Final = 21

# Columns of the others.
HEAD, SIZE = range(2)  # of devices
PARTY, USED_AT, NEXT_NODE, PAID_TO = range(4)  # of nodes: who uses a device; of accounts, whom each tried
DUE_AT, DUE_NUMBER, DUE_PARTY, DUE_CALL, DUE_STEP = range(5)  # of the heap of timers

# Cells: where the pass stands, its counts and bounds, and what it says of the row it stopped at.
(NEXT, PENDING, UPTO, UNTIL, OTHER_TIMER, OTHER_NUMBER, SWEPT, TIMERS, HEAP) = range(9)
(NODES, FREE_NODE, FANS, MAILS) = range(9, 13)
(SPOKEN, SEEN) = (13, 16)
"""Tallies of open tables (`open_tables`)."""
(FANNED_OUT, CROWDED, WENT_LIVE, STRANGERS, FRESH, PEOPLE, ALL_PEOPLE) = range(19, 26)
(TIMER_AT, TIMER_NUMBER, TIMER_PARTY, TIMER_CALL, TIMER_STEP) = range(26, 31)
(LEAST_CALLEES, LEAST_NUMBERS, STRANGER_S, SPEAKS, LEAST_ABROAD) = range(31, 36)
"""Thresholds of the detectors; `SPEAKS` has a bit for each step at which a stranger's call is a signal."""
CODE_US: Final = 36
"""How long ago *lately* is for a one-time code."""
CELLS: Final = 37

DONE, ROW, ENTERS_HOUR, OWN_TIMER, ANOTHER_TIMER = range(5)
"""Why the pass stopped."""

IN_CALL: Final = 2
FOLLOWED: Final = 16
"""Flags of subscribers, as `waking` has them."""

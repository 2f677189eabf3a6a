"""The compiled pass through transfers: what came to accounts and left them, and what persons take from
strangers and pay them.

Tables of integers as in `passing`, which calls this for every transfer; chains of movements hang on accounts
and persons, each with its first, its last and how many there are.
"""

from __future__ import annotations

from typing import Any, Final

from qingdun.compiled import njit
from qingdun.detect.tiles import devices
from qingdun.detect.tiles.layout import DAY, HOUR, NEVER, NOBODY, PAID_TO, SIZE
from qingdun.detect.tiles.open_tables import TALLY, enter, is_held

UNKNOWN_KIND, PERSONAL, MERCHANT, OTHER_KIND = range(4)

# Columns of accounts.
(HOLDER, KIND, LOOKED_AT, ENTITY, MOVED_AT, PROBES, EMPTIED) = range(7)
"""Holder, kind, until when it is looked at, place among touched entities; what passed through it: when last,
small sums from strangers, how often it was emptied."""
(USED_AT, WOKE_AT, SLEPT_US) = range(7, 10)
"""Of an account in the register, for as long as it stands there: when money was last ordered or settled to or
from it; when it was first used again after a long rest, and how long at least it had rested."""
IN, OUT, TAKEN = 10, 13, 16
"""Chains: what came in and went out; what private payers sent in the last hours."""
ACCOUNT_WIDTH: Final = 19

# Columns of dealers: persons by their place in the register.
(DEALT_AT, GOT, PAID) = (0, 1, 4)
"""When last; chains of small sums from strangers and of payments to strangers, one for each account."""
DEALER_WIDTH: Final = 7

FIRST, LAST, LENGTH = range(3)  # of chains
M_AT, M_AMOUNT, M_OTHER, M_NEXT = range(4)  # of movements

# Cells of the purse: counts, and what is to be said of the transfer at which the pass has stopped.
(MOVEMENTS, FREE, PAIRS) = range(3)
(CAME, LEFT) = (5, 10)
"""Of the payee, and of the payer: whether it may be a mule's, payers of the day, their sum, probes, how often
emptied, each."""
(TOOK, STRANGERS, CAME_BACK, PAID_OUT, RISING) = range(15, 20)
SAID: Final = 5
SAID_END: Final = 20
(PROBE_FEN, EMPTIED_US, EMPTIED_FEN, SOME_PAYERS, SMALL_FEN, LEAST_STRANGERS, PASSED_US) = range(20, 27)
(AFTER_SITE_US, INFLOW_FEN, INFLOW_US) = range(27, 30)
"""Thresholds of the detectors."""
(HANDS, FREE_HAND, OPERATED, LEAST_ACCOUNTS) = range(30, 34)
"""Tally of the nodes of devices; whether the device of the transfer is used for many accounts, and how many
are many."""
(DORMANT_US, WATCHED_SINCE, SEEN_AT) = range(34, 37)
"""How long a rest is long; since when transfers have been seen without a break of a day, and the last."""
PURSE: Final = 37

MOST_MOVEMENTS: Final = 200
DEALING_US: Final = 3 * DAY
PAIR_US: Final = 15 * DAY


@njit(cache=True, nogil=True)
def _drop_first(chain: Any, purse: Any, movements: Any) -> None:
    first = chain[FIRST]
    chain[FIRST] = movements[first, M_NEXT]
    chain[LENGTH] -= 1
    if chain[LENGTH] == 0:
        chain[FIRST] = chain[LAST] = -1
    movements[first, M_NEXT] = purse[FREE]
    purse[FREE] = first


@njit(cache=True, nogil=True)
def _drop_before(chain: Any, purse: Any, movements: Any, since: int) -> None:
    """The first movements are gone, up to one that is not so old."""
    while chain[LENGTH] and movements[chain[FIRST], M_AT] < since:
        _drop_first(chain, purse, movements)


@njit(cache=True, nogil=True)
def _append(chain: Any, purse: Any, movements: Any, at: int, amount: int, other: int) -> None:
    node = purse[FREE]
    if node >= 0:
        purse[FREE] = movements[node, M_NEXT]
    else:
        node = purse[MOVEMENTS]
        purse[MOVEMENTS] += 1
    movements[node, M_AT], movements[node, M_AMOUNT] = at, amount
    movements[node, M_OTHER], movements[node, M_NEXT] = other, -1
    if chain[LENGTH]:
        movements[chain[LAST], M_NEXT] = node
    else:
        chain[FIRST] = node
    chain[LAST] = node
    chain[LENGTH] += 1


@njit(cache=True, nogil=True)
def _clear(chain: Any, purse: Any, movements: Any) -> None:
    while chain[LENGTH]:
        _drop_first(chain, purse, movements)


@njit(cache=True, nogil=True)
def total_since(chain: Any, movements: Any, since: int, until: int) -> Any:
    """The sum of what moved from `since` to `until`."""
    total, node = 0, chain[FIRST]
    for _ in range(chain[LENGTH]):
        if since <= movements[node, M_AT] <= until:
            total += movements[node, M_AMOUNT]
        node = movements[node, M_NEXT]
    return total


# Accounts that pass money on.


@njit(cache=True, nogil=True)
def _passes(accounts: Any, account: int, swept: int) -> bool:
    """Whether what passes through the account is kept."""
    moved = accounts[account, MOVED_AT]
    return bool(moved != NEVER and moved >= swept - 2 * DAY)


@njit(cache=True, nogil=True)
def _weigh(purse: Any, said: int, account: Any, movements: Any, now: int, met: Any) -> None:
    """What a detector may ask of the account now; it need not if too few have paid in."""
    chain = account[IN:OUT]
    if not account[EMPTIED] and chain[LENGTH] < purse[SOME_PAYERS]:
        return
    payers, came, node = 0, 0, chain[FIRST]
    for _ in range(chain[LENGTH]):
        if movements[node, M_AT] > now - DAY:
            came += movements[node, M_AMOUNT]
            other = movements[node, M_OTHER]
            if not met[other]:
                met[other] = 1
                payers += 1
        node = movements[node, M_NEXT]
    node = chain[FIRST]
    for _ in range(chain[LENGTH]):
        met[movements[node, M_OTHER]] = 0
        node = movements[node, M_NEXT]
    purse[said] = account[EMPTIED] > 0 or payers >= purse[SOME_PAYERS]
    purse[said + 1], purse[said + 2] = payers, came
    purse[said + 3], purse[said + 4] = account[PROBES], account[EMPTIED]


@njit(cache=True, nogil=True)
def _move(purse: Any, move: Any, accounts: Any, movements: Any, met: Any, share: float) -> None:
    """The transfer counts for both accounts."""
    at, amount, payer, payee, stranger, swept = move
    old = swept - DAY - HOUR
    if accounts[payee, KIND] != MERCHANT:
        account = accounts[payee]
        if not _passes(accounts, payee, swept):
            account[PROBES], account[EMPTIED] = 0, 0
            _clear(account[IN:OUT], purse, movements)
            _clear(account[OUT:TAKEN], purse, movements)
        account[PROBES] += stranger and amount <= purse[PROBE_FEN]
        _keep(account[IN:OUT], purse, movements, move, payer, old)
        account[MOVED_AT] = at
        _weigh(purse, CAME, account, movements, at, met)
    if _passes(accounts, payer, swept):
        account = accounts[payer]
        _keep(account[OUT:TAKEN], purse, movements, move, payee, old)
        account[MOVED_AT] = at
        since = at - purse[EMPTIED_US]
        came = total_since(account[IN:OUT], movements, since, 1 << 62)
        if came >= purse[EMPTIED_FEN]:
            account[EMPTIED] += total_since(account[OUT:TAKEN], movements, since, 1 << 62) >= came * share
        _weigh(purse, LEFT, account, movements, at, met)


@njit(cache=True, nogil=True)
def _keep(chain: Any, purse: Any, movements: Any, move: Any, other: int, old: int) -> None:
    _drop_before(chain, purse, movements, old)
    _append(chain, purse, movements, move[0], move[1], other)
    if chain[LENGTH] > MOST_MOVEMENTS:
        _drop_first(chain, purse, movements)


# Accounts that rested.


@njit(cache=True, nogil=True)
def use(purse: Any, accounts: Any, payer: int, payee: int, at: int) -> None:
    """Money moves between both. How long they rested is known only as far back as transfers were watched."""
    if at > purse[SEEN_AT] + DAY:
        purse[WATCHED_SINCE] = at
    purse[SEEN_AT] = max(purse[SEEN_AT], at)
    for number in (payer, payee):
        if number < 0 or accounts[number, KIND] == UNKNOWN_KIND:
            continue
        account = accounts[number]
        rested = at - max(account[USED_AT], purse[WATCHED_SINCE])
        if rested >= purse[DORMANT_US]:
            account[WOKE_AT], account[SLEPT_US] = at, rested
        account[USED_AT] = max(account[USED_AT], at)


@njit(cache=True, nogil=True)
def use_all(purse: Any, accounts: Any, payers: Any, payees: Any, at: Any) -> None:
    """So it does between all of these, in order of time."""
    for i in range(len(at)):
        use(purse, accounts, payers[i], payees[i], at[i])


# What persons take from strangers and pay them.


@njit(cache=True, nogil=True)
def _remember(chain: Any, purse: Any, movements: Any, at: int, amount: int, account: int, swept: int) -> None:
    """The last movement with the account is this one."""
    _drop_before(chain, purse, movements, swept - DEALING_US - HOUR)
    node = chain[FIRST]
    for _ in range(chain[LENGTH]):
        if movements[node, M_OTHER] == account:
            movements[node, M_AT], movements[node, M_AMOUNT] = at, amount
            return
        node = movements[node, M_NEXT]
    _append(chain, purse, movements, at, amount, account)


@njit(cache=True, nogil=True)
def _most(chain: Any, movements: Any, at: int) -> Any:
    """The largest amount of the three days before that moment; −1 if there is none."""
    most, node = -1, chain[FIRST]
    for _ in range(chain[LENGTH]):
        if at - DEALING_US < movements[node, M_AT] < at:
            most = max(most, movements[node, M_AMOUNT])
        node = movements[node, M_NEXT]
    return most


@njit(cache=True, nogil=True)
def _begin_dealing(dealer: Any, purse: Any, movements: Any, at: int, swept: int) -> None:
    if dealer[DEALT_AT] < swept - DEALING_US:
        _clear(dealer[GOT:PAID], purse, movements)
        _clear(dealer[PAID:DEALER_WIDTH], purse, movements)
    dealer[DEALT_AT] = at


@njit(cache=True, nogil=True)
def _deal(purse: Any, move: Any, accounts: Any, movements: Any, dealers: Any) -> None:
    """Between strangers: the transfer counts for both holders."""
    at, amount, payer, payee, _, swept = move
    taker, giver = accounts[payee, HOLDER], accounts[payer, HOLDER]
    if taker >= 0 and accounts[payer, KIND] <= PERSONAL and amount <= purse[SMALL_FEN]:
        dealer = dealers[taker]
        _begin_dealing(dealer, purse, movements, at, swept)
        _remember(dealer[GOT:PAID], purse, movements, at, amount, payer, swept)
        node = dealer[GOT + FIRST]
        for _ in range(dealer[GOT + LENGTH]):
            purse[STRANGERS] += movements[node, M_AT] > at - DEALING_US
            node = movements[node, M_NEXT]
        purse[TOOK], purse[CAME_BACK] = 1, _most(dealer[PAID:DEALER_WIDTH], movements, at) >= 0
    if giver >= 0 and accounts[payee, KIND] <= PERSONAL:
        dealer = dealers[giver]
        _begin_dealing(dealer, purse, movements, at, swept)
        taken = _most(dealer[GOT:PAID], movements, at)
        before = _most(dealer[PAID:DEALER_WIDTH], movements, at)
        _remember(dealer[PAID:DEALER_WIDTH], purse, movements, at, amount, payee, swept)
        purse[PAID_OUT] = taken >= 0 and amount > taken
        purse[RISING] = before >= 0 and amount > before


# The devices on which money is ordered.


@njit(cache=True, nogil=True)
def _operate(purse: Any, device: int, move: Any, accounts: Any, handsets: Any, hands: Any) -> None:
    """Money of the payer was ordered on the device; a probe of a stranger's private account is kept."""
    at, amount, payer, payee, stranger, swept = move
    tally = purse[HANDS : FREE_HAND + 1]
    node, fresh = devices.use(tally, swept, device, payer, at, handsets, hands)
    if fresh:
        hands[node, PAID_TO] = NOBODY
    if stranger and amount <= purse[PROBE_FEN] and accounts[payee, KIND] <= PERSONAL:
        hands[node, PAID_TO] = payee
    purse[OPERATED] = handsets[device, SIZE] >= purse[LEAST_ACCOUNTS]


# The pass.


@njit(cache=True, nogil=True)
def has_paid(purse: Any, pairs: Any, key: int) -> bool:
    """Whether money was ordered from the one to the other before."""
    return is_held(pairs, purse[PAIRS : PAIRS + TALLY], key)


@njit(cache=True, nogil=True)
def have_dealt(purse: Any, pairs: Any, key: int, at: int) -> None:
    """From now on the one has paid the other."""
    enter(pairs, purse[PAIRS : PAIRS + TALLY], key, at, PAIR_US)


@njit(cache=True, nogil=True)
def deal_all(purse: Any, pairs: Any, keys: Any, at: Any) -> None:
    """So have all of these pairs, in order of time; the table has room for all."""
    for i in range(len(keys)):
        have_dealt(purse, pairs, keys[i], at[i])


@njit(cache=True, nogil=True)
def pay(
    purse: Any, move: Any, key: int, requested: bool, settled: bool, device: int, accounts: Any,
    movements: Any, dealers: Any, pairs: Any, known: Any, rare: Any, met: Any, shares: Any, handsets: Any,
    hands: Any,
) -> bool:  # fmt: skip
    """The transfer is counted; whether Python is to look at it. `move`: when, how much, payer, payee, whether
    they are strangers (filled in here), the last hour at which was forgotten."""
    at, amount, payer, payee, _, swept = move
    if settled or requested:
        use(purse, accounts, payer, payee, at)
    giver, taker = accounts[payer, HOLDER], accounts[payee, HOLDER]
    due = (giver >= 0 and known[giver] != 0) or (taker >= 0 and known[taker] != 0)
    purse[SAID:SAID_END], purse[OPERATED] = 0, 0
    if not requested:
        return bool(due)
    own = giver >= 0 and giver == taker
    stranger = not own and not has_paid(purse, pairs, key)
    move = (at, amount, payer, payee, stranger, swept)
    if device >= 0:
        _operate(purse, device, move, accounts, handsets, hands)
    if own:
        return True
    _move(purse, move, accounts, movements, met, shares[0])
    if accounts[payer, KIND] <= PERSONAL:
        chain = accounts[payee, TAKEN:ACCOUNT_WIDTH]
        _drop_before(chain, purse, movements, swept - purse[PASSED_US] - HOUR)
        _append(chain, purse, movements, at, amount, payer)
    due = due or accounts[payee, LOOKED_AT] != 0 or accounts[payer, LOOKED_AT] != 0
    due = due or purse[CAME] != 0 or purse[LEFT] != 0
    due = due or purse[OPERATED] != 0
    if stranger:
        _deal(purse, move, accounts, movements, dealers)
        took = purse[TOOK] and (purse[CAME_BACK] or purse[STRANGERS] >= purse[LEAST_STRANGERS])
        due = due or took or purse[PAID_OUT] != 0
        if giver >= 0 and accounts[payee, KIND] != MERCHANT:
            due = due or rare[giver] >= at - purse[AFTER_SITE_US]
        if taker >= 0 and amount <= purse[INFLOW_FEN] and accounts[payer, KIND] <= PERSONAL:
            due = due or rare[taker] >= at - purse[INFLOW_US]
    return bool(due)


# Forgetting.


@njit(cache=True, nogil=True)
def _mark(chain: Any, movements: Any, used: Any) -> None:
    node = chain[FIRST]
    for _ in range(chain[LENGTH]):
        used[movements[node, M_OTHER]] = True
        node = movements[node, M_NEXT]


@njit(cache=True, nogil=True)
def forget(purse: Any, accounts: Any, movements: Any, dealers: Any, swept: int, used: Any) -> None:
    """Movements that matter no more are gone; `used` is true of accounts of which something is kept."""
    for i in range(len(accounts)):
        account = accounts[i]
        if not _passes(accounts, i, swept):
            _clear(account[IN:OUT], purse, movements)
            _clear(account[OUT:TAKEN], purse, movements)
            account[MOVED_AT] = NEVER
        _drop_before(account[TAKEN:ACCOUNT_WIDTH], purse, movements, swept - purse[PASSED_US] - HOUR)
        if account[MOVED_AT] != NEVER or account[TAKEN + LENGTH] or account[LOOKED_AT]:
            used[i] = True
        for first in (IN, OUT, TAKEN):
            _mark(account[first : first + 3], movements, used)
    for i in range(len(dealers)):
        dealer = dealers[i]
        if dealer[DEALT_AT] < swept - DEALING_US:
            _clear(dealer[GOT:PAID], purse, movements)
            _clear(dealer[PAID:DEALER_WIDTH], purse, movements)
        _mark(dealer[GOT:PAID], movements, used)
        _mark(dealer[PAID:DEALER_WIDTH], movements, used)


@njit(cache=True, nogil=True)
def renumber(accounts: Any, movements: Any, dealers: Any, places: Any) -> None:
    """Movements name accounts by their new places."""
    for i in range(len(accounts)):
        for first in (IN, OUT, TAKEN):
            _rename(accounts[i, first : first + 3], movements, places)
    for i in range(len(dealers)):
        _rename(dealers[i, GOT:PAID], movements, places)
        _rename(dealers[i, PAID:DEALER_WIDTH], movements, places)


@njit(cache=True, nogil=True)
def _rename(chain: Any, movements: Any, places: Any) -> None:
    node = chain[FIRST]
    for _ in range(chain[LENGTH]):
        movements[node, M_OTHER] = places[movements[node, M_OTHER]]
        node = movements[node, M_NEXT]

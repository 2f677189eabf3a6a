"""What comes to accounts and leaves them, and who has paid whom, in integer-coded tables that compiled loops
fill.

- *movements*: per account the last that came in and went out, with small probes and how often it was emptied;
  what private payers sent lately; per person the small sums of strangers and the payments to strangers;
- *pairs* of accounts between which money was ordered in the last weeks;
- *rests*: of accounts in the register when they moved last, and how long they had not before they woke;
- *turnover*: what each account received and paid in windows of ten minutes to seven days;
- *handsets*: the accounts from which money was ordered on each device within a day.

Every figure is exact. The pass (`passing`, `paying`) stops at a transfer that some detector must look at.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Mapping
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from qingdun.detect.evidence import DAY_US, MINUTE_US
from qingdun.detect.tiles import layout as c
from qingdun.detect.tiles import open_tables
from qingdun.detect.tiles import paying as p
from qingdun.detect.tiles.codes import UNKNOWN, Codes, larger
from qingdun.detect.tiles.devices import thin
from qingdun.detect.tiles.letters import digest, digests_of
from qingdun.detect.tiles.touches import Placed
from qingdun.detect.tiles.turnover import Turned, Turnover
from qingdun.detect.weights import DetectorWeights

Ints = npt.NDArray[np.int64]

_KINDS = {"personal": p.PERSONAL, "merchant": p.MERCHANT}
_SPARE = 100_000
"""Accounts that may be stale before their numbers are given anew."""


class Passed(NamedTuple):
    """What passed through an account within a day, as of a transfer."""

    payers: int
    came_fen: int
    probes: int
    """Small sums from strangers since it first took money."""
    emptied: int
    """How often what had come was gone at once."""
    onward: list[str]
    """The accounts it paid, in order of their names."""


class Dealt(NamedTuple):
    """What a transfer between strangers means for its two holders."""

    took: bool
    """Whether the payee's holder took a small sum; of how many strangers within three days; whether after
    paying a stranger."""
    strangers: int
    came_back: bool
    paid_out: bool
    """Whether the payer's holder paid more than any small sum taken before, and more than ever before."""
    rising: bool


class Operated(NamedTuple):
    """An account from which money was ordered on a device within about a day."""

    account: str
    at: int
    """When last."""
    paid: str | None
    """The private account that it tried last with a small first payment (`transfer.mule`, `probe_yuan`)."""


class Money:
    """The tables about accounts and their holders."""

    def __init__(self, detectors: Mapping[str, DetectorWeights]) -> None:
        self.accounts, self._imeis = Codes(), Codes()
        self.figures = np.zeros((0, p.ACCOUNT_WIDTH), np.int64)
        self.dealers = np.zeros((0, p.DEALER_WIDTH), np.int64)
        self.movements = np.zeros((0, 4), np.int64)
        self.pairs = open_tables.empty(2)
        self.turnover = Turnover()
        self.purse = np.zeros(p.PURSE, np.int64)
        self.purse[[p.FREE, p.FREE_HAND]] = -1
        self.purse[[p.WATCHED_SINCE, p.SEEN_AT]] = c.NEVER
        self._handsets, self._hands = np.zeros((0, 2), np.int64), np.zeros((0, 4), np.int64)
        self.shares = np.zeros(1, np.float64)
        self.known = np.zeros(0, np.uint8)
        """By person: whether something speaks for their being scammed."""
        self.rare = np.zeros(0, np.int64)
        """By person: when an uncommon host was asked for last; never too early."""
        self.met = np.zeros(0, np.uint8)
        self._looked_at = set[int]()
        """Accounts to which transfers are looked at."""
        self._tidied = self._swept = 0
        self.spare = _SPARE
        self._bound(detectors)

    def _bound(self, detectors: Mapping[str, DetectorWeights]) -> None:
        """The detectors' thresholds."""
        mule, inflow = detectors["transfer.mule"].settings, detectors["transfer.small_inflow"].settings
        at_site, after = (
            detectors["transfer.inflow_at_site"].settings,
            detectors["transfer.after_rare_site"].settings,
        )
        purse = self.purse
        purse[p.PROBE_FEN] = math.floor(mule["probe_yuan"] * 100)
        purse[p.EMPTIED_US] = round(mule["emptied_min"]) * MINUTE_US
        purse[p.EMPTIED_FEN] = math.ceil(mule["least_yuan"] * 100)
        purse[p.SOME_PAYERS] = math.ceil(min(mule["some_payers"], mule["many_payers"]))
        purse[p.DORMANT_US] = math.ceil(mule["dormant_days"] * DAY_US)
        shared = detectors["transfer.shared_device"].settings
        purse[p.LEAST_ACCOUNTS] = math.ceil(shared["least_holders"])
        purse[p.SMALL_FEN] = math.floor(inflow["most_yuan"] * 100)
        purse[p.LEAST_STRANGERS] = math.ceil(inflow["least_strangers"])
        passed_on = detectors["transfer.suspect_payee"].settings["passed_on_min"]
        purse[p.PASSED_US] = round(passed_on) * MINUTE_US
        purse[p.AFTER_SITE_US] = round(after["within_min"] * MINUTE_US)
        purse[p.INFLOW_FEN] = math.floor(at_site["most_yuan"] * 100)
        purse[p.INFLOW_US] = round(at_site["within_min"] * MINUTE_US)
        self.shares[0] = mule["emptied_share"]

    # The register.

    def enrol(self, holdings: Iterable[tuple[str, str | None, str]], persons: Callable[[str], int]) -> None:
        """Every (account, holder, kind) is known; `persons` gives the places of persons."""
        held = list(holdings)
        numbers = self.accounts.of(pa.chunked_array([[account for account, _, _ in held]], pa.string()))
        self.enter()
        fresh = numbers[self.figures[numbers, p.KIND] == p.UNKNOWN_KIND]
        if self._swept:  # nobody has watched those that come later: they rest from now on at the earliest
            self.figures[fresh, p.USED_AT] = self._swept
        self.figures[:, p.HOLDER], self.figures[:, p.KIND] = UNKNOWN, p.UNKNOWN_KIND
        holders = [UNKNOWN if person is None else persons(person) for _, person, _ in held]
        self.figures[numbers, p.HOLDER] = holders
        self.figures[numbers, p.KIND] = [_KINDS.get(kind, p.OTHER_KIND) for _, _, kind in held]

    def seat(self, persons: int) -> None:
        """There are so many persons."""
        known = len(self.known)
        if persons > known:
            self.known, self.rare = larger(self.known, persons), larger(self.rare, persons)
            self.rare[known:] = c.NEVER
            self.dealers = larger(self.dealers, persons)
            self.dealers[known:, p.DEALT_AT] = c.NEVER
            self.dealers[known:, [p.GOT, p.GOT + 1, p.PAID, p.PAID + 1]] = -1

    def enter(self) -> None:
        """Every account has its figures."""
        count, known = len(self.accounts), len(self.figures)
        if count > known:
            self.figures = larger(self.figures, count)
            fresh = self.figures[known:]
            fresh[:, [p.MOVED_AT, p.USED_AT, p.WOKE_AT]] = c.NEVER
            fresh[:, [p.HOLDER, p.ENTITY]] = UNKNOWN
            for chain in (p.IN, p.OUT, p.TAKEN):
                fresh[:, [chain, chain + 1]] = -1
            self.met = np.zeros(len(self.figures), np.uint8)

    def devices(self, devices: pa.ChunkedArray) -> Ints:
        """The devices' numbers; `UNKNOWN` for none."""
        found = self._imeis.of(devices)
        known = len(self._handsets)
        if len(self._imeis) > known:
            self._handsets = larger(self._handsets, len(self._imeis))
            self._handsets[known:, c.HEAD] = -1
        return found

    # The pass through a batch.

    def begin(self, rows: Ints) -> None:
        """The transfers of these rows are next."""
        transfers = rows[rows[:, c.FLOW] == c.TRANSFERS]
        self._room(len(transfers))
        if settled := int((transfers[:, c.PHASE] == c.SETTLED).sum()):
            self.turnover.expect(settled, int(transfers[0, c.CLOCK]))

    def _room(self, transfers: int) -> None:
        purse = self.purse
        room = int(purse[p.MOVEMENTS]) + 5 * transfers
        if room > len(self.movements):
            self.movements = larger(self.movements, room)
        if (most := int(purse[p.HANDS]) + transfers) > len(self._hands):
            self._hands = larger(self._hands, most)
        self.pairs = open_tables.held_with_room(self.pairs, purse[p.PAIRS :], transfers)

    def recall(self, transfers: pa.Table, now: int) -> None:
        """Whoever ordered money in these transfers, in order of time and before now, has paid as if they had
        gone by; those that settled are counted as well."""
        counted = pc.is_in(transfers.column("phase"), value_set=pa.array(["requested", "settled"]))
        ordered = transfers.filter(counted)
        self._room(ordered.num_rows)
        payers, payees = (
            digests_of(ordered.column("payer_account")),
            digests_of(ordered.column("payee_account")),
        )
        at = ordered.column("at").cast(pa.int64()).to_numpy()
        p.deal_all(self.purse, self.pairs, open_tables.ordered_pairs(payers, payees), at)
        rows = np.arange(ordered.num_rows)
        giver = self.accounts.seek(ordered.column("payer_account"), rows).number
        taker = self.accounts.seek(ordered.column("payee_account"), rows).number
        p.use_all(self.purse, self.figures, giver, taker, at)
        settled = np.flatnonzero(pc.equal(ordered.column("phase"), "settled").to_numpy())
        known = taker[settled]
        to_merchant = np.zeros(len(settled), np.bool_)
        to_merchant[known >= 0] = self.figures[known[known >= 0], p.KIND] == p.MERCHANT
        fen = ordered.column("amount_fen").to_numpy()
        self.turnover.count(payers[settled], payees[settled], to_merchant, at[settled], fen[settled], now)

    def tables(self) -> tuple[Any, ...]:
        """What the pass fills."""
        return (
            self.purse,
            self.figures,
            self.movements,
            self.dealers,
            self.pairs,
            self.known,
            self.rare,
            self.met,
            self.shares,
            self._handsets,
            self._hands,
            *self.turnover.tables(),
        )

    def entities(self, accounts: Ints, placed: Placed) -> Ints:
        """The places of accounts among the touched entities."""
        fresh = np.unique(accounts[self.figures[accounts, p.ENTITY] == UNKNOWN])
        self.figures[fresh, p.ENTITY] = placed("account", self.accounts.names(fresh))
        return np.asarray(self.figures[accounts, p.ENTITY])

    def renumber_entities(self, moved: npt.NDArray[np.int32]) -> None:
        """Touched entities have new places, or −1 and none."""
        places = self.figures[:, p.ENTITY]
        places[places >= 0] = moved[places[places >= 0]]

    def likely(self, rows: Ints) -> npt.NDArray[np.bool_]:
        """Of transfers, by their rows: whether the pass will probably stop there."""
        at, payer, payee = rows[:, c.AT], rows[:, c.ONE], rows[:, c.OTHER]
        giver, given_at = self._came_from(payer)
        taker, taken_at = self._came_from(payee)
        after = (given_at >= at - self.purse[p.AFTER_SITE_US]) & (self.figures[payee, p.KIND] != p.MERCHANT)
        inflow = (taken_at >= at - self.purse[p.INFLOW_US]) & (rows[:, c.LASTED] <= self.purse[p.INFLOW_FEN])
        inflow &= self.figures[payer, p.KIND] <= p.PERSONAL
        known = giver | taker | (self.figures[payee, p.LOOKED_AT] != 0)
        return np.asarray(known | ((rows[:, c.PHASE] == c.REQUESTED) & (after | inflow)))

    def _came_from(self, accounts: Ints) -> tuple[npt.NDArray[np.bool_], Ints]:
        """Of the holder of each account: whether something speaks for a scam, and when an uncommon host was
        asked for last."""
        persons = self.figures[accounts, p.HOLDER]
        ours = persons >= 0
        if not ours.any():
            return ours, np.full(len(persons), c.NEVER)
        return ours & (self.known[persons] != 0), np.where(ours, self.rare[persons], c.NEVER)

    def suspect(self, person: int) -> None:
        """Something speaks for the person's being scammed."""
        if person < len(self.known):  # who came later holds no account
            self.known[person] = 1

    def note_visits(self, persons: Ints, at: Ints) -> None:
        """These persons ask for uncommon hosts in this batch."""
        ours = persons >= 0
        np.maximum.at(self.rare, persons[ours], at[ours])

    # Figures of the transfer at which the pass has stopped.

    def passed(self, account: str, other: str, payee: bool, at: int) -> Passed | None:
        """What passed through its payee, or its payer, by now; None if that says nothing of a mule. `other`
        is at the other end: who pays itself has not paid yet when it takes."""
        first = p.CAME if payee else p.LEFT
        if not self.purse[first]:
            return None
        chain = self.figures[self.accounts.find(account), p.OUT : p.TAKEN].tolist()
        names, node = set[str](), chain[p.FIRST]
        for _ in range(chain[p.LENGTH] - (payee and account == other)):
            when, _, paid, node = self.movements[node].tolist()
            if when > at - DAY_US:
                names.add(self.accounts.name(paid))
        payers, came, probes, emptied = self.purse[first + 1 : first + 5].tolist()
        return Passed(payers, came, probes, emptied, sorted(names))

    def dealt(self) -> Dealt:
        """What it means for its holders."""
        took, strangers, back, paid_out, rising = self.purse[p.TOOK : p.RISING + 1].tolist()
        return Dealt(bool(took), strangers, bool(back), bool(paid_out), bool(rising))

    def operated(self, device: str) -> list[Operated]:
        """The accounts from which money was ordered on its device, if they are many."""
        if not self.purse[p.OPERATED]:
            return []
        found, node = [], int(self._handsets[self._imeis.find(device), c.HEAD])
        while node >= 0:
            account, at, node, paid = self._hands[node].tolist()
            to = None if paid == c.NOBODY else self.accounts.name(paid)
            found.append(Operated(self.accounts.name(account), at, to))
        return found

    # Questions, answered as of that transfer.

    def turned(self, account: str, now: int) -> Turned:
        """What the account has received and paid in windows that end now."""
        return self.turnover.of(account, now)

    def rested_days(self, account: str, since: int) -> int | None:
        """For how many days at least nothing had moved on the account before it was used again, if it woke
        from a long rest since then; None if it did not, or stands in no register."""
        number = self.accounts.find(account)
        if number == UNKNOWN or self.figures[number, p.WOKE_AT] < since:
            return None
        return int(self.figures[number, p.SLEPT_US]) // DAY_US

    def taken(self, account: str, since: int, until: int) -> int:
        """What private payers sent to the account, fen."""
        number = self.accounts.find(account)
        if number == UNKNOWN:
            return 0
        chain = self.figures[number, p.TAKEN :]
        return int(p.total_since(chain, self.movements, since, until))

    def has_paid(self, payer: str, payee: str) -> bool:
        """Whether money was ordered from one account to the other before."""
        return bool(
            p.has_paid(self.purse, self.pairs, open_tables.ordered_pair(digest(payer), digest(payee)))
        )

    def look_at(self, account: str, until: int) -> None:
        """Transfers to the account are looked at."""
        number = self.accounts.add(account)
        self.enter()
        self.figures[number, p.LOOKED_AT] = max(self.figures[number, p.LOOKED_AT], until)
        self._looked_at.add(number)

    # Forgetting.

    def forget(self, now: int) -> None:
        """Nobody is looked at any longer than was asked."""
        for number in [one for one in self._looked_at if self.figures[one, p.LOOKED_AT] < now]:
            self.figures[number, p.LOOKED_AT] = 0
            self._looked_at.remove(number)
        self._swept = now

    def tidy(self) -> None:
        """Between batches: accounts in no register of which nothing is known any more are gone, the others
        are numbered anew; not before there are twice as many and `spare` as when last done."""
        count = len(self.accounts)
        if count <= 2 * self._tidied + self.spare:
            return
        figures = self.figures[:count]
        used = (figures[:, p.HOLDER] != UNKNOWN) | (figures[:, p.KIND] != p.UNKNOWN_KIND)
        p.forget(self.purse, figures, self.movements, self.dealers, self._swept, used)
        since = self._swept - DAY_US
        hands = self._hands[: self.purse[p.HANDS]]
        hands = hands[(hands[:, c.PARTY] >= 0) & (hands[:, c.USED_AT] >= since)]
        used[hands[:, c.PARTY]] = used[hands[hands[:, c.PAID_TO] >= 0, c.PAID_TO]] = True
        places = np.where(used, np.cumsum(used) - 1, UNKNOWN)
        kept = np.flatnonzero(used)
        self._tidy_devices(places, since)
        p.renumber(figures, self.movements, self.dealers, places)
        self.figures = figures[kept]
        self.met = np.zeros(len(kept), np.uint8)
        self.accounts.only(kept)
        self._looked_at = {int(places[number]) for number in self._looked_at}
        self._tidied = len(kept)

    def _tidy_devices(self, places: Ints, since: int) -> None:
        """Devices on which nothing was ordered since then are gone; their accounts are numbered anew."""
        handsets, hands = np.zeros((len(self._imeis), 2), np.int64), np.zeros_like(self._hands)
        handsets[:, c.HEAD] = -1
        taken = int(thin(self._handsets[: len(handsets)], self._hands, handsets, hands, places, since))
        kept = np.flatnonzero(handsets[:, c.SIZE])
        self._handsets, self._hands = handsets[kept], hands
        self.purse[[p.HANDS, p.FREE_HAND]] = taken, -1
        self._imeis.only(kept)

    def memory_bytes(self) -> int:
        """What the tables and the names of accounts and devices take."""
        tables = (self.figures, self.movements, self.dealers, self.pairs, self.known, self.rare, self.met)
        devices = self._handsets.nbytes + self._hands.nbytes + self._imeis.memory_bytes()
        held = sum(table.nbytes for table in tables) + self.purse.nbytes + self.shares.nbytes
        return int(held) + devices + self.turnover.memory_bytes() + self.accounts.memory_bytes()

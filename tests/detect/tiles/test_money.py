"""Transfers counted in the compiled pass, against plain dictionaries and queues, one after the other."""

from __future__ import annotations

import pickle
from collections import deque
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from qingdun.contract.tables import TRANSFERS, Transfer
from qingdun.detect.evidence import DAY_US, HOUR_US, MINUTE_US
from qingdun.detect.rarity import Rarity
from qingdun.detect.tiles import layout, paying
from qingdun.detect.tiles.money import Dealt, Money, Operated, Passed
from qingdun.detect.tiles.touches import Touches
from qingdun.detect.tiles.traffic import Traffic
from qingdun.detect.tiles.turnover import Turned
from qingdun.detect.tiles.windows import LENGTHS, Figures
from qingdun.detect.timers import NO_TIME
from qingdun.detect.weights import load_weights
from qingdun.run.others import Columns, Others, Part

START = 20_000 * DAY_US
HELD = {
    "a0": ("p0", "personal"),
    "a1": ("p1", "personal"),
    "a2": ("p1", "personal"),
    "shop": ("p2", "merchant"),
    "firm": ("p3", "corporate"),
    "odd": (None, "personal"),
}
ACCOUNTS = [*HELD, "x0", "x1", "x2"]
DORMANT_US = 6 * HOUR_US
NOTHING = Dealt(False, 0, False, False, False)


@dataclass
class Naive:
    """What `Money` says, as detectors once kept it."""

    swept: int = 0
    seen: set[tuple[str, str]] = field(default_factory=set)
    since: int = 0
    paid: set[tuple[str, str]] = field(default_factory=set)
    paid_before: set[tuple[str, str]] = field(default_factory=set)
    """Pairs of this fortnight or so, and of the one before."""
    passages: dict[str, dict[str, Any]] = field(default_factory=dict)
    dealings: dict[str, dict[str, Any]] = field(default_factory=dict)
    taken: dict[str, list[tuple[int, int]]] = field(default_factory=dict)
    settled: list[Transfer] = field(default_factory=list)
    hands: dict[str, dict[str, Operated]] = field(default_factory=dict)
    """By device the accounts from which money was ordered on it."""
    moved: list[Transfer] = field(default_factory=list)

    def see(self, row: Transfer) -> Any:
        """What is said of payee, payer and dealings; None if the row came before."""
        if (row.transfer_id, row.phase) in self.seen:
            return None
        self.seen.add((row.transfer_id, row.phase))
        if row.phase == "settled":
            self.settled.append(row)
        told: Any = (None, None, NOTHING, [])
        payer, payee = row.payer_account, row.payee_account
        (giver, giver_kind), (taker, taker_kind) = holding(payer), holding(payee)
        own = giver is not None and giver == taker
        stranger = not own and (payer, payee) not in self.paid | self.paid_before
        operated = self.operate(row, stranger, taker_kind) if row.phase == "requested" else []
        if row.phase == "requested" and own:
            told = (None, None, NOTHING, operated)
        elif row.phase == "requested":
            passed = self.move(row, taker_kind, stranger)
            if giver_kind in ("", "personal"):
                self.taken.setdefault(payee, []).append((row.at, row.amount_fen))
            dealt = self.deal(row, giver, giver_kind, taker, taker_kind) if stranger else NOTHING
            told = (*passed, dealt, operated)
        if row.phase in ("requested", "settled"):
            self.moved.append(row)
            if row.at - self.since > 15 * DAY_US:
                self.paid_before, self.paid, self.since = self.paid, set(), row.at
            self.paid.add((payer, payee))
        return told

    def operate(self, row: Transfer, stranger: bool, kind: str) -> list[Operated]:
        if row.device is None:
            return []
        used = self.hands.setdefault(row.device, {})
        for account in [a for a, one in used.items() if one.at < self.swept - DAY_US]:
            del used[account]
        before = used.get(row.payer_account)
        probe = stranger and row.amount_fen <= 10_000 and kind in ("", "personal")
        paid = row.payee_account if probe else before and before.paid
        used[row.payer_account] = Operated(row.payer_account, row.at, paid)
        return sorted(used.values(), key=lambda one: one.account) if len(used) >= 3 else []

    def move(self, row: Transfer, kind: str, stranger: bool) -> tuple[Passed | None, Passed | None]:
        came = left = None
        if kind != "merchant":
            new = {"in": deque(maxlen=200), "out": deque(maxlen=200), "probes": 0, "emptied": 0}
            passage = self.passages.setdefault(row.payee_account, new)
            passage["probes"] += stranger and row.amount_fen <= 10_000
            passage["in"].append((row.at, row.amount_fen, row.payer_account))
            passage["last"] = row.at
            came = passed(passage, row.at)
        paying = self.passages.get(row.payer_account)
        if paying is not None:
            paying["out"].append((row.at, row.amount_fen, row.payee_account))
            paying["last"] = row.at
            since = row.at - 30 * MINUTE_US
            sums = [sum(amount for at, amount, _ in paying[way] if at >= since) for way in ("in", "out")]
            paying["emptied"] += sums[0] >= 100_000 and sums[1] >= sums[0] * 0.9
            left = passed(paying, row.at)
        return came, left

    def deal(self, row: Transfer, giver: Any, giver_kind: str, taker: Any, taker_kind: str) -> Dealt:
        took = back = paid_out = rising = False
        strangers, since = 0, row.at - 3 * DAY_US
        if taker is not None and giver_kind in ("", "personal") and row.amount_fen <= 50_000:
            dealing = self.dealings.setdefault(taker, {"got": {}, "paid": {}})
            dealing["last"], took = row.at, True
            dealing["got"][row.payer_account] = (row.at, row.amount_fen)
            strangers = sum(at > since for at, _ in dealing["got"].values())
            back = any(since < at < row.at for at, _ in dealing["paid"].values())
        if giver is not None and taker_kind in ("", "personal"):
            dealing = self.dealings.setdefault(giver, {"got": {}, "paid": {}})
            got, before = (
                [amount for at, amount in dealing[way].values() if since < at < row.at]
                for way in ("got", "paid")
            )
            dealing["paid"][row.payee_account] = (row.at, row.amount_fen)
            dealing["last"] = row.at
            paid_out = bool(got) and row.amount_fen > max(got)
            rising = bool(before) and row.amount_fen > max(before)
        return Dealt(took, strangers, back, paid_out, rising)

    def sum_taken(self, account: str, since: int, until: int) -> int:
        return sum(amount for at, amount in self.taken.get(account, ()) if since <= at <= until)

    def turned(self, account: str, now: int) -> Turned:
        came = [(r.payer_account, r) for r in self.settled if r.payee_account == account]
        went = [(r.payee_account, r) for r in self.settled if r.payer_account == account]
        came = came if holding(account)[1] != "merchant" else []
        ways = [{name: figures(rows, now, *of) for name, of in LENGTHS.items()} for rows in (came, went)]
        return Turned(*ways)

    def rested(self, account: str) -> tuple[int, int] | None:
        """When the account was last used again after six hours, and for how long it had rested at least."""
        woke, last, since, seen = None, layout.NEVER, 0, layout.NEVER
        for row in self.moved:
            since = row.at if row.at > seen + DAY_US else since
            seen = max(seen, row.at)
            if account in (row.payer_account, row.payee_account):
                rested = row.at - max(last, since)
                woke = (row.at, rested) if rested >= DORMANT_US else woke
                last = max(last, row.at)
        return woke if account in HELD else None

    def forget(self, now: int) -> None:
        self.swept = now
        self.passages = {a: p for a, p in self.passages.items() if p["last"] >= now - 2 * DAY_US}
        self.dealings = {a: d for a, d in self.dealings.items() if d["last"] >= now - 3 * DAY_US}


def figures(rows: list[tuple[str, Transfer]], now: int, tile_us: int, ring: int) -> Figures:
    rows = [(other, row) for other, row in rows if row.at // tile_us > now // tile_us - ring]
    fen = [row.amount_fen for _, row in rows] or [0]
    return Figures(len(rows), 0, len(rows), len({o for o, _ in rows}), sum(fen), min(fen), max(fen))


def holding(account: str) -> tuple[Any, str]:
    return HELD.get(account, (None, ""))


def passed(passage: dict[str, Any], now: int) -> Passed | None:
    day = now - DAY_US
    payers = {payer for at, _, payer in passage["in"] if at > day}
    if len(payers) < 3 and not passage["emptied"]:
        return None
    came = sum(amount for at, amount, _ in passage["in"] if at > day)
    onward = sorted({payee for at, _, payee in passage["out"] if at > day})
    return Passed(len(payers), came, passage["probes"], passage["emptied"], onward)


accounts = st.sampled_from(ACCOUNTS)
steps = st.tuples(
    st.sampled_from(["requested", "requested", "requested", "settled", "settled", "held", "again"]),
    accounts,
    accounts,
    st.sampled_from([500, 9_000, 40_000, 60_000, 120_000, 130_000, 3_000_000_000]),
    st.sampled_from([0, 1, 60, 1200, 9_000, 40_000, 90_000]),
    st.sampled_from([0, 0, 0, 250]),
    st.sampled_from(["d0", "d0", "d1", None]),
)


def rows_of(drawn: list[Any]) -> list[Transfer]:
    """Rows in the order of arrival, some a few minutes late."""
    rows: list[Transfer] = []
    at = START
    for number, (phase, payer, payee, amount, gap_s, late_s, device) in enumerate(drawn):
        at += gap_s * 1_000_000
        if phase == "again":
            rows += rows[-1:]
            continue
        own = (payer, payee, amount, "app", device, None)
        rows.append(Transfer(f"t{number}", at - late_s * 1_000_000, phase, *own))
    return rows


@settings(max_examples=80)
@given(st.lists(steps, min_size=1, max_size=60), st.integers(1, 3), st.booleans(), st.booleans())
def test_counting_in_the_pass_is_counting_one_by_one(
    drawn: list[Any], batches: int, watched: bool, tidy: bool
) -> None:
    detectors = load_weights().detectors
    money, naive, clock = Money(detectors), Naive(), 0
    money.purse[paying.DORMANT_US] = DORMANT_US
    touches, traffic = Touches(Rarity(2, 3), 2), Traffic(detectors)
    held = [(account, *of) for account, of in HELD.items()]
    rows = rows_of(drawn)
    size = -(-len(rows) // batches) or 1
    for first in range(0, len(rows), size):
        money.enrol(held, touches.person)
        money.seat(touches.people())
        batch = rows[first : first + size]
        clocks = np.maximum(np.maximum.accumulate([row.at for row in batch]), clock)
        clock = int(clocks[-1])
        at, order = np.array([row.at for row in batch], np.int64), np.arange(len(batch))
        part = Part("transfers", TRANSFERS.from_rows(batch), at, clocks, order)
        columns = Others([part], [Columns(traffic, touches, money).of(part, None)]).rows
        if watched:
            columns[:, layout.DUE] = 1
        go_through(traffic, money, naive, batch, columns, clock)
        assert told(money, clock) == told_naively(naive, clock)
        if tidy:
            money.spare = -1_000
            money.tidy()
            money = pickle.loads(pickle.dumps(money))
            assert told(money, clock) == told_naively(naive, clock)


def go_through(
    traffic: Traffic, money: Money, naive: Naive, batch: list[Transfer], columns: Any, until: int
) -> None:
    """Both have seen the batch, and agree wherever the pass stops; where it does not, there was no need."""
    flags = np.ones(1, np.uint8)
    uncounted, waiting = np.zeros((2 * len(batch) + 1, 4), np.int64), np.zeros(1, np.int64)
    traffic.begin(columns)
    money.begin(columns)
    done = 0
    while True:
        tables = money.tables()
        stop = traffic.proceed(len(batch), until, (NO_TIME, 0), flags, uncounted, waiting, tables)
        at = traffic.next() - (stop == layout.ROW)
        for quiet in batch[done:at]:
            payee, payer, dealt, used = naive.see(quiet) or (None, None, NOTHING, [])
            took = dealt.took and (dealt.came_back or dealt.strangers > 1)
            says = payee or payer or dealt.paid_out or took or used
            assert not says, "the pass went by what it had to tell"
        done = max(done, at)
        if stop == layout.ENTERS_HOUR:
            hour = int(columns[at, layout.CLOCK]) // HOUR_US * HOUR_US
            naive.forget(hour)
            money.forget(hour)
            traffic.forget(hour, 6 * HOUR_US)
        elif stop == layout.ROW:
            row = batch[at]
            one, other = row.payer_account, row.payee_account
            payee, payer = money.passed(other, one, True, row.at), money.passed(one, other, False, row.at)
            used = sorted(money.operated(row.device)) if row.device else []
            assert (payee, payer, money.dealt(), used) == naive.see(row)
            now = int(columns[at, layout.CLOCK])
            assert money.turned(one, now) == naive.turned(one, now)
            assert money.turned(other, now) == naive.turned(other, now)
            done = at + 1
        else:
            return


def told(money: Money, clock: int) -> Any:
    return (
        [[money.has_paid(one, other) for other in ACCOUNTS] for one in ACCOUNTS],
        [money.taken(account, clock - 30 * MINUTE_US, clock) for account in ACCOUNTS],
        [money.turned(account, clock) for account in ACCOUNTS],
        [rested(money, account) for account in ACCOUNTS],
    )


def rested(money: Money, account: str) -> tuple[int, int] | None:
    number = money.accounts.find(account)
    woke, slept = money.figures[number, [paying.WOKE_AT, paying.SLEPT_US]].tolist()
    return None if number < 0 or woke == layout.NEVER else (woke, slept)


def told_naively(naive: Naive, clock: int) -> Any:
    return (
        [[(one, other) in naive.paid | naive.paid_before for other in ACCOUNTS] for one in ACCOUNTS],
        [naive.sum_taken(account, clock - 30 * MINUTE_US, clock) for account in ACCOUNTS],
        [naive.turned(account, clock) for account in ACCOUNTS],
        [naive.rested(account) for account in ACCOUNTS],
    )

"""Victims' money followed through layers of accounts, payment by payment."""

from __future__ import annotations

import heapq
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum

import numpy as np

from qingdun.trace.ledger import UNKNOWN, Ledger
from qingdun.trace.purse import Purse, Shares, Taken

DEPTH = 5
"""Layers followed unless told otherwise: a default of ours."""
_EVER = int(np.iinfo(np.int64).max)


class Whereabouts(StrEnum):
    """What an account is to victims' money that has reached it."""

    FOLLOWED = "followed"
    """A layer: what leaves it is followed."""
    MERCHANT = "merchant"
    """Money spent at a merchant is not followed further."""
    BEYOND = "beyond"
    """Deeper than was asked; not followed further."""
    HOME = "home"
    """An account a victim paid from: the money has come back."""


@dataclass(frozen=True, slots=True)
class Hop:
    """One transfer that carried victims' money on."""

    row: int
    payer: int
    payee: int
    level: int
    """Layer of the payee: 1 is the account the victim paid (一级账户)."""
    at_us: int
    fen: int
    """Of the whole transfer."""
    shares: Shares
    """Fen of it by victim's payment, first in first out."""
    least_fen: int
    most_fen: int
    """Victims' fen in it, whatever order the payer's money is thought to leave in."""
    certain: bool
    """Whether that order makes no difference, here and in every hop that brought the money."""

    @property
    def tainted_fen(self) -> int:
        """Fen of it that are victims'."""
        return sum(self.shares.values())


@dataclass(slots=True)
class Standing:
    """What an account is to the money at the end of a trace."""

    account: int
    level: int
    kind: Whereabouts
    reached_us: int
    """When the first of it came in."""
    last_us: int
    """When victims' money last moved in it."""
    came_fen: int = 0
    shares: dict[str, int] = field(default_factory=dict)
    """Fen that are still there, or that stopped being followed there, by victim's payment."""
    certain: bool = True
    fen: int = 0
    """All that is in the account, as far as its rows tell; 0 where it is not followed."""

    @property
    def there_fen(self) -> int:
        """Fen of victims that are there."""
        return sum(self.shares.values())


@dataclass(frozen=True, slots=True)
class Trace:
    """Hops in order of time, and where the money stands at the end of them."""

    hops: tuple[Hop, ...]
    standings: Mapping[int, Standing]
    """By account, in the order they were reached."""
    now_us: int
    """Until when it looked; the last hop if it looked at everything."""

    def still_there(self) -> list[Standing]:
        """Layers that hold victims' money now, most money first."""
        found = [s for s in self.standings.values() if s.kind == Whereabouts.FOLLOWED and s.there_fen]
        return sorted(found, key=lambda s: (-s.there_fen, s.account))


def follow(
    ledger: Ledger,
    payments: Iterable[str],
    depth: int = DEPTH,
    until_us: int = _EVER,
    stops: Mapping[int, int] | None = None,
) -> Trace:
    """The trace of victims' payments, by transfer id, with what has moved until `until_us` (UTC).

    `stops` says from when on an account may not pay; a transfer that a stop forbids, or that lacks the money
    another stop held, has not happened. Every fen of the payments stands in `standings` exactly once.
    Errors: KeyError for a payment that moved no money.
    """
    named = list(payments)
    rows: dict[int, str] = {}
    for payment, row in zip(named, ledger.rows_of(named), strict=True):
        if row is None:
            raise KeyError(payment)
        rows[row] = payment
    return _Walk(ledger, rows, depth, until_us, stops or {}).done()


class _Walk:
    """Rows in order of time, each once, as long as an account that holds victims' money has one."""

    def __init__(
        self, ledger: Ledger, payments: dict[int, str], depth: int, until_us: int, stops: Mapping[int, int]
    ) -> None:
        self.ledger, self.payments, self.depth, self.stops = ledger, payments, depth, stops
        self.until_us = until_us
        self.end = int(np.searchsorted(ledger.at_us, until_us, side="right"))
        self.homes = {int(ledger.payer[row]) for row in payments}
        self.purses: dict[int, Purse] = {}
        self.cursors: dict[int, int] = {}
        self.standings: dict[int, Standing] = {}
        self.hops: list[Hop] = []
        self.void: list[int] = []
        self.due = sorted(row for row in payments if row < self.end)

    def done(self) -> Trace:
        """Everything followed."""
        last = -1
        while self.due:
            row = heapq.heappop(self.due)
            if row != last:
                self._go(row)
            last = row
        for code, purse in self.purses.items():
            standing = self.standings[code]
            standing.shares, standing.fen, standing.certain = purse.shares(), purse.fen, purse.certain
        last = max((hop.at_us for hop in self.hops), default=0)
        return Trace(tuple(self.hops), self.standings, last if self.until_us == _EVER else self.until_us)

    def _go(self, row: int) -> None:
        ledger = self.ledger
        payer, payee = int(ledger.payer[row]), int(ledger.payee[row])
        fen, at_us = int(ledger.fen[row]), int(ledger.at_us[row])
        purse, payment = self.purses.get(payer), self.payments.get(row)
        if payer == payee:
            pass
        elif at_us >= self.stops.get(payer, _EVER) or (purse and not payment and fen > purse.fen):
            self.void.append(row)
        elif payment is not None:
            self._pay(row, payment, purse)
        elif purse is not None:
            taken = purse.take(fen)
            if taken.shares:
                self.standings[payer].last_us = at_us
                self._hop(row, self.standings[payer].level + 1, taken)
            elif payee in self.purses:
                self.purses[payee].put(at_us, fen, certain=taken.certain)
        elif payee in self.purses:
            self.purses[payee].put(at_us, fen)
        for code in {payer, payee} & self.purses.keys():
            self._next(code, row)

    def _pay(self, row: int, payment: str, purse: Purse | None) -> None:
        """A victim has paid: own money, and what of another victim's was in the account and went along."""
        fen = int(self.ledger.fen[row])
        others = purse.take(min(fen, purse.fen)) if purse else Taken(0, {}, 0, 0, True)
        own = fen - sum(others.shares.values())
        shares = {**others.shares, payment: own} if own else others.shares
        self._hop(row, 1, Taken(fen, shares, fen, fen, others.certain))

    def _hop(self, row: int, level: int, taken: Taken) -> None:
        ledger = self.ledger
        payer, payee = int(ledger.payer[row]), int(ledger.payee[row])
        fen, at_us = int(ledger.fen[row]), int(ledger.at_us[row])
        standing = self.standings.get(payee)
        if standing is None:
            standing = Standing(payee, level, self._kind(payee, level), at_us, at_us)
            self.standings[payee] = standing
        standing.last_us = at_us
        hop = Hop(
            row, payer, payee, level, at_us, fen, taken.shares, taken.least_fen, taken.most_fen, taken.certain
        )
        self.hops.append(hop)
        standing.came_fen += hop.tainted_fen
        if standing.kind == Whereabouts.FOLLOWED:
            if payee not in self.purses:
                self.purses[payee] = self._opened(payee, row)
            self.purses[payee].put(at_us, fen, taken.shares, taken.certain)
            return
        standing.certain = standing.certain and taken.certain
        for whose, part in taken.shares.items():
            standing.shares[whose] = standing.shares.get(whose, 0) + part

    def _kind(self, code: int, level: int) -> Whereabouts:
        if code in self.homes and level > 1:
            return Whereabouts.HOME
        if self.ledger.merchant[code]:
            return Whereabouts.MERCHANT
        return Whereabouts.FOLLOWED if level <= self.depth else Whereabouts.BEYOND

    def _opened(self, code: int, row: int) -> Purse:
        """The account as it was before `row`: one lot of nobody's money.

        What no statement says is taken as the least that its own later payments need.
        """
        ledger, own = self.ledger, self.ledger.of_account(code)
        own = own[: np.searchsorted(own, self.end)]
        into, out = ledger.payee[own] == code, ledger.payer[own] == code
        moves = np.where(into, ledger.fen[own], 0) - np.where(out, ledger.fen[own], 0)
        if self.void:
            moves[np.isin(own, self.void)] = 0
        sums = np.cumsum(moves)
        needed = max(0, -int(sums.min(initial=0)))
        opening, known = needed, False
        if ledger.balance_fen[code] != UNKNOWN:
            stated = np.searchsorted(ledger.at_us[own], ledger.balance_us[code], side="right")
            opening = int(ledger.balance_fen[code]) - int(moves[:stated].sum())
            opening, known = max(opening, needed), opening >= needed
        before = int(np.searchsorted(own, row))
        purse = Purse(opening_known=known)
        purse.put(-1, opening + int(moves[:before].sum()))
        self.cursors[code] = before
        return purse

    def _next(self, code: int, row: int) -> None:
        """The account's next row is due; none if it holds nothing of victims any more."""
        own = self.ledger.of_account(code)
        cursor = self.cursors[code]
        while cursor < len(own) and own[cursor] <= row:
            cursor += 1
        self.cursors[code] = cursor
        if not self.purses[code].tainted:
            del self.purses[code], self.cursors[code]
            standing = self.standings[code]
            standing.shares, standing.fen = {}, 0
        elif cursor < len(own) and own[cursor] < self.end:
            heapq.heappush(self.due, int(own[cursor]))

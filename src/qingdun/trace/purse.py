"""What is in one account, oldest money first, and whose it is."""

from __future__ import annotations

from collections import deque
from collections.abc import Mapping
from dataclasses import dataclass, field

from qingdun.trace.shares import in_proportion

Shares = Mapping[str, int]
"""Fen of each victim's payment; what is missing to the whole is nobody's."""
NOBODYS: Shares = {}


@dataclass(slots=True)
class Lot:
    """Money that came in at one moment."""

    at_us: int
    fen: int
    shares: dict[str, int]
    certain: bool
    """Whether the shares hold whatever order money is thought to leave in."""

    @property
    def tainted(self) -> int:
        """Fen of it that are victims'."""
        return sum(self.shares.values())


@dataclass(frozen=True, slots=True)
class Taken:
    """What a payment took: how much of it is whose, and within which bounds under any other order."""

    fen: int
    shares: Shares
    least_fen: int
    most_fen: int
    certain: bool


@dataclass(slots=True)
class Purse:
    """An account that holds victims' money. The money it held before is the oldest lot.

    First in, first out (先进先出): a payment takes the oldest lot first. What came in at the same moment is
    one lot, since times do not resolve it, and a part of a lot takes its shares in proportion (按比例).
    """

    lots: deque[Lot] = field(default_factory=deque)
    opening_known: bool = True

    @property
    def fen(self) -> int:
        """All that is in it."""
        return sum(lot.fen for lot in self.lots)

    @property
    def tainted(self) -> int:
        """Fen in it that are victims'."""
        return sum(lot.tainted for lot in self.lots)

    @property
    def certain(self) -> bool:
        """Whether what it holds of victims is so under any order of money."""
        return all(lot.certain for lot in self.lots)

    def shares(self) -> dict[str, int]:
        """Fen of each victim's payment in it."""
        found: dict[str, int] = {}
        for lot in self.lots:
            for whose, fen in lot.shares.items():
                found[whose] = found.get(whose, 0) + fen
        return found

    def put(self, at_us: int, fen: int, shares: Shares = NOBODYS, certain: bool = True) -> None:
        """Money has come in. `shares` sum to `fen` at most."""
        if fen == 0:
            return
        last = self.lots[-1] if self.lots else None
        if last is None or last.at_us != at_us:
            self.lots.append(Lot(at_us, fen, dict(shares), certain))
            return
        last.fen += fen
        last.certain = last.certain and certain
        for whose, part in shares.items():
            last.shares[whose] = last.shares.get(whose, 0) + part

    def take(self, fen: int) -> Taken:
        """Money has left; `fen` is at most what is in it."""
        tainted, clean = self.tainted, self.fen - self.tainted
        least = max(0, fen - clean) if self.opening_known else 0
        most = min(fen, tainted)
        sure = self.certain and least == most
        shares: dict[str, int] = {}
        left = fen
        while left:
            lot = self.lots[0]
            part = min(left, lot.fen)
            taken = (
                lot.shares
                if part == lot.fen
                else in_proportion(part, {**lot.shares, "": lot.fen - lot.tainted})
            )
            for whose, share in taken.items():
                if whose and share:
                    shares[whose] = shares.get(whose, 0) + share
            left -= part
            if part == lot.fen:
                self.lots.popleft()
            else:
                lot.fen -= part
                lot.shares = {w: f - taken[w] for w, f in lot.shares.items() if f > taken[w]}
        if not sure:
            # Under another order other money would have left, so what stays is an estimate too.
            for lot in self.lots:
                lot.certain = False
        return Taken(fen, shares, least, most, sure)

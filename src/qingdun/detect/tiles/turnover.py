"""What accounts have received and paid within windows of time, from transfers that have settled.

Counted in the compiled pass, from tiles that merge (`windows`): how many transfers, their sum, the least and
the most, and from how many different accounts or to how many, exactly. Of merchants nothing is kept that they
received: everybody pays them, and no detector asks.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final, NamedTuple

import numpy as np
import numpy.typing as npt

from qingdun.compiled import njit
from qingdun.detect.tiles import tallying as t
from qingdun.detect.tiles.layout import AT, FROM, LASTED, TO
from qingdun.detect.tiles.letters import digest
from qingdun.detect.tiles.windows import Figures, Windows

Ints = npt.NDArray[np.int64]

LARGEST_FEN: Final = 10**13
"""No transfer counts for more, so that no sum overflows."""
_SETTLED: Final = t.BEGINS | t.MEASURED


@njit(cache=True, nogil=True)
def settle(row: Any, to_merchant: bool, received: Any, paid: Any) -> None:
    """The transfer, which has settled, counts in the windows of both its accounts."""
    t.add_one(paid, row[FROM], row[TO], row[AT], _SETTLED, row[LASTED])
    if not to_merchant:
        t.add_one(received, row[TO], row[FROM], row[AT], _SETTLED, row[LASTED])


class Turned(NamedTuple):
    """What one account has received and paid in each window, by its name (`windows.LENGTHS`); whom it met are
    the accounts at the other end, amounts are fen."""

    received: Mapping[str, Figures]
    paid: Mapping[str, Figures]


class Turnover:
    """The windows of all accounts."""

    def __init__(self) -> None:
        self._received, self._paid = Windows(wide=True), Windows(wide=True)

    def expect(self, settled: int, now: int) -> None:
        """There is room for so many transfers more."""
        self._received.expect(settled, now)
        self._paid.expect(settled, now)

    def tables(self) -> tuple[tuple[Any, ...], tuple[Any, ...]]:
        """What `settle` counts in."""
        return self._received.tiles(), self._paid.tiles()

    def count(
        self, payers: Ints, payees: Ints, to_merchant: npt.NDArray[np.bool_], at: Ints, fen: Ints, now: int
    ) -> None:
        """Transfers that have settled count, in any order; accounts are digests of their names. Windows that
        end now and reach back to none of them do without them."""
        what, amount = np.full(len(at), _SETTLED), np.minimum(fen, LARGEST_FEN)
        self._paid.count(payers, payees, at, what, amount, now)
        own = ~to_merchant
        self._received.count(payees[own], payers[own], at[own], what[own], amount[own], now)

    def of(self, account: str, now: int) -> Turned:
        """What the account has received and paid in windows that end now."""
        own = digest(account)
        return Turned(self._received.figures(own, now), self._paid.figures(own, now))

    def memory_bytes(self) -> int:
        """What all windows take."""
        return self._received.memory_bytes() + self._paid.memory_bytes()

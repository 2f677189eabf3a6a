"""Transfers unlike what their payer sends otherwise, and the company of accounts that have them."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

from qingdun.evaluate.account_moves import Floats, Ints, Moves, Pairs, median_by, most

_UNLIKE = 3.0
"""Spreads of the payer from which on an amount is unlike its others."""


def habits(m: Moves, pairs: Pairs) -> tuple[npt.NDArray[np.bool_], dict[str, Floats]]:
    """Which transfers are unlike what their payer sends otherwise or repeated at once, and the columns."""
    size = np.log(np.maximum(m.amount, 1e-9))
    off = np.abs(size - median_by(m.payer, size, m.n)[m.payer])
    spreads = np.minimum(off / (median_by(m.payer, off, m.n)[m.payer] + 0.05), 12)
    off_in = np.abs(size - median_by(m.payee, size, m.n)[m.payee])
    order = np.sort(m.amount)
    rank = np.searchsorted(order, m.amount) + np.searchsorted(
        order, m.amount, "right"
    )  # of equals the middle
    repeats = _as_often(m, pairs)
    unlike = spreads > _UNLIKE
    columns: dict[str, Floats] = {}
    for name, me, away in (("out", m.payer, off), ("in", m.payee, off_in)):
        columns |= {
            f"{name}_unlike": most(me, spreads, m.n),
            f"{name}_off": most(me, away, m.n),
            f"{name}_extreme": most(me, np.abs(rank / max(len(size), 1) - 1), m.n),
            f"{name}_repeat": most(me, repeats, m.n),
            f"{name}_unlike_often": beyond(
                np.bincount(me, unlike, m.n), np.bincount(me, minlength=m.n), mean(unlike)
            ),
        }
    return unlike | (repeats > 1), columns


def _as_often(m: Moves, pairs: Pairs) -> Floats:
    """Of each transfer how many there are of the same pair at the same time."""
    order = np.lexsort((m.at, pairs.of))
    first = (np.diff(pairs.of[order], prepend=-1) != 0) | (np.diff(m.at[order], prepend=np.nan) != 0)
    group = np.cumsum(first) - 1
    times = np.empty(len(order))
    times[order] = np.bincount(group)[group]
    return times


def company(m: Moves, pairs: Pairs, unlike: npt.NDArray[np.bool_]) -> dict[str, Floats]:
    """The columns that tell with whom an account deals, where `unlike` marks transfers."""
    a, b = pairs.payer, pairs.payee
    bad = np.bincount(pairs.of, unlike, len(a)).clip(0, 1)
    payees, payers = np.bincount(a, minlength=m.n), np.bincount(b, minlength=m.n)
    degree = payees + payers
    own = np.bincount(a, bad, m.n) + np.bincount(b, bad, m.n)
    marked = (own > 0).astype(float)
    usual, share = mean(bad), mean(marked[degree > 0])
    rare = marked / np.log1p(np.maximum(degree, 1))
    few = _around(a, b, rare, m.n)
    paid, paying = np.bincount(a, marked[b], m.n), np.bincount(b, marked[a], m.n)
    return {
        "partners_unlike": beyond(own, degree, usual),
        "payers_unlike": most(b, beyond(own[a] - bad, degree[a] - 1, usual), m.n),
        "co_payees_unlike": most(b, beyond(paid[a] - marked[b], payees[a] - 1, share), m.n),
        "co_payers_unlike": most(a, beyond(paying[b] - marked[a], payers[b] - 1, share), m.n),
        "near_often": beyond(paid + paying, degree, share),
        "near_few": few,
        "near_two": _around(a, b, few / np.maximum(degree, 1), m.n),
    }


def _around(payer: Ints, payee: Ints, values: Floats, n: int) -> Floats:
    """The sum over each account's partners of their values."""
    return np.asarray(np.bincount(payee, values[payer], n) + np.bincount(payer, values[payee], n), np.float64)


def beyond(found: npt.NDArray[Any], of: npt.NDArray[Any], usual: float) -> Floats:
    """How many times what is usual, as a logarithm, each counted half more."""
    return np.asarray(np.log((found + 0.5) / (of * usual + 0.5)))


def mean(values: npt.NDArray[Any]) -> float:
    """The mean; 0 of nothing."""
    return float(values.mean()) if len(values) else 0.0

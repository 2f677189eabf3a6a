"""Transfers among the accounts of a set, and what each account's amount to."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import numpy.typing as npt
import pyarrow as pa

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]


class Moves(NamedTuple):
    """Transfers among accounts 0 to `n` − 1; amounts and times in any unit, all NaN if none is known."""

    payer: Ints
    payee: Ints
    amount: Floats
    at: Floats
    n: int


def account_moves(
    nodes: pa.Array, source: pa.Array, target: pa.Array, value: Floats, time: Floats
) -> tuple[Moves, Ints]:
    """The transfers, and which account each node is. Transfers of unknown nodes count for the known side.

    Where some amounts are known, transfers without one are left out; an unknown time becomes the mean.
    """
    names = pa.concat_arrays([nodes, source, target]).dictionary_encode()
    ids = names.indices.to_numpy(zero_copy_only=False).astype(np.int64)
    payer, payee = ids[len(nodes) : len(nodes) + len(source)], ids[len(nodes) + len(source) :]
    kept = np.isfinite(value) if np.isfinite(value).any() else np.ones(len(value), bool)
    at = time[kept]
    if np.isfinite(at).any():
        at = np.where(np.isfinite(at), at, at[np.isfinite(at)].mean())
    return Moves(payer[kept], payee[kept], value[kept], at, len(names.dictionary)), ids[: len(nodes)]


class Pairs(NamedTuple):
    """Who ever paid whom, sorted by payer, then payee."""

    payer: Ints
    payee: Ints
    of: Ints
    """Of each transfer its pair."""


def pairs_of(m: Moves) -> Pairs:
    """The pairs of the transfers."""
    key = m.payer * m.n + m.payee
    order = np.argsort(key, kind="stable")
    first = np.diff(key[order], prepend=-1) != 0
    of = np.empty(len(key), np.int64)
    of[order] = np.cumsum(first) - 1
    return Pairs(m.payer[order][first], m.payee[order][first], of)


def most(me: Ints, values: Floats, n: int) -> Floats:
    """The largest of each account's values; −∞ where it has none."""
    most = np.full(n, -np.inf)
    np.maximum.at(most, me, values)
    return most


def median_by(me: Ints, values: Floats, n: int) -> Floats:
    """The median of each account's values; NaN where it has none."""
    order = np.lexsort((values, me))
    count = np.bincount(me, minlength=n)
    first, some = np.cumsum(count) - count, count > 0
    median = np.full(n, np.nan)
    low, high = (first + (count - 1) // 2)[some], (first + count // 2)[some]
    median[some] = (values[order][low] + values[order][high]) / 2
    return median

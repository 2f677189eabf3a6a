"""Rows that say nearly the same thing, so that none of them is learnt from and asked at once."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

BANDS, ROWS = 10, 3
_PRIME = (1 << 31) - 1


def near_duplicates(features: Sequence[npt.NDArray[np.int64]]) -> npt.NDArray[np.int64]:
    """A group number a row: rows whose sets of features overlap by roughly half or more share one.

    MinHash of 30 permutations in ten bands of three; rows that agree on a band are tied, and ties carry on.
    """
    parent = np.arange(len(features))

    def root(row: int) -> int:
        while parent[row] != row:
            parent[row] = parent[parent[row]]
            row = int(parent[row])
        return row

    draw = np.random.default_rng(7)
    factor = draw.integers(1, _PRIME, (BANDS * ROWS, 1))
    shift = draw.integers(0, _PRIME, (BANDS * ROWS, 1))
    seen: dict[tuple[Any, ...], int] = {}
    for row, found in enumerate(features):
        if not len(found):
            continue
        least = ((np.unique(found)[None, :] * factor + shift) % _PRIME).min(axis=1).reshape(BANDS, ROWS)
        for band, values in enumerate(least.tolist()):
            other = seen.setdefault((band, *values), row)
            if other != row:
                parent[root(row)] = root(other)
    return np.array([root(row) for row in range(len(features))])


def folds(groups: npt.NDArray[np.int64], count: int, seed: int = 1) -> npt.NDArray[np.int64]:
    """A fold number a row, from 0 to `count` − 1; groups stay whole and folds come out about equal."""
    names, inverse, sizes = np.unique(groups, return_inverse=True, return_counts=True)
    order = np.random.default_rng(seed).permutation(len(names))
    order = order[np.argsort(-sizes[order], kind="stable")]
    fold_of, loads = np.zeros(len(names), np.int64), np.zeros(count)
    for name in order:
        fold_of[name] = int(np.argmin(loads))
        loads[fold_of[name]] += sizes[name]
    return fold_of[inverse]

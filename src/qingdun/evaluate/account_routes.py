"""Compiled loops over the transfers of an account and over those of its partners."""

from __future__ import annotations

from typing import Any

import numpy as np

from qingdun.compiled import njit

_TRANSFERS = 200
"""Of an account's transfers on one side, no more are compared: the earliest."""
_OWN, _PARTNERS = 256, 40
"""Accounts with more partners on a side are not asked, and partners with more in all lead nowhere: shops and
payrolls tie everybody to everybody."""


@njit(cache=True, nogil=True)
def paths(
    in_ends: Any, in_at: Any, in_amount: Any, payer: Any,
    out_ends: Any, out_at: Any, out_amount: Any, payee: Any, soon: float,
) -> Any:  # fmt: skip
    """Two columns: the share of what came that left again within `soon`, up to a fifth less, and how many
    transfers came that left again at any time to the very amount, both to another account than the payer.

    Transfers are sorted by account and time; `ends` says where each account's begin.
    """
    found = np.zeros((len(in_ends) - 1, 2))
    for account in range(len(in_ends) - 1):
        low, high = in_ends[account], min(in_ends[account + 1], in_ends[account] + _TRANSFERS)
        first, last = out_ends[account], min(out_ends[account + 1], out_ends[account] + _TRANSFERS)
        for came in range(low, high):
            left = same = 0
            for went in range(first, last):
                if payee[went] == payer[came] or in_amount[came] <= 0:
                    continue
                kept, waited = out_amount[went] / in_amount[came], out_at[went] - in_at[came]
                if abs(kept - 1) < 1e-4:
                    same = 1
                if 0 <= waited <= soon and 0.8 < kept < 1.005:
                    left = 1
            found[account, 0] += left / (high - low)
            found[account, 1] += same
    return found


@njit(cache=True, nogil=True)
def _reach(
    account: int, ends: Any, steps: Any, on: Any, last: Any, degree: Any, seen: Any, found: Any
) -> int:
    """How many accounts `found` holds: those two steps away; `seen` counts the ways to each."""
    count = 0
    for first in range(ends[account], ends[account + 1]):
        middle = steps[first]
        if middle == account or degree[middle] > _PARTNERS:
            continue
        for second in range(on[middle], on[middle + 1]):
            end = last[second]
            if end in (account, middle) or degree[end] > _PARTNERS:
                continue
            if seen[end] == 0:
                found[count] = end
                count += 1
            seen[end] += 1
    return count


@njit(cache=True, nogil=True)
def routes(out_ends: Any, payees: Any, in_ends: Any, payers: Any) -> Any:
    """Eight columns an account: rings of three and of four through it; the most ways over different accounts
    to one account, payees shared with one, ways from one, payers shared with one; and what of ways, and
    of shared, is more than one, over all accounts.

    `payees` and `payers` are each account's, one after the other; `ends` says where they begin.
    """
    n = len(out_ends) - 1
    table = np.zeros((n, 8))
    degree = np.diff(out_ends) + np.diff(in_ends)
    seen, before = np.zeros(n, np.int32), np.zeros(n, np.int32)
    found, earlier = np.zeros(_OWN * _PARTNERS, np.int64), np.zeros(_OWN * _PARTNERS, np.int64)
    for account in range(n):
        pays, gets = out_ends[account + 1] - out_ends[account], in_ends[account + 1] - in_ends[account]
        if pays > _OWN or gets > _OWN:
            table[account] = np.nan
            continue
        for way in range(4):
            ends, steps = (out_ends, payees) if way < 2 else (in_ends, payers)
            on, last = (out_ends, payees) if way in (0, 3) else (in_ends, payers)
            count = _reach(account, ends, steps, on, last, degree, seen, found)
            for place in range(count):
                times = seen[found[place]]
                table[account, 2 + way] = max(table[account, 2 + way], times)
                table[account, 6 + way % 2] += times - 1
            if way == 0:
                for place in range(gets):
                    table[account, 0] += seen[payers[in_ends[account] + place]] > 0
                others = _reach(account, in_ends, payers, in_ends, payers, degree, before, earlier)
                for place in range(others):
                    table[account, 1] += seen[earlier[place]] > 0
                    before[earlier[place]] = 0
            for place in range(count):
                seen[found[place]] = 0
    return table

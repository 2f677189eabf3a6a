"""Numbers that describe an account, from the transfers among all accounts of a set.

Shares, ratios, ranks and surprises only: amounts, units of time and how busy accounts are differ from set to
set. An amount is judged by what its payer sends otherwise, never by being small or large, and how often a
thing happens by how often it does in the set.
"""

from __future__ import annotations

import numpy as np

from qingdun.evaluate.account_habits import beyond, company, habits, mean
from qingdun.evaluate.account_moves import Floats, Ints, Moves, Pairs, most, pairs_of
from qingdun.evaluate.account_routes import paths, routes

_FLOW = (
    "in_count", "out_count", "in_spread", "out_spread", "in_max_share", "out_max_share", "passed_on",
    "in_before_out", "span", "both_ways", "payers_in_mean", "payees_in_mean", "payers_once", "steady_in",
    "opening_share",
)  # fmt: skip
"""How money comes and goes. Counts are times the mean of the set; payees who pay back, beyond the usual."""
_HABITS = (
    "out_unlike", "in_unlike", "out_off", "in_off", "out_unlike_often", "in_unlike_often", "out_extreme",
    "in_extreme", "out_repeat", "in_repeat",
)  # fmt: skip
"""Amounts off what the payer sends otherwise: the furthest, in spreads of that payer and as a ratio; how
often beyond the set; the outermost rank; transfers of one pair at one time.
"""
_PATHS = (
    "passed_alike", "same_amount", "cycle_3", "cycle_4", "routes_out", "routes_in", "routes_all", "co_pay",
    "co_paid", "co_all",
)  # fmt: skip
"""Money that leaves as it came; rings of three and four; ways over different accounts to or from the same
one; payees and payers that are shared with one other account.
"""
_COMPANY = (
    "partners_unlike", "payers_unlike", "co_payees_unlike", "co_payers_unlike", "near_often", "near_few",
    "near_two",
)  # fmt: skip
"""With whom: partners to or from whom amounts were unlike, partners of which that is true, those paid by the
same payers and those who pay the same payees, each beyond what is usual in the set.
"""
ACCOUNT_FEATURES = (*_FLOW, *_HABITS, *_PATHS, *_COMPANY)
OF_AMOUNTS = (
    "in_spread", "out_spread", "in_max_share", "out_max_share", "passed_on", "passed_alike", "same_amount",
    *(name for name in _HABITS if "repeat" not in name),
)  # fmt: skip
"""Unknown where no amount is known."""
OF_TIMES = ("in_before_out", "span", "steady_in", "out_repeat", "in_repeat", "passed_alike")
"""Unknown where no time is known."""
_TO_MEAN = (
    "in_count", "out_count", "payers_in_mean", "payees_in_mean", "passed_alike", "same_amount", "cycle_3",
    "cycle_4", "routes_all", "co_all", "near_few", "near_two",
)  # fmt: skip


def account_matrix(moves: Moves) -> Floats:
    """One row an account, columns `ACCOUNT_FEATURES`; NaN where nothing can be told."""
    amounts, times = bool(np.isfinite(moves.amount).any()), bool(np.isfinite(moves.at).any())
    whole = moves._replace(
        amount=moves.amount if amounts else np.ones(len(moves.amount)),
        at=moves.at if times else np.arange(len(moves.at), dtype=np.float64),
    )
    with np.errstate(divide="ignore", invalid="ignore", over="ignore"):
        pairs = pairs_of(whole)
        unlike, columns = habits(whole, pairs)
        columns |= _flow(whole, pairs) | _paths(whole, pairs) | company(whole, pairs, unlike)
        active = np.bincount(whole.payer, minlength=whole.n) + np.bincount(whole.payee, minlength=whole.n) > 0
        for name in _TO_MEAN:
            known = columns[name][active & np.isfinite(columns[name])]
            columns[name] = columns[name] / ((known.mean() if len(known) else 0.0) + 1e-3)
    for name in (*(() if amounts else OF_AMOUNTS), *(() if times else OF_TIMES)):
        columns[name] = np.full(whole.n, np.nan)
    x = np.column_stack([columns[name] for name in ACCOUNT_FEATURES]).astype(np.float64)
    return np.where(np.isfinite(x), x, np.nan)


def _flow(m: Moves, pairs: Pairs) -> dict[str, Floats]:
    whole = max(float(np.ptp(m.at)), 1e-9) if len(m.at) else 1.0
    ins, outs = _side(m.payee, m), _side(m.payer, m)
    a, b = pairs.payer, pairs.payee
    back = np.isin(a * m.n + b, b * m.n + a, kind="sort")
    payers, payees = np.bincount(b, minlength=m.n), np.bincount(a, minlength=m.n)
    columns = {f"in_{name}": value for name, value in ins.items()}
    columns |= {f"out_{name}": value for name, value in outs.items()}
    return columns | {
        "passed_on": outs["total"] / ins["total"],
        "in_before_out": (outs["first"] - ins["first"]) / whole,
        "span": (np.maximum(ins["last"], outs["last"]) - np.minimum(ins["first"], outs["first"])) / whole,
        "steady_in": (ins["last"] - ins["first"]) / whole,
        "opening_share": ins["count"] / np.maximum(ins["count"] + outs["count"], 1),
        "both_ways": beyond(np.bincount(a, back, m.n), payees, mean(back)),
        "payers_in_mean": np.bincount(b, ins["count"][a], m.n) / payers,
        "payees_in_mean": np.bincount(a, ins["count"][b], m.n) / payees,
        "payers_once": np.bincount(b, outs["count"][a] == 1, m.n) / payers,
    }


def _side(me: Ints, m: Moves) -> dict[str, Floats]:
    count = np.bincount(me, minlength=m.n).astype(float)
    total = np.bincount(me, m.amount, m.n)
    mean = total / count
    return {
        "count": count,
        "total": total,
        "spread": np.sqrt(np.maximum(np.bincount(me, m.amount**2, m.n) / count - mean**2, 0)) / mean,
        "max_share": most(me, m.amount, m.n) / total,
        "first": -most(me, -m.at, m.n),
        "last": most(me, m.at, m.n),
    }


def _paths(m: Moves, pairs: Pairs) -> dict[str, Floats]:
    whole = max(float(np.ptp(m.at)), 1e-9) if len(m.at) else 1.0
    out, into = np.lexsort((m.at, m.payer)), np.lexsort((m.at, m.payee))
    ends = np.arange(m.n + 1)
    alike = paths(
        np.searchsorted(m.payee[into], ends), m.at[into], m.amount[into], m.payer[into],
        np.searchsorted(m.payer[out], ends), m.at[out], m.amount[out], m.payee[out], whole / 30,
    )  # fmt: skip
    a, b = pairs.payer, pairs.payee
    back = np.lexsort((a, b))
    found = routes(np.searchsorted(a, ends), b, np.searchsorted(b[back], ends), a[back])
    named = ("cycle_3", "cycle_4", "routes_out", "co_pay", "routes_in", "co_paid", "routes_all", "co_all")
    return dict(zip(("passed_alike", "same_amount"), alike.T, strict=True)) | dict(
        zip(named, found.T, strict=True)
    )

"""What is told of accounts: checked against plain loops, and against changes that must change nothing."""

from __future__ import annotations

from collections import Counter

import numpy as np
import pyarrow as pa
import pytest

from qingdun.evaluate.account_moves import Moves, account_moves, median_by, pairs_of
from qingdun.evaluate.accounts import ACCOUNT_FEATURES, OF_AMOUNTS, OF_TIMES, account_matrix
from qingdun.evaluate.trees import Trees


def made_up(seed: int = 1, n: int = 60, rows: int = 400) -> Moves:
    draw = np.random.default_rng(seed)
    usual = draw.uniform(100, 600, n).round(2)
    payer, payee = draw.integers(0, n, rows), draw.integers(0, n, rows)
    amount = np.where(draw.random(rows) < 0.9, usual[payer], draw.uniform(10, 20, rows).round(2))
    return Moves(payer, payee, amount, draw.integers(0, 50, rows).astype(float), n)


def column(x: np.ndarray, name: str) -> np.ndarray:
    return x[:, ACCOUNT_FEATURES.index(name)]


def test_units_of_money_and_time_and_the_order_of_rows_change_nothing() -> None:
    m = made_up()
    plain = account_matrix(m)
    np.testing.assert_allclose(account_matrix(m._replace(amount=m.amount * 64, at=m.at * 32 + 256)), plain)
    mixed = np.random.default_rng(2).permutation(len(m.payer))
    moved = Moves(m.payer[mixed], m.payee[mixed], m.amount[mixed], m.at[mixed], m.n)
    np.testing.assert_allclose(account_matrix(moved), plain)


def test_names_of_accounts_change_nothing() -> None:
    m = made_up()
    name = np.random.default_rng(3).permutation(m.n)
    renamed = account_matrix(m._replace(payer=name[m.payer], payee=name[m.payee]))[name]
    np.testing.assert_allclose(renamed, account_matrix(m))


def test_rings_and_ways_are_those_of_plain_loops() -> None:
    m = made_up(rows=250)
    x = account_matrix(m)
    pays: dict[int, set[int]] = {a: set() for a in range(m.n)}
    for a, b in zip(m.payer.tolist(), m.payee.tolist(), strict=True):
        pays[a].add(b)
    rings, ways, shared = np.zeros(m.n), np.zeros(m.n), np.zeros(m.n)
    for a in range(m.n):
        to = Counter(c for b in pays[a] - {a} for c in pays[b] if c not in (a, b))
        rings[a] = sum(a in pays[c] for c in to)
        ways[a] = max(to.values(), default=0)
        other = Counter(c for b in pays[a] - {a} for c in pays if b in pays[c] and c not in (a, b))
        shared[a] = max(other.values(), default=0)
    active = np.isin(np.arange(m.n), [*m.payer, *m.payee])
    np.testing.assert_allclose(column(x, "cycle_3"), rings / (rings[active].mean() + 1e-3))
    np.testing.assert_allclose(column(x, "routes_out"), ways)
    np.testing.assert_allclose(column(x, "co_pay"), shared)


def test_repeats_and_odd_amounts_are_told_of_both_sides() -> None:
    usual = [(0, b, 100.0, float(b)) for b in range(1, 9)]
    odd = [(0, 9, 7.0, 20.0)] * 3
    payer, payee, amount, at = (np.array(values) for values in zip(*usual, *odd, strict=True))
    x = account_matrix(Moves(payer, payee, amount, at, 11))
    assert column(x, "out_repeat")[0] == 3
    assert column(x, "in_repeat")[[1, 9]].tolist() == [1, 3]
    assert column(x, "out_unlike")[0] == column(x, "in_unlike")[9] == 12
    assert column(x, "in_unlike")[1] == 0
    assert column(x, "partners_unlike")[9] > column(x, "partners_unlike")[1]
    assert np.isnan(column(x, "passed_on")[10]), "of an account that never moved money nothing is told"


def test_money_that_leaves_as_it_came_is_told() -> None:
    m = Moves(
        np.array([0, 1, 2]), np.array([1, 2, 3]), np.array([100.0, 90.0, 89.0]), np.array([0, 1, 100.0]), 4
    )
    x = account_matrix(m)
    assert column(x, "passed_alike")[1] > 0
    assert column(x, "passed_alike")[2] == 0, "it waited too long"


@pytest.mark.parametrize("missing", ["amounts", "times"])
def test_what_is_not_known_is_told_as_unknown_and_still_scored(missing: str) -> None:
    m = made_up()
    unknown = np.full(len(m.payer), np.nan)
    x = account_matrix(m._replace(amount=unknown) if missing == "amounts" else m._replace(at=unknown))
    for name in OF_AMOUNTS if missing == "amounts" else OF_TIMES:
        assert np.isnan(column(x, name)).all(), name
    for name in ("in_count", "both_ways", "cycle_3", "routes_all", "co_paid"):
        np.testing.assert_allclose(column(x, name), column(account_matrix(m), name), err_msg=name)
    assert np.isfinite(Trees.load("accounts").score(x)).all()


def test_transfers_of_strangers_count_and_those_without_amount_do_not() -> None:
    m, rows = account_moves(
        pa.array(["b", "a", "b"]), pa.array(["a", "x"]), pa.array(["b", "a"]), np.array([5.0, np.nan]),
        np.array([np.nan, 3.0]),
    )  # fmt: skip
    assert rows.tolist() == [0, 1, 0]
    assert (m.payer.tolist(), m.payee.tolist(), m.n) == ([1], [0], 3)
    assert np.isnan(m.at).all()


def test_pairs_and_medians_are_those_of_numpy() -> None:
    m = made_up()
    pairs = pairs_of(m)
    unique, of = np.unique(m.payer * m.n + m.payee, return_inverse=True)
    assert (pairs.payer * m.n + pairs.payee).tolist() == unique.tolist()
    assert pairs.of.tolist() == of.ravel().tolist()
    found = median_by(m.payer, m.amount, m.n + 1)
    assert np.isnan(found[m.n])
    for account in np.unique(m.payer):
        assert found[account] == np.median(m.amount[m.payer == account])


def test_no_transfers_at_all() -> None:
    none = np.zeros(0, np.int64)
    x = account_matrix(Moves(none, none, np.zeros(0), np.zeros(0), 3))
    assert x.shape == (3, len(ACCOUNT_FEATURES))
    assert np.isfinite(Trees.load("accounts").score(x)).all()

"""A day of the stop-payment desk, replayed."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

import pyarrow.parquet as pq

from qingdun.contract.directory import FlowDirectory
from qingdun.contract.tables import ACCOUNTS
from qingdun.evaluate.stopping import POLICIES, Loss, of_the_first_day, read_ledger, replay
from qingdun.regions.city import load_city
from qingdun.simulate.generate import simulate
from qingdun.trace.ledger import Ledger, build_ledger
from tests.hearing import Hearing
from tests.trace.ledgers import MINUTE_US, Move, ledger_of


def two_reports() -> tuple[Ledger, list[Loss]]:
    """A small loss that is reported first, and a large one whose money is gone soon after."""
    ledger = ledger_of(
        [
            Move("v", "a", 10_000, 0), Move("w", "b", 900_000, 1),
            Move("b", "c", 900_000, 38), Move("c", "shop", 900_000, 39), Move("a", "d", 10_000, 50),
        ],
        merchants=["shop"], balances=dict.fromkeys("abcd", (0, 0)),
    )  # fmt: skip
    return ledger, [Loss(("t0",), 0, 10_000), Loss(("t1",), MINUTE_US, 900_000)]


def test_the_order_decides_what_is_held() -> None:
    ledger, losses = two_reports()
    done = {name: replay(ledger, losses, policy, 31, 1) for name, policy in POLICIES.items()}
    # The first order, at minute 31, can only be for the first report; the next works from minute 41 on.
    assert {day.paid_fen for day in done.values()} == {910_000}
    assert {day.held_fen for day in done.values()} == {10_000}
    early = {name: replay(ledger, losses, policy, 26, 1) for name, policy in POLICIES.items()}
    assert {day.held_fen for day in early.values()} == {910_000}
    two = replay(ledger, losses, POLICIES["money_and_minutes"], 31, 2)
    assert two.held_fen == 910_000


def test_more_money_goes_first_when_both_wait() -> None:
    ledger = ledger_of(
        [
            Move("v", "a", 10_000, 0), Move("w", "b", 900_000, 0),
            Move("b", "shop", 900_000, 37), Move("a", "shop", 10_000, 90),
        ],
        merchants=["shop"], balances=dict.fromkeys("ab", (0, 0)),
    )  # fmt: skip
    losses = [Loss(("t0",), 0, 10_000), Loss(("t1",), 0, 900_000)]
    held = {name: replay(ledger, losses, policy, 30, 1).held_fen for name, policy in POLICIES.items()}
    assert held == {
        "in_order": 10_000,
        "first_layer": 10_000,
        "most_money": 910_000,
        "money_and_minutes": 910_000,
    }


def test_without_a_queue_nothing_waits_for_a_clerk() -> None:
    ledger, losses = two_reports()
    done = replay(ledger, losses, POLICIES["most_money"], 31, None)
    assert (done.held_fen, done.orders) == (910_000, 2)


def test_a_loss_counts_if_a_day_of_what_became_of_it_is_known() -> None:
    day = 24 * 60
    ledger = ledger_of([Move("v", "a", 10_000, 0), Move("w", "b", 900, 40), Move("x", "y", 1, day + 31)])
    losses = [Loss(("t0",), 0, 10_000), Loss(("t1",), 40 * MINUTE_US, 900)]
    assert of_the_first_day(ledger, losses, 30) == losses[:1]


def test_transfers_read_hour_by_hour_are_one_ledger(tmp_path: Path) -> None:
    flows = tmp_path / "flows"
    simulate(load_city("441800"), 300, 1, 3, dt.date(2026, 6, 1), flows)
    told = Hearing()
    ledger = read_ledger(flows, told)
    assert told.rises()
    assert len(told.shares) > 12
    whole = build_ledger(pq.read_table(flows / "transfers.parquet"), FlowDirectory(flows).reference(ACCOUNTS))
    assert ledger.at_us.tolist() == whole.at_us.tolist()
    assert sorted(ledger.fen.tolist()) == sorted(whole.fen.tolist())

"""The account that a turn of waiting would cost most is stopped first."""

from __future__ import annotations

from itertools import permutations
from math import exp

from hypothesis import given
from hypothesis import strategies as st

from qingdun.trace.following import follow
from qingdun.trace.stopping import Haste, haste_by_level, in_layers, stop_order
from tests.trace.ledgers import MINUTE_US, Move, ledger_of


def test_more_money_goes_first_where_haste_is_alike() -> None:
    ledger = ledger_of([Move("v", "a", 1000, 1), Move("w", "b", 9000, 1), Move("u", "c", 500, 1)])
    trace = follow(ledger, ["t0", "t1", "t2"], until_us=3 * MINUTE_US)
    orders = stop_order(trace)
    assert [ledger.name(o.account) for o in orders] == ["b", "a", "c"]
    assert [o.turn for o in orders] == [1, 2, 3]
    assert orders[0].expected_fen > orders[1].expected_fen > 0
    assert "9" in orders[0].text_zh()
    assert "layer 1" in orders[0].text_en()


def test_a_layer_that_passes_money_on_at_once_is_hasty() -> None:
    ledger = ledger_of([Move("v", "a", 1000, 0), Move("a", "b", 900, 1), Move("b", "c", 800, 200)])
    trace = follow(ledger, ["t0"], until_us=300 * MINUTE_US)
    haste = haste_by_level(trace)
    assert haste[1] == Haste(3, 60 + 1 + 299)
    assert haste[2] == Haste(3, 60 + 199 + 100)
    assert haste[3].held_min == 160


def test_accounts_that_hold_nothing_are_not_proposed() -> None:
    ledger = ledger_of([Move("v", "a", 1000, 1), Move("a", "b", 1000, 2)], balances={"a": (0, 0)})
    trace = follow(ledger, ["t0"])
    assert [ledger.name(o.account) for o in stop_order(trace)] == ["b"]
    assert [ledger.name(code) for code in in_layers(trace)] == ["a", "b"]


def test_what_cannot_leave_is_not_proposed_and_takes_no_turn() -> None:
    ledger = ledger_of([Move("v", "a", 1000, 1), Move("w", "b", 9000, 1), Move("u", "c", 500, 1)])
    trace = follow(ledger, ["t0", "t1", "t2"], until_us=3 * MINUTE_US)
    held = {ledger.code("b") or 0: 9000, ledger.code("a") or 0: 900}
    orders = stop_order(trace, held=held)
    assert [(ledger.name(o.account), o.there_fen, o.turn) for o in orders] == [("c", 500, 1), ("a", 100, 2)]


@given(
    st.lists(st.integers(1, 10**6), min_size=2, max_size=5),
    st.floats(1, 20),
)
def test_exchanging_the_first_two_never_saves_more(there: list[int], turn_min: float) -> None:
    moves = [Move(f"v{i}", f"a{i}", fen, 1) for i, fen in enumerate(there)]
    ledger = ledger_of(moves)
    trace = follow(ledger, [f"t{i}" for i in range(len(moves))], until_us=2 * MINUTE_US)
    orders = stop_order(trace, turn_min)
    rate = haste_by_level(trace)[1].a_minute
    fen = [o.there_fen for o in orders]

    def kept(order: tuple[int, ...]) -> float:
        return sum(f * exp(-rate * turn_min * (i + 1)) for i, f in enumerate(order))

    best = max(kept(order) for order in permutations(fen))
    assert kept(tuple(fen)) >= best * (1 - 1e-9)

"""Money is followed oldest first, every fen of it once."""

from __future__ import annotations

from collections import deque

import pytest
from hypothesis import given
from hypothesis import strategies as st

from qingdun.trace.following import Trace, Whereabouts, follow
from qingdun.trace.ledger import Ledger
from tests.trace.ledgers import MINUTE_US, Move, ledger_of

NAMES = ("v", "a", "b", "c", "d", "e")


def hops(ledger: Ledger, trace: Trace) -> list[tuple[str, str, int, int, bool]]:
    return [
        (ledger.name(h.payer), ledger.name(h.payee), h.level, h.tainted_fen, h.certain) for h in trace.hops
    ]


def there(ledger: Ledger, trace: Trace) -> dict[str, int]:
    return {ledger.name(s.account): s.there_fen for s in trace.standings.values() if s.there_fen}


def test_oldest_money_leaves_first() -> None:
    ledger = ledger_of(
        [Move("x", "a", 300, 1), Move("v", "a", 1000, 2), Move("a", "b", 500, 3), Move("a", "c", 600, 4)],
        balances={"a": (0, 0), "b": (0, 0)},
    )
    trace = follow(ledger, ["t1"])
    # 300 of x leave first: b gets 200 of the victim's under this rule, between 200 and 500 under any other.
    assert hops(ledger, trace) == [
        ("v", "a", 1, 1000, True),
        ("a", "b", 2, 200, False),
        ("a", "c", 2, 600, False),
    ]
    assert (trace.hops[1].least_fen, trace.hops[1].most_fen) == (200, 500)
    assert there(ledger, trace) == {"a": 200, "b": 200, "c": 600}


def test_a_hop_is_certain_when_the_order_makes_no_difference() -> None:
    ledger = ledger_of([Move("v", "a", 1000, 1), Move("a", "b", 400, 2)], balances={"a": (0, 0)})
    assert hops(ledger, follow(ledger, ["t0"]))[1] == ("a", "b", 2, 400, True)
    unknown = ledger_of([Move("v", "a", 1000, 1), Move("a", "b", 400, 2)])
    assert hops(unknown, follow(unknown, ["t0"]))[1] == ("a", "b", 2, 400, False)


def test_what_was_there_before_leaves_first() -> None:
    moves = [Move("v", "a", 1000, 10), Move("a", "b", 700, 11)]
    stated = ledger_of(moves, balances={"a": (500, 5)})
    assert there(stated, follow(stated, ["t0"])) == {"a": 800, "b": 200}
    # A balance stated after the fact says the same: 800 left at the end means 500 before.
    later = ledger_of(moves, balances={"a": (800, 20)})
    assert there(later, follow(later, ["t0"])) == {"a": 800, "b": 200}


def test_a_balance_that_no_statement_gives_is_the_least_its_payments_need() -> None:
    ledger = ledger_of([Move("a", "z", 400, 1), Move("v", "a", 1000, 10), Move("a", "b", 1000, 11)])
    assert there(ledger, follow(ledger, ["t1"])) == {"b": 1000}


def test_money_of_one_moment_is_parted_in_proportion() -> None:
    ledger = ledger_of(
        [Move("v", "a", 300, 1), Move("x", "a", 700, 1), Move("a", "b", 100, 2)], balances={"a": (0, 0)}
    )
    trace = follow(ledger, ["t0"])
    assert there(ledger, trace) == {"a": 270, "b": 30}
    assert not trace.hops[1].certain


def test_merchants_depth_and_own_accounts_end_a_trace() -> None:
    ledger = ledger_of(
        [
            Move("v", "a", 1000, 1), Move("a", "shop", 200, 2), Move("a", "v", 100, 3),
            Move("a", "b", 700, 4), Move("b", "c", 700, 5), Move("shop", "d", 200, 6), Move("c", "e", 700, 7),
        ],
        merchants=["shop"],
    )  # fmt: skip
    trace = follow(ledger, ["t0"], depth=2)
    kinds = {ledger.name(s.account): s.kind for s in trace.standings.values()}
    assert kinds == {
        "a": Whereabouts.FOLLOWED, "shop": Whereabouts.MERCHANT, "v": Whereabouts.HOME,
        "b": Whereabouts.FOLLOWED, "c": Whereabouts.BEYOND,
    }  # fmt: skip
    assert there(ledger, trace) == {"shop": 200, "v": 100, "c": 700}
    assert there(ledger, follow(ledger, ["t0"], depth=5))["e"] == 700


def test_a_trace_knows_nothing_of_later_rows() -> None:
    moves = [Move("v", "a", 1000, 1), Move("a", "b", 900, 5), Move("b", "c", 900, 9)]
    ledger = ledger_of(moves)
    assert there(ledger, follow(ledger, ["t0"], until_us=6 * MINUTE_US)) == {"a": 100, "b": 900}
    assert follow(ledger, ["t0"], until_us=0).hops == ()


def test_a_stop_keeps_what_is_there() -> None:
    ledger = ledger_of([Move("v", "a", 1000, 1), Move("a", "b", 900, 5), Move("b", "c", 800, 9)])
    a, b = ledger.code("a"), ledger.code("b")
    assert a is not None
    assert b is not None
    assert there(ledger, follow(ledger, ["t0"], stops={b: 8 * MINUTE_US})) == {"a": 100, "b": 900}
    assert there(ledger, follow(ledger, ["t0"], stops={a: 5 * MINUTE_US})) == {"a": 1000}


def test_only_settled_money_moves_and_returns_move_it_back() -> None:
    ledger = ledger_of(
        [
            Move("v", "a", 1000, 1, "requested", "p"), Move("v", "a", 1000, 2, "settled", "p"),
            Move("a", "b", 400, 3, "held", "q"), Move("v", "a", 1000, 4, "returned", "p"),
        ]
    )  # fmt: skip
    trace = follow(ledger, ["p"])
    assert there(ledger, trace) == {"v": 1000}
    with pytest.raises(KeyError, match="q"):
        follow(ledger, ["q"])


moves_in_order = st.lists(
    st.tuples(st.sampled_from(NAMES), st.sampled_from(NAMES), st.integers(1, 60), st.integers(0, 2)),
    min_size=1, max_size=30,
)  # fmt: skip


def _story(steps: list[tuple[str, str, int, int]]) -> list[Move]:
    minute, story = 0, []
    for payer, payee, fen, wait in steps:
        minute += wait
        story.append(Move(payer, payee, fen, minute))
    return story


@given(moves_in_order, st.data())
def test_every_fen_stands_once_and_within_its_bounds(
    steps: list[tuple[str, str, int, int]], data: st.DataObject
) -> None:
    story = _story(steps)
    real = [i for i, m in enumerate(story) if m.payer != m.payee]
    chosen = data.draw(st.lists(st.sampled_from(real), unique=True, max_size=4)) if real else []
    ledger = ledger_of(story, merchants=data.draw(st.sets(st.sampled_from(NAMES[3:]))))
    trace = follow(ledger, [f"t{i}" for i in chosen], depth=data.draw(st.integers(1, 4)))
    own: dict[str, int] = {}
    for hop in trace.hops:
        assert 0 < hop.tainted_fen <= hop.fen
        assert hop.least_fen <= hop.tainted_fen <= hop.most_fen or f"t{hop.row}" in {f"t{i}" for i in chosen}
        name = str(ledger.ids[hop.row].as_py())
        if name in hop.shares and int(name[1:]) in chosen:
            own[name] = hop.shares[name]
    standing: dict[str, int] = {}
    for s in trace.standings.values():
        assert s.came_fen >= s.there_fen
        for whose, fen in s.shares.items():
            assert fen > 0
            standing[whose] = standing.get(whose, 0) + fen
    assert standing == {name: fen for name, fen in own.items() if fen}
    assert [hop.row for hop in trace.hops] == sorted(hop.row for hop in trace.hops)


@given(st.lists(st.tuples(st.sampled_from(NAMES), st.sampled_from(NAMES), st.integers(1, 3)), max_size=30))
def test_it_agrees_with_handing_on_every_single_coin(steps: list[tuple[str, str, int]]) -> None:
    """Heaps of coins in queues, handed on whole: nothing is left to judge."""
    heaps = {name: deque([[""] * 10]) for name in NAMES}
    story = [Move("v", "a", 7, 1, name="t")]
    heaps["v"][0] = [""] * 3
    heaps["a"].append(["t"] * 7)
    home = 0
    for payer, payee, count in steps:
        gone = [heaps[payer].popleft() for _ in range(min(count, len(heaps[payer])))]
        coins = [coin for heap in gone for coin in heap]
        if payer == payee or not coins:
            heaps[payer].extendleft(reversed(gone))
            continue
        story.append(Move(payer, payee, len(coins), len(story) + 1))
        if payee == "v":
            home += sum(1 for coin in coins if coin)
            coins = [""] * len(coins)
        heaps[payee].append(coins)
    ledger = ledger_of(story, balances=dict.fromkeys(NAMES, (10, 0)))
    expected = {name: sum(coin != "" for heap in heaps[name] for coin in heap) for name in NAMES} | {
        "v": home
    }
    found = there(ledger, follow(ledger, ["t"], depth=100))
    assert found == {name: fen for name, fen in expected.items() if fen}

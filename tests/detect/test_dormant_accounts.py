"""Accounts that rested for weeks and then take from several and pass it on, and those who only look so."""

from __future__ import annotations

import copy
import pickle

import pyarrow as pa
import pytest

from qingdun.contract.tables import TRANSFERS
from qingdun.detect.evidence import DAY_US
from qingdun.detect.reference import Reference
from qingdun.detect.weights import load_weights
from tests.detect.listening import suspicions
from tests.run.world import START, H, M, World, run

MULE = load_weights().detectors["transfer.mule"].millibits
DORMANT = MULE["dormant"]
REST = 45


@pytest.fixture
def world() -> World:
    """A city in which others pay each other every day."""
    made = World(30)
    watched(made, REST + 1)
    return made


def watched(world: World, days: int, without: frozenset[int] = frozenset()) -> None:
    for day in range(days):
        if day not in without:
            world.transfer(START + day * DAY_US, world.account(28), world.account(29), 40)


def take_and_pass_on(world: World, account: str, at: int, payers: int = 4, to: str = "99002") -> None:
    """So many pay the account, which passes all on within half an hour."""
    for i in range(payers):
        world.transfer(at + i * M, world.account(i), account, 3_000)
    world.transfer(at + payers * M + 10 * M, account, to, 3_000 * payers)


def most(world: World, account: str) -> int:
    return max((s.millibits for s in suspicions(world, "transfer.mule") if s.entity == account), default=0)


WOKEN = START + REST * DAY_US + 2 * H


def test_an_account_that_rested_counts_more_than_one_in_use(world: World) -> None:
    asleep, awake = world.account(20), world.account(21)
    world.transfer(START + 40 * DAY_US, awake, world.account(22), 30)
    for account in (asleep, awake):
        take_and_pass_on(world, account, WOKEN)
    assert most(world, asleep) - most(world, awake) == DORMANT
    last = [s for s in suspicions(world, "transfer.mule") if s.entity == asleep][-1]
    assert f"此前至少{REST}天无收付" in last.text_zh
    assert f"nothing had moved on it for at least {REST} days" in last.text_en


def test_an_order_or_a_payment_in_is_use_and_a_probe_days_before_does_not_hide_the_rest(world: World) -> None:
    paid, tried, long_since = world.account(20), world.account(21), world.account(22)
    world.transfer(START + 30 * DAY_US, world.account(23), paid, 30, settle=False)
    world.transfer(WOKEN - 2 * DAY_US, world.account(24), tried, 200)
    world.transfer(WOKEN - 4 * DAY_US, world.account(24), long_since, 200)
    for account in (paid, tried, long_since):
        take_and_pass_on(world, account, WOKEN)
    assert most(world, tried) - DORMANT == most(world, paid) == most(world, long_since)


@pytest.mark.parametrize("days", [0, 20, 29])
def test_nothing_rests_before_the_engine_has_watched_for_a_month(days: int) -> None:
    world = World(30)
    watched(world, days)
    take_and_pass_on(world, world.account(20), START + days * DAY_US)
    assert most(world, world.account(20)) == MULE["some_payers"] + MULE["emptied"]


def test_days_without_any_transfer_are_not_watched() -> None:
    world = World(30)
    watched(world, REST + 1, frozenset(range(20, 23)))
    take_and_pass_on(world, world.account(20), WOKEN)
    assert most(world, world.account(20)) == MULE["some_payers"] + MULE["emptied"]


def test_old_accounts_of_ordinary_people_stay_innocent(world: World) -> None:
    pensioner, student = world.account(20), world.account(21)
    world.firms = {"school"}
    world.transfer(WOKEN, world.account(0), pensioner, 6_000)
    world.transfer(WOKEN + 10 * M, pensioner, "99003", 5_900)
    take_and_pass_on(world, student, WOKEN, 3, "school")
    found = suspicions(world, "transfer.mule")
    assert max((s.millibits for s in found if s.entity == pensioner), default=0) <= MULE["emptied"]
    assert not any("无收付" in s.text_zh for s in found)
    assert most(world, student) == MULE["some_payers"] + MULE["emptied"]


def test_a_firm_that_opens_in_season_is_held_to_its_own_days(world: World) -> None:
    world.firms = {"99001"}
    take_and_pass_on(world, "99001", WOKEN, 6)
    assert most(world, "99001") == MULE["many_payers"] + MULE["emptied"] + MULE["corporate"]


def test_an_account_in_no_register_has_no_rest(world: World) -> None:
    take_and_pass_on(world, "99001", WOKEN)
    assert most(world, "99001") == MULE["some_payers"] + MULE["emptied"]


def test_rests_outlive_what_is_forgotten_and_snapshots_and_redelivery(world: World) -> None:
    asleep = world.account(20)
    world.transfer(START + 2 * DAY_US, asleep, world.account(22), 30)
    take_and_pass_on(world, asleep, WOKEN, 6)
    rows = world.batch()["transfers"]
    whole, parts = world.engine(), world.engine()
    alerts = run(whole, [{"transfers": rows}])
    pushed = []
    for first in range(0, rows.num_rows, 7):
        parts._state.memory.money.spare = -1_000_000
        pushed += parts.push({"transfers": rows.slice(max(0, first - 5), 12)}).alerts
        again = world.engine()
        again.restore(parts.snapshot())
        parts = again
    pushed += parts.finish().alerts
    assert [s for s in whole.suspects() if s.entity == asleep]
    assert parts.suspects() == whole.suspects()
    assert pushed == alerts
    rested = [e._state.memory.money.rested_days(asleep, WOKEN) for e in (whole, parts)]
    assert rested == [REST - 2, REST - 2]


def test_a_history_is_watched_too(world: World) -> None:
    asleep, rows = world.account(20), world.batch()["transfers"]
    last = rows.column("at").cast(pa.int64()).to_numpy().max()
    world.rows["transfers"] = []
    take_and_pass_on(world, asleep, WOKEN)
    with_history, without = world.engine(), world.engine()
    with_history.recall_transfers(rows, int(last))
    with_history.recalled(START, int(last))
    for engine in (with_history, without):
        run(engine, [world.batch()])
    rested = [e._state.memory.money.rested_days(asleep, WOKEN) for e in (with_history, without)]
    assert rested == [REST, None]


def test_an_account_that_enters_the_register_later_was_not_watched(world: World) -> None:
    rows = world.batch()["transfers"]
    engine = world.engine()
    engine.push({"transfers": rows})
    reference: Reference = copy.copy(world.reference())
    late = "6200999999990"
    reference.holdings = {**reference.holdings, late: reference.holdings[world.account(20)]}
    later = world.engine()
    later._reference = reference
    later.restore(engine.snapshot())
    world.rows["transfers"] = []
    take_and_pass_on(world, late, WOKEN)
    take_and_pass_on(world, world.account(20), WOKEN)
    later.push({"transfers": TRANSFERS.from_rows(sorted(world.rows["transfers"], key=lambda r: r.at))})
    money = pickle.loads(pickle.dumps(later._state.memory.money))
    assert money.rested_days(late, WOKEN) is None
    assert money.rested_days(world.account(20), WOKEN) == REST

"""Gangs of long runs work with accounts that rested, and nothing else of a city is touched by them."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace
from pathlib import Path

import numpy as np
import pyarrow.parquet as pq
import pytest

from qingdun.regions.city import load_city
from qingdun.simulate.accounts import with_resting
from qingdun.simulate.city import Population, build_population
from qingdun.simulate.gangs import REST_DAYS, GangPlan, Supply
from qingdun.simulate.generate import simulate

START = dt.date(2026, 6, 1)


@pytest.fixture(scope="module")
def people() -> Population:
    return build_population(load_city("441800"), 500, 7, START)


def test_a_gang_wakes_accounts_after_a_month_and_is_the_same_before(people: Population) -> None:
    plan, days = GangPlan({"voip": 1}, "bank"), REST_DAYS + 20
    long = replace(people, accounts=with_resting(people.accounts, 60, np.random.default_rng(1)))
    resting = range(*long.accounts.span["resting"])
    usual, woken = (Supply(one, 7).gang(plan, 0, days).kits for one in (people, long))
    assert woken[:REST_DAYS] == usual[:REST_DAYS]
    assert [replace(kit, level1=()) for kit in woken] == [replace(kit, level1=()) for kit in usual]
    paid = [account for kit in woken[REST_DAYS:] for account in kit.level1]
    asleep = [account for account in paid if account in resting]
    assert 0.2 < len(asleep) / len(paid) < 0.6
    assert len(set(asleep)) == len(asleep), "each wakes once"


def test_resting_accounts_are_old_and_have_numbers_of_their_own(people: Population) -> None:
    long = with_resting(people.accounts, 60, np.random.default_rng(1))
    first, last = long.span["resting"]
    assert len(set(long.number.to_pylist())) == len(long.number) == last
    assert (long.opened[first:last] < long.opened[:first].max() - 300).all()
    assert (long.holder[first:last] == -1).all()
    assert long.number[:first].equals(people.accounts.number)


def test_ordinary_people_leave_resting_accounts_alone(tmp_path: Path) -> None:
    simulate(load_city("441800"), 100, REST_DAYS + 2, 7, START, tmp_path, attack_rate=0.02)
    known = pq.read_table(tmp_path / "accounts.parquet").column("account").to_pylist()
    resting = set(known[-(200 + 100 // 10) :])
    rows = pq.read_table(tmp_path / "transfers.parquet").to_pylist()
    woken = [row["at"] for row in rows if {row["payer_account"], row["payee_account"]} & resting]
    begun = dt.datetime.combine(START, dt.time(), load_city("441800").zone)
    assert woken
    assert min(woken) >= begun + dt.timedelta(days=REST_DAYS)

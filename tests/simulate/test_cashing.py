"""Gangs that cash: all else is told as without, nothing is cashed twice, and the truth names who cashed."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import pytest

from qingdun.regions.city import load_city
from qingdun.simulate.generate import simulate

from .conftest import START, Simulated


@pytest.fixture(scope="module")
def cashing(tmp_path_factory: pytest.TempPathFactory) -> Simulated:
    """The same two days, in which gangs cash."""
    out = tmp_path_factory.mktemp("cashing")
    return Simulated(
        out, simulate(load_city("441800"), 3_000, 2, 7, START, out, attack_rate=0.2, cash_out=True)
    )


def test_every_other_row_is_told_as_without(run: Simulated, cashing: Simulated) -> None:
    for flow in ("calls", "messages", "visits"):
        assert run.rows(flow) == cashing.rows(flow)
    before, after = Counter(run.rows("transfers")), Counter(cashing.rows("transfers"))
    assert not before - after
    assert sum((after - before).values()) > 200


def test_ids_stay_unique(cashing: Simulated) -> None:
    settled = [row.transfer_id for row in cashing.rows("transfers") if row.phase == "settled"]
    assert len(settled) == len(set(settled))


def test_only_what_came_in_is_cashed_later_and_at_merchants(run: Simulated, cashing: Simulated) -> None:
    known = set(run.rows("transfers"))
    cashed = [row for row in cashing.rows("transfers") if row not in known]
    merchants = {row.account for row in cashing.rows("accounts") if row.kind == "merchant"}
    came: dict[str, list[tuple[int, int]]] = {}
    for row in run.rows("transfers"):
        if row.phase == "settled":
            came.setdefault(row.payee_account, []).append((row.at, row.amount_fen))
    drawn: Counter[str] = Counter()
    for row in sorted(cashed, key=lambda one: one.at):
        assert row.payee_account in merchants
        if row.phase == "settled":
            drawn[row.payer_account] += row.amount_fen
            there = sum(fen for at, fen in came[row.payer_account] if at <= row.at)
            assert drawn[row.payer_account] <= there


def test_the_truth_names_who_cashed_and_says_the_rest_as_without(run: Simulated, cashing: Simulated) -> None:
    before, after = run.rows("truth"), cashing.rows("truth")
    assert [row._replace(scam_accounts=()) for row in before] == [
        row._replace(scam_accounts=()) for row in after
    ]
    assert all(
        set(one.scam_accounts) <= set(two.scam_accounts) for one, two in zip(before, after, strict=True)
    )
    known = set(run.rows("transfers"))
    named = {account for row in after for account in row.scam_accounts}
    cashed = [row for row in cashing.rows("transfers") if row not in known and row.phase == "requested"]
    assert {row.payer_account for row in cashed} <= named


def test_the_same_seed_cashes_the_same(tmp_path: Path) -> None:
    for name in ("one", "two"):
        simulate(load_city("441800"), 400, 1, 3, START, tmp_path / name, attack_rate=0.2, cash_out=True)
    one, two = (tmp_path / name / "transfers.parquet" for name in ("one", "two"))
    assert one.read_bytes() == two.read_bytes()


def test_no_field_gives_a_cash_out_away(run: Simulated, cashing: Simulated) -> None:
    known = set(run.rows("transfers"))
    cashed = [row for row in cashing.rows("transfers") if row not in known]
    for name in ("phase", "channel", "place_code"):
        ordinary = {getattr(row, name) for row in known}
        assert {getattr(row, name) for row in cashed} <= ordinary

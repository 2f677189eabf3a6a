"""The truth agrees with the flows, and an intervention changes nothing but what comes after it."""

from __future__ import annotations

from collections import defaultdict
from pathlib import Path
from typing import Any

import pytest

from qingdun.contract.codes import ScamType
from qingdun.regions.city import load_city
from qingdun.simulate.gangs import genuine
from qingdun.simulate.generate import simulate
from qingdun.simulate.intervention import MetInTime
from qingdun.simulate.numbers import read_rows
from qingdun.simulate.ordinary.rhythm import HOUR
from qingdun.simulate.phones import SHORT_CODES
from qingdun.simulate.scams.catalogue import SCRIPTS

from .conftest import START, Simulated


def own_accounts(run: Simulated) -> dict[str, set[str]]:
    own: dict[str, set[str]] = defaultdict(set)
    for account in run.rows("accounts"):
        if account.person_id:
            own[account.person_id].add(account.account)
    return own


def once_reached(run: Simulated) -> list[Any]:
    """Truth rows of persons reached by one scam only, so that sums are theirs alone."""
    truth = run.rows("truth")
    times: dict[str, int] = defaultdict(int)
    for row in truth:
        times[row.person_id] += 1
    return [row for row in truth if times[row.person_id] == 1]


def test_every_scam_type_but_other_is_played(run: Simulated) -> None:
    assert set(SCRIPTS) == {t.value for t in ScamType} - {"other"}
    reached = {row.scam_type for row in run.rows("truth")}
    fell = {row.scam_type for row in run.rows("truth") if row.first_transfer_at is not None}
    assert reached == fell == set(SCRIPTS)


def test_most_people_who_are_reached_do_not_pay(run: Simulated) -> None:
    truth = run.rows("truth")
    fell = sum(row.first_transfer_at is not None for row in truth)
    assert 0.03 < fell / len(truth) < 0.15


def test_first_transfer_and_loss_are_those_of_the_flows(run: Simulated) -> None:
    own, transfers = own_accounts(run), run.rows("transfers")
    mules = {a for row in run.rows("truth") for a in row.scam_accounts}
    asked, net = defaultdict(list), defaultdict(int)
    for t in transfers:
        if t.payee_account in mules and t.phase == "requested":
            asked[t.payer_account].append((t.at, t.payee_account))
        if t.phase == "settled":
            net[t.payer_account, t.payee_account] += t.amount_fen
    checked = 0
    for row in once_reached(run):
        accounts = own[row.person_id]
        if accounts & mules:
            continue
        scam = set(row.scam_accounts)
        paid = [at for account in accounts for at, payee in asked[account] if payee in scam]
        assert row.first_transfer_at == min(paid, default=None)
        lost = sum(net[a, m] - net[m, a] for a in accounts for m in scam)
        assert row.loss_fen == max(0, lost)
        checked += row.first_transfer_at is not None
    assert checked > 20


def test_first_contact_comes_before_money_and_its_entities_show_in_the_flows(run: Simulated) -> None:
    calls = run.rows("calls")
    numbers = {c.caller for c in calls} | {m.sender for m in run.rows("messages")}
    # The far phone of a port calls nobody: it is called from outside.
    numbers |= {c.callee for c in calls if c.origin != "domestic" and c.callee_cell and c.phase == "answered"}
    hosts = {v.host for v in run.rows("visits")}
    for row in run.rows("truth"):
        assert row.first_transfer_at is None or row.first_contact_at <= row.first_transfer_at
        assert set(row.scam_numbers) <= numbers
        assert set(row.scam_hosts) <= hosts


def test_no_row_of_a_scam_comes_later_than_it_was_last_seen(run: Simulated) -> None:
    own = own_accounts(run)
    lines = {s.msisdn: s.person_id for s in run.rows("subscribers")}
    rows: dict[str, list[tuple[str, int]]] = defaultdict(list)
    for c in run.rows("calls"):
        if c.phase == "answered" and c.callee in lines:
            rows[lines[c.callee]].append((c.caller, c.at))
    for m in run.rows("messages"):
        rows[lines[m.recipient]].append((m.sender, m.at))
    for v in run.rows("visits"):
        rows[lines[v.subscriber]].append((v.host, v.at))
    paid = [t for t in run.rows("transfers") if t.phase == "requested"]
    for person, accounts in own.items():
        rows[person] += [(t.payee_account, t.at) for t in paid if t.payer_account in accounts]
    checked = 0
    for row in once_reached(run):
        assert row.last_seen_at >= max(row.first_contact_at, row.first_transfer_at or 0)
        scam = {*row.scam_numbers, *row.scam_hosts, *row.scam_accounts}
        latest = max((at for entity, at in rows[row.person_id] if entity in scam), default=0)
        assert latest <= row.last_seen_at + HOUR, "further steps on a site follow within the hour"
        checked += row.last_seen_at == latest
    assert checked > 100


def test_a_genuine_service_number_belongs_to_no_scam(run: Simulated) -> None:
    hotlines = {row["hotline"] for row in read_rows("banks.csv")} | set(SHORT_CODES)
    owned = {number.removeprefix("+86") for row in run.rows("truth") for number in row.scam_numbers}
    assert not owned & hotlines
    listed = {row.entity.removeprefix("+86") for row in run.rows("watchlist")}
    assert not listed & hotlines
    assert any(number.startswith(("+00", "00")) and genuine(number[-5:]) for number in owned)


def test_whoever_is_met_pays_no_more_and_nothing_before_changes(run: Simulated, tmp_path: Path) -> None:
    paying = [row for row in once_reached(run) if row.loss_fen > 0]
    met = [(row.person_id, row.first_transfer_at + 1) for row in paying[::2]]
    simulate(
        load_city("441800"),
        3_000,
        2,
        7,
        START,
        tmp_path,
        attack_rate=0.2,
        intervention=MetInTime.from_table(met, lasts_h=1_000),
    )
    after = Simulated(tmp_path, run.report)
    before = {(r.person_id, r.scam_type): r for r in run.rows("truth")}
    now = {(r.person_id, r.scam_type): r for r in after.rows("truth")}
    assert {key: r.first_transfer_at for key, r in before.items()} == {
        key: r.first_transfer_at for key, r in now.items()
    }
    assert all(now[key].loss_fen <= row.loss_fen for key, row in before.items() if row.loss_fen)
    assert sum(r.loss_fen for r in now.values()) < sum(r.loss_fen for r in before.values())
    moment = min(at for _, at in met)
    for flow in ("calls", "messages", "visits", "transfers"):
        assert [r for r in run.rows(flow) if r.at < moment] == [r for r in after.rows(flow) if r.at < moment]
    own = own_accounts(run)
    mules = {a for row in run.rows("truth") for a in row.scam_accounts}
    stopped = dict(met)
    payer = {account: person for person in stopped for account in own[person]}
    late = [
        t
        for t in after.rows("transfers")
        if t.phase == "requested"
        and t.payee_account in mules
        and t.payer_account in payer
        and t.at >= stopped[payer[t.payer_account]]
        and t.payer_account not in mules
    ]
    scam_of = {p: set(r.scam_accounts) for (p, _), r in before.items()}
    assert [t for t in late if t.payee_account in scam_of[payer[t.payer_account]]] == []


def test_only_the_scams_asked_for_are_played(tmp_path: Path) -> None:
    simulate(load_city("441800"), 500, 1, 1, START, tmp_path, ["police"], 0.2)
    assert {row.scam_type for row in Simulated(tmp_path, None).rows("truth")} == {"police"}  # type: ignore[arg-type]


def test_no_scam_means_no_truth(tmp_path: Path) -> None:
    report = simulate(load_city("441800"), 500, 1, 1, START, tmp_path, attack_rate=0.0)
    assert (report.reached, report.fell, report.loss_fen) == (0, 0, 0)


@pytest.mark.parametrize(
    ("at", "stopped"), [(9, False), (10, True), (19, True), (10 + 2 * 3_600_000_000, False)]
)
def test_meeting_stops_payments_from_then_on_for_its_term(at: int, stopped: bool) -> None:
    met = MetInTime.from_table([("P1", 30), ("P1", 10)], lasts_h=2)
    assert met.stopped("P1", "police", at) is stopped
    assert not met.stopped("P2", "police", at)

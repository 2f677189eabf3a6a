"""Each scam shows the sequence its file describes, and no field gives a scam away by itself."""

from __future__ import annotations

import json
import random
from collections import Counter, defaultdict
from collections.abc import Callable
from importlib import resources
from pathlib import Path
from typing import Any

import pytest

from qingdun.regions.city import load_city
from qingdun.simulate.generate import simulate
from qingdun.simulate.hosts import _BRANDS, registrable, scam_site, small_site
from qingdun.simulate.numbers import read_rows
from qingdun.simulate.scams.catalogue import SCRIPTS

from .conftest import START, Simulated

KINDS = {row["host"]: row["category"] for row in read_rows("hosts.csv")} | {
    row["host"]: "bank" for row in read_rows("banks.csv")
}

SEQUENCES: dict[str, tuple[str, ...]] = {
    "brushing": ("contact", "chat", "site", "inflow", "site", "pay"),
    "investment": ("contact", "chat", "site", "pay", "inflow", "pay"),
    "shopping": ("site", "chat", "pay"),
    "customer_service": ("long call", "meeting", "bank", "pay", "end of call"),
    "loan": ("contact", "site", "call", "pay"),
    "credit": ("long call", "credit", "meeting", "loan", "pay", "end of call"),
    "acquaintance": ("contact", "chat", "text", "bank", "pay"),
    "police": ("call", "long call", "meeting", "bank", "pay", "end of call"),
    "romance": ("text", "site", "pay"),
    "game": ("game", "site", "bank", "pay"),
    "phishing": ("text", "site", "code", "pay"),
}
"""What is told of a victim, in this order though with other things between."""


def timelines(run: Simulated) -> dict[str, list[tuple[int, set[str]]]]:
    """What the flows tell of each person who paid, as words in order of time."""
    paid = {row.person_id: row for row in run.rows("truth") if row.first_transfer_at is not None}
    person = {s.msisdn: s.person_id for s in run.rows("subscribers")}
    holder = {a.account: a.person_id for a in run.rows("accounts")}
    lasted = {c.call_id: c.duration_s for c in run.rows("calls") if c.phase == "ended"}
    told: dict[str, list[tuple[int, set[str]]]] = defaultdict(list)

    def tell(who: str | None, at: int, *words: str) -> None:
        if who in paid:
            told[who].append((at, set(words)))

    for c in run.rows("calls"):
        row = paid.get(person.get(c.callee, ""))
        if row is not None and c.caller in row.scam_numbers:
            long = lasted.get(c.call_id, 0) > 900
            if c.phase == "answered":
                tell(row.person_id, c.at, "contact", "call", *(["long call"] if long else []))
            elif c.phase == "ended" and long:
                tell(row.person_id, c.at, "end of call")
    for m in run.rows("messages"):
        row = paid.get(person.get(m.recipient, ""))
        if row is not None:
            scam = m.sender in row.scam_numbers
            code = "码" in m.text
            tell(row.person_id, m.at, *(["contact", "text"] if scam else []), *(["code"] if code else []))
    for v in run.rows("visits"):
        row = paid.get(person[v.subscriber])
        if row is not None:
            tell(row.person_id, v.at, "site" if v.host in row.scam_hosts else KINDS.get(v.host, "small"))
    for t in run.rows("transfers"):
        payer, payee = holder.get(t.payer_account), holder.get(t.payee_account)
        if payer in paid and t.payee_account in paid[payer].scam_accounts and t.phase == "requested":
            tell(payer, t.at, "pay")
        if payee in paid and t.payer_account in paid[payee].scam_accounts and t.phase == "settled":
            tell(payee, t.at, "inflow")
    return {who: sorted(events, key=lambda event: event[0]) for who, events in told.items()}


def follows(events: list[tuple[int, set[str]]], words: tuple[str, ...]) -> bool:
    wanted = list(words)
    for _, found in events:
        if wanted and wanted[0] in found:
            wanted.pop(0)
    return not wanted


@pytest.mark.parametrize("scam", sorted(SCRIPTS))
def test_victims_live_through_the_sequence_of_their_scam(scam: str, tmp_path: Path) -> None:
    days = {"romance": 8, "investment": 8, "brushing": 4}.get(scam, 1)
    simulate(load_city("441800"), 250, days, 5, START, tmp_path, [scam], 1.0 if days == 1 else 0.4)
    lines = timelines(Simulated(tmp_path, None))  # type: ignore[arg-type]
    whole = [who for who, events in lines.items() if follows(events, SEQUENCES[scam])]
    assert len(lines) >= 5
    assert len(whole) >= len(lines) * 0.4, f"{len(whole)} of {len(lines)}"


def shape(number: str) -> str:
    """The form of a presented number: its length class and leading signs, a prefix for mobiles."""
    if number.startswith("+86") and len(number) == 14:
        return number[:6]
    if number.startswith(("+00", "00")):
        return "00"
    return "+" if number.startswith("+") else f"{number[:3]}" if len(number) > 9 else "short"


FIELDS: dict[str, dict[str, Callable[[Any], Any]]] = {
    "calls": {
        "phase": lambda r: r.phase,
        "origin": lambda r: r.origin,
        "origin and network number": lambda r: (r.origin, r.network_number is None),
        "form of the caller": lambda r: shape(r.caller),
        "device and cell of the caller": lambda r: (r.caller_imei is None, r.caller_cell is None),
        "device and cell of the called": lambda r: (r.callee_imei is None, r.callee_cell is None),
        "length of the id": lambda r: len(r.call_id) > 15,
    },
    "messages": {"form of the sender": lambda r: shape(r.sender)},
    "visits": {
        "whether the address is known": lambda r: r.url is None,
        "ending of the host": lambda r: r.host.rsplit(".", 1)[-1],
    },
    "transfers": {
        "phase": lambda r: r.phase,
        "channel": lambda r: r.channel,
        "channel and device": lambda r: (r.channel, r.device is None),
        "place": lambda r: r.place_code and r.place_code[:4],
        "issuer of the payee": lambda r: r.payee_account[:6],
        "issuer of the payer": lambda r: r.payer_account[:6],
    },
}


@pytest.fixture(scope="module")
def calm(tmp_path_factory: pytest.TempPathFactory) -> Simulated:
    """The same city without any scam."""
    out = tmp_path_factory.mktemp("calm")
    return Simulated(out, simulate(load_city("441800"), 3_000, 2, 7, START, out, attack_rate=0.0))


@pytest.mark.parametrize("flow", sorted(FIELDS))
def test_no_field_gives_a_scam_away(run: Simulated, calm: Simulated, flow: str) -> None:
    ordinary, all_rows = calm.rows(flow), run.rows(flow)
    known = set(ordinary)
    scam = [row for row in all_rows if row not in known]
    assert scam
    for name, value in FIELDS[flow].items():
        seen = {value(row) for row in ordinary}
        alone = {value(row) for row in scam} - seen
        assert not alone, f"{flow}, {name}: {sorted(map(str, alone))[:5]} only in scams"


IDENTITIES: dict[str, tuple[str, Callable[[Any], Any]]] = {
    "caller's device": ("calls", lambda r: r.caller_imei),
    "payer's device": ("transfers", lambda r: r.device),
    "payer's account": ("transfers", lambda r: r.payer_account),
    "payee's account": ("transfers", lambda r: r.payee_account),
    "caller": ("calls", lambda r: None if r.caller.startswith(("+00", "00")) else r.caller),
    "sender": ("messages", lambda r: None if r.sender.startswith(("+00", "00")) else r.sender),
    "host's ending": ("visits", lambda r: r.host[::-1]),
}
"""What rows identify somebody by; hosts are read from their end. Spoofed forms are what they are."""


@pytest.mark.parametrize("name", sorted(IDENTITIES))
def test_no_beginning_of_an_identity_is_a_gangs_alone(run: Simulated, calm: Simulated, name: str) -> None:
    flow, value = IDENTITIES[name]
    ordinary = {value(row) for row in calm.rows(flow)} - {None}
    gangs = {value(row) for row in run.rows(flow)} - ordinary - {None}
    assert gangs
    if "account" in name:
        mules = {account for row in run.rows("truth") for account in row.scam_accounts}
        ordinary |= {row.account for row in run.rows("accounts")} - mules
    for length in range(1, 9):
        alone = Counter(one[:length] for one in gangs)
        for beginning in {one[:length] for one in ordinary}:
            del alone[beginning]
        many = {beginning: count for beginning, count in alone.items() if count >= 5}
        assert not many, f"{name}: {many}"


def test_no_made_up_site_has_the_name_of_a_known_one() -> None:
    folder = resources.files("qingdun.detect").joinpath("host_kinds.json")
    known = {domain for kind in json.loads(folder.read_text("utf-8"))["domains"].values() for domain in kind}
    known |= {registrable(row["host"]) for name in ("hosts.csv", "banks.csv") for row in read_rows(name)}
    rng = random.Random(1)
    made = {small_site(rng) for _ in range(30_000)}
    made |= {scam_site(theme, rng) for theme in _BRANDS for _ in range(5_000)}
    assert not {registrable(host) for host in made} & known


def test_accounts_of_gangs_look_like_others(run: Simulated) -> None:
    mules = {account for row in run.rows("truth") for account in row.scam_accounts}
    accounts = run.rows("accounts")
    for value in (
        lambda a: a.kind,
        lambda a: a.bank,
        lambda a: a.person_id is None,
        lambda a: a.opened_on is None,
        lambda a: a.town_code is None,
    ):
        gang = {value(a) for a in accounts if a.account in mules}
        assert gang <= {value(a) for a in accounts if a.account not in mules}


def test_gangs_accounts_also_have_ordinary_transfers(run: Simulated, calm: Simulated) -> None:
    mules = {account for row in run.rows("truth") for account in row.scam_accounts}
    used = {a for t in calm.rows("transfers") for a in (t.payer_account, t.payee_account)}
    assert len(mules & used) > len(mules) * 0.05


def test_the_watchlist_knows_a_part_of_the_gangs_and_errs_at_times(run: Simulated) -> None:
    listed = {entry.entity for entry in run.rows("watchlist")}
    truth = run.rows("truth")
    scam = {e for row in truth for e in (*row.scam_numbers, *row.scam_hosts, *row.scam_accounts)}
    assert 0.05 < len(scam & listed) / len(scam) < 0.3
    assert listed - scam

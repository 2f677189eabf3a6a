"""What programs of banks and operators send and are told."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from qingdun.console.alerts import unattended as alerts
from qingdun.console.alerts.models import Suspect
from qingdun.console.industry import figures, finding, queries, registers, tables
from qingdun.console.industry.blacklisting import Listing, list_identities
from qingdun.console.industry.models import Finding, Submission
from qingdun.console.industry.moves import State
from qingdun.console.kernel.models import AuditRow, Organisation
from qingdun.console.kernel.roles import Role
from qingdun.console.kernel.tables import Ask
from qingdun.console.whistles import actions as whistles
from qingdun.errors import InputError
from tests.console.conftest import MakeUser
from tests.console.industry.conftest import Bank, Trade


@pytest.fixture
def program(bank: Bank) -> Any:
    """Calls the interface with a token of the first bank."""
    return bank.call


def test_a_program_receives_a_list_and_answers_it_once_under_its_key(trade: Trade, program: Any) -> None:
    sent = trade.sent(3)
    status, found = program("lists")
    assert (status, [one["id"] for one in found], found[0]["rows"]) == (200, [sent.pk], 3)
    status, rows = program(f"rows?list={sent.pk}&state=ordered")
    assert [row["subject"] for row in rows] == [f"6200000000{number:06}" for number in (1, 2, 3)]
    body = {
        "key": "answers-0001",
        "rows": [
            {"id": rows[0]["id"], "verb": "control"},
            {"id": rows[1]["id"], "verb": "dispute"},
            {"id": rows[2]["id"], "verb": "dispute", "note": "代发工资账户"},
            {"id": 999_999, "verb": "control"},
        ],
    }
    status, first = program("answers", body)
    assert (status, first["repeated"]) == (200, False)
    assert [one["ok"] for one in first["rows"]] == [True, False, True, False]
    assert first["rows"][1]["message"]
    status, again = program("answers", body)
    assert (status, again["repeated"], again["rows"]) == (200, True, first["rows"])
    status, _other = program("answers", {**body, "rows": body["rows"][:1]})
    assert status == 409
    assert Submission.objects.count() == 1
    states = [row.state for row in trade.rows(sent)]
    assert states == [State.IN_FORCE, State.ORDERED, State.DISPUTED]


def test_without_a_token_for_lists_nothing_is_answered(trade: Trade, make_user: MakeUser) -> None:
    security = make_user(Role.SECURITY_ADMIN)
    _token, secret = whistles.make_token(security, trade.bank, "预警上报")
    assert Client().get("/api/industry/lists").status_code == 401
    teller = Client(headers={"Authorization": f"Bearer {secret}"})
    assert teller.get("/api/industry/lists").status_code == 403
    bureau = Organisation.objects.filter(kind="city_bureau")[0]
    with pytest.raises(InputError):
        whistles.make_token(security, bureau, "清单", for_lists=True)


def test_a_program_of_one_bank_sees_nothing_of_another(trade: Trade, program: Any) -> None:
    form = trade.form(1)
    assert program("rows")[1] == []
    trade.sent(1)
    assert len(program("rows")[1]) == 1
    assert form.party == trade.bank.code
    assert queries.restrictions(trade.stranger).count() == 0


def test_findings_are_pushed_once_with_errors_by_row(trade: Trade, program: Any) -> None:
    now = timezone.now()
    good = {"kind": "account", "entity": "6222 0000 1111", "found_at": now.isoformat(), "reason": "快进快出"}
    rows = [good, {**good, "kind": "site"}, {**good, "entity": "?"}, {**good, "reason": " "}, good]
    status, told = program("findings", {"key": "findings-0001", "rows": rows})
    assert status == 200
    assert [(one["ok"], one["known"]) for one in told["rows"]] == [
        (True, False), (False, False), (False, False), (False, False), (True, True),
    ]  # fmt: skip
    assert [bool(one["message"]) for one in told["rows"]] == [False, True, True, True, False]
    status, told = program("findings", {"key": "findings-0002", "rows": [good]})
    assert [(one["ok"], one["known"]) for one in told["rows"]] == [(True, True)]
    assert Finding.objects.get().entity == "622200001111"
    status, told = program("findings", {"key": "x", "rows": []})
    assert status == 422
    assert "key" in told["message"]


def test_findings_are_joined_with_the_engine_and_who_was_first_is_counted(trade: Trade) -> None:
    now = timezone.now()
    numbers = [f"172580100{number:02}" for number in range(3)]
    found = [finding.Found("number", number, now, "监测发现") for number in numbers]
    assert [one.ok for one in finding.push(trade.caller, found)] == [True] * 3
    for number, when in ((numbers[0], now - dt.timedelta(days=1)), (numbers[1], now + dt.timedelta(days=1))):
        Suspect.objects.create(
            entity_kind="number", entity=f"+86{number}", score=0.9, first_flagged_at=when, updated_at=now
        )
    assert finding.join(alerts.flagged) == 2
    assert finding.join(alerts.flagged) == 0

    def first(pick: str) -> int:
        return tables.rows(trade.city, "findings", Ask(picks={"first": pick})).count()

    assert (first("party"), first("engine"), first("both")) == (2, 1, 2)
    counted = {one.figure.code: one.value for one in figures.counted(trade.city, Ask())}
    assert (counted["findings"], counted["found_first"]) == (3, 2)
    row = registers.findings(trade.city)[0]
    assert finding.decide_finding(trade.county, _own(trade, row.pk), "confirm").state == "confirmed"


def _own(trade: Trade, pk: int) -> int:
    """The finding, of the county's region, so that its officer may decide."""
    Finding.objects.filter(pk=pk).update(region_path=trade.county.region_path)
    return pk


def test_a_program_asks_the_blacklist_and_its_question_is_on_record(trade: Trade, program: Any) -> None:
    new, faults = list_identities(
        trade.city, "person", [Listing("441800199001010011"), Listing("x")], "act-31", "出租电话卡"
    )
    assert (new, list(faults)) == (1, [1])
    ask = {
        "kind": "person",
        "identities": ["441800199001010011", "44180019900101002X"],
        "purpose": "开卡核验",
    }
    status, told = program("blacklist", ask)
    assert (status, [one["listed"] for one in told]) == (200, [True, False])
    row = AuditRow.objects.get(verb="look_up_blacklist")
    assert '"hits":1' in row.after
    assert "441800199001010011" not in row.after
    assert program("blacklist", {**ask, "identities": ["?"]})[0] == 422

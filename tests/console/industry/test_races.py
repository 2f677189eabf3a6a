"""Two who do the same thing at once: one is first, the other is told so in words, and neither waits for the
other's lock while it holds one the other wants.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from django.db import connection, transaction
from django.utils import timezone

from qingdun.console.alerts import unattended as alerts
from qingdun.console.industry import actions, automatic, blacklisting, checking, finding, parties, queries
from qingdun.console.industry.actions import Line
from qingdun.console.industry.blacklisting import Listing
from qingdun.console.industry.checking import Step
from qingdun.console.industry.finding import Found
from qingdun.console.industry.models import Assignment, CardCheck, Finding, ProposalRun, Restriction
from qingdun.console.kernel.forms import FieldFaults
from qingdun.console.kernel.models import LedgerHead
from tests.console.conftest import LogIn
from tests.console.industry.conftest import Trade, suspect
from tests.console.test_lock_order import Other, is_free

pytestmark = [
    pytest.mark.django_db(transaction=True),
    pytest.mark.skipif(connection.vendor != "postgresql", reason="SQLite has one lock for all"),
]
NUMBER, SOMEBODY = "17258010000", "441800199001010011"


def both(first: Callable[[], Any], second: Callable[[], Any]) -> list[Any]:
    """What came of the second act, which came to wait for the first: what it gave, or its faults."""
    came: list[Any] = []

    def act() -> None:
        try:
            came.append(second())
        except FieldFaults as wrong:
            came.append(wrong.faults)

    with transaction.atomic():
        first()
        other = Other(act)
        assert other.waits()
    assert other.succeeds()
    return came


def test_two_who_restrict_the_same_thing_at_once(trade: Trade, log_in: LogIn) -> None:
    (told,) = both(
        lambda: actions.propose(trade.city, trade.form(3)),
        lambda: actions.propose(trade.second, trade.form(2, "list-2", 3)),
    )
    assert list(told) == ["lines"]
    assert "第 1 行" in told["lines"]
    assert "第 2 行" not in told["lines"]
    (same,) = both(
        lambda: actions.propose(trade.city, trade.form(1, "list-3", 20)),
        lambda: actions.propose(trade.city, trade.form(1, "list-3", 20)),
    )
    assert same == Assignment.objects.get(key="list-3")
    drafted = actions.propose(trade.second, trade.form(1, "list-4", 30))
    more = [Line("6200000000000040"), Line("6200000000000041")]
    (faults,) = both(
        lambda: actions.propose(trade.city, trade.form(1, "list-5", 40)),
        lambda: actions.extend(trade.second, drafted.pk, more),
    )
    assert list(faults) == [0]
    browser = log_in(trade.city)
    typed = {
        "party": "bank-01", "title": "同一账户", "subject_kind": "account", "kind": "control",
        "basis": "act-18", "reason": "核实为涉案账户", "lines": "6200000000000050",
    }  # fmt: skip
    (answer,) = both(
        lambda: actions.propose(trade.second, trade.form(1, "list-6", 50)),
        lambda: browser.post("/industry/enter/assignment/", typed),
    )
    assert answer.status_code == 422
    assert 'id="e-lines"' in answer.content.decode()


def test_two_who_flag_push_list_or_register_the_same_at_once(trade: Trade) -> None:
    now = timezone.now()
    (told,) = both(
        lambda: checking.flag_card(trade.city, NUMBER, "频繁换机", "operator-01"),
        lambda: checking.flag_card(trade.caller, NUMBER, "频繁换机"),
    )
    assert list(told) == ["number"]
    found = [Found("number", f"1725801000{last}", now, "群呼") for last in (3, 1, 2)]
    (pushed,) = both(
        lambda: finding.push(trade.caller, found[:2]), lambda: finding.push(trade.caller, found[::-1])
    )
    assert [(one.ok, one.known) for one in pushed] == [(True, False), (True, True), (True, True)]
    assert Finding.objects.count() == 3
    people = [Listing(SOMEBODY)]
    (listed,) = both(
        lambda: blacklisting.list_identities(trade.city, "person", people, "act-31", "出租电话卡"),
        lambda: blacklisting.list_identities(trade.second, "person", people, "act-31", "出租电话卡"),
    )
    assert listed == (0, {})
    (told,) = both(
        lambda: parties.register_party(trade.city, "bank-09", "演练村镇银行", "bank"),
        lambda: parties.register_party(trade.second, "bank-09", "演练村镇银行", "bank"),
    )
    assert list(told) == ["code"]


def test_the_engine_waits_for_a_persons_row_without_the_ledger(trade: Trade) -> None:
    suspect(1, "演练银行")
    row = trade.controlled()
    taken = {one.attname: getattr(row, one.attname) for one in Restriction._meta.concrete_fields}
    taken |= {"id": None, "row": 99, "subject": "6299000000000001"}
    with transaction.atomic():
        Restriction.objects.create(**taken)
        other = Other(lambda: automatic.tick(timezone.now(), alerts.sure_suspects, alerts.flagged))
        assert other.waits()
        assert is_free(LedgerHead, 1)
    assert other.succeeds()
    assert not Assignment.objects.filter(source="engine").exists()
    assert ProposalRun.objects.get().proposed == 0


def test_a_program_waits_for_a_check_without_the_ledger(trade: Trade) -> None:
    first, second = (checking.flag_card(trade.caller, f"{NUMBER[:-1]}{last}", "频繁换机") for last in (1, 2))
    steps = [Step(first.pk, "notify"), Step(second.pk, "notify"), Step(second.pk + 9, "notify")]
    told: list[str] = []
    with transaction.atomic():
        CardCheck.objects.select_for_update().get(pk=second.pk)
        other = Other(lambda: told.extend(checking.take_steps(trade.caller, steps)))
        assert other.waits()
        assert is_free(LedgerHead, 1)
    assert other.succeeds()
    assert [bool(why) for why in told] == [False, False, True]
    assert {one.state for one in CardCheck.objects.all()} == {"noticed"}
    assert queries.submissions(trade.caller).count() == 0

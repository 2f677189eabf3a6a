"""What a hostile reader tried against lists, appeals and the blacklist."""

from __future__ import annotations

import datetime as dt

import pytest
from django.utils import timezone
from pytest_django import Settings

from qingdun.console.industry import (
    actions,
    answering,
    blacklisting,
    checking,
    deciding,
    finding,
    queries,
    registers,
)
from qingdun.console.industry.actions import Line
from qingdun.console.industry.answering import Answer
from qingdun.console.industry.blacklisting import Listing, list_identities
from qingdun.console.industry.finding import Found
from qingdun.console.industry.models import Assignment, BlacklistEntry, Finding
from qingdun.console.industry.moves import State
from qingdun.console.industry.tables import rows
from qingdun.console.industry.ticking import end_terms
from qingdun.console.kernel.forms import FieldFaults
from qingdun.console.kernel.models import AuditRow
from qingdun.console.kernel.tables import Ask
from qingdun.errors import IllegalMove, InputError, NotPermitted
from tests.console.conftest import LogIn
from tests.console.industry.conftest import Trade

SOMEBODY = "441800199001010011"


def test_an_analyst_takes_somebody_off_the_blacklist_by_its_page_with_a_reason(
    trade: Trade, log_in: LogIn
) -> None:
    list_identities(trade.city, "person", [Listing(SOMEBODY)], "act-31", "出租电话卡")
    entry = BlacklistEntry.objects.get()
    address = f"/industry/blacklist/{entry.pk}/"
    browser = log_in(trade.city)
    assert address in browser.get("/industry/tables/blacklist/").content.decode()
    assert "移出黑名单" in browser.get(address).content.decode()
    browser.post(address, {"note": ""})
    entry.refresh_from_db()
    assert entry.ended_on is None
    assert log_in(trade.officer).post(address, {"note": "申诉成立"}).status_code == 403
    log_in(trade.county).post(address, {"note": "申诉成立"})
    entry.refresh_from_db()
    assert entry.ended_on is None
    assert log_in(trade.city).post(address, {"note": "申诉成立"}).status_code == 302
    entry.refresh_from_db()
    assert entry.ended_on == timezone.localdate()
    assert AuditRow.objects.get(verb="end_blacklist_entry").purpose == "申诉成立"


def test_whose_term_on_the_blacklist_is_over_may_be_listed_again(trade: Trade) -> None:
    day = timezone.localdate() - dt.timedelta(days=800)
    list_identities(trade.city, "person", [Listing(SOMEBODY)], "act-31", "出租电话卡", 1, listed_on=day)
    assert not rows(trade.city, "blacklist", Ask(picks={"open": "1"})).exists()
    assert list_identities(trade.city, "person", [Listing(SOMEBODY)], "act-31", "再次出租") == (1, {})
    new, old = registers.blacklist(trade.city)
    assert (old.ended_on, new.ended_on) == (old.until, None)
    assert blacklisting.look_up(trade.officer, "person", [SOMEBODY], "开户核验") == [new]
    assert list(rows(trade.city, "blacklist", Ask(picks={"open": "1"}))) == [new]


def test_neither_of_two_confirmers_decides_the_appeal(trade: Trade, settings: Settings) -> None:
    settings.LISTS_TWO_PERSONS = 0
    made = actions.propose(trade.city, trade.form(1))
    actions.move_assignment(trade.city, made.pk, "confirm")
    actions.move_assignment(trade.second, made.pk, "second")
    (row,) = trade.rows(made)
    answering.answer(trade.officer, [Answer(row.pk, "control")])
    appeal = deciding.file_appeal(trade.officer, row.pk, "甲", "账户用于发工资")
    for confirmer in (trade.city, trade.second):
        with pytest.raises(NotPermitted, match="他人"):
            deciding.decide_appeal(confirmer, appeal.pk, "reject", "流水不符")


def test_an_appeal_upheld_after_the_term_counts_as_a_false_block(trade: Trade) -> None:
    row = trade.controlled()
    appeal = deciding.file_appeal(trade.officer, row.pk, "甲", "账户用于发工资")
    assert row.until is not None
    end_terms(row.until)
    answering.answer(trade.officer, [Answer(row.pk, "lift")])
    deciding.decide_appeal(trade.second, appeal.pk, "uphold", "核查属实")
    row.refresh_from_db()
    assert row.state == State.RELEASED
    assert queries.budget(trade.city).spent == 1


def test_nobody_confirms_rows_that_came_after_they_looked(trade: Trade, log_in: LogIn) -> None:
    made = actions.propose(trade.city, trade.form(2))
    actions.extend(trade.second, made.pk, [Line("6200000000009999"), Line("?")])
    grown = AuditRow.objects.get(verb="extend_assignment")
    assert grown.actor == trade.second.username
    assert '"added":1' in grown.after
    with pytest.raises(IllegalMove, match="3"):
        actions.move_assignment(trade.city, made.pk, "send", seen=2)
    browser = log_in(trade.city)
    assert '<input type="hidden" name="rows" value="3">' in browser.get(f"/industry/lists/{made.pk}/").text
    for typed, state in (({}, "drafted"), ({"rows": "2"}, "drafted"), ({"rows": "3"}, "sent")):
        browser.post(f"/industry/lists/{made.pk}/act/", {"verb": "send", **typed})
        made.refresh_from_db()
        assert made.state == state


def test_nobody_adds_rows_of_their_own_to_a_list_of_the_engine(trade: Trade) -> None:
    made = actions.propose(trade.city, trade.form(1))
    Assignment.objects.filter(pk=made.pk).update(source="engine")
    with pytest.raises(InputError):
        actions.extend(trade.city, made.pk, [Line("6200000000009999")])


def test_what_leaves_by_program_or_page_is_on_record_and_open(trade: Trade, log_in: LogIn) -> None:
    check = checking.flag_card(trade.caller, "17258010000", "短期内频繁换机")
    answering.record_read(trade.caller, "read_checks", [check.pk])
    (read,) = AuditRow.objects.filter(verb="read_checks")
    assert read.actor == trade.caller.username
    assert f'"last":{check.pk}' in read.after
    log_in(trade.city).get(f"/industry/checks/{check.pk}/")
    assert not AuditRow.objects.filter(verb="open_check").exists()
    log_in(trade.caller).get(f"/industry/checks/{check.pk}/")
    assert AuditRow.objects.get(verb="open_check").actor == trade.caller.username


def test_a_party_hears_of_the_engine_only_what_the_police_have_decided(trade: Trade, log_in: LogIn) -> None:
    now = timezone.now()
    (pushed,) = finding.push(trade.officer, [Found("account", "6299000000000001", now, "快进快出")])
    Finding.objects.update(engine_at=now - dt.timedelta(days=400))
    address, table = f"/industry/findings/{pushed.finding}/", "/industry/tables/findings/"
    told = f"{timezone.localtime(now - dt.timedelta(days=400)):%Y-%m-%d}"
    for first in ("engine", "party", "both"):
        assert not rows(trade.officer, "findings", Ask(picks={"first": first})).exists()
    for page in (address, table):
        assert told not in log_in(trade.officer).get(page).content.decode()
    assert told in log_in(trade.city).get(table).content.decode()
    finding.decide_finding(trade.city, pushed.finding, "confirm")
    assert told in log_in(trade.officer).get(table).content.decode()
    assert rows(trade.officer, "findings", Ask(picks={"first": "engine"})).count() == 1


def test_tables_mask_numbers_in_what_was_typed(trade: Trade, log_in: LogIn) -> None:
    finding.push(
        trade.officer, [Found("account", "6299000000000001", timezone.now(), "转给6222021234567890")]
    )
    page = log_in(trade.city).get("/industry/tables/findings/").content.decode()
    assert "****7890" in page
    assert "6222021234567890" not in page


def test_the_page_offers_only_what_it_does(trade: Trade, log_in: LogIn) -> None:
    made = actions.propose(trade.city, trade.form(1))
    (row,) = trade.rows(made)
    page = log_in(trade.city).get(f"/industry/restrictions/{row.pk}/").context
    assert list(page["moves"]) == []
    actions.move_assignment(trade.city, made.pk, "send")
    page = log_in(trade.city).get(f"/industry/restrictions/{row.pk}/").context
    assert [move.verb for move in page["moves"]] == ["withdraw"]
    page = log_in(trade.officer).get(f"/industry/restrictions/{row.pk}/").context
    assert [move.verb for move in page["moves"]] == ["control", "dispute"]


def test_an_operator_hears_nothing_of_anothers_checks(trade: Trade) -> None:
    other = actions.register_party(trade.city, "operator-02", "演练电信", "operator")
    checking.flag_card(trade.city, "17258010000", "短期内频繁换机", other.code)
    with pytest.raises(FieldFaults) as found:
        checking.flag_card(trade.caller, "17258010000", "短期内频繁换机")
    assert "正在" not in found.value.faults["number"]

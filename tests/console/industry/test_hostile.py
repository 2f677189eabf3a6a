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
    parties,
    queries,
    registers,
)
from qingdun.console.industry.actions import AssignmentForm, Line
from qingdun.console.industry.answering import Answer
from qingdun.console.industry.blacklisting import Listing, list_identities
from qingdun.console.industry.finding import Found
from qingdun.console.industry.models import Appeal, Assignment, BlacklistEntry, Finding
from qingdun.console.industry.moves import State
from qingdun.console.industry.tables import TABLES, rows
from qingdun.console.industry.ticking import end_terms, find_breaches
from qingdun.console.industry.waiting import waiting
from qingdun.console.kernel.forms import FieldFaults
from qingdun.console.kernel.models import AuditRow, User
from qingdun.console.kernel.tables import Ask
from qingdun.errors import IllegalMove, InputError, NotPermitted
from tests.console.conftest import LogIn
from tests.console.industry.conftest import Bank, Trade
from tests.console.industry.test_files import brought, counts

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
    assert not rows(trade.city, "blacklist", Ask(picks={"state": "holds"})).exists()
    assert list_identities(trade.city, "person", [Listing(SOMEBODY)], "act-31", "再次出租") == (1, {})
    new, old = registers.blacklist(trade.city)
    assert (old.ended_on, new.ended_on) == (old.until, None)
    assert blacklisting.look_up(trade.officer, "person", [SOMEBODY], "开户核验") == [new]
    assert list(rows(trade.city, "blacklist", Ask(picks={"state": "holds"}))) == [new]


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

    def wrong(when: str) -> list[int]:
        return [one.pk for one in rows(trade.city, "restrictions", Ask(picks={"wrong": when}))]

    assert (wrong("week"), wrong("ever")) == ([row.pk], [row.pk])
    row.unfounded_at = timezone.now() - dt.timedelta(days=8)
    row.save()
    assert (wrong("week"), wrong("ever")) == ([], [row.pk])


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
    other = parties.register_party(trade.city, "operator-02", "演练电信", "operator")
    checking.flag_card(trade.city, "17258010000", "短期内频繁换机", other.code)
    with pytest.raises(FieldFaults) as found:
        checking.flag_card(trade.caller, "17258010000", "短期内频繁换机")
    assert "正在" not in found.value.faults["number"]


def test_many_are_barred_by_two_people_alone_and_in_pieces(
    trade: Trade, settings: Settings, log_in: LogIn
) -> None:
    settings.LISTS_TWO_PERSONS = 3
    people = [Listing(f"9900001990010100{number:02}") for number in range(7)]

    def ask(number: int) -> bool:
        (hit,) = blacklisting.look_up(trade.officer, "person", [people[number].identity], "开户核验")
        return hit is not None

    list_identities(trade.city, "person", people[:2], "act-31", "出租电话卡")
    assert ask(0)
    list_identities(trade.city, "person", people[2:4], "act-31", "出租电话卡")
    list_identities(trade.city, "person", people[4:5], "act-31", "出租电话卡")
    assert not ask(2)
    assert not ask(4)
    # Whoever lists what waits of somebody else confirms it.
    assert list_identities(trade.second, "person", people[4:5], "act-31", "出租电话卡") == (0, {})
    assert ask(4)
    (waits,) = registers.blacklist_waits(trade.second)
    assert (waits.owner, waits.rows) == (trade.city.pk, 2)
    with pytest.raises(NotPermitted):
        blacklisting.second_entries(trade.city, trade.city.pk, waits.day, 2)
    with pytest.raises(NotPermitted):
        blacklisting.second_entries(trade.county, trade.city.pk, waits.day, 2)
    typed = {"owner": trade.city.pk, "day": f"{waits.day}", "rows": 2}
    assert "以第二人身份确认" not in log_in(trade.city).get("/industry/tables/blacklist/").text
    browser = log_in(trade.second)
    assert "以第二人身份确认" in browser.get("/industry/tables/blacklist/").text
    for wrong in ({**typed, "rows": 1}, {**typed, "refuse": "1"}, {**typed, "day": "?"}):
        browser.post("/industry/blacklist/second/", wrong)
        assert not ask(2)
    browser.post("/industry/blacklist/second/", typed)
    assert ask(2)
    assert ask(3)
    assert AuditRow.objects.filter(verb="second_blacklist").count() == 1
    list_identities(trade.city, "person", people[5:], "act-31", "出租电话卡")
    browser.post("/industry/blacklist/second/", {**typed, "rows": 2, "refuse": "1", "note": "证据不足"})
    assert not ask(5)
    assert rows(trade.city, "blacklist", Ask(picks={"state": "refused"})).count() == 2
    assert rows(trade.city, "blacklist", Ask(picks={"state": "listed"})).count() == 5


def test_what_waits_for_whom_leads_to_exactly_its_rows(trade: Trade) -> None:
    assert waiting(trade.officer) == []
    sent = trade.sent(3)
    first, second, _third = trade.rows(sent)
    answering.answer(trade.officer, [Answer(first.pk, "dispute", "代发工资账户")])
    answering.answer(trade.officer, [Answer(second.pk, "control")])
    deciding.file_appeal(trade.officer, second.pk, "甲", "账户用于发工资")
    check = checking.flag_card(trade.city, "17258010000", "短期内频繁换机", "operator-01")

    def of(viewer: User) -> dict[str, int]:
        return {one.figure.code: one.value for one in waiting(viewer)}

    assert of(trade.officer) == {"answer": 1}
    assert of(trade.caller) == {"notify": 1}
    assert of(trade.stranger) == {}
    assert of(trade.city) == {"dispute": 1, "appeal": 1}
    checking.move_check(trade.caller, check.pk, "notify")
    assert of(trade.caller) == {"check": 1}
    deciding.decide_appeal(trade.second, trade_appeal(second.pk), "uphold", "核查属实")
    assert of(trade.officer) == {"answer": 1, "lift": 1}


def trade_appeal(restriction: int) -> int:
    """The appeal against that restriction."""
    return Appeal.objects.get(restriction=restriction).pk


HUGE = 10**30


@pytest.mark.parametrize("path", [f"lists?after={HUGE}", f"rows?after={HUGE}", f"rows?list={HUGE}",
                                  "rows?limit=-5", f"rows?limit={HUGE}", "rows?state=%27--",
                                  f"checks?after={HUGE}", "lists?after=x"])  # fmt: skip
def test_strange_questions_of_a_program_are_answered_in_words(path: str, trade: Trade, bank: Bank) -> None:
    trade.sent(1)
    status, told = bank.call(path)
    assert status in (200, 422), told
    if status == 422:
        assert told["message"]


def test_a_hostile_program_reaches_no_row_of_another_bank(trade: Trade, bank: Bank) -> None:
    theirs = actions.propose(
        trade.city, AssignmentForm("theirs", trade.other_bank.code, "他行清单", "account", "control",
                                   "act-18", "涉案", [Line("6200000000007777", "某某乙")])
    )  # fmt: skip
    actions.move_assignment(trade.city, theirs.pk, "send")
    (row,) = trade.rows(theirs)
    check = checking.flag_card(trade.city, "17258010000", "短期内频繁换机", "operator-01")
    own = trade.sent(1)
    before = AuditRow.objects.count()
    for path in (f"rows?list={theirs.pk}", f"rows?after={row.pk - 1}&list={theirs.pk}", "checks"):
        assert bank.call(path) == (200, [])
    assert [one["id"] for one in bank.call("lists")[1]] == [own.pk]
    assert AuditRow.objects.count() == before
    for path, verb, ident in (("answers", "control", row.pk), ("checks", "notify", check.pk)):
        body = {"key": f"steal-{path}", "rows": [{"id": ident, "verb": verb, "note": "试试看的"}]}
        status, told = bank.call(path, body)
        assert (status, told["rows"][0]["ok"]) == (200, False)
        missing = {"key": f"miss-{path}", "rows": [{"id": ident + 999, "verb": verb, "note": "试试看的"}]}
        assert bank.call(path, missing)[1]["rows"][0]["message"] == told["rows"][0]["message"]
    row.refresh_from_db()
    check.refresh_from_db()
    assert (row.state, check.state) == (State.ORDERED, "flagged")


def test_ids_that_no_database_holds_are_refused_by_row_or_form(trade: Trade, bank: Bank) -> None:
    (row,) = trade.rows(trade.sent(1))
    for ident in (HUGE, -1, 0, 2**63):
        body = {"key": f"huge-{ident % 97:05}", "rows": [{"id": row.pk, "verb": "control"},
                                                         {"id": ident, "verb": "control"}]}  # fmt: skip
        status, told = bank.call("answers", body)
        assert status == 422 or not told["rows"][1]["ok"]
    assert bank.call("answers", {"key": "k" * 65, "rows": []})[0] == 422
    many = {"key": "too-many-rows", "rows": [{"id": row.pk, "verb": "control"}] * 1001}
    assert bank.call("answers", many)[0] == 422


def test_bodies_that_are_too_large_too_deep_or_no_text_are_refused(trade: Trade, bank: Bank) -> None:
    (row,) = trade.rows(trade.sent(1))
    raw = {
        "deep": b'{"key":"deep-deep","rows":' + b"[" * 200_000 + b"]" * 200_000 + b"}",
        "large": b'{"key":"large-large","rows":[],"x":"' + b"x" * 30_000_000 + b'"}',
        "nul": b'{"key":"nul-nul-nul","rows":[{"id":%d,"verb":"dispute","note":"a\\u0000bcd"}]}' % row.pk,
        "half": b'{"key":"half-half","rows":[{"id":%d,"verb":"dispute","note":"a\\ud800bcd"}]}' % row.pk,
        "none": b"{",
        "latin": b'{"key":"\xff\xfe"}',
    }
    for name, body in raw.items():
        answer = bank.client.post("/api/industry/answers", body, "application/json")
        assert answer.status_code in (400, 413, 422), (name, answer.status_code)
    row.refresh_from_db()
    assert row.state == State.ORDERED


def test_a_key_is_the_senders_own_and_covers_one_call(trade: Trade, bank: Bank) -> None:
    (row,) = trade.rows(trade.sent(1))
    body = {"key": "a-key-of-mine", "rows": [{"id": row.pk, "verb": "control"}]}
    assert bank.call("answers", body)[1]["repeated"] is False
    row.refresh_from_db()
    deciding.decide(trade.city, row.pk, "release", "已经核实")
    answering.answer(trade.officer, [Answer(row.pk, "lift")])
    # Replayed after the release, it is answered as it was then and shuts nothing again.
    status, told = bank.call("answers", body)
    assert (status, told["repeated"], told["rows"][0]["ok"]) == (200, True, True)
    row.refresh_from_db()
    assert row.state == State.RELEASED
    assert bank.call("checks", {"key": "a-key-of-mine", "rows": [{"id": 1, "verb": "pass"}]})[0] == 409
    fresh = {**body, "key": "another-key-of-mine"}
    assert bank.call("answers", fresh)[1]["rows"][0]["ok"] is False


def test_a_hostile_file_answers_nothing_of_another_bank_and_runs_nothing(trade: Trade, log_in: LogIn) -> None:
    theirs = actions.propose(
        trade.city, AssignmentForm("theirs", trade.other_bank.code, "他行清单", "account", "control",
                                   "act-18", "涉案", [Line("6200000000007777", "某某乙")])
    )  # fmt: skip
    actions.move_assignment(trade.city, theirs.pk, "send")
    (row,) = trade.rows(theirs)
    (own,) = trade.rows(trade.sent(1))
    text = (
        "管控编号,处置结果,异议理由\n"
        f"{row.pk},已管控,\n{own.pk},有异议,=HYPERLINK(\"http://x\")&cmd\n-1,已管控,\n{HUGE},已管控,\n"
        "9999999999,已管控,\n1e3,已管控,\n,已管控,\n"
    )  # fmt: skip
    file = brought(trade.officer, "industry_answers", text)
    assert counts(file) == (1, 0, 6)
    row.refresh_from_db()
    assert row.state == State.ORDERED
    log_in(trade.stranger)
    for address in (f"/industry/files/{file.pk}/", f"/industry/files/{file.pk}/faults/"):
        assert log_in(trade.stranger).get(address).status_code in (403, 404)
    with pytest.raises(NotPermitted):
        brought(trade.officer, "industry_lines", "账号\n6200000000000001\n", theirs.pk)
    with pytest.raises(NotPermitted):
        brought(trade.officer, "industry_blacklist", "类别\n开卡人\n")
    # What it wrote leaves as text for the police's spreadsheet.
    deciding.decide(trade.city, own.pk, "insist", "=1+1 仍属涉案")
    saved = log_in(trade.city).post("/industry/tables/restrictions/file/", {"form": "csv"})
    assert not any(cell.startswith("=") for cell in b"".join(saved.streaming_content).decode().split(","))


def test_no_table_figure_or_export_of_a_bank_shows_what_is_anothers(trade: Trade, log_in: LogIn) -> None:
    theirs = actions.propose(
        trade.city, AssignmentForm("theirs", trade.other_bank.code, "他行秘密清单", "account", "control",
                                   "act-18", "他行秘密理由", [Line("6200000000007777", "某某乙")])
    )  # fmt: skip
    sent = actions.move_assignment(trade.city, theirs.pk, "send")
    assert sent.due_at is not None
    find_breaches(sent.due_at)
    finding.push(trade.stranger, [Found("account", "6299000000000001", timezone.now(), "他行秘密理由")])
    trade.sent(1)
    browser = log_in(trade.officer)
    party = trade.other_bank.pk
    for code in TABLES:
        for query in ("", f"?party={party}", f"?assignment={theirs.pk}", "?region=441800", "?trade=bank"):
            page = browser.get(f"/industry/tables/{code}/{query}")
            body = page.text if page.status_code in (200, 422) else ""
            saved = browser.post(f"/industry/tables/{code}/file/{query}", {"form": "csv"})
            body += b"".join(saved.streaming_content).decode() if saved.status_code == 200 else ""
            assert "他行秘密" not in body, (code, query)
            assert "演练商业银行" not in body, (code, query)
    (row,) = trade.rows(theirs)
    for address, typed in (
        (f"/industry/restrictions/{row.pk}/decide/", {"verb": "control"}),
        (f"/industry/restrictions/{row.pk}/decide/", {"verb": "unmask", "note": "试试看的"}),
        (f"/industry/restrictions/{row.pk}/decide/", {"verb": "withdraw", "note": "试试看的"}),
        (f"/industry/enter/appeal/{row.pk}/", {"appellant": "甲", "text": "试试看的"}),
        (f"/industry/lists/{theirs.pk}/answer/", {"row": row.pk, "verb": "control"}),
        (f"/industry/lists/{theirs.pk}/act/", {"verb": "send"}),
    ):
        answer = browser.post(address, typed)
        assert answer.status_code in (302, 403), address
        assert "6200000000007777" not in answer.text
    row.refresh_from_db()
    assert (row.state, row.appeals.count()) == (State.ORDERED, 0)

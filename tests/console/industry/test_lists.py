"""Lists for parties: proposed, confirmed by people, answered row by row."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace
from typing import Any

import pytest
from django.db import IntegrityError, transaction
from django.utils import timezone
from hypothesis import given
from hypothesis import strategies as st
from pytest_django import Settings

from qingdun.console.industry import actions, answering, checking, deciding, finding, moves, queries
from qingdun.console.industry.actions import Line
from qingdun.console.industry.answering import Answer
from qingdun.console.industry.finding import Found
from qingdun.console.industry.models import Appeal, Assignment, Breach, CardCheck, Finding, Restriction
from qingdun.console.industry.moves import TABLES, State
from qingdun.console.industry.subjects import plain
from qingdun.console.industry.ticking import end_terms, find_breaches, tell_again
from qingdun.console.kernel.forms import FieldFaults
from qingdun.console.kernel.models import AuditRow
from qingdun.errors import IllegalMove, NotPermitted
from tests.console.conftest import LogIn
from tests.console.industry.conftest import Trade

HOUR = dt.timedelta(hours=1)


def test_a_bank_receives_twelve_accounts_controls_ten_and_disputes_two(trade: Trade) -> None:
    sent = trade.sent()
    rows = trade.rows(sent)
    assert [row.state for row in rows] == [State.ORDERED] * 12
    assert {row.confirmed_by for row in rows} == {trade.city}
    told = answering.answer(trade.officer, [Answer(row.pk, "control") for row in rows[:10]])
    told += answering.answer(trade.officer, [Answer(row.pk, "dispute", "代发工资账户") for row in rows[10:]])
    assert all(one.ok and not one.known for one in told)
    rows = trade.rows(sent)
    assert [row.state for row in rows] == [State.IN_FORCE] * 10 + [State.DISPUTED] * 2
    first = rows[0]
    assert first.since is not None
    assert first.until == first.since + dt.timedelta(days=180)
    assert first.notice_way == "sms"
    assert rows[11].answer_note == "代发工资账户"
    assert queries.answer_counts(trade.city, sent) == {State.DISPUTED: 2, State.IN_FORCE: 10}


def test_the_same_answer_again_changes_nothing_and_another_one_is_refused_by_row(trade: Trade) -> None:
    rows = trade.rows(trade.sent(3))
    answering.answer(trade.officer, [Answer(rows[0].pk, "control")])
    before = AuditRow.objects.count()
    again = answering.answer(trade.officer, [Answer(rows[0].pk, "control")])
    assert [(one.ok, one.known) for one in again] == [(True, True)]
    assert AuditRow.objects.count() == before
    mixed = answering.answer(
        trade.officer,
        [Answer(rows[0].pk, "dispute", "理由充分"), Answer(rows[1].pk, "dispute"), Answer(rows[2].pk, "fly"),
         Answer(10**9, "control")],
    )  # fmt: skip
    assert [one.ok for one in mixed] == [False] * 4
    assert "生效中" in mixed[0].message
    assert [row.state for row in trade.rows(rows[0].assignment)] == [State.IN_FORCE, *[State.ORDERED] * 2]


def test_nobody_answers_for_another_bank_and_no_bank_confirms(trade: Trade) -> None:
    sent = trade.sent(1)
    (row,) = trade.rows(sent)
    (told,) = answering.answer(trade.stranger, [Answer(row.pk, "control")])
    assert not told.ok
    with pytest.raises(NotPermitted):
        answering.answer(trade.city, [Answer(row.pk, "control")])
    drafted = actions.propose(trade.city, trade.form(1, "list-2", 50))
    assert not queries.assignments(trade.officer).filter(pk=drafted.pk).exists()
    assert not queries.restrictions(trade.officer).filter(assignment=drafted).exists()
    with pytest.raises(NotPermitted):
        actions.move_assignment(trade.officer, sent.pk, "cancel", "不想办理")
    with pytest.raises(NotPermitted):
        actions.move_assignment(trade.county, drafted.pk, "send")


def test_a_list_is_proposed_once_and_faults_stand_by_field_and_line(trade: Trade) -> None:
    made = actions.propose(trade.city, trade.form(2))
    assert actions.propose(trade.city, trade.form(2)).pk == made.pk
    with pytest.raises(NotPermitted):
        actions.propose(trade.second, trade.form(2))
    form = trade.form(1, "list-2")
    bad = [Line("6200000000000001"), Line("?"), Line("6200000000000099"), Line("6200 0000 0000 0099")]
    with pytest.raises(FieldFaults) as found:
        actions.propose(trade.city, replace(form, lines=bad, basis="act-11"))
    assert set(found.value.faults) == {"basis", "lines"}
    assert "第 1 行" in found.value.faults["lines"]
    assert "第 2 行：“?”" in found.value.faults["lines"]
    assert "第 4 行" in found.value.faults["lines"]
    assert "第 3 行" not in found.value.faults["lines"]


def test_a_list_that_was_cancelled_may_be_typed_again(trade: Trade) -> None:
    made = actions.propose(trade.city, trade.form(2))
    actions.move_assignment(trade.second, made.pk, "cancel", "单位填错")
    again = actions.propose(trade.city, trade.form(2))
    assert (again.pk != made.pk, again.state) == (True, "drafted")


def test_more_than_the_limit_needs_two_different_people_also_in_pieces(
    trade: Trade, settings: Settings
) -> None:
    settings.LISTS_TWO_PERSONS = 3
    large = actions.propose(trade.city, trade.form(4))
    assert large.needs_two
    half = actions.move_assignment(trade.city, large.pk, "confirm")
    assert half.state == "confirmed"
    assert {row.state for row in trade.rows(large)} == {State.PROPOSED}
    assert "second" not in {move.verb for move in queries.assignment_moves(trade.city, half)}
    with pytest.raises(NotPermitted):
        actions.move_assignment(trade.city, large.pk, "second")
    whole = actions.move_assignment(trade.second, large.pk, "second")
    assert (whole.state, whole.second_by) == ("sent", trade.second)
    # Three, and then one more within a day: the second piece needs a second person.
    assert trade.sent(3, "piece-1", 20).state == "sent"
    assert trade.sent(1, "piece-2", 30).state == "confirmed"


def test_lines_are_refused_before_a_list_is_sent_and_withdrawn_after(trade: Trade) -> None:
    made = actions.propose(trade.city, trade.form(2))
    first, second = trade.rows(made)
    assert actions.refuse_lines(trade.city, made.pk, [first.pk], "证据不足") == 1
    actions.move_assignment(trade.city, made.pk, "send")
    with pytest.raises(IllegalMove):
        actions.refuse_lines(trade.city, made.pk, [second.pk], "证据不足")
    answering.answer(trade.officer, [Answer(second.pk, "dispute", "代发工资账户")])
    assert deciding.decide(trade.city, second.pk, "insist", "流水已复核").state == State.ORDERED
    answering.answer(trade.officer, [Answer(second.pk, "dispute", "仍有异议的")])
    assert deciding.decide(trade.city, second.pk, "withdraw", "采纳异议").state == State.WITHDRAWN
    assert [row.state for row in trade.rows(made)] == [State.REFUSED, State.WITHDRAWN]


def test_what_is_insisted_upon_is_due_anew_and_late_by_itself(trade: Trade) -> None:
    sent = trade.sent(3)
    first, second, third = trade.rows(sent)
    assert sent.due_at is not None
    assert first.due_at == sent.due_at
    answering.answer(trade.officer, [Answer(third.pk, "control")])
    answering.answer(trade.officer, [Answer(row.pk, "dispute", "代发工资账户") for row in (first, second)])
    assert find_breaches(sent.due_at) == 0
    due = deciding.decide(trade.city, first.pk, "insist", "流水已复核").due_at
    assert due is not None
    assert due > sent.due_at
    assert find_breaches(sent.due_at) == 0
    assert find_breaches(due) == 1
    assert find_breaches(due + HOUR) == 0
    late = Breach.objects.get()
    assert (late.clock, late.about, late.party, late.due_at) == ("answer", sent.pk, trade.bank, due)
    # A second row of the list that is insisted upon later is late by its own clock.
    again = deciding.decide(trade.city, second.pk, "insist", "流水已复核").due_at
    assert again is not None
    assert again > due
    assert find_breaches(again) == 1
    answering.answer(trade.officer, [Answer(first.pk, "control")])
    assert [one.ended_at is None for one in Breach.objects.order_by("due_at")] == [False, True]
    answering.answer(trade.officer, [Answer(second.pk, "dispute", "仍有异议的")])
    assert not Breach.objects.filter(ended_at=None).exists()


def test_a_term_ends_by_the_clock_and_the_bank_reports_the_release(trade: Trade) -> None:
    row = trade.controlled()
    assert row.until is not None
    assert end_terms(row.until - HOUR) == 0
    assert end_terms(row.until) == 1
    assert end_terms(row.until) == 0
    row.refresh_from_db()
    assert row.state == State.RELEASING
    (told,) = answering.answer(trade.officer, [Answer(row.pk, "lift")])
    assert told.ok
    row.refresh_from_db()
    assert row.state == State.RELEASED


def test_a_late_answer_is_a_row_told_above_twice_and_over_when_it_comes(trade: Trade) -> None:
    sent = trade.sent(2)
    assert sent.due_at is not None
    assert find_breaches(sent.due_at - HOUR) == 0
    assert find_breaches(sent.due_at) == 1
    assert find_breaches(sent.due_at + HOUR) == 0
    assert tell_again(sent.due_at + 23 * HOUR) == 0
    assert tell_again(sent.due_at + 24 * HOUR) == 1
    assert tell_again(sent.due_at + 90 * HOUR) == 0
    breach = Breach.objects.get()
    assert (breach.clock, breach.level, breach.party) == ("answer", 2, trade.bank)
    assert queries.breaches(trade.officer).count() == 1
    assert not queries.breaches(trade.stranger).exists()
    rows = trade.rows(sent)
    answering.answer(trade.officer, [Answer(rows[0].pk, "control")])
    breach.refresh_from_db()
    assert breach.ended_at is None
    answering.answer(trade.officer, [Answer(rows[1].pk, "control")])
    breach.refresh_from_db()
    assert breach.ended_at is not None


FRESH = {
    "industry_assignment": {"key": "another"},
    "industry_restriction": {"row": 77, "subject": "another"},
    "industry_appeal": {},
    "industry_finding": {"entity": "another"},
    "industry_cardcheck": {"number": "another"},
}
"""What makes a copy of a row another row."""


@pytest.mark.parametrize("table", sorted(TABLES))
def test_the_database_knows_the_same_moves(table: str, trade: Trade) -> None:
    """Every pair of states is tried past all actions; what the table does not name, the database refuses."""
    row = trade.controlled()
    appeal = deciding.file_appeal(trade.officer, row.pk, "甲", "并非涉案账户")
    deciding.decide_appeal(trade.second, appeal.pk, "reject", "流水不符")
    pushed = finding.push(trade.caller, [Found("number", "17258010000", timezone.now(), "监测发现")])
    finding.decide_finding(trade.city, pushed[0].finding, "dismiss", "快递电话")
    check = checking.flag_card(trade.caller, "17258010000", "短期内频繁换机")
    checking.move_check(trade.caller, check.pk, "notify")
    checking.move_check(trade.caller, check.pk, "suspend", "未到场核验")
    models = (Assignment, Restriction, Appeal, Finding, CardCheck)
    model = {one._meta.db_table: one for one in models}[table]
    states = sorted({state for pair in moves.pairs(table) for state in pair})
    pairs = {(source, target) for source in states for target in states if source != target}
    assert {pair for pair in pairs if _goes(model, *pair)} == moves.pairs(table)


def _goes(model: Any, source: str, target: str) -> bool:
    """Whether a copy of the model's first row that stands at `source` goes to `target`; no copy stays."""
    copy = model.objects.earliest("pk")
    copy.pk, copy.state = None, source
    for name, value in FRESH[model._meta.db_table].items():
        setattr(copy, name, value)
    copy.save(force_insert=True)
    try:
        with transaction.atomic():
            model.objects.filter(pk=copy.pk).update(state=target)
    except IntegrityError as refused:
        if "illegal move" not in str(refused):
            raise
        return False
    finally:
        model.objects.filter(pk=copy.pk).delete()
    return True


def test_the_database_refuses_a_restriction_without_a_human_or_an_end(trade: Trade) -> None:
    row = trade.controlled()
    for broken in ({"confirmed_by": None}, {"until": None}, {"reason": ""}, {"party": None}):
        with pytest.raises(IntegrityError), transaction.atomic():
            Restriction.objects.filter(pk=row.pk).update(**broken)
    with pytest.raises(IntegrityError), transaction.atomic():
        Assignment.objects.filter(pk=row.assignment_id).update(second_by=trade.city)


def test_every_page_shows_the_clock_that_runs_on_it(trade: Trade, log_in: LogIn) -> None:
    (row,) = trade.rows(sent := trade.sent(1))
    bank = log_in(trade.officer)
    lists, rows = f"/industry/lists/{sent.pk}/", f"/industry/restrictions/{row.pk}/"
    assert sent.due_at is not None
    for page in (lists, rows):
        assert f'data-due="{sent.due_at.isoformat()}"' in bank.get(page).content.decode()
    answering.answer(trade.officer, [Answer(row.pk, "control")])
    for page in (lists, rows):
        assert "data-due" not in bank.get(page).content.decode()
    appeal = deciding.file_appeal(trade.officer, row.pk, "甲", "账户用于发工资")
    assert f'data-due="{appeal.due_at.isoformat()}"' in bank.get(rows).content.decode()
    deciding.decide_appeal(trade.second, appeal.pk, "uphold", "核查属实")
    row.refresh_from_db()
    assert row.release_due_at is not None
    page = bank.get(rows).content.decode()
    assert page.count("data-due") == 1
    assert f'data-due="{row.release_due_at.isoformat()}"' in page


def test_pages_of_a_bank_show_its_own_lists_legible_and_no_others(trade: Trade, log_in: LogIn) -> None:
    sent = trade.sent(2)
    browser = log_in(trade.officer)
    page = browser.get(f"/industry/lists/{sent.pk}/").content.decode()
    assert "6200000000000001" in page
    assert 'id="scope"' not in page, "to a party no place belongs"
    assert AuditRow.objects.filter(verb="open_assignment", actor="bank-officer").count() == 1
    rows = trade.rows(sent)
    form = {"row": [row.pk for row in rows], "verb": "control", "notice_way": "call"}
    assert browser.post(f"/industry/lists/{sent.pk}/answer/", form).status_code == 302
    assert {row.state for row in trade.rows(sent)} == {State.IN_FORCE}
    assert "6200000000000001" not in log_in(trade.city).get(f"/industry/lists/{sent.pk}/").content.decode()
    stranger = log_in(trade.stranger)
    assert stranger.get(f"/industry/lists/{sent.pk}/").status_code == 403
    assert stranger.get(f"/industry/restrictions/{rows[0].pk}/").status_code == 403
    assert "涉案账户管控" not in stranger.get("/industry/").content.decode()
    for closed in ("/lists/", "/incidents/", "/entities/", "/funds/", "/audit/", "/measures/", "/sms/"):
        assert browser.get(closed).status_code in (403, 404), closed


@pytest.mark.parametrize("code", ["assignments", "restrictions", "carried_out", "appeals", "breaches"])
def test_tables_filter_sort_and_leave_as_files_masked(code: str, trade: Trade, log_in: LogIn) -> None:
    row = trade.controlled()
    deciding.file_appeal(trade.officer, row.pk, "甲乙丙", "并非涉案账户")
    sent = trade.sent(2, "late", 60)
    assert sent.due_at is not None
    find_breaches(sent.due_at)
    browser = log_in(trade.city)
    assert browser.get(f"/industry/tables/{code}/").status_code == 200
    assert browser.get(f"/industry/tables/{code}/?state=nothing&clock=nothing").status_code == 422
    saved = browser.post(f"/industry/tables/{code}/file/", {"form": "csv"})
    text = b"".join(saved.streaming_content).decode()
    assert len(text.splitlines()) > 1
    assert "6200000000000001" not in text
    assert "甲乙丙" not in text
    book = browser.post(f"/industry/tables/{code}/file/", {"form": "xlsx"})
    assert b"".join(book.streaming_content).startswith(b"PK")
    assert AuditRow.objects.filter(verb="export_masked", subject_id=f"industry.{code}").count() == 2


def test_the_form_says_what_is_wrong_beside_the_field(trade: Trade, log_in: LogIn) -> None:
    browser = log_in(trade.county)
    answer = browser.post("/industry/enter/assignment/", {"party": "bank-01", "lines": "?"})
    assert answer.status_code == 422
    assert 'id="e-title"' in answer.content.decode()
    typed = {
        "party": "bank-01", "title": "县里的清单", "subject_kind": "account", "kind": "control",
        "basis": "act-18", "reason": REASON_TYPED, "lines": "6222 0000 1111,甲\n6222 0000 2222",
        "evidence": "三名受害人汇入\n\n当日转空",
    }  # fmt: skip
    answer = browser.post("/industry/enter/assignment/", typed)
    assert answer.status_code == 302
    made = Assignment.objects.get(title="县里的清单")
    assert made.rows == 2
    assert [row.evidence for row in trade.rows(made)] == [["三名受害人汇入", "当日转空"]] * 2
    assert made.region_path == trade.county.region_path
    assert log_in(trade.officer).get("/industry/enter/assignment/").status_code == 403


REASON_TYPED = "县局研判为涉案"


@given(st.text(max_size=60))
def test_what_is_kept_of_a_subject_is_kept_as_it_is(text: str) -> None:
    for kind in ("number", "account"):
        once = plain(kind, text)
        assert once is None or plain(kind, once) == once


def test_a_clock_is_found_once_however_often_asked(trade: Trade) -> None:
    trade.sent(1)
    late = timezone.now() + 30 * HOUR
    assert [find_breaches(late) for _turn in range(3)] == [1, 0, 0]

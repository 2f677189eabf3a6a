"""Files of parties and of the police through the kernel's importer: every row once, or refused."""

from __future__ import annotations

import pytest
from django.utils import timezone

from qingdun.console.industry import actions, punishing, queries, registers
from qingdun.console.industry.blacklisting import look_up
from qingdun.console.industry.moves import CHECK_MOVES, State
from qingdun.console.kernel.imports import actions as files
from qingdun.console.kernel.imports.models import Import
from qingdun.console.kernel.imports.taking import take_part
from qingdun.console.kernel.models import AuditRow, User
from qingdun.errors import IllegalMove, NotPermitted
from tests.console.conftest import LogIn
from tests.console.industry.conftest import Trade


def brought(actor: User, kind: str, text: str, about: int | None = None) -> Import:
    """The file was brought and taken in."""
    received = files.receive(actor, kind, "file.csv", text.encode(), about=about)
    files.begin(actor, received.pk)
    while take_part(timezone.now()):
        pass
    received.refresh_from_db()
    return received


def counts(file: Import) -> tuple[int, int, int]:
    """Taken, known before, not taken."""
    return file.taken, file.known, file.refused


def test_a_bank_answers_by_file_and_every_row_counts_once(trade: Trade, log_in: LogIn) -> None:
    rows = trade.rows(trade.sent(4))
    text = (
        "管控编号,处置结果,异议理由\n"
        f"{rows[0].pk},已管控,\n{rows[1].pk},有异议,代发工资账户\n{rows[2].pk},有异议,\n999999,已管控,\n"
    )
    assert counts(brought(trade.officer, "industry_answers", text)) == (2, 0, 2)
    states = [row.state for row in trade.rows(rows[0].assignment)]
    assert states == [State.IN_FORCE, State.DISPUTED, State.ORDERED, State.ORDERED]
    again = brought(trade.officer, "industry_answers", text)
    assert counts(again) == (0, 2, 2)
    page = log_in(trade.officer).get(f"/industry/files/{again.pk}/")
    assert page.status_code == 200
    assert log_in(trade.stranger).get(f"/industry/files/{again.pk}/").status_code in (403, 404)
    assert log_in(trade.officer).get("/industry/files/").status_code == 200


def test_a_bank_takes_its_list_as_a_file_fills_it_in_and_brings_it_back(trade: Trade, log_in: LogIn) -> None:
    sent = trade.sent(3)
    first, second, third = trade.rows(sent)
    browser = log_in(trade.officer)
    taken = browser.post(f"/industry/lists/{sent.pk}/file/", {"form": "csv"})
    head, *lines = b"".join(taken.streaming_content).decode("utf-8-sig").splitlines()
    assert [line.split(",")[:3] for line in lines] == [
        [str(row.pk), row.subject, "甲"] for row in (first, second, third)
    ]
    assert AuditRow.objects.get(verb="take_list").actor == "bank-officer"
    answered = [lines[0][:-3] + ",已管控,,电话告知", lines[1][:-3] + ",有异议,代发工资账户,", lines[2]]
    assert counts(brought(trade.officer, "industry_answers", "\n".join([head, *answered]))) == (2, 0, 1)
    rows = trade.rows(sent)
    assert [row.state for row in rows] == [State.IN_FORCE, State.DISPUTED, State.ORDERED]
    assert (rows[0].notice_way, rows[1].answer_note) == ("call", "代发工资账户")
    book = browser.post(f"/industry/lists/{sent.pk}/file/", {"form": "xlsx"})
    assert b"".join(book.streaming_content).startswith(b"PK")
    for other in (trade.stranger, trade.city, trade.county):
        assert log_in(other).post(f"/industry/lists/{sent.pk}/file/").status_code == 403
    everything = {"all": "1", "verb": "control", "notice_way": "sms"}
    browser.post(f"/industry/lists/{sent.pk}/answer/", everything)
    assert [row.state for row in trade.rows(sent)] == [State.IN_FORCE, State.DISPUTED, State.IN_FORCE]


def test_findings_come_by_file_once(trade: Trade) -> None:
    text = (
        "类型,号码,发现时间,理由\n电话号码,172 5801 0000,2026-06-17 15:29,群呼\n"
        "电话号码,?,2026-06-17 15:29,群呼\n"
        "电话号码,+8617258010000,2026-06-17 15:30,群呼\n"
    )
    assert counts(brought(trade.caller, "industry_findings", text)) == (1, 1, 1)
    assert counts(brought(trade.caller, "industry_findings", text)) == (0, 2, 1)
    assert registers.findings(trade.city).get().entity == "+8617258010000"


def test_rows_of_a_drafted_list_come_by_file_and_may_need_two_persons(trade: Trade, settings: object) -> None:
    settings.LISTS_TWO_PERSONS = 3  # type: ignore[attr-defined]
    made = actions.propose(trade.city, trade.form(2))
    text = (
        "账号,户名,企业账户,证据\n6200000000000001,甲,是,\n6200000000000077,乙,是,三名受害人汇入；当日转空\n"
        "?,丙,是,\n6200000000000078,丁,否,\n"
    )
    assert counts(brought(trade.city, "industry_lines", text, made.pk)) == (2, 1, 1)
    made.refresh_from_db()
    assert (made.rows, made.needs_two) == (4, True)
    rows = trade.rows(made)
    assert [row.row for row in rows] == [1, 2, 3, 4]
    assert [row.corporate for row in rows] == [True, True, True, False]
    assert [len(row.evidence) for row in rows] == [0, 0, 2, 0]
    assert actions.move_assignment(trade.city, made.pk, "send").state == "confirmed"
    late = brought(trade.city, "industry_lines", "账号\n6200000000000099\n", made.pk)
    assert counts(late) == (0, 0, 1)
    assert queries.restrictions(trade.city).filter(assignment=made).count() == 4


def test_punishments_and_interviews_kept_elsewhere_come_by_file_once(trade: Trade, log_in: LogIn) -> None:
    text = (
        "证件号码,姓名,惩戒年限,行为日期,惩戒事由,证据,决定日期,决定文号\n"
        "990000199001010011,甲,5,2021-03-01,出租银行卡,供述；流水,2021-06-01,清公惩字第七号\n"
        "990000199001010011,甲,3,2025-03-01,出借电话卡,,,\n"
        "99000019900101002X,乙,5,2025-03-01,出借电话卡,,,\n"
        "99000019900101002X,乙,2,2025-03-01,出借电话卡,,2025-06-01,\n"
        "123,丙,2,2025-03-01,出借电话卡,,,\n"
    )
    file = brought(trade.city, "industry_punishments", text)
    assert counts(file) == (2, 0, 3)
    assert [fault.column for fault in file.faults.order_by("line")] == ["惩戒年限", "决定文号", "证件号码"]
    old, new = registers.punishments(trade.city).order_by("decided_on")
    assert (old.rule, old.years, old.document) == ("2019", 5, "清公惩字第七号")
    assert (new.rule, new.years, new.restriction.state) == ("2024", 3, State.PROPOSED)
    assert old.restriction.evidence == ["供述", "流水"]
    assert counts(brought(trade.city, "industry_punishments", text)) == (0, 2, 3)
    # Each waits for somebody else, as if it had been typed.
    with pytest.raises(IllegalMove):
        punishing.confirm_punishment(trade.city, new.pk, "order")
    punishing.confirm_punishment(trade.second, new.pk, "order")
    page = log_in(trade.city).get("/industry/tables/punishments/").content.decode()
    assert "?kind=industry_punishments" in page
    held = (
        "类型,约谈单位,约谈日期,约谈事由,整改要求\n银行,演练银行,2026-05-01,开户审核,一周内整改\n"
        "行业主管部门,某部门,2999-05-01,守土有责,整改\n"
    )
    assert counts(brought(trade.city, "industry_interviews", held)) == (1, 0, 1)
    assert counts(brought(trade.city, "industry_interviews", held)) == (0, 1, 1)
    assert registers.interviews(trade.officer).get().party == trade.bank
    with pytest.raises(NotPermitted):
        brought(trade.officer, "industry_interviews", held)


def test_the_blacklist_comes_by_file_and_no_identity_stays(trade: Trade) -> None:
    text = (
        "类别,证件号码,理由,法律依据,年限\n开卡人,990000199001010011,出租电话卡,act-31,5\n"
        "开卡人,99000019900101002X,出租电话卡,act-31,\n开卡人,123,出租电话卡,act-31,\n"
    )
    assert counts(brought(trade.city, "industry_blacklist", text)) == (2, 0, 1)
    file = brought(trade.city, "industry_blacklist", text)
    assert counts(file) == (0, 2, 1)
    hits = look_up(trade.officer, "person", ["990000199001010011", "990000199001010030"], "开户核验")
    assert [bool(one) for one in hits] == [True, False]
    assert not file.parts.exists()


def test_cards_to_be_checked_and_what_an_operator_did_come_by_file(trade: Trade, log_in: LogIn) -> None:
    own = "手机号码,机主,风险\n172 5801 0000,甲,频繁换机\n?,乙,频繁换机\n17258010001,丙,\n"
    assert counts(brought(trade.caller, "industry_own_cards", own)) == (1, 0, 2)
    assert counts(brought(trade.caller, "industry_own_cards", own)) == (0, 1, 2)
    told = (
        "手机号码,机主,风险,运营商\n17258010000,甲,频繁换机,演练移动\n17258010002,丁,频繁换机,operator-01\n"
        "17258010003,戊,频繁换机,某运营商\n"
    )
    assert counts(brought(trade.city, "industry_cards", told)) == (1, 1, 1)
    # A bank has no cards: it is not offered the file, and what it brings all the same is refused.
    assert "industry_own_cards" not in log_in(trade.officer).get("/industry/files/").content.decode()
    assert "industry_own_cards" in log_in(trade.caller).get("/industry/files/").content.decode()
    assert counts(brought(trade.officer, "industry_own_cards", own.replace("0000", "0009"))) == (0, 0, 3)

    taken = log_in(trade.caller).post("/industry/checks/file/", {"form": "csv"})
    head, *lines = b"".join(taken.streaming_content).decode("utf-8-sig").splitlines()
    checks = list(registers.card_checks(trade.caller).order_by("pk"))
    # A number keeps its plus behind an apostrophe, as in every sheet.
    assert [line.split(",")[:2] for line in lines] == [[str(one.pk), f"'{one.number}"] for one in checks]
    assert AuditRow.objects.get(verb="take_checks").actor == trade.caller.username
    words = {move.verb: str(move.label) for move in CHECK_MOVES}
    first, second = (line.removesuffix(",,") for line in lines)
    steps = "\n".join([head, f"{first},{words['notify']},", f"{second},{words['suspend']},未到场核验"])
    assert counts(brought(trade.caller, "industry_steps", steps)) == (1, 0, 1)
    assert counts(brought(trade.caller, "industry_steps", steps)) == (0, 1, 1)
    assert [one.state for one in registers.card_checks(trade.caller).order_by("pk")] == ["noticed", "flagged"]
    with pytest.raises(NotPermitted):
        brought(trade.city, "industry_steps", steps)

"""Second real-name checks, the blacklist, punishments with their letters, and the figures of the source."""

from __future__ import annotations

import datetime as dt
import io

import pytest
from django.utils import timezone
from docx import Document as Word

from qingdun.console.industry import (
    blacklisting,
    checking,
    deciding,
    figures,
    interviewing,
    letters,
    punishing,
    registers,
)
from qingdun.console.industry.blacklisting import Listing, digest_of, list_identities
from qingdun.console.industry.models import BlacklistEntry, Breach, Punishment, Restriction
from qingdun.console.industry.moves import State
from qingdun.console.industry.punishing import PunishmentForm
from qingdun.console.industry.ticking import end_suspensions, end_terms, find_breaches, tell_again
from qingdun.console.kernel import printing
from qingdun.console.kernel.forms import FieldFaults
from qingdun.console.kernel.models import AuditRow
from qingdun.console.kernel.tables import Ask
from qingdun.errors import IllegalMove, NotPermitted
from tests.console.conftest import LogIn
from tests.console.industry.conftest import Trade
from tests.console.industry.source import write_source

HOUR = dt.timedelta(hours=1)
SOMEBODY = "441800199001010011"


def test_a_card_is_told_checked_suspended_objected_and_restored(trade: Trade) -> None:
    made = checking.flag_card(trade.city, "172 5801 0000", "短期内频繁换机", "operator-01", "甲")
    assert made.due_at == made.flagged_at + 2 * HOUR
    with pytest.raises(FieldFaults):
        checking.flag_card(trade.caller, "+8617258010000", "重复")
    told = checking.move_check(trade.caller, made.pk, "notify")
    assert told.noticed_at is not None
    assert told.due_at == told.noticed_at + 24 * HOUR
    with pytest.raises(NotPermitted):
        checking.move_check(trade.officer, made.pk, "pass")
    with pytest.raises(NotPermitted):
        checking.move_check(trade.city, made.pk, "suspend", "未到场核验")
    stopped = checking.move_check(trade.caller, made.pk, "suspend", "未到场核验")
    assert (stopped.state, stopped.checked_by, stopped.due_at) == ("suspended", trade.caller, None)
    objected = checking.move_check(trade.caller, made.pk, "object", "本人补充材料")
    assert objected.due_at is not None
    with pytest.raises(IllegalMove):
        checking.move_check(trade.caller, made.pk, "pass")
    with pytest.raises(NotPermitted):
        checking.move_check(trade.city, made.pk, "restore", "核验通过")
    ordered = checking.move_check(trade.city, made.pk, "order_restoring", "核验通过")
    assert (ordered.state, ordered.ended_at) == ("restoring", None)
    assert ordered.due_at is not None
    assert find_breaches(ordered.due_at) == 1
    assert Breach.objects.get().clock == "restore"
    done = checking.move_check(trade.caller, made.pk, "restore", "已经恢复")
    assert (done.state, done.ended_at is not None) == ("restored", True)
    assert Breach.objects.get().ended_at is not None


def test_a_suspension_ends_by_its_term_and_a_kept_one_may_be_objected_to_again(trade: Trade) -> None:
    made = checking.flag_card(trade.caller, "17258010000", "短期内频繁换机")
    checking.move_check(trade.caller, made.pk, "notify")
    stopped = checking.move_check(trade.caller, made.pk, "suspend", "未到场核验")
    assert stopped.until == stopped.checked_at + 90 * 24 * HOUR
    checking.move_check(trade.caller, made.pk, "object", "本人出差")
    kept = checking.move_check(trade.city, made.pk, "keep", "材料不实")
    assert (kept.state, kept.ended_at) == ("kept", None)
    with pytest.raises(FieldFaults):
        checking.flag_card(trade.caller, "17258010000", "仍被停机的卡")
    with pytest.raises(IllegalMove):
        checking.move_check(trade.caller, made.pk, "restore", "单位自行恢复")
    checking.move_check(trade.caller, made.pk, "object", "补充材料的")
    checking.move_check(trade.city, made.pk, "keep", "仍不属实")
    assert end_suspensions(stopped.until - HOUR) == 0
    assert end_suspensions(stopped.until) == 1
    assert end_suspensions(stopped.until) == 0
    made.refresh_from_db()
    assert (made.state, made.due_at) == ("restoring", stopped.until + 24 * HOUR)
    checking.move_check(trade.caller, made.pk, "restore", "已经恢复")
    assert checking.flag_card(trade.caller, "17258010000", "再次频繁换机").state == "flagged"


def test_a_check_not_made_within_a_day_is_a_breach_that_escalates_and_suspends_nobody(trade: Trade) -> None:
    made = checking.flag_card(trade.caller, "17258010000", "短期内频繁换机")
    told = checking.move_check(trade.caller, made.pk, "notify")
    assert told.due_at is not None
    assert find_breaches(told.due_at - HOUR) == 0
    assert find_breaches(told.due_at) == 1
    assert tell_again(told.due_at + 24 * HOUR) == 1
    breach = Breach.objects.get()
    assert (breach.clock, breach.level, breach.party) == ("check", 2, trade.operator)
    told.refresh_from_db()
    assert told.state == "noticed"
    checking.move_check(trade.caller, made.pk, "pass")
    breach.refresh_from_db()
    assert breach.ended_at is not None


def test_of_an_identity_only_a_keyed_digest_is_kept_and_it_is_listed_once(trade: Trade) -> None:
    people = [Listing(SOMEBODY), Listing("4418 0019 9001 0100 11"), Listing("44180019900101002x")]
    assert list_identities(trade.city, "person", people, "act-31", "出租电话卡") == (2, {})
    assert list_identities(trade.city, "person", people, "act-31", "出租电话卡") == (0, {})
    entry = BlacklistEntry.objects.get(digest=digest_of("person", SOMEBODY))
    assert SOMEBODY not in "".join(str(value) for value in vars(entry).values())
    assert digest_of("enterprise", "91441800MA0000001X") != digest_of("person", SOMEBODY)
    (hit,) = blacklisting.look_up(trade.officer, "person", [SOMEBODY], "开户核验")
    assert hit == entry
    blacklisting.end_entry(trade.city, entry.pk, "申诉成立")
    assert blacklisting.look_up(trade.officer, "person", [SOMEBODY], "开户核验") == [None]
    with pytest.raises(NotPermitted):
        list_identities(trade.county, "person", people, "act-31", "出租电话卡")
    assert not registers.blacklist(trade.officer).exists()


def test_the_digest_depends_on_the_key_of_the_installation(settings: object) -> None:
    before = digest_of("person", SOMEBODY)
    settings.SECRET_KEY = "another key of another installation, long enough"  # type: ignore[attr-defined]
    assert digest_of("person", SOMEBODY) != before


def form(
    years: int = 2, day: dt.date | None = None, identity: str = SOMEBODY, decided_on: dt.date | None = None,
    document: str = "",
) -> PunishmentForm:  # fmt: skip
    """A punishment for a deed of that day, else of today, decided today if no day is told."""
    deed_on = day or timezone.localdate()
    return PunishmentForm(identity, "甲乙", years, deed_on, "出租银行卡三张", ["供述"], decided_on, document)


def served(trade: Trade, years: int = 2, identity: str = SOMEBODY, days_ago: int = 0) -> Punishment:
    """A punishment for a deed so many days ago, proposed, confirmed by somebody else, and served."""
    deed_on = timezone.localdate() - dt.timedelta(days=days_ago)
    row = punishing.propose_punishment(trade.second, form(years, deed_on, identity))
    punishing.confirm_punishment(trade.city, row.punishment.pk, "order")
    return punishing.serve(trade.city, row.punishment.pk, "letter")


def test_a_punishment_is_confirmed_by_somebody_else_served_and_lifted(trade: Trade) -> None:
    row = punishing.propose_punishment(trade.city, form())
    assert (row.state, row.party, row.rule_version) == (State.PROPOSED, None, "2026.1/2024")
    with pytest.raises(IllegalMove, match="他人"):
        punishing.confirm_punishment(trade.city, row.punishment.pk, "order")
    with pytest.raises(IllegalMove):
        punishing.serve(trade.city, row.punishment.pk, "letter")
    punishing.confirm_punishment(trade.second, row.punishment.pk, "order")
    about = punishing.serve(trade.second, row.punishment.pk, "letter")
    today = timezone.localdate()
    assert (about.starts_on, about.ends_on) == (today, blacklisting.years_on(today, 2))
    row.refresh_from_db()
    assert (row.state, row.confirmed_by, row.notice_way) == (State.IN_FORCE, trade.second, "letter")
    assert row.until is not None
    assert end_terms(row.until) == 1
    punishing.lift(trade.city, about.pk)
    row.refresh_from_db()
    assert row.state == State.RELEASED
    assert [one.kind for one in registers.letters(trade.city)] == ["notice", "release"]


OTHER = "441800199001010030"
THEN = dt.date(2021, 6, 1)


def test_the_milder_of_the_rules_of_deed_and_decision_counts(trade: Trade) -> None:
    with pytest.raises(FieldFaults) as found:
        punishing.propose_punishment(trade.city, form(5))
    assert "2, 3" in found.value.faults["years"]
    # The deed was done under the sterner rule; it is decided under the milder one.
    with pytest.raises(FieldFaults):
        punishing.propose_punishment(trade.city, form(5, THEN))
    new = punishing.propose_punishment(trade.city, form(3, THEN))
    assert (new.punishment.rule, new.rule_version) == ("2024", "2026.1/2024")
    with pytest.raises(FieldFaults) as none:
        punishing.propose_punishment(trade.city, form(2, dt.date(2018, 6, 1), OTHER))
    assert set(none.value.faults) == {"deed_on"}


def test_an_old_decision_has_its_number_its_own_rule_and_its_own_days(trade: Trade) -> None:
    served(trade, 3, OTHER)
    with pytest.raises(FieldFaults) as found:
        punishing.propose_punishment(trade.second, form(5, THEN, OTHER, THEN))
    assert set(found.value.faults) == {"document"}
    later = timezone.localdate() + dt.timedelta(days=1)
    for day, decided_on, fault in ((later, None, "deed_on"), (THEN, later, "decided_on")):
        with pytest.raises(FieldFaults) as found:
            punishing.propose_punishment(trade.second, form(2, day, OTHER, decided_on, "清公惩字第七号"))
        assert fault in found.value.faults
    old = punishing.propose_punishment(trade.second, form(5, THEN, OTHER, THEN, "清公惩字第七号"))
    assert (old.punishment.rule, old.rule_version) == ("2019", "2026.1/2019")
    punishing.confirm_punishment(trade.city, old.punishment.pk, "order")
    about = punishing.serve(trade.city, old.punishment.pk, "letter")
    assert (about.starts_on, about.ends_on) == (THEN, dt.date(2026, 6, 1))
    assert not about.capped
    letter = registers.letters(trade.city).get(punishment=about)
    facts = dict(letters.take_letter(trade.city, letter.pk, "docx").facts)
    assert (facts["行为日期"], facts["原决定文号"]) == ("2021年6月1日", "清公惩字第七号")


def test_an_ordered_punishment_that_is_withdrawn_has_a_letter_that_says_so(trade: Trade) -> None:
    row = punishing.propose_punishment(trade.second, form())
    punishing.confirm_punishment(trade.city, row.punishment.pk, "order")
    deciding.decide(trade.city, row.pk, "withdraw", "身份被冒用")
    notice, revoked = registers.letters(trade.city)
    assert (notice.kind, revoked.kind, revoked.text) == ("notice", "revoke", "身份被冒用")
    paper = letters.take_letter(trade.city, revoked.pk, "pdf")
    assert paper.title == "惩戒决定撤销通知书"
    assert "身份被冒用" in paper.reason
    assert printing.as_pdf(paper).startswith(b"%PDF")


def test_all_punishments_of_a_person_together_reach_no_further_than_the_cap(trade: Trade) -> None:
    today = timezone.localdate()
    first, second = served(trade, 3), served(trade, 3, days_ago=1)
    assert (first.ends_on, first.capped) == (blacklisting.years_on(today, 3), False)
    assert (second.starts_on, second.ends_on) == (first.ends_on, blacklisting.years_on(today, 5))
    assert second.capped
    with pytest.raises(IllegalMove):
        served(trade, 2, days_ago=2)
    assert not served(trade, 2, "441800199001010030").capped


def test_nobody_is_punished_twice_for_the_deed_of_a_day(trade: Trade) -> None:
    first = punishing.propose_punishment(trade.second, form()).punishment
    with pytest.raises(FieldFaults) as found:
        punishing.propose_punishment(trade.county, form(3))
    assert set(found.value.faults) == {"deed_on"}
    # By file, or by two who typed at once, there may be two proposals: one of them is ordered.
    punishing.propose_punishments(trade.second, [form(3)])
    second = Punishment.objects.exclude(pk=first.pk).get()
    punishing.confirm_punishment(trade.city, second.pk, "order")
    with pytest.raises(IllegalMove):
        punishing.confirm_punishment(trade.city, first.pk, "order")
    punishing.confirm_punishment(trade.city, first.pk, "refuse", "重复提请")
    deciding.decide(trade.city, second.restriction_id, "withdraw", "身份被冒用")
    assert punishing.propose_punishment(trade.second, form()).state == State.PROPOSED


def test_an_appeal_of_a_punished_person_is_answered_by_letter(trade: Trade) -> None:
    about = served(trade)
    appeal = deciding.file_appeal(trade.city, about.restriction_id, "甲乙", "卡被他人冒用")
    deciding.decide_appeal(trade.second, appeal.pk, "uphold", "经查系冒用")
    punishing.lift(trade.city, about.pk)
    kinds = [one.kind for one in registers.letters(trade.city)]
    answer = registers.letters(trade.city).get(kind="answer")
    assert ("答复结论", "申诉成立，惩戒予以解除") in letters.take_letter(trade.city, answer.pk, "pdf").facts
    assert kinds == ["notice", "answer", "release"]
    assert Restriction.objects.get(pk=about.restriction_id).state == State.RELEASED


def test_a_letter_is_written_as_word_and_pdf_and_taking_it_is_on_record(trade: Trade, log_in: LogIn) -> None:
    about = served(trade)
    (letter,) = registers.letters(trade.city)
    number = punishing.number_of(letter)
    paper = letters.take_letter(trade.city, letter.pk, "docx")
    text = "\n".join(p.text for p in Word(io.BytesIO(printing.as_docx(paper))).paragraphs)
    for told in (number, "惩戒决定告知书", "甲乙", "申诉", "基本服务", "出租银行卡三张", "第三十一条"):
        assert told in text, told
    assert printing.as_pdf(paper).startswith(b"%PDF")
    assert AuditRow.objects.get(verb="take_letter").purpose == number
    browser = log_in(trade.city)
    for kind, magic in (("pdf", b"%PDF"), ("docx", b"PK")):
        answer = browser.post(f"/industry/letters/{letter.pk}/", {"form": kind})
        assert answer.content.startswith(magic)
    assert log_in(trade.officer).post(f"/industry/letters/{letter.pk}/", {"form": "pdf"}).status_code == 403
    assert browser.get(f"/industry/punishments/{about.pk}/").status_code == 200


def test_the_pages_of_the_registers_open(trade: Trade, log_in: LogIn) -> None:
    check = checking.flag_card(trade.caller, "17258010000", "短期内频繁换机")
    served(trade)
    interviewing.record_interview(trade.city, "bank", "演练银行", timezone.localdate(), "开户", "整改")
    browser = log_in(trade.city)
    for code in ("findings", "checks", "blacklist", "punishments", "interviews"):
        assert browser.get(f"/industry/tables/{code}/").status_code == 200
        assert browser.post(f"/industry/tables/{code}/file/", {"form": "csv"}).status_code == 200
    assert browser.get("/industry/figures/").status_code == 200
    for code in ("check", "blacklist", "punishment", "interview", "party"):
        assert browser.get(f"/industry/enter/{code}/").status_code == 200
        assert browser.post(f"/industry/enter/{code}/", {}).status_code == 422
    operator = log_in(trade.caller)
    assert operator.get(f"/industry/checks/{check.pk}/").status_code == 200
    moved = operator.post(f"/industry/checks/{check.pk}/move/", {"verb": "notify"})
    assert moved.status_code == 302
    typed = {"kind": "person", "identities": SOMEBODY, "purpose": "开卡核验"}
    assert "未列入" in operator.post("/industry/blacklist/", typed).content.decode()
    assert operator.post("/industry/blacklist/", {**typed, "identities": "?"}).status_code == 422
    assert operator.get("/industry/enter/blacklist/").status_code == 403
    told = {"kind": "number", "entity": "172 5801 0009", "found_at": "2021-06-17 15:29", "reason": "群呼"}
    for field, wrong in (("entity", "?"), ("found_at", "2999-06-17 15:29")):
        answer = operator.post("/industry/enter/finding/", {**told, field: wrong})
        assert (answer.status_code, f'id="e-{field}"' in answer.content.decode()) == (422, True)
    pushed = operator.post("/industry/enter/finding/", told)
    assert pushed["Location"] == f"/industry/findings/{registers.findings(trade.city).get().pk}/"
    assert browser.get("/industry/enter/finding/").status_code == 403
    # A bank has no phone cards.
    bank = log_in(trade.officer)
    assert "一次开户审核约谈" not in bank.get("/industry/tables/interviews/").content.decode()
    interviewing.record_interview(
        trade.city, "operator", "演练移动", timezone.localdate(), "一次开户审核约谈", "整改"
    )
    for who, seen in ((bank, False), (operator, True)):
        told = who.get("/industry/tables/interviews/").content.decode()
        assert ("一次开户审核约谈" in told, "整改" in told) == (seen, True)
    assert bank.get("/industry/enter/check/").status_code == 403
    assert "/industry/tables/checks/" not in bank.get("/industry/").content.decode()
    typed = {"kind": "person", "basis": "act-31", "reason": "出租电话卡", "identities": f"{SOMEBODY}\n?"}
    answer = browser.post("/industry/enter/blacklist/", typed)
    assert answer.status_code == 422
    assert "第 2 行" in answer.content.decode()


SOURCE = {
    "numbers_shut": 29_959,
    "findings": 386,
    "corporate_controlled": 6_028,
    "corporate_cleared": 11,
    "blacklisted_enterprises": 1_272,
    "blacklisted_persons": 300_000,
    "banks_interviewed": 7,
    "departments_interviewed": 10,
}
"""What the source document tells of this field."""


def test_every_figure_of_the_source_comes_out_of_its_rows(trade: Trade) -> None:
    write_source(trade, SOURCE)
    since, until = dt.date(2021, 1, 1), dt.date(2021, 6, 23)
    counted = {one.figure.code: one for one in figures.counted(trade.city, Ask("", since, until))}
    assert {code: counted[code].value for code in SOURCE} == SOURCE
    before = figures.counted(trade.city, Ask("", None, dt.date(2020, 12, 31)))
    assert {one.value for one in before if one.figure.code in SOURCE} == {0}

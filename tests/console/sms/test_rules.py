"""Who is warned, how often, with what words; what may never be in a text."""

from __future__ import annotations

import datetime as dt
import doctest
from types import ModuleType

import pytest
from django.utils import timezone
from hypothesis import given
from hypothesis import strategies as st

from qingdun.console.alerts import actions as alerts
from qingdun.console.alerts.actions import UNDO_FOR
from qingdun.console.alerts.models import Task
from qingdun.console.duty import posts
from qingdun.console.kernel.audit import verify_chain
from qingdun.console.kernel.models import AuditRow
from qingdun.console.sms import actions, links, parts, queries, sending, smpp, ticking
from qingdun.console.sms.codes import NEXT, Kind, MessageState, PartState, ReceiptState
from qingdun.console.sms.gateway import GatewayReceipt
from qingdun.console.sms.links import find_link
from qingdun.console.sms.models import LastEducation, Message, OptOut, Part, Template, advance
from qingdun.console.sms.parts import octets, split
from qingdun.console.sms.shipped import load_shipped, shipped
from qingdun.console.sms.wording import check, example, render
from qingdun.contract.codes import ScamType
from qingdun.errors import IllegalMove, InputError, NotPermitted
from tests.console.alerts.world import World, alert, evidence, number
from tests.console.sms.conftest import new_task

S = MessageState


@pytest.mark.parametrize("module", [links, parts, smpp, posts], ids=lambda module: module.__name__)
def test_examples_of_the_docstrings_hold(module: ModuleType) -> None:
    assert doctest.testmod(module).failed == 0


def test_looking_for_links_takes_no_longer_for_evil_texts() -> None:
    """The longest text of each evil kind is looked through in a blink; a wrong pattern would take minutes."""
    for evil in ("a" * 400, "a." * 200, "a. " * 133, "点" * 400, "1." * 200, "a/" * 200, "a-." * 133):
        find_link(evil + "。")


LINKS = (
    "请点 http://a1.example/x 核实",
    "登录www.bank.invalid",
    "ＷＷＷ．ｂａｎｋ．ｉｎｖａｌｉｄ",
    "t.cn/A6xyz",
    "见 dwz。cn/9k2",
    "见 b\u200bank.in\u200bvalid",
    "见 bank . invalid",
    "见 bank点invalid",
    "见 bank dot invalid",
    "见 bank[.]invalid",
    "反诈.中国",
    "地址192.0.2.7",
    "xn--fiqs8s",
    "weixin://dl/chat",
    "写信a@b.invalid",
    "复制 u/3kd9f2 打开",
)


@pytest.mark.parametrize("text", LINKS)
def test_anything_like_a_link_is_refused_with_its_place(text: str) -> None:
    found = find_link(text)
    assert found is not None
    with pytest.raises(InputError, match=str(found.at)):
        check(text, Kind.EDUCATION)


@pytest.mark.parametrize(
    "text",
    [
        "请拨打110/96110。谢谢",
        "损失3.5万元，2026.3.1起",
        "24小时服务。请接听。",
        "本人/家人",
        "不转账、不汇款。",
    ],
)
def test_ordinary_sentences_pass(text: str) -> None:
    assert find_link(text) is None


@given(st.text(max_size=40), st.sampled_from(LINKS), st.text(alphabet="，。请勿转账", max_size=20))
def test_a_link_is_found_wherever_it_stands(before: str, link: str, after: str) -> None:
    assert find_link(f"{before} {link} {after}") is not None


@given(st.text(alphabet=st.characters(exclude_categories=["Cs"]), max_size=600))
def test_parts_join_to_the_text_and_fit(text: str) -> None:
    parts = split(text)
    assert "".join(parts) == text
    assert all(len(octets(part)) <= (140 if len(parts) == 1 else 134) for part in parts)


def test_every_scam_type_has_its_texts_and_all_are_fit_to_be_sent() -> None:
    for kind in (Kind.EMERGENCY, Kind.EDUCATION):
        assert {text.scam_type for text in shipped() if text.kind == kind} == {
            code.value for code in ScamType
        }
    for text in shipped():
        assert check(text.text_zh, text.kind) == text.text_zh
        said = render(text.text_zh, text.kind, example(text.kind))
        assert len(split(said)) <= 2
        assert "{" not in said
        assert text.kind in (Kind.DUTY, Kind.REMINDER) or "96110" in said


@pytest.mark.parametrize(
    ("text", "kind", "says"),
    [
        ("", Kind.EMERGENCY, "文字|empty"),
        ("警" * 401, Kind.EMERGENCY, "401"),
        ("您好{addressee}", Kind.DUTY, "3"),
        ("您好{", Kind.EMERGENCY, "3"),
    ],
)
def test_unfit_texts_are_refused_with_the_reason(text: str, kind: Kind, says: str) -> None:
    with pytest.raises(InputError, match=says):
        check(text, kind)


def test_a_warning_is_queued_for_five_seconds_once_and_audited(world: World) -> None:
    task = new_task()
    message = actions.warn(world.analyst, task.pk)
    assert message.text.startswith("【清远市反诈中心】郑女士：")
    assert message.not_before - message.created_at == UNDO_FOR
    assert [part.text for part in message.parts.all()] == list(split(message.text))
    row = AuditRow.objects.get(verb="warn")
    assert (row.actor, row.subject_id, row.region_path) == ("city", str(message.pk), task.region_path)
    assert number(0) not in row.after
    for code in (None, "emergency.other"):
        with pytest.raises(IllegalMove):
            actions.warn(world.county, task.pk, code)
    assert verify_chain().intact


def test_an_urgent_warning_does_not_wait(world: World) -> None:
    message = actions.warn(world.analyst, new_task(level="urgent").pk)
    assert message.not_before == message.created_at


def test_a_warning_taken_back_frees_the_task(world: World) -> None:
    task = new_task()
    first = actions.warn(world.analyst, task.pk)
    assert actions.undo(world.analyst, first.pk).state == S.CANCELLED
    second = actions.warn(world.analyst, task.pk)
    Message.objects.filter(pk=second.pk).update(not_before=timezone.now())
    with pytest.raises(IllegalMove):
        actions.undo(world.analyst, second.pk)


def test_nobody_warns_outside_their_sight_or_without_the_right(world: World) -> None:
    task = new_task()
    for who in (world.other_county, world.officer, world.viewer, world.auditor):
        with pytest.raises(NotPermitted):
            actions.warn(who, task.pk)
    alerts.dispatch(world.analyst, task.pk, None)
    alerts.dispatch(world.county, task.pk, None)
    message = actions.warn(world.officer, task.pk)
    assert queries.messages(world.colleague).get() == message
    assert not queries.messages(world.other_county).exists()


def test_a_closed_task_and_an_unknown_text_are_refused(world: World) -> None:
    task = new_task()
    with pytest.raises(InputError):
        actions.warn(world.analyst, task.pk, "emergency.nothing")
    with pytest.raises(InputError):
        actions.warn(world.analyst, task.pk, "education.loan")
    Task.objects.filter(pk=task.pk).update(closed_at=timezone.now())
    with pytest.raises(IllegalMove):
        actions.warn(world.analyst, task.pk)


def test_education_once_a_week_and_not_to_those_who_opted_out(world: World) -> None:
    actions.opt_out(world.analyst, number(1)[3:], "来电要求退订")
    people = [f"p{index:02}" for index in range(3)]
    done = actions.educate(world.analyst, "education.loan", [*people, "nobody"], "月度宣传")
    assert done == actions.Campaign(queued=2, too_soon=0, opted_out=1, out_of_sight=1)
    again = actions.educate(world.analyst, "education.police", people, "月度宣传")
    assert again == actions.Campaign(0, 2, 1, 0)
    LastEducation.objects.update(at=timezone.now() - actions.BETWEEN_EDUCATION)
    assert actions.educate(world.analyst, "education.police", people, "月度宣传").queued == 2
    message = Message.objects.filter(kind=Kind.EDUCATION).first()
    assert message is not None
    actions.undo(world.analyst, message.pk)
    assert actions.educate(world.analyst, "education.loan", [message.person_id], "再试一次").queued == 1


def test_opting_out_stops_what_waits_but_never_a_warning(world: World) -> None:
    actions.educate(world.analyst, "education.loan", ["p00"], "月度宣传")
    actions.warn(world.analyst, new_task().pk)
    actions.opt_out(world.analyst, number(0), "来电要求退订")
    later = timezone.now() + dt.timedelta(seconds=6)
    first, second = sending.claim("w", later), sending.claim("w", later)
    assert first is not None
    assert first.kind == Kind.EMERGENCY
    assert second is None
    assert Message.objects.get(kind=Kind.EDUCATION).state == S.STOPPED
    actions.opt_in(world.analyst, number(0), "本人又愿意")
    assert not OptOut.objects.exists()
    with pytest.raises(NotPermitted):
        actions.opt_out(world.other_county, number(0), "不属本区")
    with pytest.raises(InputError):
        actions.opt_out(world.analyst, "138", "号码不全")


def test_tick_warns_low_tasks_once_and_nobody_else(world: World) -> None:
    new_task(0)
    new_task(1, "medium")
    old = new_task(2)
    Task.objects.filter(pk=old.pk).update(received_at=timezone.now() - dt.timedelta(days=2))
    now = timezone.now()
    assert ticking.tick(now) == 1
    assert ticking.tick(now) == ticking.tick(now - dt.timedelta(days=1)) == 0
    assert ticking.tick(now + dt.timedelta(hours=2)) == 0
    message = Message.objects.get()
    assert (message.task_id, message.created_by) == (Task.objects.get(episode_id="episode-00").pk, None)
    assert AuditRow.objects.filter(verb="warn", actor="system").count() == 1
    actions.undo(world.analyst, message.pk)
    assert ticking.tick(now) == 0


def test_a_warned_task_that_nobody_took_up_rests_and_the_next_alert_is_warned_about_anew(
    world: World,
) -> None:
    task, taken_up, unheard = new_task(0), new_task(1), new_task(2)
    ticking.tick(timezone.now())
    Message.objects.exclude(task=unheard).update(state=S.DELIVERED)
    alerts.move(world.analyst, taken_up.pk, None, "accept")
    over = (task.received_at + ticking.RESTS_AFTER).replace(second=0, microsecond=0)
    assert ticking.tick(over) == 0  # still within the three days
    assert ticking.tick(over + dt.timedelta(seconds=90)) == 0  # asked once a minute
    assert ticking.tick(over + dt.timedelta(minutes=1)) == 1
    states = {one.pk: one.state for one in Task.objects.all()}
    assert states == {task.pk: "closed", taken_up.pk: "city", unheard.pk: "scored"}
    line = task.events.get(verb="dismiss")
    assert (line.actor, line.note) == (None, "warned")
    assert AuditRow.objects.filter(verb="dismiss", actor="system", subject_id=str(task.pk)).count() == 1
    piece = evidence(50, "call.fanout", "number", "+00852170990009", 6.0, "二", "two")
    alerts.ingest_alerts(None, [alert(0, "low", "police", "contact", (piece,), 50, "another")])
    ticking.tick(timezone.now())
    assert Message.objects.filter(person_id="p00").count() == 2


def test_texts_are_versioned_and_audited(world: World) -> None:
    load_shipped()
    assert load_shipped() == 0
    before = Template.objects.get(code="emergency.loan", active=True)
    new = actions.edit_text(world.analyst, "emergency.loan", "请勿转账，拨打96110。", 1, "说得更短")
    assert (new.version, new.text_zh) == (2, "请勿转账，拨打96110。")
    before.refresh_from_db()
    assert not before.active
    assert [one.template.version for one in queries.versions(world.county, "emergency.loan")] == [2, 1]
    with pytest.raises(IllegalMove):
        actions.edit_text(world.analyst, "emergency.loan", "别的", 1, "没有看到新版")
    with pytest.raises(NotPermitted):
        actions.edit_text(world.county, "emergency.loan", "别的", 2, "县里不签发")
    with pytest.raises(InputError, match="www"):
        actions.edit_text(world.analyst, "emergency.loan", "见www.a.invalid", 2, "加个网址")
    assert AuditRow.objects.filter(verb="edit_text").count() == 1


def test_a_name_that_holds_a_link_is_not_sent(world: World) -> None:
    with pytest.raises(InputError):
        render("{addressee}您好", Kind.EMERGENCY, {"addressee": "a.cn/x"})


def taken(world: World) -> tuple[Message, list[Part]]:
    """A warning of two parts that worker w is sending."""
    message = actions.warn(world.analyst, new_task().pk)
    found = sending.claim("w", timezone.now() + dt.timedelta(seconds=6))
    assert found is not None
    parts = list(message.parts.all())
    assert len(parts) == 2
    return found, parts


def test_receipts_that_come_before_the_answer_and_in_reversed_order(world: World) -> None:
    now = timezone.now()
    message, parts = taken(world)
    for part, ident in zip(parts, "ab", strict=True):
        sending.begin(part, "w", "smpp", 100, now)
        part.gateway = "smpp"
        # Delivered comes first, then "on its way", twice; then the answer to the submit.
        for said in (ReceiptState.DELIVERED, ReceiptState.ON_ITS_WAY, ReceiptState.ON_ITS_WAY):
            sending.take_receipt("smpp", GatewayReceipt(ident, said), now)
        sending.accepted(part, ident, now)
    message.refresh_from_db()
    assert message.state == S.DELIVERED


def test_a_failure_may_still_turn_out_delivered_and_never_the_other_way(world: World) -> None:
    now = timezone.now()
    message, parts = taken(world)
    for part, ident in zip(parts, "ab", strict=True):
        sending.begin(part, "w", "smpp", 100, now)
        part.gateway = "smpp"
        sending.accepted(part, ident, now)
    said = [("a", "failed"), ("b", "delivered"), ("a", "delivered"), ("b", "failed")]
    states = []
    for ident, word in said:
        sending.take_receipt("smpp", GatewayReceipt(ident, ReceiptState(word)), now)
        message.refresh_from_db()
        states.append(message.state)
    assert states == [
        S.FAILED, S.FAILED, S.DELIVERED, S.DELIVERED,
    ]  # fmt: skip


def test_messages_too_old_fail_instead_of_going_out(world: World) -> None:
    message = actions.warn(world.analyst, new_task().pk)
    assert sending.claim("w", message.expires_at) is None
    message.refresh_from_db()
    assert (message.state, message.error) == (S.FAILED, "too_late")


def test_refusals_end_after_ten(world: World) -> None:
    message, parts = taken(world)
    now = message.not_before
    for _ in range(sending.MOST_ATTEMPTS):
        sending.begin(parts[0], "w", "smpp", 100, now)
        sending.refused(parts[0], "ESME_RTHROTTLED", True, now)
        message.refresh_from_db()
        now = message.not_before + dt.timedelta(seconds=sending.LONGEST_WAIT_S)
        sending.claim("w", now)
    message.refresh_from_db()
    assert message.state == S.FAILED
    actions.resend(world.analyst, message.pk)
    assert set(message.parts.values_list("state", flat=True)) == {PartState.WAITING}


def test_moves_outside_the_table_are_refused(world: World) -> None:
    message = actions.warn(world.analyst, new_task().pk)
    assert NEXT[S.UNCERTAIN] == frozenset()
    with pytest.raises(ValueError, match="table of moves"):
        advance(message.pk, S.UNCERTAIN, S.WAITING)
    assert not advance(message.pk, S.SENDING, S.SENT)


def test_priority_puts_warnings_before_education(world: World) -> None:
    actions.educate(world.analyst, "education.loan", ["p00"], "月度宣传")
    actions.warn(world.analyst, new_task(1).pk)
    later = timezone.now() + dt.timedelta(seconds=10)
    kinds = [found.kind for found in iter(lambda: sending.claim("w", later), None) if found]
    assert kinds == [Kind.EMERGENCY, Kind.EDUCATION]


@pytest.mark.parametrize("kind", list(Kind))
def test_doubt_is_settled_by_one_rule(world: World, kind: Kind) -> None:
    """Once more for a warning or a call to duty, never for education, and never a third time."""
    message, parts = taken(world)
    Message.objects.filter(pk=message.pk).update(kind=kind)
    now = message.not_before
    seen = []
    for _ in range(2):
        sending.begin(parts[0], "w", "smpp", 100, now)
        sending.lost(parts[0], "no_answer", True, now)
        message.refresh_from_db()
        seen.append(message.state)
        now += dt.timedelta(minutes=1)
        sending.claim("w", now)
    assert seen == ([S.UNCERTAIN] * 2 if kind == Kind.EDUCATION else [S.WAITING, S.UNCERTAIN])
    assert message.reason in ("应答超时", "no answer in time")


def test_what_was_never_written_waits_without_doubt(world: World) -> None:
    message, parts = taken(world)
    for _ in range(5):
        now = message.not_before
        sending.begin(parts[0], "w", "smpp", 100, now)
        sending.lost(parts[0], "not_connected", False, now)
        message.refresh_from_db()
        assert (message.state, message.doubts, message.attempts) == (S.WAITING, 0, 0)
        assert sending.claim("w", message.not_before) is not None

"""The SMPP adapter and the worker against a server of another make."""

from __future__ import annotations

import asyncio
import datetime as dt
import itertools

import pytest
from django.utils import timezone

from qingdun.console.sms import actions, sending
from qingdun.console.sms.codes import Kind, MessageState, PartState
from qingdun.console.sms.gateway import GatewayReceipt, GatewayRefused, OutgoingPart, Reply
from qingdun.console.sms.models import Message, OptOut, Part, Receipt
from qingdun.console.sms.parts import octets, split
from qingdun.console.sms.smpp import SmppGateway
from tests.console.alerts.world import World, number
from tests.console.sms.conftest import Operator, SendUntil, new_task

S = MessageState
LONG = "【演练】" + "请立即挂断电话，不要转账🚨。" * 12 + "𠮷野家的𠮷字占两个单位😀"


def due() -> None:
    """The five seconds for taking back, and every pause after a refusal, are over."""
    Message.objects.filter(state=S.WAITING).update(not_before=timezone.now() - dt.timedelta(seconds=1))


def queued(world: World, index: int = 0, text: str = "") -> Message:
    """A warning for that person, due; with another text than the template's, if one is given."""
    message = actions.warn(world.analyst, new_task(index).pk)
    if text:
        Message.objects.filter(pk=message.pk).update(text=text)
        message.parts.all().delete()
        for position, part in enumerate(split(text), start=1):
            Part.objects.create(message=message, number=position, text=part)
    due()
    return message


def state(message: Message) -> str:
    message.refresh_from_db()
    return str(message.state)


def test_long_chinese_text_arrives_whole_and_receipts_find_it(
    world: World, operator: Operator, send_until: SendUntil
) -> None:
    operator.tell(receipts="after")
    message = queued(world, text=LONG)
    send_until(operator.gateway(), lambda: state(message) == S.DELIVERED)
    parts = operator.events("submit")
    assert len(parts) == len(split(LONG)) > 2
    assert operator.texts() == [LONG]
    assert {one["coding"] for one in parts} == {8}
    assert {one["receipt"] for one in parts} == {1}
    assert all(one["units"] <= 67 for one in parts)
    assert {one["to"] for one in parts} == {number(0).lstrip("+")}
    assert [one.gateway_id for one in message.parts.all()] == [one["id"] for one in parts]
    assert set(message.parts.values_list("state", flat=True)) == {PartState.DELIVERED}


def test_short_text_goes_alone_without_a_header(
    world: World, operator: Operator, send_until: SendUntil
) -> None:
    message = queued(world, text="警" * 68 + "😀")
    send_until(operator.gateway(), lambda: state(message) == S.SENT)
    assert [(one["total"], one["units"], one["text"]) for one in operator.events("submit")] == [
        (1, 70, "警" * 68 + "😀")
    ]


@pytest.mark.parametrize("order", ["before", "reversed"])
def test_receipts_in_any_order_and_twice(
    order: str, world: World, operator: Operator, send_until: SendUntil
) -> None:
    operator.tell(receipts=order)
    message = queued(world, text=LONG)

    def reached() -> bool:
        if order == "reversed" and state(message) == S.SENT and not flushed:
            flushed.append(True)
            operator.tell(flush=True)
        return state(message) == S.DELIVERED

    flushed: list[bool] = []
    send_until(operator.gateway(), reached)
    assert state(message) == S.DELIVERED
    assert not Receipt.objects.filter(part=None).exists()


def test_undelivered_is_failed_and_may_be_sent_again(
    world: World, operator: Operator, send_until: SendUntil
) -> None:
    operator.tell(receipts="after", stat="UNDELIV")
    message = queued(world)
    send_until(operator.gateway(), lambda: state(message) == S.FAILED)
    operator.tell(stat="DELIVRD")
    actions.resend(world.analyst, message.pk)
    send_until(operator.gateway(), lambda: state(message) == S.DELIVERED)
    assert operator.texts() == [message.text] * 2


@pytest.mark.parametrize("status", ["ESME_RTHROTTLED", "ESME_RSYSERR", "ESME_RMSGQFUL"])
def test_refusals_that_pass_are_waited_out_longer_each_time(
    status: str, world: World, operator: Operator, send_until: SendUntil
) -> None:
    operator.tell(refuse=[status, status, status])
    message, waits = queued(world), []

    def reached() -> bool:
        if state(message) == S.WAITING and message.attempts > len(waits):
            waits.append((message.not_before - timezone.now()).total_seconds())
            due()
        return state(message) == S.SENT

    send_until(operator.gateway(), reached)
    assert len(operator.events("refused")) == 3
    assert operator.texts() == [message.text]
    assert message.attempts == 3
    # 2, 4 and 8 seconds from the refusal, of which hardly any had passed when they were read.
    assert [wait <= limit for wait, limit in zip(waits, (2, 4, 8), strict=True)] == [True] * 3
    assert waits[0] < waits[1] < waits[2]


@pytest.mark.parametrize("status", ["ESME_RINVDSTADR", "1089"])
def test_final_refusals_fail_with_the_operators_word(
    status: str, world: World, operator: Operator, send_until: SendUntil
) -> None:
    operator.tell(refuse=[status])
    message = queued(world)
    other = queued(world, 1)
    send_until(operator.gateway(), lambda: state(message) == S.FAILED and state(other) == S.SENT)
    assert message.error == ("ESME_RINVDSTADR" if status.startswith("E") else "0x00000441")


def test_line_that_breaks_before_the_answer_sends_a_warning_again_and_education_never(
    world: World, operator: Operator, send_until: SendUntil
) -> None:
    operator.tell(drop=True)
    message = queued(world)
    gateway = operator.gateway()
    send_until(gateway, lambda: (due(), state(message))[1] == S.SENT)
    # The part in doubt went twice, under the same reference: a phone joins the text once.
    assert [one["number"] for one in operator.events("submit")] == [1, 1, 2]
    assert operator.texts() == [message.text]
    assert message.doubts == 1
    actions.educate(world.analyst, "education.loan", ["p01"], "月度宣传")
    due()
    lesson = Message.objects.get(kind=Kind.EDUCATION)
    operator.tell(drop=True)
    send_until(operator.gateway(), lambda: state(lesson) == S.UNCERTAIN)
    due()
    other = queued(world, 2)
    send_until(operator.gateway(), lambda: state(other) == S.SENT)
    to_them = [one for one in operator.events("submit") if one["to"] == number(1).lstrip("+")]
    assert [one["number"] for one in to_them] == [1]
    assert state(lesson) == S.UNCERTAIN


def test_connection_comes_back_by_itself(world: World, operator: Operator, send_until: SendUntil) -> None:
    first = queued(world)
    operator.tell(drop=True)
    second = queued(world, 1)
    send_until(operator.gateway(), lambda: (due(), state(first), state(second))[1:] == (S.SENT, S.SENT))
    assert len(operator.events("bind")) == 2
    operator.wait("unbind")
    assert len(operator.events("unbind")) == 1


def test_wrong_password_sends_nothing_and_is_tried_again(
    world: World, operator: Operator, send_until: SendUntil
) -> None:
    message = queued(world)
    gateway = SmppGateway(operator.account("wrong"))
    send_until(gateway, lambda: len(operator.events("bind")) == 2)
    assert [one["ok"] for one in operator.events("bind")] == [False, False]
    assert state(message) == S.WAITING
    assert not operator.events("submit")


def test_rate_is_kept_by_all_workers_together(
    world: World, operator: Operator, send_until: SendUntil
) -> None:
    rate = 20
    sent = [queued(world, index) for index in range(10)]
    began = timezone.now()
    send_until(operator.gateway(), lambda: {state(one) for one in sent} == {S.SENT}, rate=rate)
    slots = sorted(Part.objects.values_list("sent_at", flat=True))
    assert len(slots) > rate / 2
    gap = dt.timedelta(seconds=1 / rate)
    assert all(later - earlier >= gap for earlier, later in itertools.pairwise(slots))
    # A part never goes before its slot, so the last one cannot have gone sooner than this.
    assert timezone.now() - began >= gap * (len(slots) - 1)
    now = slots[-1]
    Message.objects.filter(pk=sent[0].pk).update(state=S.SENDING, taken_by="a")
    Message.objects.filter(pk=sent[1].pk).update(state=S.SENDING, taken_by="b")
    one, two = (Part.objects.filter(message=sent[index]).first() for index in (0, 1))
    assert one is not None
    assert two is not None
    first = sending.begin(one, "a", "other", rate, now)
    second = sending.begin(two, "b", "other", rate, now)
    assert (first, second) == (now, now + gap)
    # A clock set back by an hour does not hold everything up for that hour.
    back = now - dt.timedelta(hours=1)
    assert sending.begin(one, "a", "other", rate, back) == back
    assert sending.begin(one, "nobody", "other", rate, now) is None


def test_reply_of_t_opts_out(world: World, operator: Operator, send_until: SendUntil) -> None:
    message = queued(world)

    asked: list[bool] = []

    def reached() -> bool:
        if state(message) == S.SENT and not asked:
            asked.append(True)
            operator.tell(reply={"from": number(0).lstrip("+"), "text": " t "})
        return OptOut.objects.filter(pk=number(0)).exists()

    send_until(operator.gateway(), reached)
    assert OptOut.objects.get().by is None


class Box:
    """An inbox that forgets."""

    async def receipt(self, said: GatewayReceipt) -> None: ...

    async def reply(self, said: Reply) -> None: ...


def test_port_alone_with_any_text(operator: Operator) -> None:
    """Every cut of texts full of pairs is joined by the server to the same text."""
    texts = ["".join("警😀"[(i * k) % 3 == 0] for i in range(160)) for k in range(1, 8)]

    async def run() -> None:
        gateway = operator.gateway()
        await gateway.open(Box())
        await gateway.ready()
        for ident, text in enumerate(texts):
            parts = split(text)
            for position, part in enumerate(parts, start=1):
                assert len(octets(part)) <= 134
                await gateway.submit(
                    OutgoingPart(0, 250 + ident, position, len(parts), "+8617258010000", part, 3600)
                )
        operator.process.stdin.write('{"refuse": ["ESME_RINVDSTADR"]}\n')  # type: ignore[union-attr]
        operator.process.stdin.flush()  # type: ignore[union-attr]
        await asyncio.to_thread(operator.wait, "changed")
        with pytest.raises(GatewayRefused) as no:
            await gateway.submit(OutgoingPart(0, 1, 1, 1, "+8617258010000", "一", 3600))
        assert not no.value.passing
        await gateway.close()

    asyncio.run(run())
    assert operator.texts() == texts

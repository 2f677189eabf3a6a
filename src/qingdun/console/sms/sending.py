"""The ledger side of sending: what is taken, what is written down before and after a part goes out.

Every function is one short transaction. A part is marked `sending` and committed before it is handed over,
and `accepted` with the operator's id after. Whoever finds a part still `sending` whose worker is gone cannot
know whether it left: that is doubt, and `_doubt` is the one rule for it.
"""

from __future__ import annotations

import datetime as dt

from django.db import connection, transaction
from django.db.models import F, Q

from qingdun.console.kernel.audit import record
from qingdun.console.kernel.masking import mask_number
from qingdun.console.kernel.models import PersonNumber, Region
from qingdun.console.sms.codes import Kind, MessageState, PartState, ReceiptState
from qingdun.console.sms.gateway import GatewayReceipt
from qingdun.console.sms.models import Message, OptOut, Pace, Part, Receipt, advance

LEASE = dt.timedelta(seconds=60)
"""How long a worker may be silent about a message before it counts as gone; longer than any answer takes."""
MOST_ATTEMPTS = 10
LONGEST_WAIT_S = 600
AGAIN_AFTER_DOUBT = frozenset({Kind.EMERGENCY, Kind.DUTY, Kind.REMINDER})
"""Kinds that are sent once more when nobody knows whether they left: a warning read twice harms nobody, a
warning lost may cost a life's savings. Education is never sent twice.
"""


def claim(worker: str, now: dt.datetime) -> Message | None:
    """The next message that is due is this worker's alone for a lease; None if nothing is.

    On the way, what is not worth sending any more has failed and what was opted out of has stopped.
    """
    _expire(now)
    waiting = Message.objects.filter(state=MessageState.WAITING, not_before__lte=now)
    # Looked at first: to open a transaction is to lock a SQLite, ten times a second for nothing.
    if not waiting.exists():
        return None
    while True:
        with transaction.atomic():
            due = waiting.order_by("priority", "not_before", "pk")
            if connection.features.has_select_for_update_skip_locked:
                due = due.select_for_update(skip_locked=True)
            message = due.first()
            if message is None:
                return None
            if message.kind == Kind.EDUCATION and OptOut.objects.filter(pk=message.msisdn).exists():
                advance(message.pk, MessageState.WAITING, MessageState.STOPPED, done_at=now)
                continue
            if advance(
                message.pk, MessageState.WAITING, MessageState.SENDING,
                taken_by=worker, taken_until=now + LEASE,
            ):  # fmt: skip
                message.refresh_from_db()
                return message


def recover(now: dt.datetime) -> int:
    """Messages whose worker is gone are in the queue again, or in doubt; how many is returned."""
    gone = Message.objects.filter(state=MessageState.SENDING, taken_until__lt=now)
    return sum(_recover(pk, now) for pk in list(gone.values_list("pk", flat=True)))


def open_parts(message: Message) -> list[Part]:
    """What is still to be sent of it, in order."""
    return list(Part.objects.filter(message=message, state=PartState.WAITING).order_by("number"))


@transaction.atomic
def begin(part: Part, worker: str, gateway: str, rate: int, now: dt.datetime) -> dt.datetime | None:
    """The part is marked as being sent, and may go at the time returned; None if the message is no longer
    this worker's.

    Times given out are 1/rate seconds apart, whichever process asks. A time far ahead is the work of a clock
    that was set back, and is forgotten.
    """
    pace = _pace(gateway, now)
    mine = Message.objects.filter(pk=part.message_id, state=MessageState.SENDING, taken_by=worker)
    if not mine.update(taken_until=now + LEASE):
        return None
    slot = pace.next_at if now <= pace.next_at <= now + LEASE / 2 else now
    pace.next_at = slot + dt.timedelta(seconds=1 / rate)
    pace.save()
    Part.objects.filter(pk=part.pk).update(state=PartState.SENDING, gateway=gateway, sent_at=slot)
    return slot


@transaction.atomic
def accepted(part: Part, gateway_id: str, now: dt.datetime) -> None:
    """The operator has taken the part under that id; a receipt that was faster than this is not lost."""
    _pace(part.gateway, now)
    Message.objects.select_for_update().get(pk=part.message_id)
    Part.objects.filter(pk=part.pk).update(state=PartState.ACCEPTED, gateway_id=gateway_id)
    Receipt.objects.filter(gateway=part.gateway, gateway_id=gateway_id, part=None).update(part=part)
    for said in Receipt.objects.filter(part=part, gateway_id=gateway_id):
        _believe(part.pk, said.state)
    _conclude(part.message_id, now)


@transaction.atomic
def refused(part: Part, code: str, passing: bool, now: dt.datetime) -> None:
    """The operator did not take the part: it waits, longer each time, or the message has failed."""
    message = Message.objects.select_for_update().get(pk=part.message_id)
    if passing and message.attempts + 1 < MOST_ATTEMPTS:
        Part.objects.filter(pk=part.pk).update(state=PartState.WAITING)
        wait = dt.timedelta(seconds=min(2 ** (message.attempts + 1), LONGEST_WAIT_S))
        advance(
            message.pk, MessageState.SENDING, MessageState.WAITING, attempts=F("attempts") + 1,
            not_before=now + wait, error=code[:200], taken_by="", taken_until=None,
        )  # fmt: skip
        return
    Part.objects.filter(message=message).exclude(state__in=(PartState.ACCEPTED, PartState.DELIVERED)).update(
        state=PartState.FAILED
    )
    _end(message.pk, MessageState.FAILED, now, error=code[:200])


@transaction.atomic
def lost(part: Part, reason: str, written: bool, now: dt.datetime) -> None:
    """There was no answer: what was never written waits again, what may have left is in doubt."""
    message = Message.objects.select_for_update().get(pk=part.message_id)
    if message.state != MessageState.SENDING:
        return
    if written:
        _doubt(message, reason, now)
        return
    Part.objects.filter(pk=part.pk).update(state=PartState.WAITING)
    _wait_again(message.pk, now, reason)


@transaction.atomic
def finish(message: Message, now: dt.datetime) -> None:
    """The message is what its parts are, when none was left to send."""
    Message.objects.select_for_update().get(pk=message.pk)
    _conclude(message.pk, now)


@transaction.atomic
def take_receipt(gateway: str, said: GatewayReceipt, now: dt.datetime) -> bool:
    """The receipt is kept and its part and message say so; false if it was known. Any order will do."""
    _pace(gateway, now)
    part = Part.objects.filter(gateway=gateway, gateway_id=said.gateway_id).first()
    if part is not None:
        Message.objects.select_for_update().get(pk=part.message_id)
    _kept, fresh = Receipt.objects.get_or_create(
        gateway=gateway, gateway_id=said.gateway_id, state=said.state,
        defaults={"part": part, "code": said.code[:20], "received_at": now},
    )  # fmt: skip
    if part is not None and fresh:
        _believe(part.pk, said.state)
        _conclude(part.message_id, now)
    return fresh


STOP_WORDS = frozenset({"T", "TD", "N", "STOP", "退订", "不要", "取消"})


@transaction.atomic
def take_reply(sender: str, text: str, now: dt.datetime) -> bool:
    """A reply that asks to be left alone is an opt-out; any other one is nothing. Tells which."""
    if text.strip().strip("。.!！").upper() not in STOP_WORDS:
        return False
    number = f"+86{sender}" if len(sender) == 11 and sender.isdecimal() else sender
    holder = PersonNumber.objects.select_related("person").filter(pk=number).first()
    city = Region.objects.filter(level=Region.Level.CITY).first()
    path = holder.person.region_path if holder else city.path if city else ""
    _kept, fresh = OptOut.objects.get_or_create(pk=number, defaults={"at": now, "region_path": path})
    if fresh:
        after = {"number": mask_number(number), "by": "reply"}
        record(None, "opt_out", ("number", mask_number(number)), None, after, region_path=path)
    return True


def _pace(gateway: str, now: dt.datetime) -> Pace:
    """The gateway's row, locked: a receipt and the answer it belongs to never pass each other unseen.

    Always the first lock of its transaction.
    """
    Pace.objects.get_or_create(gateway=gateway, defaults={"next_at": now})
    return Pace.objects.select_for_update().get(gateway=gateway)


def _believe(part_id: int, said: str) -> None:
    """The part is what the receipt says. Delivered stays; a failure may still turn out delivered."""
    part = Part.objects.filter(pk=part_id)
    if said == ReceiptState.DELIVERED:
        part.update(state=PartState.DELIVERED)
    elif said == ReceiptState.FAILED:
        part.filter(state=PartState.ACCEPTED).update(state=PartState.FAILED)


def _conclude(message_id: int, now: dt.datetime) -> None:
    """The message's state follows from its parts', once none of them is still to be sent."""
    states = set(Part.objects.filter(message=message_id).values_list("state", flat=True))
    if states & {PartState.WAITING, PartState.SENDING, PartState.UNCERTAIN}:
        return
    target = MessageState.SENT
    if PartState.FAILED in states:
        target = MessageState.FAILED
    elif states == {PartState.DELIVERED}:
        target = MessageState.DELIVERED
    _end(message_id, target, now)


def _end(message_id: int, target: MessageState, now: dt.datetime, error: str = "") -> None:
    state = Message.objects.values_list("state", flat=True).get(pk=message_id)
    if state == target or (state, target) not in _ENDINGS:
        return
    values: dict[str, object] = {"taken_by": "", "taken_until": None, "error": error}
    if target in (MessageState.SENT, MessageState.DELIVERED) and state == MessageState.SENDING:
        values["sent_at"] = now
    if target != MessageState.SENT:
        values["done_at"] = now
    advance(message_id, state, target, **values)


_S = MessageState
_ENDINGS = frozenset(
    {
        (_S.SENDING, _S.SENT),
        (_S.SENDING, _S.DELIVERED),
        (_S.SENDING, _S.FAILED),
        (_S.SENT, _S.DELIVERED),
        (_S.SENT, _S.FAILED),
        (_S.FAILED, _S.DELIVERED),
    }
)


def _doubt(message: Message, reason: str, now: dt.datetime) -> None:
    """Nobody knows whether the part left. A warning or what goes to an officer goes once more; education
    stays uncertain for ever, and so does what is in doubt a second time.
    """
    parts = Part.objects.filter(message=message, state=PartState.SENDING)
    if message.kind in AGAIN_AFTER_DOUBT and message.doubts == 0:
        parts.update(state=PartState.WAITING)
        _wait_again(message.pk, now, reason, doubts=F("doubts") + 1)
        return
    parts.update(state=PartState.UNCERTAIN)
    advance(
        message.pk, MessageState.SENDING, MessageState.UNCERTAIN, doubts=F("doubts") + 1,
        error=reason[:200], taken_by="", taken_until=None, done_at=now,
    )  # fmt: skip


def _wait_again(message_id: int, now: dt.datetime, reason: str, **values: object) -> None:
    advance(
        message_id, MessageState.SENDING, MessageState.WAITING, not_before=now + dt.timedelta(seconds=1),
        error=reason[:200], taken_by="", taken_until=None, **values,
    )  # fmt: skip


@transaction.atomic
def _recover(message_id: int, now: dt.datetime) -> bool:
    gone = Q(pk=message_id, state=MessageState.SENDING, taken_until__lt=now)
    message = Message.objects.select_for_update().filter(gone).first()
    if message is None:
        return False
    if Part.objects.filter(message=message, state=PartState.SENDING).exists():
        _doubt(message, "sender_gone", now)
    else:
        _wait_again(message.pk, now, "")
    return True


def _expire(now: dt.datetime) -> None:
    late = Message.objects.filter(state=MessageState.WAITING, expires_at__lte=now)
    for pk in list(late.values_list("pk", flat=True)[:100]):
        with transaction.atomic():
            if advance(pk, MessageState.WAITING, MessageState.FAILED, error="too_late", done_at=now):
                Part.objects.filter(message=pk, state=PartState.WAITING).update(state=PartState.FAILED)

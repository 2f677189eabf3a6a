"""What people and ticks do with messages: the actor first, one transaction, one audit row."""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from django.db import IntegrityError, transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from qingdun.console.alerts.access import locked
from qingdun.console.alerts.actions import UNDO_FOR
from qingdun.console.alerts.queries import Task
from qingdun.console.kernel.actions import stated
from qingdun.console.kernel.audit import record
from qingdun.console.kernel.masking import mask_number
from qingdun.console.kernel.models import Person, PersonNumber, Region, User
from qingdun.console.kernel.queries import persons
from qingdun.console.kernel.roles import Permission, require
from qingdun.console.kernel.scope import out_of_reach, residents
from qingdun.console.sms import wording
from qingdun.console.sms.codes import BETWEEN_EDUCATION, PRIORITY, Kind, MessageState, PartState
from qingdun.console.sms.models import LastEducation, Message, OptOut, Part, Template, advance
from qingdun.console.sms.parts import split
from qingdun.console.sms.queries import messages
from qingdun.console.sms.shipped import load_shipped
from qingdun.errors import IllegalMove, InputError, NotPermitted

WORTH = {
    Kind.EMERGENCY: dt.timedelta(hours=24),
    Kind.EDUCATION: dt.timedelta(hours=72),
    Kind.DUTY: dt.timedelta(minutes=30),
    Kind.REMINDER: dt.timedelta(hours=12),
}
"""How long a message is worth being sent."""
_AGAINST = (MessageState.CANCELLED, MessageState.FAILED, MessageState.STOPPED)
"""States in which a warning has not reached, and will not reach, anybody."""


@dataclass(frozen=True, slots=True)
class Campaign:
    """What came of an educational text for many persons."""

    queued: int
    too_soon: int
    opted_out: int
    out_of_sight: int


@dataclass(frozen=True, slots=True)
class Educated:
    """What came of an educational text for one person: the message, or why there is none."""

    message: Message | None
    why: str = ""
    """`opted_out`, `no_number` or `too_soon`."""


@transaction.atomic
def warn(actor: User, task_id: int, template: str | None = None) -> Message:
    """A warning for the task's person is queued, with the text of its scam type or the one named.

    A task is warned about once, whatever text and whoever does it; a warning that was taken back or failed
    leaves the way free for another text. Errors: NotPermitted, IllegalMove (warned already, closed),
    InputError (no such text, a name that makes a link).
    """
    require(actor, Permission.WORK_ALERTS)
    task = locked(actor, task_id)
    if task.closed_at is not None:
        raise IllegalMove(_("The task is closed; nobody is warned about it any more."))
    code = template or f"emergency.{task.scam_type}"
    message = queue_warning(actor, task, active_text(code, Kind.EMERGENCY), timezone.now())
    record(actor, "warn", message, None, face(message), region_path=task.region_path)
    return message


def queue_warning(actor: User | None, task: Task, template: Template, now: dt.datetime) -> Message:
    """The warning stands in the queue; part of an act that holds the task's lock and leaves the audit row.

    Urgent tasks are not held back for taking it back. Errors: IllegalMove, InputError.
    """
    before = Message.objects.filter(task=task, kind=Kind.EMERGENCY).exclude(state__in=_AGAINST).first()
    if before is not None:
        raise IllegalMove(
            _("This person was already warned about this task at %(at)s.")
            % {"at": f"{timezone.localtime(before.created_at):%Y-%m-%d %H:%M:%S}"}
        )
    person = Person.objects.filter(pk=task.person_id).first()
    values = {"centre": wording.centre(), "addressee": wording.addressee(person)}
    wait = dt.timedelta(0) if task.level == "urgent" else UNDO_FOR
    return _queue(
        f"task:{task.pk}:{template.code}", template, task.msisdn, values, now, wait,
        actor=actor, task=task, person_id=task.person_id, region_path=task.region_path,
    )  # fmt: skip


@transaction.atomic
def call_to_duty(task: Task, key: str, msisdn: str, now: dt.datetime, late: bool = False) -> Message:
    """An officer's phone is told that the task waits, or is `late`; it names the task, its level and town,
    and nobody.

    It goes at once. Part of an act of the duty module, which leaves the audit row.
    Errors: IllegalMove if that key was queued before.
    """
    return tell_officer(task, "duty.late" if late else "duty.call", key, msisdn, now)


def tell_officer(task: Task, code: str, key: str, msisdn: str, now: dt.datetime) -> Message:
    """The same with another text for officers on duty, by its code; its caller leaves the audit row."""
    values = {
        "centre": wording.centre(), "task": str(task.pk), "level": _level_zh(task.level),
        "town": task.town.name if task.town else "",
    }  # fmt: skip
    template = active_text(code, Kind.DUTY)
    return _queue(
        key, template, msisdn, values, now, dt.timedelta(0), task=task, region_path=task.region_path
    )


def remind_officer(
    code: str, key: str, msisdn: str, count: int, late: int, region_path: str, now: dt.datetime
) -> Message:
    """An officer's phone is told how much of theirs is due, and of nobody; its caller leaves the audit row.

    Errors: IllegalMove if that key was queued before.
    """
    values = {"centre": wording.centre(), "due": wording.due(count, late)}
    template = active_text(code, Kind.REMINDER)
    return _queue(key, template, msisdn, values, now, dt.timedelta(0), region_path=region_path)


@transaction.atomic
def educate(actor: User, code: str, person_ids: Sequence[str], purpose: str) -> Campaign:
    """The educational text is queued for each person of the actor's region who may have one now.

    Left out: who opted out, and who was sent one within seven days. Errors: NotPermitted, InputError.
    """
    require(actor, Permission.REVIEW_ALERTS)
    now, wanted = timezone.now(), list(dict.fromkeys(person_ids))
    template = active_text(code, Kind.EDUCATION)
    made = educate_each(actor, code, f"{now:%Y%m%dT%H%M%S%f}", wanted)
    why = Counter(one.why for one in made.values())
    done = Campaign(why[""], why["too_soon"], why["opted_out"], len(wanted) - len(made) + why["no_number"])
    after = {"queued": why[""], "too_soon": why["too_soon"], "opted_out": why["opted_out"],
             "version": template.version}  # fmt: skip
    record(actor, "educate", ("text", code), None, after, stated(purpose))
    return done


@transaction.atomic
def educate_each(actor: User, code: str, key: str, person_ids: Sequence[str]) -> dict[str, Educated]:
    """The educational text is queued for each of the persons who may have one now; what came of each, but of
    those outside the actor's region. The same `key` reaches a person once.

    Part of an act that leaves the audit row. Errors: NotPermitted, InputError (no such text).
    """
    require(actor, Permission.WORK_OUTREACH)
    template, now = active_text(code, Kind.EDUCATION), timezone.now()
    seen = {one.pk: one for one in residents(actor, Person.objects.filter(pk__in=list(person_ids)))}
    numbers = _numbers(seen)
    stopped = set(OptOut.objects.filter(msisdn__in=numbers.values()).values_list("msisdn", flat=True))
    made: dict[str, Educated] = {}
    for ident, person in sorted(seen.items()):
        msisdn = numbers.get(ident)
        if msisdn is None or msisdn in stopped:
            made[ident] = Educated(None, "opted_out" if msisdn else "no_number")
        elif not _week_over(ident, now):
            made[ident] = Educated(None, "too_soon")
        else:
            values = {"centre": wording.centre(), "addressee": wording.addressee(person)}
            message = _queue(
                f"education:{ident}:{key}", template, msisdn, values, now, UNDO_FOR,
                actor=actor, person_id=ident, region_path=person.region_path,
            )  # fmt: skip
            made[ident] = Educated(message)
    return made


@transaction.atomic
def undo(actor: User, message_id: int) -> Message:
    """The message is taken back, if its few seconds are not over; the task may then be warned about anew.

    Errors: NotPermitted, IllegalMove.
    """
    require(actor, Permission.WORK_ALERTS)
    message = _seen(actor, message_id)
    now = timezone.now()
    if message.not_before <= now or not advance(
        message.pk, MessageState.WAITING, MessageState.CANCELLED, done_at=now, key=_freed(message)
    ):
        raise IllegalMove(_("It is too late to take this message back; it is on its way."))
    if message.kind == Kind.EDUCATION:
        LastEducation.objects.filter(person_id=message.person_id, at=message.created_at).delete()
    return _recorded(actor, "take_back_message", message)


@transaction.atomic
def resend(actor: User, message_id: int) -> Message:
    """A failed message is queued again; only its parts that failed go out again.

    Errors: NotPermitted, IllegalMove (not failed; education; another warning took its place).
    """
    require(actor, Permission.REVIEW_ALERTS)
    message = _seen(actor, message_id)
    now = timezone.now()
    if message.kind == Kind.EDUCATION:
        raise IllegalMove(_("Education is not sent twice; the next week brings the next."))
    rivals = Message.objects.filter(task=message.task_id, kind=Kind.EMERGENCY).exclude(state__in=_AGAINST)
    if message.kind == Kind.EMERGENCY and rivals.exclude(pk=message.pk).exists():
        raise IllegalMove(_("Another warning has gone out for this task since."))
    if not advance(
        message.pk, MessageState.FAILED, MessageState.WAITING, attempts=0, error="", done_at=None,
        not_before=now, expires_at=now + WORTH[Kind(message.kind)],
    ):  # fmt: skip
        raise IllegalMove(_("Only a failed message is sent again; this one is: %(state)s.") % {
            "state": message.get_state_display()
        })  # fmt: skip
    Part.objects.filter(message=message, state=PartState.FAILED).update(
        state=PartState.WAITING, gateway="", gateway_id=""
    )
    return _recorded(actor, "resend_message", message)


@transaction.atomic
def opt_out(actor: User, msisdn: str, purpose: str) -> OptOut:
    """The number gets no education any more; what waits for it is stopped. Warnings still reach it.

    Errors: NotPermitted (a number outside the actor's region), InputError (not a number, no purpose).
    """
    require(actor, Permission.WORK_ALERTS)
    number = whole_number(msisdn)
    path = _region_of(actor, number)
    kept, fresh = OptOut.objects.get_or_create(
        msisdn=number, defaults={"at": timezone.now(), "by": actor, "region_path": path}
    )
    if fresh:
        after = {"number": mask_number(number)}
        record(
            actor, "opt_out", ("number", mask_number(number)), None, after, stated(purpose), region_path=path
        )
    return kept


@transaction.atomic
def opt_in(actor: User, msisdn: str, purpose: str) -> None:
    """The number may get education again. Errors: as `opt_out`."""
    require(actor, Permission.WORK_ALERTS)
    number = whole_number(msisdn)
    path = _region_of(actor, number)
    if OptOut.objects.filter(pk=number).delete()[0]:
        before = {"number": mask_number(number)}
        record(
            actor, "opt_in", ("number", mask_number(number)), before, None, stated(purpose), region_path=path
        )


@transaction.atomic
def edit_text(actor: User, code: str, text: str, version: int, purpose: str) -> Template:
    """The code has a new version of its text, which messages use from now on; the old ones stay.

    `version` is the one the editor has seen. Errors: NotPermitted (only the city signs), InputError with the
    place, IllegalMove (somebody was faster).
    """
    require(actor, Permission.DISPATCH_CITY)
    found = Template.objects.select_for_update().filter(code=code, active=True).first()
    if found is None:
        raise InputError(_("There is no text %(code)s.") % {"code": code})
    if found.version != version:
        raise IllegalMove(_("Somebody has changed this text meanwhile; look at it and write again."))
    words = wording.check(text, found.kind)
    before = {"version": found.version, "text": found.text_zh}
    Template.objects.filter(pk=found.pk).update(active=False)
    new = Template.objects.create(
        code=code, version=found.version + 1, kind=found.kind, scam_type=found.scam_type,
        text_zh=words, created_at=timezone.now(), created_by=actor,
    )  # fmt: skip
    after = {"version": new.version, "text": words}
    record(actor, "edit_text", ("text", code), before, after, stated(purpose))
    return new


def active_text(code: str, kind: Kind) -> Template:
    """The version of that code in use; shipped ones are loaded when they are first needed.

    Errors: InputError for a code that is not there or of another kind.
    """
    for attempt in (load_shipped, None):
        found = Template.objects.filter(code=code, kind=kind, active=True).first()
        if found is not None:
            return found
        if attempt:
            attempt()
    raise InputError(_("There is no text %(code)s.") % {"code": code})


def education_text(code: str) -> Template:
    """The version in use of an educational text. Errors: InputError for a code that is none's."""
    return active_text(code, Kind.EDUCATION)


def face(message: Message) -> dict[str, object]:
    """What an audit row keeps of a message: no personal data."""
    return {
        "kind": message.kind, "state": message.state, "task": message.task_id,
        "text": message.template.code, "version": message.template.version, "parts": message.parts.count(),
    }  # fmt: skip


def whole_number(msisdn: str) -> str:
    """The number in E.164; a Chinese one may come without its country. Errors: InputError."""
    digits = msisdn.replace(" ", "").replace("-", "")
    if digits.isascii() and digits.isdecimal() and len(digits) == 11:
        digits = f"+86{digits}"
    if not (
        digits.startswith("+") and digits[1:].isascii() and digits[1:].isdecimal() and 8 <= len(digits) <= 16
    ):
        raise InputError(_("That is not a whole phone number."))
    return digits


def _queue(
    key: str,
    template: Template,
    msisdn: str,
    values: dict[str, str],
    now: dt.datetime,
    wait: dt.timedelta,
    *,
    region_path: str,
    actor: User | None = None,
    task: Task | None = None,
    person_id: str = "",
) -> Message:
    kind = Kind(template.kind)
    text = wording.render(template.text_zh, kind, values)
    try:
        with transaction.atomic():
            message = Message.objects.create(
                key=key, kind=kind, template=template, task=task, person_id=person_id, msisdn=msisdn,
                region_path=region_path, text=text, priority=PRIORITY[kind], created_at=now,
                created_by=actor, not_before=now + wait, expires_at=now + WORTH[kind],
            )  # fmt: skip
    except IntegrityError as error:
        raise IllegalMove(_("This message was queued before; it is not sent twice.")) from error
    Part.objects.bulk_create(
        Part(message=message, number=number, text=part) for number, part in enumerate(split(text), start=1)
    )
    return message


def _week_over(person_id: str, now: dt.datetime) -> bool:
    """Whether this call has moved the person's last education to `now`: one of two at once does."""
    _last, fresh = LastEducation.objects.get_or_create(person_id=person_id, defaults={"at": now})
    earlier = LastEducation.objects.filter(person_id=person_id, at__lte=now - BETWEEN_EDUCATION)
    return fresh or earlier.update(at=now) == 1


def _numbers(people: Iterable[str]) -> dict[str, str]:
    """The number of each person that was activated last."""
    rows = PersonNumber.objects.filter(person_id__in=list(people)).order_by("activated_on", "msisdn")
    return dict(rows.values_list("person_id", "msisdn"))


def _region_of(actor: User, number: str) -> str:
    """Path of the number's holder; of the city for a number that nobody is known to hold."""
    holder = persons(actor).filter(numbers__msisdn=number).first()
    if holder is not None:
        return holder.region_path
    city = actor.region is not None and actor.region.level == Region.Level.CITY
    if city and not PersonNumber.objects.filter(pk=number).exists():
        return actor.region_path
    raise NotPermitted(_("That number is not of your region."))


def _seen(actor: User, message_id: int) -> Message:
    message = messages(actor).filter(pk=message_id).first()
    if message is None:
        raise out_of_reach()
    return message


def _recorded(actor: User, verb: str, message: Message) -> Message:
    before = {"state": message.state}
    message.refresh_from_db()
    record(actor, verb, message, before, {"state": message.state}, region_path=message.region_path)
    return message


def _freed(message: Message) -> str:
    """A key that leaves the message's own one free."""
    return f"{message.key}:back:{message.pk}"


def _level_zh(level: str) -> str:
    return {"urgent": "紧急", "high": "高危", "medium": "中危", "low": "低危"}[level]

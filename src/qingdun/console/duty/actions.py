"""Writes of rosters and hand-overs: the actor first, one transaction, one audit row."""

from __future__ import annotations

import datetime as dt

from django.db import IntegrityError, transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from qingdun.console.duty.models import HandOver, OfficerNumber, Shift
from qingdun.console.duty.posts import local_midnight, staff
from qingdun.console.duty.queries import may_write, open_tasks, organisation
from qingdun.console.kernel.audit import record
from qingdun.console.kernel.masking import mask_number
from qingdun.console.kernel.models import Organisation, User
from qingdun.console.kernel.roles import Permission, require
from qingdun.console.kernel.scope import out_of_reach
from qingdun.console.sms.actions import whole_number
from qingdun.errors import IllegalMove, InputError, NotPermitted

LONGEST = dt.timedelta(hours=24)


@transaction.atomic
def add_shift(
    actor: User, code: str, officer_id: int, starts_at: dt.datetime, ends_at: dt.datetime, position: int = 1
) -> Shift:
    """The officer is on that organisation's roster.

    Errors: NotPermitted; InputError (not of that organisation, longer than a day, no length, on duty there
    already, place taken).
    """
    post = _own(actor, code)
    officer = staff(post).filter(pk=officer_id).first()
    if officer is None:
        raise InputError(_("That officer does not work there."))
    if not dt.timedelta(0) < ends_at - starts_at <= LONGEST:
        raise InputError(_("A shift ends after it starts and lasts at most 24 hours."))
    if not 1 <= position <= 9:
        raise InputError(_("Positions go from 1 to 9."))
    over = Shift.objects.filter(organisation=post, starts_at__lt=ends_at, ends_at__gt=starts_at)
    if over.filter(officer=officer).exists():
        raise InputError(_("%(officer)s is on duty there already at that time.") % {"officer": officer})
    if over.filter(position=position).exists():
        raise InputError(_("Position %(position)d is taken at that time.") % {"position": position})
    shift = Shift(
        organisation=post, officer=officer, region_path=post.region.path,
        starts_at=starts_at, ends_at=ends_at, position=position,
    )  # fmt: skip
    try:
        with transaction.atomic():
            shift.save()
    except IntegrityError as error:
        raise InputError(
            _("Position %(position)d is taken at that time.") % {"position": position}
        ) from error
    record(actor, "add_shift", shift, None, _face(shift), region_path=shift.region_path)
    return shift


@transaction.atomic
def remove_shift(actor: User, shift_id: int) -> None:
    """The shift is off the roster; calls made meanwhile stay. Errors: NotPermitted."""
    shift = (
        Shift.objects.select_for_update()
        .select_related("organisation", "officer")
        .filter(pk=shift_id)
        .first()
    )
    if shift is None:
        raise out_of_reach()
    _own(actor, shift.organisation.code)
    record(actor, "remove_shift", shift, _face(shift), None, region_path=shift.region_path)
    shift.delete()


@transaction.atomic
def copy_week(actor: User, code: str, monday: dt.date) -> int:
    """The week that begins on `monday` has the shifts of the week before it, by the clock on the wall.

    How many were new is returned. What is there stays, and a copy that would stand over it is left out.
    Errors: NotPermitted.
    """
    post = _own(actor, code)
    start, end = local_midnight(monday - dt.timedelta(days=7)), local_midnight(monday)
    there = set(staff(post).values_list("pk", flat=True))
    copied = 0
    for old in Shift.objects.filter(organisation=post, starts_at__gte=start, starts_at__lt=end):
        starts_at, ends_at = _week_later(old.starts_at), _week_later(old.ends_at)
        over = Shift.objects.filter(organisation=post, starts_at__lt=ends_at, ends_at__gt=starts_at)
        taken = over.filter(officer=old.officer_id) | over.filter(position=old.position)
        if old.officer_id in there and not taken.exists():
            Shift.objects.create(
                organisation=post, officer_id=old.officer_id, region_path=post.region.path,
                starts_at=starts_at, ends_at=ends_at, position=old.position,
            )  # fmt: skip
            copied += 1
    if copied:
        after = {"organisation": post.code, "monday": monday.isoformat(), "shifts": copied}
        record(actor, "copy_week", ("roster", post.code), None, after, region_path=post.region.path)
    return copied


@transaction.atomic
def set_number(actor: User, code: str, officer_id: int, msisdn: str) -> None:
    """The officer is called at that number; an empty one takes it away. Errors: NotPermitted, InputError."""
    post = _own(actor, code)
    officer = staff(post).filter(pk=officer_id).first()
    if officer is None:
        raise InputError(_("That officer does not work there."))
    before = OfficerNumber.objects.filter(officer=officer).first()
    number = whole_number(msisdn) if msisdn.strip() else ""
    if number:
        OfficerNumber.objects.update_or_create(officer=officer, defaults={"msisdn": number})
    elif before:
        before.delete()
    old = {"number": mask_number(before.msisdn)} if before else None
    record(
        actor, "set_duty_number", officer, old, {"number": mask_number(number)}, region_path=post.region.path
    )


@transaction.atomic
def open_handover(actor: User, code: str, taker_id: int, notes: str) -> HandOver:
    """The actor hands the duty over, with the tasks that are open now; it waits for the other's word.

    Errors: NotPermitted, InputError (not of that organisation, to oneself, one is waiting already).
    """
    post = _own(actor, code)
    taker = staff(post).filter(pk=taker_id).exclude(pk=actor.pk).first()
    if taker is None:
        raise InputError(_("Choose a colleague who works there."))
    if HandOver.objects.filter(organisation=post, giver=actor, taken_at=None).exists():
        raise InputError(_("Your last hand-over still waits to be confirmed."))
    held = [{key: one[key] for key in ("task", "level", "state")} for one in open_tasks(actor, code)]
    made = HandOver.objects.create(
        organisation=post, region_path=post.region.path, giver=actor, taker=taker,
        notes=notes.strip()[:2000], tasks=held, given_at=timezone.now(),
    )  # fmt: skip
    after = {"organisation": post.code, "taker": taker.username, "tasks": [one["task"] for one in held]}
    record(actor, "open_handover", made, None, after, region_path=made.region_path)
    return made


@transaction.atomic
def confirm_handover(actor: User, handover_id: int) -> HandOver:
    """The actor has the duty now. Errors: NotPermitted (not the taker), IllegalMove (taken before)."""
    require(actor, Permission.WORK_ALERTS)
    made = HandOver.objects.select_for_update().filter(pk=handover_id, taker=actor).first()
    if made is None:
        raise out_of_reach()
    if made.taken_at is not None:
        raise IllegalMove(_("This hand-over is confirmed already."))
    made.taken_at = timezone.now()
    made.save(update_fields=["taken_at"])
    record(actor, "confirm_handover", made, None, {"taker": actor.username}, region_path=made.region_path)
    return made


def _own(actor: User, code: str) -> Organisation:
    """The organisation, whose roster the actor writes, one after the other: what an act has looked at stands
    until it has written.
    """
    require(actor, Permission.WORK_ALERTS)
    post = organisation(actor, code)
    if not may_write(actor, post):
        raise NotPermitted(_("The roster of %(post)s is not yours to write.") % {"post": post})
    Organisation.objects.select_for_update(no_key=True).get(pk=post.pk)
    return post


def _face(shift: Shift) -> dict[str, object]:
    return {
        "organisation": shift.organisation.code, "officer": shift.officer.username,
        "starts_at": shift.starts_at, "ends_at": shift.ends_at, "position": shift.position,
    }  # fmt: skip


def _week_later(at: dt.datetime) -> dt.datetime:
    local = timezone.localtime(at)
    return dt.datetime.combine(
        local.date() + dt.timedelta(days=7), local.time(), timezone.get_current_timezone()
    )

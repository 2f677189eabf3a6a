"""What is done with a key-person file: the actor first, one transaction, one audit row."""

from __future__ import annotations

import datetime as dt

from django.db import IntegrityError, transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from qingdun.console.care import queries, rules
from qingdun.console.care.models import KeyPerson, Protection, Review
from qingdun.console.care.relatives import Relative, relatives
from qingdun.console.kernel.actions import stated
from qingdun.console.kernel.audit import record
from qingdun.console.kernel.models import PersonRelation, User
from qingdun.console.kernel.roles import Permission, require
from qingdun.errors import IllegalMove, InputError


@transaction.atomic
def name_officer(actor: User, file_id: int, officer_id: int, reason: str) -> KeyPerson:
    """The file has that officer of the person's station. Errors: NotPermitted, IllegalMove (closed),
    InputError (no reason, no officer of the station).
    """
    file = _taken(actor, file_id)
    officer = queries.officers(actor, file).filter(pk=officer_id).first()
    if officer is None:
        raise InputError(_("Choose an officer of the person's station."))
    before = {"officer": file.officer_id}
    file.officer = officer
    file.save(update_fields=["officer"])
    record(actor, "name_key_officer", file, before, {"officer": officer.pk}, stated(reason))
    return file


@transaction.atomic
def choose_family(actor: User, file_id: int, relative_id: str) -> KeyPerson:
    """That relative is the file's contact in the family; empty: nobody. Errors: NotPermitted, IllegalMove
    (closed), InputError (no relative).
    """
    file = _taken(actor, file_id)
    ties = PersonRelation.objects.filter(person=file.person_id)
    if relative_id and not ties.filter(relative=relative_id).exists():
        raise InputError(_("Choose somebody of the family."))
    before = {"family": file.family_id}
    file.family_id = relative_id or None
    file.save(update_fields=["family"])
    record(actor, "choose_family", file, before, {"family": file.family_id})
    return file


@transaction.atomic
def unmask_file(actor: User, file_id: int, purpose: str) -> tuple[KeyPerson, list[Relative]]:
    """The actor may read the numbers of the person and, while the file is open, of the family; the audit says
    so.

    Errors: NotPermitted, InputError (no purpose).
    """
    require(actor, Permission.UNMASK)
    file = queries.key_file(actor, file_id)
    fields = ["name", "number"] if file.closed_at else ["name", "number", "family"]
    record(actor, "unmask_key_file", file, None, {"fields": fields}, stated(purpose))
    return file, relatives(file, unmasked=True)


@transaction.atomic
def protect(
    actor: User, file_id: int, bank: str, what: str, how: str, consent_at: dt.datetime | None
) -> Protection:
    """It is on record that the person has agreed to that protection by that bank, when and how.

    Without consent there is none (Personal Information Protection Law art. 13, 14 and 29). Errors:
    NotPermitted, IllegalMove (closed), InputError (no bank, no consent, one in force with that bank).
    """
    file = _taken(actor, file_id)
    now = timezone.now()
    if not bank.strip() or not what.strip():
        raise InputError(_("Name the bank and what it shall do."))
    if how not in Protection.How.values or consent_at is None or consent_at > now:
        raise InputError(_("Say how and when the person agreed; nothing is protected without consent."))
    try:
        with transaction.atomic():
            made = Protection.objects.create(
                file=file, region_path=file.region_path, bank=bank.strip()[:64], what=what.strip()[:200],
                how=how, consent_at=consent_at, by=actor,
            )  # fmt: skip
    except IntegrityError as error:
        raise InputError(_("A protection by this bank is in force already.")) from error
    after = {"bank": made.bank, "how": how, "consent_at": consent_at}
    record(actor, "protect_account", file, None, {**after, "protection": made.pk})
    return made


@transaction.atomic
def end_protection(actor: User, protection_id: int, reason: str) -> Protection:
    """The protection is over: the person has taken the consent back, or it is no longer needed.

    Errors: NotPermitted, IllegalMove (over already), InputError (no reason).
    """
    require(actor, Permission.WORK_ALERTS)
    row = Protection.objects.select_for_update().filter(pk=protection_id).first()
    file = queries.key_file(actor, row.file_id if row else 0)
    if row is None or row.ended_at is not None:
        raise IllegalMove(_("This protection has ended already."))
    row.ended_at, row.ended_by, row.end_reason = timezone.now(), actor, stated(reason)
    row.save(update_fields=["ended_at", "ended_by", "end_reason"])
    after = {"bank": row.bank, "protection": row.pk, "ended": True}
    record(actor, "end_protection", file, {"ended": False}, after, row.end_reason)
    return row


@transaction.atomic
def review(actor: User, file_id: int, outlook: str, note: str, due_at: dt.datetime | None = None) -> Review:
    """The file was reviewed, and the next review is due a week from now.

    `due_at` is the due date that was shown: the same form sent again finds its review. Errors: NotPermitted,
    IllegalMove (closed, reviewed by somebody else meanwhile), InputError (no outlook, no note).
    """
    require(actor, Permission.WORK_ALERTS)
    queries.key_file(actor, file_id)
    file = KeyPerson.objects.select_for_update().get(pk=file_id)
    known = file.reviews.filter(due_at=due_at).first() if due_at else None
    if known is not None and known.by_id == actor.pk:
        return known
    _require_open(file)
    if known is not None:
        raise IllegalMove(_("Somebody has reviewed this file meanwhile."))
    if outlook not in Review.Outlook.values:
        raise InputError(_("Say how the person stands."))
    now = timezone.now()
    made = Review.objects.create(
        file=file, region_path=file.region_path, due_at=file.review_due_at, at=now, by=actor,
        outlook=outlook, note=_told(note),
    )  # fmt: skip
    before = {"review_due_at": file.review_due_at}
    file.review_due_at, file.reminded_at = now + rules.days("review_every_days"), None
    file.save(update_fields=["review_due_at", "reminded_at"])
    after = {"review_due_at": file.review_due_at, "outlook": outlook, "late": now > before["review_due_at"]}
    record(actor, "review_key_file", file, before, after)
    return made


@transaction.atomic
def close_file(actor: User, file_id: int, reason: str) -> KeyPerson:
    """The file is closed, and every bank protection with it.

    Errors: NotPermitted, IllegalMove (closed already), InputError (no reason).
    """
    file = _taken(actor, file_id)
    now, why = timezone.now(), stated(reason)
    file.closed_at, file.closed_by, file.close_reason = now, actor, why
    file.save(update_fields=["closed_at", "closed_by", "close_reason"])
    ended = file.protections.filter(ended_at=None)
    ended_ids = sorted(ended.values_list("pk", flat=True))
    ended.update(ended_at=now, ended_by=actor, end_reason=why)
    after = {"closed": True, "protections_ended": ended_ids}
    record(actor, "close_key_file", file, {"closed": False}, after, why)
    return file


def _taken(actor: User, file_id: int) -> KeyPerson:
    """The open file, locked, if it is the actor's to work on."""
    require(actor, Permission.WORK_ALERTS)
    queries.key_file(actor, file_id)
    file = KeyPerson.objects.select_for_update().get(pk=file_id)
    _require_open(file)
    return file


def _require_open(file: KeyPerson) -> None:
    if file.closed_at is not None:
        raise IllegalMove(_("This file is closed."))


def _told(note: str) -> str:
    """The note of a review. Errors: InputError if it says nothing."""
    stated(note)
    return note.strip()[:4000]

"""What a commissioner records at a town or an enterprise: the actor first, one transaction, one audit row.

Whatever a phone sends carries a key; the same key again changes nothing. Findings are locked by their ids,
the ledger last (docs/decisions/0002).
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass

from django.conf import settings
from django.db import IntegrityError, transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from qingdun.console.assessment import actions as assessment
from qingdun.console.kernel.audit import record
from qingdun.console.kernel.models import User
from qingdun.console.kernel.moving import check
from qingdun.console.kernel.pictures import Picture, clean
from qingdun.console.kernel.roles import Permission, require
from qingdun.console.kernel.scope import out_of_reach
from qingdun.console.supervision import queries
from qingdun.console.supervision.codes import Area, Kind, SupervisionForm
from qingdun.console.supervision.models import Charge, Recheck, Shortcoming, Supervision, VisitPhoto
from qingdun.console.supervision.moves import MOVES, RoundState
from qingdun.console.supervision.rules import Rule, rule_named
from qingdun.errors import IllegalMove, InputError, NotPermitted, RefusedError

EARLIEST = dt.timedelta(days=30)
"""How long a phone may have kept a visit."""


@dataclass(frozen=True, slots=True)
class Found:
    """One finding; without a day the form of the visit says by when."""

    area: str
    text: str
    due_on: dt.date | None = None


@dataclass(frozen=True, slots=True)
class Rechecked:
    """An earlier finding that was inspected again; if it was not put right, by when it shall be."""

    shortcoming: int
    passed: bool
    note: str = ""
    due_on: dt.date | None = None


@dataclass(frozen=True, slots=True)
class VisitForm:
    """What a commissioner records; the key is the phone's."""

    key: str
    form: str
    notes: str
    found: Sequence[Found] = ()
    rechecks: Sequence[Rechecked] = ()
    verdict: bool | None = None
    """Of a listed town: whether its inspection was passed; None says nothing."""
    visited_at: dt.datetime | None = None


def record_visit(actor: User, charge_id: int, form: VisitForm) -> Supervision:
    """The visit stands with its findings and re-inspections; the same key sent again by the same person
    changes nothing. Its verdict on a listed town is an inspection of the listing.

    Errors: NotPermitted (role, another's), InputError, IllegalMove (a round that was over then, a finding
    that is settled, a verdict on a town that is not listed).
    """
    require(actor, Permission.SUPERVISE)
    _check_key(form.key)
    try:
        return _sent(actor, charge_id, form.key) or _record(actor, charge_id, form)
    except IntegrityError:
        known = _sent(actor, charge_id, form.key)
        if known is None:
            raise
        return known


def _sent(actor: User, charge_id: int, key: str) -> Supervision | None:
    known = Supervision.objects.filter(by=actor, key=key).first()
    if known is not None and known.charge_id != charge_id:
        raise RefusedError(_("This was sent before for another place."))
    return known


@transaction.atomic
def _record(actor: User, charge_id: int, form: VisitForm) -> Supervision:
    now = timezone.now()
    at = form.visited_at if form.visited_at and now - EARLIEST <= form.visited_at <= now else now
    charge = _own(actor, charge_id, at)
    rule, today = rule_named(charge.round.rules), timezone.localdate()
    _check(form, rule)
    ids = sorted(one.shortcoming for one in form.rechecks)
    its = Shortcoming.objects.select_for_update(of=("self",)).filter(charge.same_subject(), pk__in=ids)
    standing = {one.pk: one for one in its.order_by("pk")}
    made = Supervision.objects.create(
        key=form.key, charge=charge, region_path=charge.region_path, form=form.form, visited_at=at,
        notes=form.notes.strip(), verdict=form.verdict, by=actor, at=now,
    )  # fmt: skip
    Shortcoming.objects.bulk_create(
        Shortcoming(
            visit=made, charge=charge, region_path=charge.region_path, area=one.area, text=one.text.strip(),
            found_at=at, due_on=_due(one.due_on, rule.days(form.form), rule, today),
        )
        for one in form.found
    )  # fmt: skip
    for one in form.rechecks:
        if one.shortcoming not in standing:
            raise out_of_reach()
        _recheck(made, standing[one.shortcoming], one, rule, today)
    if form.verdict is not None:
        _judge(actor, charge, form, at)
    passed = [one.shortcoming for one in form.rechecks if one.passed]
    after = {
        "form": made.form, "findings": len(form.found), "put_right": passed,
        "not_put_right": [pk for pk in ids if pk not in passed],
    }  # fmt: skip
    record(actor, "record_supervision", made, None, after)
    return made


def _own(actor: User, charge_id: int, at: dt.datetime) -> Charge:
    """What the actor supervises, or supervised at that time: a phone may have kept the visit meanwhile."""
    charge = queries.charge(actor, charge_id)
    if charge.commissioner.user_id != actor.pk:
        raise NotPermitted(_("Another commissioner supervises it."))
    ended = charge.round.ended_at
    if charge.round.state != RoundState.CONFIRMED and (ended is None or at > ended):
        raise IllegalMove(_("Its round is not in force."))
    return charge


def _check(form: VisitForm, rule: Rule) -> None:
    if form.form not in SupervisionForm.values:
        raise InputError(_("Expected one of the three forms."))
    if len(form.notes.strip()) < 4:
        raise InputError(_("Say in words what was looked at."))
    if len(form.found) > rule.findings:
        raise InputError(_("At most %(most)d findings a visit.") % {"most": rule.findings})
    for one in form.found:
        if one.area not in Area.values or len(one.text.strip()) < 4:
            raise InputError(_("A finding says what it is about, and in words what is wrong."))
    if len({one.shortcoming for one in form.rechecks}) != len(form.rechecks):
        raise InputError(_("A finding is inspected again once a visit."))


def _due(day: dt.date | None, days: int, rule: Rule, today: dt.date) -> dt.date:
    due = day or today + dt.timedelta(days=days)
    if not today < due <= today + dt.timedelta(days=rule.most_days):
        raise InputError(
            _("Deadline: found %(day)s, expected a day from tomorrow and within %(most)d days.")
            % {"day": due, "most": rule.most_days}
        )
    return due


def _recheck(visit: Supervision, about: Shortcoming, one: Rechecked, rule: Rule, today: dt.date) -> None:
    move = check(MOVES, "pass_shortcoming" if one.passed else "fail_shortcoming", about.state)
    about.state = str(move.target)
    if one.passed:
        about.closed_at = visit.at
    else:
        about.due_on = _due(one.due_on, rule.days(visit.form), rule, today)
    about.save(update_fields=["state", "closed_at", "due_on"])
    Recheck.objects.create(
        visit=visit, shortcoming=about, region_path=about.region_path, passed=one.passed,
        note=one.note.strip()[:300], due_on=None if one.passed else about.due_on, at=visit.visited_at,
    )  # fmt: skip


def _judge(actor: User, charge: Charge, form: VisitForm, at: dt.datetime) -> None:
    if charge.kind != Kind.TOWN:
        raise IllegalMove(_("Only a listed town is inspected here."))
    assessment.inspect_listed(
        actor, charge.region_path, timezone.localdate(at), bool(form.verdict), form.notes.strip()
    )


def add_photo(actor: User, visit_key: str, key: str, data: bytes, named_type: str) -> VisitPhoto:
    """The visit that the actor sent under `visit_key` has the picture, drawn anew without anything but its
    pixels; the same key again changes nothing.

    Errors: NotPermitted (no such visit of theirs), InputError (what the file is, its size), IllegalMove
    (enough of them).
    """
    require(actor, Permission.SUPERVISE)
    _check_key(key)
    known = VisitPhoto.objects.filter(by=actor, key=key).first()
    if known is not None:
        return known
    if len(data) > settings.PHOTO_BYTES:
        raise InputError(_("Photo: at most %(most)d MB.") % {"most": settings.PHOTO_BYTES // 1_000_000})
    # Decoded before anything is locked: it takes long.
    picture = clean(data, named_type)
    try:
        return _keep_photo(actor, visit_key, key, picture)
    except IntegrityError:
        known = VisitPhoto.objects.filter(by=actor, key=key).first()
        if known is None:
            raise
        return known


@transaction.atomic
def _keep_photo(actor: User, visit_key: str, key: str, picture: Picture) -> VisitPhoto:
    visit = (
        Supervision.objects.select_for_update(of=("self",))
        .select_related("charge__round")
        .filter(by=actor, key=visit_key)
        .first()
    )
    if visit is None:
        raise out_of_reach()
    most = rule_named(visit.charge.round.rules).photos
    if visit.photos.count() >= most:
        raise IllegalMove(_("A visit keeps at most %(most)d photos.") % {"most": most})
    made = VisitPhoto.objects.create(
        visit=visit, key=key, picture=picture.data, sha256=picture.sha256, width=picture.width,
        height=picture.height, by=actor, at=timezone.now(),
    )  # fmt: skip
    after = {"sha256": picture.sha256, "size_bytes": len(picture.data)}
    record(actor, "add_visit_photo", made, None, after, region_path=visit.region_path)
    return made


def _check_key(key: str) -> None:
    if not 8 <= len(key) <= 64:
        raise InputError(_("Key: found %(count)d characters, expected 8 to 64.") % {"count": len(key)})

"""What people do with mailings: the actor first, one transaction, one audit row."""

from __future__ import annotations

import datetime as dt
import secrets
from dataclasses import dataclass

from django.db import IntegrityError, transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from qingdun.console.kernel.actions import stated
from qingdun.console.kernel.audit import record
from qingdun.console.kernel.forms import FieldFaults
from qingdun.console.kernel.models import User
from qingdun.console.kernel.roles import Permission, require
from qingdun.console.outreach import queries
from qingdun.console.outreach.audience import Wanted, place_choices, size
from qingdun.console.outreach.codes import Arm, AudienceKind, Outcome
from qingdun.console.outreach.models import Mailing, Recipient
from qingdun.console.outreach.moves import BY_VERB
from qingdun.console.outreach.places import county_of
from qingdun.console.sms.actions import education_text
from qingdun.contract.codes import scam_types
from qingdun.errors import IllegalMove, InputError
from qingdun.reach.holdout import held_out

MOST_PEOPLE = 200_000
MOST_HELD = 50
WEEKS = range(1, 13)


@dataclass(frozen=True, slots=True)
class MailingForm:
    """What a publicist decides; the share held out in hundredths."""

    key: str
    name: str
    wanted: Wanted
    template: str
    held_percent: int
    weeks: int


def prepare(actor: User, form: MailingForm) -> Mailing:
    """The mailing waits for approval: everybody whom it would reach is drawn into one of its two groups, in
    each county alike. The same form sent again changes nothing.

    Errors: NotPermitted, FieldFaults.
    """
    require(actor, Permission.WORK_OUTREACH)
    try:
        return _sent(actor, form) or _prepare(actor, form)
    except IntegrityError:
        known = _sent(actor, form)
        if known is None:
            raise
        return known


def _sent(actor: User, form: MailingForm) -> Mailing | None:
    return Mailing.objects.filter(by=actor, key=form.key).first()


@transaction.atomic
def _prepare(actor: User, form: MailingForm) -> Mailing:
    _checked(actor, form)
    found = size(actor, form.wanted)
    if not found.left:
        raise FieldFaults({"places": _("The message would reach nobody.")})
    if found.left > MOST_PEOPLE:
        raise FieldFaults(
            {"places": _("More than %(most)d people: choose fewer places.") % {"most": MOST_PEOPLE}}
        )
    seed = secrets.token_hex(8)
    strata = {ident: county_of(path) for ident, path in found.reachable.values_list("pk", "region_path")}
    held = held_out(strata, form.held_percent / 100, seed)
    left_out = {
        "no_number": found.reach.no_number, "opted_out": found.reach.opted_out,
        "too_soon": found.reach.too_soon, "held_elsewhere": found.elsewhere,
    }  # fmt: skip
    mailing = Mailing.objects.create(
        name=form.name, region_path=actor.region_path, kind=form.wanted.kind,
        scam_type=form.wanted.scam_type, counties=list(form.wanted.places), template=form.template,
        holdout_share=form.held_percent / 100, seed=seed, left_out=left_out, weeks=form.weeks, key=form.key,
        by=actor, prepared_at=timezone.now(),
    )  # fmt: skip
    Recipient.objects.bulk_create(
        (
            Recipient(
                mailing=mailing, person_id=ident, county=county, arm=Arm.HELD if ident in held else Arm.SENT
            )
            for ident, county in strata.items()
        ),
        batch_size=1000,
    )
    after = {"kind": mailing.kind, "people": len(strata), "held": len(held), "text": mailing.template}
    record(actor, "prepare_mailing", mailing, None, after)
    return mailing


@transaction.atomic
def approve(actor: User, mailing_id: int) -> Mailing:
    """The mailing is queued by the tick from now on, and is read for its weeks.

    Errors: NotPermitted, IllegalMove (not waiting any more; one's own).
    """
    require(actor, Permission.APPROVE_MAILINGS)
    mailing = _moved(actor, mailing_id, "approve_mailing")
    if mailing.by_id == actor.pk:
        raise IllegalMove(_("Somebody else approves what you have prepared."))
    now = timezone.now()
    mailing.approved_by, mailing.approved_at = actor, now
    mailing.ends_at = now + dt.timedelta(weeks=mailing.weeks)
    mailing.save(update_fields=["state", "approved_by", "approved_at", "ends_at"])
    record(actor, "approve_mailing", mailing, {"state": "prepared"}, {"state": mailing.state})
    return mailing


@transaction.atomic
def drop(actor: User, mailing_id: int, reason: str) -> Mailing:
    """The mailing goes to nobody; who was in it is forgotten.

    Errors: NotPermitted, IllegalMove, InputError (no reason).
    """
    require(actor, Permission.WORK_OUTREACH)
    mailing = _moved(actor, mailing_id, "drop_mailing")
    mailing.save(update_fields=["state"])
    mailing.recipients.all().delete()
    record(actor, "drop_mailing", mailing, {"state": "prepared"}, {"state": mailing.state}, stated(reason))
    return mailing


@transaction.atomic
def stop(actor: User, mailing_id: int, reason: str) -> Mailing:
    """No more messages are queued, the reading ends, and nobody is held out by it any more; what is queued
    already goes out.

    Errors: NotPermitted, IllegalMove, InputError (no reason).
    """
    require(actor, Permission.WORK_OUTREACH)
    mailing = _moved(actor, mailing_id, "stop_mailing")
    mailing.done_at = mailing.ends_at = timezone.now()
    mailing.stands_still = ""
    mailing.save(update_fields=["state", "done_at", "ends_at", "stands_still"])
    waiting = mailing.recipients.filter(arm=Arm.SENT, outcome=Outcome.WAITING)
    unsent = waiting.update(outcome=Outcome.STOPPED)
    after = {"state": mailing.state, "people": unsent}
    record(actor, "stop_mailing", mailing, {"state": "approved"}, after, stated(reason))
    return mailing


def _moved(actor: User, mailing_id: int, verb: str) -> Mailing:
    queries.mailing(actor, mailing_id)
    mailing = Mailing.objects.select_for_update().get(pk=mailing_id)
    move = BY_VERB[verb]
    if mailing.state not in move.sources:
        raise IllegalMove(
            _("Nothing of the mailing waits to be queued.")
            if verb == "stop_mailing"
            else _("The mailing does not wait for approval any more.")
        )
    mailing.state = move.target
    return mailing


def _checked(actor: User, form: MailingForm) -> None:
    faults = {}
    wanted = form.wanted
    if not form.name.strip():
        faults["name"] = _("This is needed.")
    if wanted.kind not in AudienceKind.values:
        faults["kind"] = _("This is needed.")
    if wanted.kind == AudienceKind.HIT_GROUPS and wanted.scam_type not in scam_types().names:
        faults["scam_type"] = _("Say which scam type hits them.")
    if set(wanted.places) - {one.code for one in place_choices(actor)}:
        faults["places"] = _("Expected places of your region.")
    try:
        education_text(form.template)
    except InputError:
        faults["template"] = _("Expected one of the educational texts.")
    if not 0 <= form.held_percent <= MOST_HELD:
        faults["held_percent"] = _("At most half may be held out.")
    if form.weeks not in WEEKS:
        faults["weeks"] = _("Expected 1 to 12 weeks.")
    if faults:
        raise FieldFaults(faults)

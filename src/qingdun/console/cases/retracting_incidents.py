"""An incident that was entered by mistake is taken back: the actor first, a reason, one transaction, one
audit row. Where a legal document rests on it, somebody else has to agree.
"""

from __future__ import annotations

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from qingdun.console.alerts.actions import withdraw_loss
from qingdun.console.cases import queries
from qingdun.console.cases.models import Incident, Retraction
from qingdun.console.funds.actions import forget_late, rests_on
from qingdun.console.kernel.actions import stated
from qingdun.console.kernel.audit import record
from qingdun.console.kernel.models import User
from qingdun.console.kernel.roles import Permission, require
from qingdun.errors import IllegalMove, NotPermitted


@transaction.atomic
def take_back(actor: User, incident_id: int, reason: str) -> Retraction:
    """The incident is taken back and no figure counts it; or, if a legal document rests on it, that is asked
    for until somebody else agrees.

    Errors: NotPermitted, InputError (no reason), IllegalMove (asked for already, it is in a case, something
    of it is stopped or frozen, money of it was returned).
    """
    incident, why = _locked(actor, incident_id), stated(reason)
    if Retraction.objects.filter(incident=incident).exists():
        raise IllegalMove(_("To take it back has been asked for already."))
    has_documents = _check(incident)
    made = Retraction.objects.create(incident=incident, reason=why, by=actor, at=timezone.now())
    if has_documents:
        record(actor, "ask_take_back_incident", incident, None, _face(incident), why)
    else:
        _done(actor, incident, made)
    return made


@transaction.atomic
def agree(actor: User, incident_id: int) -> Retraction:
    """The incident that somebody else asked to take back is. Errors: NotPermitted (also: the same person),
    IllegalMove (nobody asked, or as `take_back`).
    """
    incident = _locked(actor, incident_id)
    asked = _asked(incident)
    if asked.by_id == actor.pk:
        raise NotPermitted(_("You have asked for it; somebody else agrees."))
    _check(incident)
    asked.second = actor
    asked.save(update_fields=["second"])
    _done(actor, incident, asked)
    return asked


@transaction.atomic
def keep(actor: User, incident_id: int, reason: str) -> None:
    """The incident stays: nobody asks to take it back any more. Errors: NotPermitted, InputError (no reason),
    IllegalMove (nobody asked).
    """
    incident, why = _locked(actor, incident_id), stated(reason)
    asked = _asked(incident)
    before = {"reason": asked.reason, "by": str(asked.by)}
    asked.delete()
    record(actor, "keep_incident", incident, before, None, why)


def _locked(actor: User, incident_id: int) -> Incident:
    require(actor, Permission.WORK_CASES)
    queries.incident(actor, incident_id)
    Incident.objects.select_for_update().get(pk=incident_id)
    return queries.incident(actor, incident_id)


def _asked(incident: Incident) -> Retraction:
    found = Retraction.objects.filter(incident=incident).select_related("by").first()
    if found is None:
        raise IllegalMove(_("Nobody has asked to take it back."))
    return found


def _check(incident: Incident) -> bool:
    """Whether a legal document rests on it. Errors: IllegalMove, naming what is to be done first."""
    if incident.cases.exists():
        raise IllegalMove(_("It belongs to a case: take it out of the case first."))
    rests = rests_on(incident.pk)
    if rests.holds:
        raise IllegalMove(
            _("Money is stopped or frozen for it: release that first, in its trace, as unfounded.")
        )
    if rests.returns:
        raise IllegalMove(_("Money was returned for it, or is being returned: it stays."))
    return rests.documents


def _done(actor: User, incident: Incident, asked: Retraction) -> None:
    incident.taken_back_at = timezone.now()
    incident.save(update_fields=["taken_back_at"])
    forget_late(incident.pk)
    record(actor, "take_back_incident", incident, _face(incident), None, asked.reason)
    withdraw_loss(incident.person_id, incident.by.get_username(), incident.entered_at)


def _face(incident: Incident) -> dict[str, object]:
    """What the audit keeps of it: nobody's data."""
    names = ("reported_at", "scam_type", "loss_fen", "task_id")
    return {name.removesuffix("_id"): getattr(incident, name) for name in names}

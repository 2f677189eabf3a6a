"""What was typed wrongly is corrected: the actor first, a reason, one transaction, one audit row that says
what stood and what stands. Names are in none: what was called otherwise keeps its former names itself.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import Any

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from qingdun.console.alerts.actions import tell_of_loss
from qingdun.console.cases import queries
from qingdun.console.cases.actions import checked
from qingdun.console.cases.models import Case, CasePerson, FormerName, Incident
from qingdun.console.cases.places import past
from qingdun.console.kernel.actions import stated
from qingdun.console.kernel.audit import record
from qingdun.console.kernel.forms import FieldFaults
from qingdun.console.kernel.models import User
from qingdun.console.kernel.roles import Permission, require
from qingdun.errors import IllegalMove, InputError


@dataclass(frozen=True, slots=True)
class CaseCorrection:
    """How a case shall be, and why. Its number and place stay: they are what it is known by."""

    name: str
    filed_on: dt.date
    reason: str
    scam_type: str = ""
    two_cards: bool = False
    solved_on: dt.date | None = None
    campaign: str = ""


@dataclass(frozen=True, slots=True)
class IncidentCorrection:
    """How an incident shall be, and why. Whose it is stays."""

    reported_at: dt.datetime
    scam_type: str
    loss_fen: int
    reason: str


@transaction.atomic
def correct_case(actor: User, case_id: int, form: CaseCorrection) -> Case:
    """The case is as the form says. Errors: NotPermitted, FieldFaults (no reason, days that cannot be),
    IllegalMove (nothing is different).
    """
    require(actor, Permission.WORK_CASES)
    queries.case(actor, case_id)
    case, why = Case.objects.select_for_update().get(pk=case_id), _why(form.reason)
    past({"filed_on": form.filed_on, "solved_on": form.solved_on}, "filed_on", "solved_on")
    if (form.solved_on is None) != (case.solved_on is None):
        raise FieldFaults({"solved_on": _("A case is solved, or is not, by its moves alone.")})
    if form.solved_on and form.solved_on < form.filed_on:
        raise FieldFaults({"solved_on": _("It cannot be solved before it is filed.")})
    campaign = queries.campaign(actor, int(form.campaign)) if form.campaign else None
    new = {
        "filed_on": form.filed_on, "solved_on": form.solved_on, "scam_type": form.scam_type,
        "two_cards": form.two_cards, "campaign_id": campaign.pk if campaign else None, "name": form.name,
    }  # fmt: skip
    before = _changed(case, new)
    after = {name: getattr(case, name) for name in before}
    case.save(update_fields=list(new))
    if "name" in before:
        FormerName.objects.create(case=case, name=before["name"], reason=why, by=actor, at=timezone.now())
    record(actor, "correct_case", case, _told(before), _told(after), why)
    return case


@transaction.atomic
def correct_person(actor: User, person_id: int, name: str, reason: str) -> CasePerson:
    """The person of cases has that name, in all of them. Errors: NotPermitted, FieldFaults (no reason),
    IllegalMove (they have it).
    """
    require(actor, Permission.WORK_CASES)
    queries.person_of_cases(actor, person_id)
    person, why = CasePerson.objects.select_for_update().get(pk=person_id), _why(reason)
    before = _changed(person, {"name": name})
    person.save(update_fields=["name"])
    FormerName.objects.create(person=person, name=before["name"], reason=why, by=actor, at=timezone.now())
    record(actor, "correct_person", person, None, _told(before), why)
    return person


@transaction.atomic
def correct_incident(actor: User, incident_id: int, form: IncidentCorrection) -> Incident:
    """The incident is as the form says; every figure counts what it says now. Errors: NotPermitted,
    FieldFaults (no reason, what cannot be), IllegalMove (nothing is different).
    """
    require(actor, Permission.WORK_CASES)
    queries.incident(actor, incident_id)
    incident, why = Incident.objects.select_for_update().get(pk=incident_id), _why(form.reason)
    queries.incident(actor, incident_id)  # It may have been taken back meanwhile.
    checked(form.scam_type, form.loss_fen, form.reported_at, loss="loss_fen", kind="scam_type")
    new = {
        "reported_at": form.reported_at, "scam_type": form.scam_type, "loss_fen": form.loss_fen,
    }  # fmt: skip
    lost = incident.loss_fen
    before = _changed(incident, new)
    after = {name: getattr(incident, name) for name in before}
    incident.save(update_fields=list(new))
    record(actor, "correct_incident", incident, _told(before), _told(after), why)
    if incident.loss_fen and not lost:
        tell_of_loss(incident.person_id, incident.scam_type, incident.task_id, actor.get_username())
    return incident


def case_said(case: Case) -> dict[str, str]:
    """What a case says, field by field, as it would be typed."""
    return {
        "name": case.name, "scam_type": case.scam_type, "two_cards": "1" if case.two_cards else "",
        "filed_on": f"{case.filed_on}", "solved_on": f"{case.solved_on or ''}",
        "campaign": f"{case.campaign_id or ''}",
    }  # fmt: skip


def incident_said(incident: Incident) -> dict[str, str]:
    """The same of an incident."""
    return {
        "reported_at": f"{timezone.localtime(incident.reported_at):%Y-%m-%d %H:%M:%S}",
        "scam_type": incident.scam_type, "loss_fen": f"{incident.loss_fen / 100:.2f}",
    }  # fmt: skip


def _changed(row: Any, new: dict[str, Any]) -> dict[str, Any]:
    """What the row said before of what is different now; it says the new. Errors: IllegalMove."""
    before = {name: getattr(row, name) for name, value in new.items() if getattr(row, name) != value}
    if not before:
        raise IllegalMove(_("Nothing of this is different from what stands."))
    for name in before:
        setattr(row, name, new[name])
    return before


def _told(values: dict[str, Any]) -> dict[str, Any]:
    """What an audit row keeps of these: of a name, that it is another."""
    told = {name: value for name, value in values.items() if name != "name"}
    return {**told, "renamed": True} if "name" in values else told


def _why(reason: str) -> str:
    try:
        return stated(reason)
    except InputError as wrong:
        raise FieldFaults({"reason": str(wrong)}) from wrong

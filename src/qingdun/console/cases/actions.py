"""What is entered about incidents: the actor first, one transaction, one audit row."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

from django.db import IntegrityError, transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from qingdun.console.alerts import queries as alerts
from qingdun.console.alerts.actions import tell_of_loss
from qingdun.console.cases.models import Incident
from qingdun.console.kernel.audit import record
from qingdun.console.kernel.forms import FieldFaults
from qingdun.console.kernel.models import User
from qingdun.console.kernel.queries import persons, regions
from qingdun.console.kernel.roles import Permission, require
from qingdun.contract.codes import scam_types

MOST_FEN = 10**13


@dataclass(frozen=True, slots=True)
class IncidentForm:
    """What an officer enters; money in fen."""

    key: str
    reported_at: dt.datetime
    scam_type: str
    loss_fen: int
    how: str = ""
    task: int | None = None
    """The task in which it came out; then person and place are the task's."""
    number: str = ""
    """E.164; without a task, whose number it is."""
    region: str = ""
    """Code of the place, for a number nobody knows."""


def report_incident(actor: User, form: IncidentForm) -> Incident:
    """The incident stands; the same key sent again by the same actor changes nothing.

    Errors: NotPermitted (role, task or region not theirs), FieldFaults.
    """
    require(actor, Permission.WORK_ALERTS)
    try:
        return _sent(actor, form) or _report(actor, form)
    except IntegrityError:
        known = _sent(actor, form)
        if known is None:
            raise
        return known


def _sent(actor: User, form: IncidentForm) -> Incident | None:
    return Incident.objects.filter(by=actor, key=form.key).first()


@transaction.atomic
def _report(actor: User, form: IncidentForm) -> Incident:
    now = timezone.now()
    checked(form.scam_type, form.loss_fen, form.reported_at)
    person_id, msisdn, region_path = _whose(actor, form)
    incident = Incident.objects.create(
        person_id=person_id, msisdn=msisdn, region_path=region_path, reported_at=form.reported_at,
        scam_type=form.scam_type, loss_fen=form.loss_fen, how=form.how, task_id=form.task,
        key=form.key, by=actor, entered_at=now,
    )  # fmt: skip
    after = {"task": form.task, "scam_type": form.scam_type, "loss_fen": form.loss_fen}
    record(actor, "report_incident", incident, None, after)
    if incident.loss_fen:
        tell_of_loss(person_id, form.scam_type, form.task, actor.get_username())
    return incident


def checked(
    scam_type: str, loss_fen: int, reported_at: dt.datetime, loss: str = "loss", kind: str = "type"
) -> None:
    """An incident can be so. Errors: FieldFaults, by what the form calls loss and type."""
    faults = {}
    if scam_type not in scam_types().names:
        faults[kind] = _("scam type: found %(found)s, which is none") % {"found": scam_type or "–"}
    if not 0 <= loss_fen <= MOST_FEN:
        faults[loss] = _("The loss is not below zero and not above 100,000,000,000 yuan.")
    if reported_at > timezone.now():
        faults["reported_at"] = _("Nothing can have been reported in the future.")
    if faults:
        raise FieldFaults(faults)


def _whose(actor: User, form: IncidentForm) -> tuple[str, str, str]:
    """Person, number and place of the incident."""
    if form.task is not None:
        task = alerts.task(actor, form.task)
        return task.person_id, task.msisdn, task.region_path
    if not form.number:
        raise FieldFaults({"number": _("Type the number of the person who reported.")})
    person = persons(actor).filter(numbers__msisdn=form.number).first()
    if person is not None:
        return person.person_id, form.number, person.region_path
    region = regions(actor).filter(code=form.region).first()
    if region is None:
        raise FieldFaults(
            {"region": _("Nobody of your region holds this number: choose where the report was made.")}
        )
    return f"number:{form.number}", form.number, region.path

"""Reads of incidents: the viewer first, and only those of their region or their station's towns."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from django.db.models import QuerySet

from qingdun.console.alerts.access import visible
from qingdun.console.cases.models import Incident
from qingdun.console.kernel.masking import mask_name, mask_number
from qingdun.console.kernel.models import Person, User
from qingdun.console.kernel.roles import Permission, may
from qingdun.console.kernel.scope import narrowed, out_of_reach, residents


@dataclass(frozen=True)
class Row:
    """An incident as the viewer may read it: personal data masked."""

    incident: Incident
    person: Person | None

    @property
    def name(self) -> str:
        """Surname and stars; empty if the register does not know the person."""
        return mask_name(self.person.name) if self.person else ""

    @property
    def number(self) -> str:
        """The number with its middle hidden."""
        return mask_number(self.incident.msisdn)


def incidents(viewer: User, region: str = "") -> QuerySet[Incident]:
    """Incidents of the viewer's region or of tasks they see, or of the part of it named by code; the latest
    first.
    """
    if not may(viewer, Permission.SEE_ALERTS):
        return Incident.objects.none()
    stored = Incident.objects.select_related("task", "by")
    found = residents(viewer, stored) | visible(viewer, stored.filter(task__isnull=False), "task")
    picked = narrowed(viewer, region)
    return found.filter(region_path__startswith=picked.path) if picked else found.none()


def incident(viewer: User, incident_id: int) -> Incident:
    """One of them. Errors: NotPermitted if it is not there or not the viewer's to see."""
    found = incidents(viewer).filter(pk=incident_id).first()
    if found is None:
        raise out_of_reach()
    return found


def rows(viewer: User, found: Iterable[Incident]) -> list[Row]:
    """Those of the incidents that the viewer sees, with their persons, masked."""
    seen = {one.pk: one for one in incidents(viewer).filter(pk__in=[one.pk for one in found])}
    people = Person.objects.in_bulk([one.person_id for one in seen.values()])
    return [Row(one, people.get(one.person_id)) for one in found if one.pk in seen]

"""Reads of incidents and cases: the viewer first, and only those of their region or their station's towns.

Incidents are seen by whoever sees alerts. Cases, and the persons in them, by whoever works on cases: of a
person who has a part in several, each viewer sees the parts and measures of the cases that are theirs.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import TypeVar

from django.db.models import Exists, Model, OuterRef, QuerySet

from qingdun.console.alerts.access import visible
from qingdun.console.cases.models import (
    Campaign,
    Case,
    CasePerson,
    Gang,
    GraphRecord,
    Measure,
    Member,
    Part,
    Retraction,
    Seizure,
    Team,
    Trip,
)
from qingdun.console.cases.models import Incident as Incident
from qingdun.console.cases.moves import CAMPAIGN_MOVES, CASE_MOVES, GANG_MOVES, Move
from qingdun.console.kernel.masking import mask_name, mask_number
from qingdun.console.kernel.models import Person, User
from qingdun.console.kernel.roles import Permission, may
from qingdun.console.kernel.scope import narrowed, of_region, only, out_of_reach, residents

M = TypeVar("M", bound=Model)


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
    """Incidents of the viewer's region or of tasks they see, or of the part of it named by code, without
    those taken back; the latest first.
    """
    return _reported(viewer, region).filter(taken_back_at=None)


def taken_back(viewer: User, region: str = "") -> QuerySet[Incident]:
    """Those of them that were entered by mistake and taken back; the latest first."""
    return _reported(viewer, region).exclude(taken_back_at=None)


def retractions(viewer: User, region: str = "") -> QuerySet[Retraction]:
    """What the viewer may take back with whoever asked for it, or has been taken back; the latest first."""
    if not may(viewer, Permission.WORK_CASES):
        return Retraction.objects.none()
    found = Retraction.objects.select_related("by", "second")
    return found.filter(incident__in=_reported(viewer, region).values("pk"))


def _reported(viewer: User, region: str) -> QuerySet[Incident]:
    if not may(viewer, Permission.SEE_ALERTS):
        return Incident.objects.none()
    stored = Incident.objects.select_related("task", "by")
    found = residents(viewer, stored) | visible(viewer, stored.filter(task__isnull=False), "task")
    picked = narrowed(viewer, region)
    return found.filter(region_path__startswith=picked.path) if picked else found.none()


def counted(viewer: User) -> QuerySet[Incident]:
    """Every incident that figures count for the viewer: those they may see, and for who reads figures alone,
    those of their region.
    """
    if may(viewer, Permission.SEE_ALERTS):
        return incidents(viewer)
    stored = Incident.objects.filter(taken_back_at=None).order_by("-reported_at", "-pk")
    return residents(viewer, stored) if may(viewer, Permission.SEE_WALL) else stored.none()


def incident(viewer: User, incident_id: int) -> Incident:
    """One of them. Errors: NotPermitted if it is not there or not the viewer's to see."""
    found = incidents(viewer).filter(pk=incident_id).first()
    if found is None:
        raise out_of_reach()
    return found


def reported(viewer: User, incident_id: int) -> Incident:
    """One that was entered, be it taken back: for whoever reads what names it. Errors: NotPermitted."""
    return only(_reported(viewer, "").filter(pk=incident_id))


def rows(viewer: User, found: Iterable[Incident]) -> list[Row]:
    """Those of the incidents that the viewer sees, with their persons, masked."""
    seen = {one.pk: one for one in _reported(viewer, "").filter(pk__in=[one.pk for one in found])}
    people = Person.objects.in_bulk([one.person_id for one in seen.values()])
    return [Row(one, people.get(one.person_id)) for one in found if one.pk in seen]


def cases(viewer: User, region: str = "") -> QuerySet[Case]:
    """Cases of the viewer's region, or of the part of it named by code; the latest first."""
    return _of_region(viewer, Case.objects.select_related("campaign", "by"), region)


def case(viewer: User, case_id: int) -> Case:
    """One of them. Errors: NotPermitted if it is not there or not the viewer's to see."""
    return only(cases(viewer).filter(pk=case_id))


def parts(viewer: User, region: str = "") -> QuerySet[Part]:
    """Who has which part in the cases the viewer sees."""
    found = Part.objects.select_related("person", "case")
    return _of_region(viewer, found, region, "case__region_path")


def measures(viewer: User, region: str = "") -> QuerySet[Measure]:
    """What was done to persons in the cases the viewer sees, in order of time."""
    found = Measure.objects.select_related("person", "case")
    return _of_region(viewer, found, region, "case__region_path")


def seizures(viewer: User, region: str = "") -> QuerySet[Seizure]:
    """What was seized in the cases the viewer sees; the latest first."""
    return _of_region(viewer, Seizure.objects.select_related("case"), region, "case__region_path")


def persons_of_cases(viewer: User, region: str = "") -> QuerySet[CasePerson]:
    """Everybody who has a part in a case the viewer sees, each once."""
    return CasePerson.objects.filter(Exists(parts(viewer, region).filter(person=OuterRef("pk"))))


def person_of_cases(viewer: User, person_id: int) -> CasePerson:
    """One of them. Errors: NotPermitted if they are not there or not the viewer's to see."""
    return only(persons_of_cases(viewer).filter(pk=person_id))


def gangs(viewer: User, region: str = "") -> QuerySet[Gang]:
    """Gangs of the viewer's region; the latest found first."""
    return _of_region(viewer, Gang.objects.all(), region)


def gang(viewer: User, gang_id: int) -> Gang:
    """One of them. Errors: NotPermitted if it is not there or not the viewer's to see."""
    return only(gangs(viewer).filter(pk=gang_id))


def members(viewer: User, region: str = "") -> QuerySet[Member]:
    """Members of those gangs that are persons of cases the viewer sees."""
    found = Member.objects.filter(person__in=persons_of_cases(viewer)).select_related("person", "gang")
    return _of_region(viewer, found, region, "gang__region_path")


def campaigns(viewer: User, region: str = "") -> QuerySet[Campaign]:
    """Campaigns of the viewer's region; the latest first."""
    return _of_region(viewer, Campaign.objects.all(), region)


def campaign(viewer: User, campaign_id: int) -> Campaign:
    """One of them. Errors: NotPermitted if it is not there or not the viewer's to see."""
    return only(campaigns(viewer).filter(pk=campaign_id))


def teams(viewer: User, region: str = "") -> QuerySet[Team]:
    """Teams of the campaigns the viewer sees."""
    return _of_region(viewer, Team.objects.select_related("campaign"), region, "campaign__region_path")


def trips(viewer: User, region: str = "") -> QuerySet[Trip]:
    """Journeys of the campaigns the viewer sees; the latest first."""
    found = Trip.objects.select_related("team__campaign")
    return _of_region(viewer, found, region, "team__campaign__region_path")


def graph_records(viewer: User, region: str = "") -> QuerySet[GraphRecord]:
    """Graphs kept as evidence by whoever works in the viewer's region; the latest first."""
    return _of_region(viewer, GraphRecord.objects.select_related("by"), region)


def graph_record(viewer: User, record_id: int) -> GraphRecord:
    """One of them. Errors: NotPermitted if it is not there or not the viewer's to see."""
    return only(graph_records(viewer).filter(pk=record_id))


def case_moves(viewer: User, about: Case) -> list[Move]:
    """The moves the viewer may make with the case now."""
    seen = cases(viewer).filter(pk=about.pk).exists()
    return [move for move in CASE_MOVES if seen and about.state in move.sources]


def gang_moves(viewer: User, about: Gang) -> list[Move]:
    """The moves the viewer may make with the gang now."""
    seen = gangs(viewer).filter(pk=about.pk).exists()
    return [move for move in GANG_MOVES if seen and about.state in move.sources]


def campaign_moves(viewer: User, about: Campaign) -> list[Move]:
    """The moves the viewer may make with the campaign now."""
    seen = campaigns(viewer).filter(pk=about.pk).exists()
    return [move for move in CAMPAIGN_MOVES if seen and about.state in move.sources]


def _of_region(viewer: User, stored: QuerySet[M], region: str, path: str = "region_path") -> QuerySet[M]:
    if not may(viewer, Permission.WORK_CASES):
        return stored.none()
    return of_region(viewer, residents(viewer, stored, path), region, path)

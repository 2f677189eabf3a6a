"""Reads of supervision: the viewer first.

Everybody sees what lies in their region: a commissioner's is the city, a town's cadre sees their town. Drafts
of rounds are for who confirms them.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, TypeVar

from django.db.models import Count, F, IntegerField, Model, OuterRef, Q, QuerySet, Subquery
from django.db.models.functions import Coalesce
from django.utils import timezone

from qingdun.console.kernel.models import Region, User
from qingdun.console.kernel.roles import Permission, may
from qingdun.console.kernel.scope import of_region, only, within
from qingdun.console.outreach import queries as outreach
from qingdun.console.supervision.codes import Kind
from qingdun.console.supervision.models import (
    Charge,
    Commissioner,
    Departure,
    Escalation,
    Recheck,
    Round,
    Shortcoming,
    StaffFigure,
    Supervision,
    VisitPhoto,
)
from qingdun.console.supervision.moves import UNSETTLED, RoundState

M = TypeVar("M", bound=Model)


@dataclass(frozen=True, slots=True)
class File:
    """Everything of one town or enterprise."""

    charge: Charge | None
    """In the round that is in force."""
    charges: list[Charge]
    visits: list[Supervision]
    shortcomings: list[Shortcoming]

    @property
    def unsettled(self) -> list[Shortcoming]:
        """Findings that still have a deadline."""
        return [one for one in self.shortcomings if one.state in UNSETTLED]


def commissioners(viewer: User, region: str = "") -> QuerySet[Commissioner]:
    """Commissioners, also those who have left, whose home county lies in the viewer's region."""
    return _of_region(viewer, Commissioner.objects.select_related("user", "by"), region)


def rounds(viewer: User) -> QuerySet[Round]:
    """Rounds of assignment of the viewer's city, the latest first; drafts for whoever confirms them."""
    if viewer.region is None or not may(viewer, Permission.SEE_SUPERVISION):
        return Round.objects.none()
    city = f"{viewer.region_path.split('/')[0]}/"
    found = Round.objects.filter(region_path=city).select_related("ranking", "drawn_by", "confirmed_by")
    return found if _confirms(viewer) else found.exclude(state=RoundState.DRAFT)


def one_round(viewer: User, round_id: int) -> Round:
    """One of them. Errors: NotPermitted if it is not there or not the viewer's to see."""
    return only(rounds(viewer).filter(pk=round_id))


def charges(viewer: User, region: str = "") -> QuerySet[Charge]:
    """What is or was supervised in the viewer's region, round by round, each with its number of visits."""
    related = ("round", "partner", "commissioner__user")
    found = _of_region(viewer, Charge.objects.select_related(*related), region)
    found = found.filter(round__in=rounds(viewer)).annotate(visited=Count("visits"))
    return found.order_by("-round__drawn_at", "-kind", "position", "pk")


def charge(viewer: User, charge_id: int) -> Charge:
    """One of them. Errors: NotPermitted if it is not there or not the viewer's to see."""
    return only(charges(viewer).filter(pk=charge_id))


def mine(viewer: User) -> QuerySet[Charge]:
    """What the viewer supervises in the round that is in force."""
    found = charges(viewer).filter(round__state=RoundState.CONFIRMED, commissioner__user=viewer)
    return found.order_by("-kind", "position", "pk")


def departures(viewer: User, region: str = "") -> QuerySet[Departure]:
    """What is supervised no more since a round, of the viewer's region."""
    related = ("round", "partner", "commissioner__user")
    found = _of_region(viewer, Departure.objects.select_related(*related), region)
    return found.filter(round__in=rounds(viewer))


def visits(viewer: User, region: str = "") -> QuerySet[Supervision]:
    """Visits in the viewer's region with their numbers of findings and photos, the latest first."""
    related = ("charge__partner", "charge__round", "by")
    found = _of_region(viewer, Supervision.objects.select_related(*related), region)
    found = found.annotate(
        found=Count("shortcomings", distinct=True), pictures=Count("photos", distinct=True)
    )
    return found.order_by("-visited_at", "-pk")


def visit(viewer: User, visit_id: int) -> Supervision:
    """One of them. Errors: NotPermitted if it is not there or not the viewer's to see."""
    return only(visits(viewer).filter(pk=visit_id))


def photo(viewer: User, photo_id: int) -> VisitPhoto:
    """One photo of a visit. Errors: NotPermitted if it is not there or not the viewer's to see."""
    return only(VisitPhoto.objects.filter(pk=photo_id, visit__in=visits(viewer).values("pk")))


def shortcomings(viewer: User, region: str = "") -> QuerySet[Shortcoming]:
    """Findings in the viewer's region, the next due first."""
    related = ("charge__partner", "charge__commissioner__user", "visit", "answered_by")
    return _of_region(viewer, Shortcoming.objects.select_related(*related), region)


def shortcoming(viewer: User, shortcoming_id: int) -> Shortcoming:
    """One of them. Errors: NotPermitted if it is not there or not the viewer's to see."""
    return only(shortcomings(viewer).filter(pk=shortcoming_id))


def unsettled(viewer: User, region: str = "") -> QuerySet[Shortcoming]:
    """Findings that still have a deadline."""
    return shortcomings(viewer, region).filter(state__in=UNSETTLED)


def overdue(viewer: User, region: str = "") -> QuerySet[Shortcoming]:
    """Findings whose deadline has passed: not put right, or not inspected again."""
    return unsettled(viewer, region).filter(due_on__lt=timezone.localdate())


def rechecks(viewer: User, region: str = "") -> QuerySet[Recheck]:
    """Re-inspections in the viewer's region, the latest first."""
    related = ("shortcoming__charge__partner", "visit__by")
    return _of_region(viewer, Recheck.objects.select_related(*related), region)


def escalations(viewer: User, region: str = "") -> QuerySet[Escalation]:
    """Deadlines that passed in the viewer's region, the latest first."""
    related = ("shortcoming__charge__partner", "shortcoming__charge__commissioner__user")
    return _of_region(viewer, Escalation.objects.select_related(*related), region)


def enterprises(viewer: User, region: str = "") -> QuerySet[Any]:
    """Enterprises of the viewer's region with `staff`, the latest figure or what outreach knows, and the day
    it is of; the largest first.
    """
    stored = outreach.enterprises(viewer, region)
    if not may(viewer, Permission.SEE_SUPERVISION):
        return stored.none()
    last = StaffFigure.objects.filter(partner=OuterRef("pk")).order_by("-as_of", "-pk")
    staff = Subquery(last.values("staff")[:1], output_field=IntegerField())
    found = stored.annotate(
        staff=Coalesce(staff, F("people"), output_field=IntegerField()),
        staff_as_of=Subquery(last.values("as_of")[:1]),
    )
    return found.order_by("-staff", "name", "pk")


def enterprise(viewer: User, partner_id: int) -> Any:
    """One of them. Errors: NotPermitted if it is not there or not the viewer's to see."""
    return only(enterprises(viewer).filter(pk=partner_id))


def staff(viewer: User, region: str = "") -> QuerySet[StaffFigure]:
    """Figures of staff of enterprises of the viewer's region, the latest first."""
    return _of_region(viewer, StaffFigure.objects.select_related("partner", "by"), region)


def town_file(viewer: User, region_path: str) -> File:
    """What is known of one town of the viewer's region: rounds, visits and findings, the latest first."""
    return _file(viewer, Q(region_path=region_path, kind=Kind.TOWN), region_path, None)


def enterprise_file(viewer: User, partner_id: int) -> File:
    """The same of one enterprise."""
    return _file(viewer, Q(partner=partner_id), "", partner_id)


def _file(viewer: User, subject: Q, region_path: str, partner_id: int | None) -> File:
    its = list(
        charges(viewer).filter(subject).exclude(round__state=RoundState.DRAFT).order_by("-round__drawn_at")
    )
    about = (
        Q(charge__partner=partner_id) if partner_id else Q(region_path=region_path, charge__kind=Kind.TOWN)
    )
    now = its[0] if its and its[0].round.state == RoundState.CONFIRMED else None
    found = shortcomings(viewer).filter(about).prefetch_related("rechecks", "escalations")
    return File(now, its, list(visits(viewer).filter(about)), list(found.order_by("-found_at", "pk")))


def _confirms(viewer: User) -> bool:
    whole = viewer.region is not None and viewer.region.level == Region.Level.CITY
    return whole and may(viewer, Permission.WORK_SUPERVISION)


def _of_region(viewer: User, stored: QuerySet[M], region: str) -> QuerySet[M]:
    if not may(viewer, Permission.SEE_SUPERVISION):
        return stored.none()
    return of_region(viewer, within(viewer, stored), region)

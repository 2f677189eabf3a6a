"""Reads of outreach: the viewer first, and only what lies in their region or their station's towns."""

from __future__ import annotations

from typing import TypeVar

from django.db.models import Count, Model, Q, QuerySet
from django.utils import timezone

from qingdun.console.kernel.localtime import midnight
from qingdun.console.kernel.models import User
from qingdun.console.kernel.roles import Permission, may
from qingdun.console.kernel.scope import narrowed, of_region, only, residents
from qingdun.console.outreach.codes import Arm, PartnerKind
from qingdun.console.outreach.models import (
    Ambassador,
    AppCount,
    Commendation,
    Door,
    Event,
    EventPhoto,
    Grid,
    HitGroup,
    Mailing,
    Material,
    Partner,
    Pledge,
    ProvinceRank,
    QuizSheet,
    Reading,
    Recipient,
    Target,
    Unit,
    Venue,
)
from qingdun.console.sms.queries import education_states

M = TypeVar("M", bound=Model)


def counts(viewer: User, region: str = "") -> QuerySet[AppCount]:
    """Registrations by day of the viewer's region, or of the part of it named by code; the latest first."""
    return _of_region(viewer, AppCount.objects.select_related("grid"), region)


def targets(viewer: User, region: str = "") -> QuerySet[Target]:
    """Targets of places of the viewer's region; the next due first."""
    return _of_region(viewer, Target.objects.select_related("by"), region)


def ranks(viewer: User, region: str = "") -> QuerySet[ProvinceRank]:
    """Ranks in the province of places the viewer sees; the latest first."""
    return _of_region(viewer, ProvinceRank.objects.select_related("by"), region)


def grids(viewer: User, region: str = "") -> QuerySet[Grid]:
    """Grids of the viewer's region, for whoever sees outreach or goes from door to door."""
    return _of_region(viewer, Grid.objects.all(), region, Permission.VISIT_DOORS)


def doors(viewer: User, region: str = "") -> QuerySet[Door]:
    """Visits at doors of the viewer's region, the latest first; a grid member sees their own."""
    found = Door.objects.select_related("grid", "by")
    if not may(viewer, Permission.SEE_OUTREACH):
        found = found.filter(by=viewer)
    return _of_region(viewer, found, region, Permission.VISIT_DOORS)


def doors_today(viewer: User) -> QuerySet[Door]:
    """What the viewer has recorded themselves since midnight, the latest first."""
    today = midnight(timezone.localdate())
    return doors(viewer).filter(by=viewer, visited_at__gte=today).order_by("-visited_at", "-pk")


def grid(viewer: User, code: str) -> Grid:
    """One of them by its code. Errors: NotPermitted if it is not there or not the viewer's to see."""
    return only(grids(viewer).filter(code=code))


def units(viewer: User, region: str = "") -> QuerySet[Unit]:
    """Member units of the viewer's region, in the order in which they joined."""
    return _of_region(viewer, Unit.objects.all(), region)


def ambassadors(viewer: User, region: str = "") -> QuerySet[Ambassador]:
    """Ambassadors of the viewer's region."""
    return _of_region(viewer, Ambassador.objects.select_related("unit"), region)


def venues(viewer: User, region: str = "") -> QuerySet[Venue]:
    """Venues of the viewer's region."""
    return _of_region(viewer, Venue.objects.all(), region)


def partners(viewer: User, region: str = "") -> QuerySet[Partner]:
    """Schools and enterprises of the viewer's region."""
    return _of_region(viewer, Partner.objects.all(), region)


def enterprises(viewer: User, region: str = "") -> QuerySet[Partner]:
    """Enterprises of the viewer's region, for whoever sees outreach or supervision."""
    found = Partner.objects.filter(kind=PartnerKind.ENTERPRISE)
    return _of_region(viewer, found, region, Permission.SEE_SUPERVISION)


def events(viewer: User, region: str = "") -> QuerySet[Event]:
    """Events of the viewer's region, the latest first; for whoever goes from door to door as well."""
    return _of_region(viewer, Event.objects.select_related("unit", "venue"), region, Permission.VISIT_DOORS)


def event(viewer: User, event_id: int) -> Event:
    """One of them. Errors: NotPermitted if it is not there or not the viewer's to see."""
    return only(events(viewer).filter(pk=event_id))


def photo(viewer: User, photo_id: int) -> EventPhoto:
    """A photo of an event the viewer sees. Errors: NotPermitted."""
    return only(EventPhoto.objects.filter(pk=photo_id, event__in=events(viewer)))


def pledges(viewer: User, region: str = "") -> QuerySet[Pledge]:
    """Pledges of enterprises of the viewer's region, the latest first."""
    return _of_region(viewer, Pledge.objects.select_related("partner"), region)


def commendations(viewer: User, region: str = "") -> QuerySet[Commendation]:
    """Who was commended in the viewer's region, the latest first."""
    return _of_region(viewer, Commendation.objects.select_related("partner"), region)


def materials(viewer: User, region: str = "") -> QuerySet[Material]:
    """Materials of the viewer's region, and those of the places above it: their words are for its people,
    and for whoever goes from door to door there.
    """
    own = _of_region(viewer, Material.objects.all(), region, Permission.VISIT_DOORS)
    picked = narrowed(viewer, region)
    if picked is None or not (may(viewer, Permission.SEE_OUTREACH) or may(viewer, Permission.VISIT_DOORS)):
        return own
    codes = picked.path.rstrip("/").split("/")
    above = ["/".join(codes[:depth]) + "/" for depth in range(1, len(codes))]
    return Material.objects.filter(Q(pk__in=own.values("pk")) | Q(region_path__in=above))


def material(viewer: User, material_id: int) -> Material:
    """One of them. Errors: NotPermitted if it is not there or not the viewer's to see."""
    return only(materials(viewer).filter(pk=material_id))


def sheets(viewer: User, region: str = "") -> QuerySet[QuizSheet]:
    """Sheets of the quiz filled in the viewer's region, the latest first; nobody's name is on them."""
    return _of_region(viewer, QuizSheet.objects.select_related("event"), region)


def mailings(viewer: User, region: str = "") -> QuerySet[Mailing]:
    """Mailings prepared by whoever works in the viewer's region; the latest first."""
    return _of_region(viewer, Mailing.objects.select_related("by", "approved_by"), region)


def mailing(viewer: User, mailing_id: int) -> Mailing:
    """One of them. Errors: NotPermitted if it is not there or not the viewer's to see."""
    return only(mailings(viewer).filter(pk=mailing_id))


def sizes(viewer: User, about: Mailing) -> dict[str, int]:
    """How many people are in each of the mailing's two groups; nobody's name."""
    return _counted(viewer, about, "arm", {})


def outcomes(viewer: User, about: Mailing) -> dict[str, int]:
    """What became of the messages to those it is sent to, by outcome."""
    return _counted(viewer, about, "outcome", {"arm": Arm.SENT})


def arrivals(viewer: User, about: Mailing) -> list[tuple[str, int]]:
    """Where the messages of a mailing stand that were queued, in words, and how many."""
    found = Recipient.objects.filter(mailing=about, mailing__in=mailings(viewer), message__isnull=False)
    return education_states(viewer, found.values("message_id"))


def readings(viewer: User, about: Mailing) -> QuerySet[Reading]:
    """The numbers of its effect, day by day."""
    return Reading.objects.filter(mailing=about, mailing__in=mailings(viewer)).order_by("days")


def hit_groups(viewer: User) -> QuerySet[HitGroup]:
    """Groups of residents of the viewer's counties with how many of them were hit by what."""
    return _of_region(viewer, HitGroup.objects.order_by("pk"), "")


def _counted(viewer: User, about: Mailing, by: str, only: dict[str, str]) -> dict[str, int]:
    found = Recipient.objects.filter(mailing=about, mailing__in=mailings(viewer), **only)
    return dict(found.order_by(by).values_list(by).annotate(count=Count("pk")))


def _of_region(
    viewer: User, stored: QuerySet[M], region: str, or_may: Permission = Permission.SEE_OUTREACH
) -> QuerySet[M]:
    if not (may(viewer, Permission.SEE_OUTREACH) or may(viewer, or_may)):
        return stored.none()
    return of_region(viewer, residents(viewer, stored), region)

"""Reads of outreach: the viewer first, and only what lies in their region or their station's towns."""

from __future__ import annotations

from typing import TypeVar

from django.db.models import Count, Model, QuerySet

from qingdun.console.kernel.models import User
from qingdun.console.kernel.roles import Permission, may
from qingdun.console.kernel.scope import narrowed, out_of_reach, residents
from qingdun.console.outreach.codes import Arm
from qingdun.console.outreach.models import (
    AppCount,
    Grid,
    HitGroup,
    Mailing,
    ProvinceRank,
    Reading,
    Recipient,
    Target,
)

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


def grid(viewer: User, code: str) -> Grid:
    """One of them by its code. Errors: NotPermitted if it is not there or not the viewer's to see."""
    return _one(grids(viewer).filter(code=code))


def mailings(viewer: User, region: str = "") -> QuerySet[Mailing]:
    """Mailings prepared by whoever works in the viewer's region; the latest first."""
    return _of_region(viewer, Mailing.objects.select_related("by", "approved_by"), region)


def mailing(viewer: User, mailing_id: int) -> Mailing:
    """One of them. Errors: NotPermitted if it is not there or not the viewer's to see."""
    return _one(mailings(viewer).filter(pk=mailing_id))


def sizes(viewer: User, about: Mailing) -> dict[str, int]:
    """How many people are in each of the mailing's two groups; nobody's name."""
    return _counted(viewer, about, "arm", {})


def outcomes(viewer: User, about: Mailing) -> dict[str, int]:
    """What became of the messages to those it is sent to, by outcome."""
    return _counted(viewer, about, "outcome", {"arm": Arm.SENT})


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
    picked = narrowed(viewer, region)
    if picked is None or not (may(viewer, Permission.SEE_OUTREACH) or may(viewer, or_may)):
        return stored.none()
    return residents(viewer, stored).filter(region_path__startswith=picked.path)


def _one(found: QuerySet[M]) -> M:
    row = found.first()
    if row is None:
        raise out_of_reach()
    return row

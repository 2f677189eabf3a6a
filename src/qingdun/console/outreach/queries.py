"""Reads of outreach: the viewer first, and only what lies in their region or their station's towns."""

from __future__ import annotations

from typing import TypeVar

from django.db.models import Model, QuerySet

from qingdun.console.kernel.models import User
from qingdun.console.kernel.roles import Permission, may
from qingdun.console.kernel.scope import narrowed, out_of_reach, residents
from qingdun.console.outreach.models import AppCount, Grid, ProvinceRank, Target

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

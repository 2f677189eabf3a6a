"""Everybody sees the subtree of their own region and nothing else; a station, its own part of that. To a bank
or an operator no place belongs: what is theirs is addressed to them.
"""

from __future__ import annotations

from typing import TypeVar

from django.db.models import Model, Q, QuerySet
from django.utils.translation import gettext as _

from qingdun.console.kernel.models import Organisation, Region, User
from qingdun.console.kernel.roles import Role
from qingdun.errors import NotPermitted

M = TypeVar("M", bound=Model)


def within(viewer: User, queryset: QuerySet[M], path_field: str = "region_path") -> QuerySet[M]:
    """Only the rows whose region path lies in the viewer's subtree; none for a viewer without a region, nor
    for an officer of a party.
    """
    if not viewer.region_path or viewer.role == Role.PARTY_OFFICER:
        return queryset.none()
    return queryset.filter(**{f"{path_field}__startswith": viewer.region_path})


def in_station(viewer: User) -> bool:
    """Whether the viewer works in a police station: then their region, which may be the whole county of a
    station with two towns, is more than what is theirs.
    """
    at = viewer.organisation
    return viewer.role == Role.STATION_OFFICER or (at is not None and at.kind == Organisation.Kind.STATION)


def residents(viewer: User, queryset: QuerySet[M], path_field: str = "region_path") -> QuerySet[M]:
    """Only the rows at places of the viewer's region; for whoever works in a station, only of its towns."""
    found = within(viewer, queryset, path_field)
    if not in_station(viewer):
        return found
    towns = viewer.organisation.towns.values_list("path", flat=True) if viewer.organisation else ()
    served = Q(pk__in=())
    for path in towns:
        served |= Q(**{f"{path_field}__startswith": path})
    return found.filter(served)


def covers(viewer: User, region_path: str) -> bool:
    """Whether the path lies in the viewer's subtree."""
    if viewer.role == Role.PARTY_OFFICER:
        return False
    return bool(viewer.region_path) and region_path.startswith(viewer.region_path)


def require_covers(viewer: User, region_path: str) -> None:
    """Nothing happens if the path lies in the viewer's subtree. Errors: NotPermitted."""
    if not covers(viewer, region_path):
        raise NotPermitted(_("That lies outside your region."))


def out_of_reach() -> NotPermitted:
    """The refusal for what is not there or not the viewer's: the same words, so that nobody learns which."""
    return NotPermitted(_("It is not there, or not in your region or with your station."))


def narrowed(viewer: User, code: str | None) -> Region | None:
    """The region the viewer has picked, if it lies in their subtree; otherwise their own."""
    if code:
        picked = within(viewer, Region.objects.filter(code=code), "path").first()
        if picked is not None:
            return picked
    return viewer.region


def of_region(viewer: User, queryset: QuerySet[M], code: str, path_field: str = "region_path") -> QuerySet[M]:
    """Of rows that are the viewer's, only those of the region they have picked, if one."""
    picked = narrowed(viewer, code)
    if picked is None:
        return queryset.none()
    return queryset.filter(**{f"{path_field}__startswith": picked.path})


def only(found: QuerySet[M]) -> M:
    """The row that a query of the viewer's found by its id. Errors: NotPermitted if it found none."""
    row = found.first()
    if row is None:
        raise out_of_reach()
    return row

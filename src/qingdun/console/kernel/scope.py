"""Everybody sees the subtree of their own region and nothing else."""

from __future__ import annotations

from typing import TypeVar

from django.db.models import Model, QuerySet

from qingdun.console.kernel.models import Region, User
from qingdun.errors import NotPermitted

M = TypeVar("M", bound=Model)


def within(viewer: User, queryset: QuerySet[M], path_field: str = "region_path") -> QuerySet[M]:
    """Only the rows whose region path lies in the viewer's subtree; none for a viewer without a region."""
    if not viewer.region_path:
        return queryset.none()
    return queryset.filter(**{f"{path_field}__startswith": viewer.region_path})


def covers(viewer: User, region_path: str) -> bool:
    """Whether the path lies in the viewer's subtree."""
    return bool(viewer.region_path) and region_path.startswith(viewer.region_path)


def require_covers(viewer: User, region_path: str) -> None:
    """Nothing happens if the path lies in the viewer's subtree. Errors: NotPermitted."""
    if not covers(viewer, region_path):
        raise NotPermitted(
            f"{viewer.username}: region {region_path or '-'} is outside {viewer.region_path or '-'}"
        )


def narrowed(viewer: User, code: str | None) -> Region | None:
    """The region the viewer has picked, if it lies in their subtree; otherwise their own."""
    if code:
        picked = within(viewer, Region.objects.filter(code=code), "path").first()
        if picked is not None:
            return picked
    return viewer.region

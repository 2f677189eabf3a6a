"""Reads of imported files: the viewer first, and only those of their region and of kinds they may bring."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

from django.db.models import QuerySet

from qingdun.console.kernel.imports.kinds import Kind, known_kinds
from qingdun.console.kernel.imports.models import Import, ImportFault, ImportPart
from qingdun.console.kernel.models import User
from qingdun.console.kernel.roles import may
from qingdun.console.kernel.scope import out_of_reach, residents


def usable_kinds(viewer: User) -> dict[str, Kind[Any]]:
    """The kinds of files the viewer may bring, by code."""
    return {code: kind for code, kind in known_kinds().items() if may(viewer, kind.permission)}


def imports(viewer: User, kinds: Collection[str] | None = None) -> QuerySet[Import]:
    """Files brought by people of the viewer's region, of these kinds or of all; the latest first."""
    usable = usable_kinds(viewer)
    wanted = usable.keys() if kinds is None else usable.keys() & set(kinds)
    found = Import.objects.filter(kind__in=sorted(wanted)).select_related("by")
    # To a bank or an operator no place belongs, but what they brought there does.
    return residents(viewer, found) | found.filter(by=viewer, region_path=viewer.region_path)


def imported(viewer: User, file_id: int) -> Import:
    """One of them. Errors: NotPermitted if it is not there or not the viewer's to see."""
    found = imports(viewer).filter(pk=file_id).first()
    if found is None:
        raise out_of_reach()
    return found


def parts(viewer: User, about: Import) -> QuerySet[ImportPart]:
    """The rows of the file that wait, some at a time, in its order."""
    return ImportPart.objects.filter(file__in=imports(viewer).filter(pk=about.pk), taken=False)


def faults(viewer: User, about: Import) -> QuerySet[ImportFault]:
    """The rows of the file that were refused, in its order."""
    return ImportFault.objects.filter(file__in=imports(viewer).filter(pk=about.pk))


def origins(viewer: User, kinds: Collection[str]) -> list[str]:
    """Who has sent such files that the viewer may see."""
    found = imports(viewer, kinds).exclude(origin="").order_by("origin")
    return list(found.values_list("origin", flat=True).distinct())

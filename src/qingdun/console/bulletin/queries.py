"""Reads of bulletins: the viewer first.

An issued bulletin is a notice to everybody below its place: whoever may read bulletins reads those of the
places their own lies in, and of those within it. Drafts are seen by who writes bulletins in their region.
"""

from __future__ import annotations

from django.db.models import Q, QuerySet

from qingdun.console.bulletin.models import Bulletin, BulletinFigure, Schedule
from qingdun.console.bulletin.moves import BulletinState
from qingdun.console.kernel.models import User
from qingdun.console.kernel.roles import Permission, may
from qingdun.console.kernel.scope import narrowed, out_of_reach, within
from qingdun.console.kernel.tables import Ask


def bulletins(viewer: User, ask: Ask | None = None) -> QuerySet[Bulletin]:
    """Those the viewer may read, the latest period first; of the part of their region asked for."""
    found = Bulletin.objects.select_related("by", "first_by", "second_by")
    if not viewer.region_path or not may(viewer, Permission.SEE_BULLETINS):
        return found.none()
    own = within(viewer, Bulletin.objects.all()).values("pk")
    if not may(viewer, Permission.WRITE_BULLETINS):
        own = own.filter(state=BulletinState.ISSUED)
    above = Q(region_path__in=_above(viewer.region_path), state=BulletinState.ISSUED)
    found = found.filter(Q(pk__in=own) | above)
    picked = narrowed(viewer, ask.region) if ask and ask.region else None
    if picked is not None and picked.path != viewer.region_path:
        found = found.filter(region_path__startswith=picked.path)
    return found


def bulletin(viewer: User, bulletin_id: int) -> Bulletin:
    """One of them. Errors: NotPermitted if it is not there or not the viewer's to see."""
    found = bulletins(viewer).filter(pk=bulletin_id).first()
    if found is None:
        raise out_of_reach()
    return found


def figures(viewer: User, about: Bulletin) -> QuerySet[BulletinFigure]:
    """The figures of a bulletin the viewer may read, in the order of the text."""
    return BulletinFigure.objects.filter(bulletin=about, bulletin__in=bulletins(viewer))


def last_issued(viewer: User, about: Bulletin) -> Bulletin | None:
    """The bulletin of the same place and language that was issued last before this one."""
    same = bulletins(viewer).filter(
        region_path=about.region_path, language=about.language, state=BulletinState.ISSUED
    )
    before = same.exclude(pk=about.pk)
    if about.second_at is not None:
        before = before.filter(second_at__lt=about.second_at)
    return before.order_by("-second_at", "-pk").first()


def schedules(viewer: User) -> QuerySet[Schedule]:
    """Schedules in force of the viewer's region, if they write bulletins."""
    if not may(viewer, Permission.WRITE_BULLETINS):
        return Schedule.objects.none()
    return within(viewer, Schedule.objects.filter(ended_at=None).select_related("by"))


def _above(path: str) -> list[str]:
    """The paths of the places above that one.

    >>> _above("441800/441881/441881110/")
    ['441800/', '441800/441881/']
    """
    codes = path.rstrip("/").split("/")
    return ["".join(f"{code}/" for code in codes[:number]) for number in range(1, len(codes))]

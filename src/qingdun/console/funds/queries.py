"""Reads of stop-payment orders: the viewer first, and only those of their region or their station's towns."""

from __future__ import annotations

from django.db.models import QuerySet

from qingdun.console.alerts.access import visible
from qingdun.console.funds.models import StopPayment
from qingdun.console.funds.moves import MOVES, Move
from qingdun.console.kernel.models import User
from qingdun.console.kernel.roles import Permission, may
from qingdun.console.kernel.scope import narrowed, out_of_reach, residents


def stops(viewer: User, region: str = "", state: str = "") -> QuerySet[StopPayment]:
    """Orders of the viewer's region or of tasks they see, or of the part of it named by code; the latest
    first.
    """
    if not may(viewer, Permission.SEE_ALERTS):
        return StopPayment.objects.none()
    picked = narrowed(viewer, region)
    stored = StopPayment.objects.select_related("task", "incident", "by")
    found = residents(viewer, stored) | visible(viewer, stored.filter(task__isnull=False), "task")
    found = found.filter(region_path__startswith=picked.path) if picked else found.none()
    return found.filter(state=state) if state else found


def stop(viewer: User, stop_id: int) -> StopPayment:
    """One of them. Errors: NotPermitted if it is not there or not the viewer's to see."""
    found = stops(viewer).filter(pk=stop_id).first()
    if found is None:
        raise out_of_reach()
    return found


def open_moves(viewer: User, about: StopPayment) -> list[Move]:
    """The moves the viewer may make now."""
    if not stops(viewer).filter(pk=about.pk).exists():
        return []
    return [m for m in MOVES if about.state in m.sources and m.permission and may(viewer, m.permission)]

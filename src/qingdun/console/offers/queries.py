"""Reads of offers: the viewer first, and only what is theirs to see."""

from __future__ import annotations

from django.db.models import QuerySet
from django.utils import timezone

from qingdun.console.alerts.access import visible
from qingdun.console.alerts.queries import Task
from qingdun.console.kernel.models import User
from qingdun.console.kernel.roles import Permission, may
from qingdun.console.offers.models import Offer


def mine(viewer: User) -> QuerySet[Offer]:
    """What is offered to the viewer now, the shortest way first; it names level, town and way, and nobody."""
    rows = Offer.objects.filter(officer=viewer.pk, state=Offer.State.OPEN, expires_at__gt=timezone.now())
    if not may(viewer, Permission.WORK_ALERTS):
        return rows.none()
    return rows.select_related("task__town").order_by("task__level_rank", "way_min", "pk")


def of_task(viewer: User, about: Task) -> QuerySet[Offer]:
    """Who was asked about the task and what came of it, the latest search first."""
    if not may(viewer, Permission.SEE_ALERTS):
        return Offer.objects.none()
    rows = visible(viewer, Offer.objects.filter(task=about.pk), "task")
    return rows.select_related("officer", "station").order_by("-search_at", "step", "way_min", "pk")

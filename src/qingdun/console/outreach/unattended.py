"""Enterprises as other modules' ticks read them, with no viewer."""

from __future__ import annotations

from django.db.models import QuerySet

from qingdun.console.outreach.codes import PartnerKind
from qingdun.console.outreach.models import Partner


def enterprises() -> QuerySet[Partner]:
    """Every enterprise that is known."""
    return Partner.objects.filter(kind=PartnerKind.ENTERPRISE)

"""Incidents as the system itself reads them, with no viewer: for ticks alone (see `alerts.unattended`)."""

from __future__ import annotations

from django.db.models import QuerySet

from qingdun.console.cases.models import Incident


def losses() -> QuerySet[Incident]:
    """Every incident in which money was lost, without those taken back."""
    return Incident.objects.filter(loss_fen__gt=0, taken_back_at=None)


def locked(incident_id: int) -> Incident | None:
    """That incident, locked until the transaction ends; None if there is none."""
    return Incident.objects.select_for_update().filter(pk=incident_id).first()

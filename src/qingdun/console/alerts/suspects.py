"""Reads for whoever reviews suspects: those the engine holds, whom they reached, what they are tied to."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from django.db.models import Count, Q, QuerySet

from qingdun.console.alerts.access import visible
from qingdun.console.alerts.models import ClusterMember, Evidence, Suspect
from qingdun.console.kernel.models import User
from qingdun.console.kernel.roles import Permission, require

Suspected = Suspect
"""What `standing` gives rows of."""


class Reach(NamedTuple):
    """How far a suspect reaches."""

    victims: int
    """Persons with evidence on it, of tasks the viewer sees."""
    cluster: int
    """Members of the largest cluster it is in, itself included; 0 for none."""


def standing(viewer: User) -> QuerySet[Suspect]:
    """The suspects the engine holds now, the surest first; they are the whole city's."""
    require(viewer, Permission.SEE_ALERTS)
    return Suspect.objects.filter(gone_at=None).order_by("-score", "pk")


def reach(viewer: User, suspects: Sequence[Suspect]) -> dict[int, Reach]:
    """The reach of each of the suspects, by their ids."""
    require(viewer, Permission.SEE_ALERTS)
    keys = {(one.entity_kind, one.entity): one.pk for one in suspects}
    named = Q(entity__in=[entity for _kind, entity in keys])
    pieces = visible(viewer, Evidence.objects.filter(named), "alert__task").order_by()
    victims = {
        (kind, entity): count
        for kind, entity, count in pieces.values_list("entity_kind", "entity").annotate(
            Count("alert__person_id", distinct=True)
        )
    }
    standing_members = ClusterMember.objects.filter(gone_at=None)
    mine = list(standing_members.filter(named).values_list("entity_kind", "entity", "cluster_id"))
    sizes = dict(
        standing_members.filter(cluster_id__in={cluster for _kind, _entity, cluster in mine})
        .values_list("cluster_id")
        .annotate(Count("pk"))
    )
    largest: dict[tuple[str, str], int] = {}
    for kind, entity, cluster in mine:
        largest[kind, entity] = max(largest.get((kind, entity), 0), sizes[cluster])
    return {pk: Reach(victims.get(key, 0), largest.get(key, 0)) for key, pk in keys.items()}

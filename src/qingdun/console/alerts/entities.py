"""Reads of the entity page: what speaks against an entity, and whom it reached.

Evidence rows alone are read: nobody's ordinary calls, messages or visits can be searched from here.
"""

from __future__ import annotations

from dataclasses import dataclass

from django.db.models import Q
from django.urls import reverse
from django.utils.translation import gettext as _

from qingdun.console.alerts.access import visible
from qingdun.console.alerts.codes import EntityKind
from qingdun.console.alerts.models import ClusterMember, Evidence, Suspect, Task
from qingdun.console.alerts.queries import Row, rows
from qingdun.console.kernel.models import User
from qingdun.console.kernel.queries import Hit
from qingdun.console.kernel.roles import Permission, may, require
from qingdun.errors import InputError

MOST_EVIDENCE = 200


@dataclass(frozen=True, slots=True)
class Entity:
    """All that is known of one entity within the viewer's region."""

    kind: EntityKind
    value: str
    suspect: Suspect | None
    evidence: list[Evidence]
    victims: list[Row]
    neighbours: list[ClusterMember]

    @property
    def known(self) -> bool:
        """Whether anything is."""
        return bool(self.suspect or self.evidence)


def entity(viewer: User, kind: str, value: str) -> Entity:
    """The entity's evidence, the persons it reached, its neighbours. Errors: NotPermitted, InputError."""
    require(viewer, Permission.SEE_PERSONS)
    if kind not in EntityKind.values:
        raise InputError(f"entity kind: found {kind!r}, expected one of {', '.join(EntityKind.values)}")
    same = Q(entity_kind=kind, entity=value)
    pieces = (
        visible(viewer, Evidence.objects.filter(same), "alert__task")
        .select_related("alert")
        .order_by("-at", "-pk")
    )
    # A rise of level repeats what the alert before it rested on: once is enough here.
    unique = {(piece.alert.task_id, piece.detector, piece.at): piece for piece in pieces[:MOST_EVIDENCE]}
    found = list(unique.values())
    suspect = Suspect.objects.filter(same).first()
    reached = {piece.alert.task_id for piece in found}
    listed = visible(viewer, Task.objects.filter(pk__in=reached)).select_related("town__parent", "owner")
    standing = ClusterMember.objects.filter(gone_at=None)
    groups = standing.filter(same).values("cluster_id")
    neighbours = standing.filter(cluster_id__in=groups).exclude(same).order_by("-score")[:20]
    return Entity(
        EntityKind(kind), value, suspect, found, rows(viewer, listed.order_by("-raised_at")), list(neighbours)
    )


def looks_like(value: str) -> EntityKind:
    """The kind a typed value most probably is.

    >>> [looks_like(value).value for value in ("+8617258010001", "example.invalid", "6222021234567890")]
    ['number', 'host', 'account']
    """
    digits = value.lstrip("+")
    if value.startswith("+") or (digits.isdecimal() and len(digits) <= 12):
        return EntityKind.SENDER if digits.startswith("106") else EntityKind.NUMBER
    if "." in value:
        return EntityKind.HOST
    return EntityKind.DEVICE if digits.isdecimal() and len(digits) == 15 else EntityKind.ACCOUNT


def suspects(viewer: User, query: str = "") -> list[Suspect]:
    """The strongest suspects the engine holds now, or those of them whose value begins with `query`."""
    require(viewer, Permission.SEE_PERSONS)
    return list(Suspect.objects.filter(gone_at=None, entity__startswith=query)[:100])


def search_entities(viewer: User, text: str) -> list[Hit]:
    """For the search field: the entity of exactly that value, if evidence or a suspicion names it."""
    if not may(viewer, Permission.SEE_PERSONS):
        return []
    named = {
        piece.entity_kind
        for piece in visible(viewer, Evidence.objects.filter(entity=text), "alert__task")[:50]
    }
    named |= {suspect.entity_kind for suspect in Suspect.objects.filter(entity=text)}
    return [
        Hit(_("Entity"), text, str(EntityKind(kind).label), reverse("alerts:entity", args=[kind, text]))
        for kind in sorted(named)
    ]

"""Reads of the entity page: what speaks against an entity, and whom it reached.

Suspects and their ties are shared by all who see alerts, wherever they are: a gang works across counties.
Evidence and victims are those of tasks the viewer sees (docs/decisions/0009). Evidence rows alone are read:
nobody's ordinary calls, messages or visits can be searched from here.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass
from typing import NamedTuple

from django.db.models import Count, Max, Min, Q
from django.urls import reverse
from django.utils.translation import gettext as _

from qingdun.console.alerts.access import visible
from qingdun.console.alerts.codes import EntityKind
from qingdun.console.alerts.disclosure import disclosure
from qingdun.console.alerts.models import ClusterMember, Evidence, Suspect, Task
from qingdun.console.alerts.queries import Row, rows
from qingdun.console.kernel.models import User
from qingdun.console.kernel.queries import Hit
from qingdun.console.kernel.roles import Permission, may, require
from qingdun.console.kernel.scope import out_of_reach
from qingdun.errors import InputError

MOST_EVIDENCE = 200


@dataclass(frozen=True, slots=True)
class Entity:
    """All that is known of one entity and is the viewer's to see."""

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
    require(viewer, Permission.SEE_ALERTS)
    _check(kind)
    same = Q(entity_kind=kind, entity=value)
    pieces = visible(viewer, Evidence.objects.filter(same), "alert__task")
    latest = pieces.select_related("alert").order_by("-at", "-pk")[:MOST_EVIDENCE]
    # A rise of level repeats what the alert before it rested on: once is enough here.
    unique = {(piece.alert.task_id, piece.detector, piece.at): piece for piece in latest}
    found = list(unique.values())
    reached = {piece.alert.task_id for piece in found}
    listed = visible(viewer, Task.objects.filter(pk__in=reached)).select_related("town__parent", "owner")
    members = ClusterMember.objects.filter(gone_at=None)
    groups = members.filter(same).values("cluster_id")
    return Entity(
        EntityKind(kind),
        value,
        Suspect.objects.filter(same).first(),
        found,
        rows(viewer, listed.order_by("-raised_at")),
        list(members.filter(cluster_id__in=groups).exclude(same).order_by("-score")[:20]),
    )


class Tie(NamedTuple):
    """How evidence ties a person to an entity: by how many pieces, the latest task they stand in, of which
    times they are.
    """

    person_id: str
    kind: str
    entity: str
    pieces: int
    task: int
    first: dt.datetime
    last: dt.datetime


def ties(viewer: User, region_path: str, most: int) -> list[Tie]:
    """Persons and the entities that evidence ties them to, of the tasks the viewer sees in that region; the
    latest `most`.
    """
    require(viewer, Permission.SEE_ALERTS)
    seen = visible(viewer, Evidence.objects.exclude(entity=""), "alert__task")
    found = (
        seen.filter(alert__task__region_path__startswith=region_path)
        .order_by()
        .values_list("alert__person_id", "entity_kind", "entity")
        .annotate(Count("pk"), latest=Max("alert__task"), first=Min("at"), last=Max("at"))
        .order_by("-latest", "entity_kind", "entity")
    )
    return [Tie(*row) for row in found[:most]]


def clusters(viewer: User, most: int) -> list[ClusterMember]:
    """Members of the engine's clusters as they stand, of the whole city; at most so many."""
    require(viewer, Permission.SEE_ALERTS)
    return list(ClusterMember.objects.filter(gone_at=None).order_by("cluster_id", "-score")[:most])


def labels(viewer: User, named: Iterable[tuple[str, str]]) -> dict[tuple[str, str], str]:
    """Each entity (kind, value) as a page prints it: masked where it is somebody's."""
    require(viewer, Permission.SEE_ALERTS)
    wanted = set(named)
    shown = disclosure(wanted)
    return {(kind, value): shown.label(kind, value) for kind, value in wanted}


def reference(row: Evidence | Suspect | ClusterMember) -> str:
    """What stands for the row's entity in addresses: they go into logs and histories and name nobody."""
    letter = {Evidence: "e", Suspect: "s", ClusterMember: "m"}[type(row)]
    return f"{letter}{row.pk}"


def named(viewer: User, ref: str) -> tuple[str, str]:
    """Kind and value of the entity a reference stands for.

    Errors: NotPermitted if no row has it, or evidence that is not the viewer's to see.
    """
    require(viewer, Permission.SEE_ALERTS)
    letter, pk = ref[:1], int(ref[1:]) if ref[1:].isdecimal() and len(ref) < 19 else 0
    row: Evidence | Suspect | ClusterMember | None = None
    if letter == "e":
        row = visible(viewer, Evidence.objects.filter(pk=pk), "alert__task").first()
    elif letter in ("s", "m"):
        shared: type[Suspect] | type[ClusterMember] = Suspect if letter == "s" else ClusterMember
        row = shared._default_manager.filter(pk=pk).first()
    if row is None:
        raise out_of_reach()
    return row.entity_kind, row.entity


def find(viewer: User, kind: str, text: str) -> str | None:
    """The reference of the entity of exactly that value, None if nothing the viewer sees names it."""
    require(viewer, Permission.SEE_ALERTS)
    _check(kind)
    same = Q(entity_kind=kind, entity__in=_spellings(text))
    evidence = visible(viewer, Evidence.objects.filter(same), "alert__task")
    row = (
        Suspect.objects.filter(same).first()
        or evidence.order_by("-at", "-pk").first()
        or ClusterMember.objects.filter(same, gone_at=None).first()
    )
    return None if row is None else reference(row)


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


def suspects(viewer: User) -> list[Suspect]:
    """The strongest suspects the engine holds now, of the whole city."""
    require(viewer, Permission.SEE_ALERTS)
    return list(Suspect.objects.filter(gone_at=None)[:100])


def search_entities(viewer: User, text: str) -> list[Hit]:
    """For the search field: the entity of exactly that value, if evidence or a suspicion names it."""
    if not may(viewer, Permission.SEE_ALERTS):
        return []
    same = Q(entity__in=_spellings(text))
    found = {
        (row.entity_kind, row.entity): reference(row)
        for rows_ in (
            visible(viewer, Evidence.objects.filter(same), "alert__task").order_by("pk")[:50],
            Suspect.objects.filter(same),
        )
        for row in rows_
    }
    shown = disclosure(found)
    return [
        Hit(_("Entity"), shown.label(kind, value), str(EntityKind(kind).label), _address(found[kind, value]))
        for kind, value in sorted(found)
    ]


def _address(ref: str) -> str:
    return reverse("alerts:entity", args=[ref])


def _spellings(text: str) -> set[str]:
    """A number may be typed with blanks and without its country."""
    compact = text.replace(" ", "")
    return {text, compact, f"+86{compact}"}


def _check(kind: str) -> None:
    if kind not in EntityKind.values:
        raise InputError(
            _("Kind: found “%(found)s”, expected one of %(known)s.")
            % {"found": kind[:40], "known": ", ".join(EntityKind.values)}
        )

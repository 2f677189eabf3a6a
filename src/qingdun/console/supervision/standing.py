"""How a round stands: of each charge the visits and the findings, of each commissioner the load."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from django.db.models import QuerySet
from django.utils import timezone

from qingdun.console.kernel.models import User
from qingdun.console.supervision import queries
from qingdun.console.supervision.codes import Kind
from qingdun.console.supervision.models import Commissioner, Departure, Round
from qingdun.console.supervision.planning import key_of
from qingdun.console.supervision.rules import rule_named


@dataclass(slots=True)
class Counts:
    """Findings of a town or an enterprise that have a deadline, and how many of these are overdue."""

    unsettled: int = 0
    overdue: int = 0


@dataclass(frozen=True, slots=True)
class Row:
    """One charge with what has come of it."""

    charge: Any
    """With its number of visits."""
    counts: Counts


@dataclass(slots=True)
class Load:
    """One commissioner's part of a round."""

    commissioner: Commissioner
    towns: int = 0
    enterprises: int = 0
    weight: int = 0
    visited: int = 0
    wanted: int = 0


@dataclass(slots=True)
class Board:
    """A round as its page shows it."""

    towns: list[Row] = field(default_factory=list)
    enterprises: list[Row] = field(default_factory=list)
    loads: list[Load] = field(default_factory=list)
    departures: list[Departure] = field(default_factory=list)
    visited: int = 0
    """Visits of those that were wanted."""
    wanted: int = 0
    unsettled: int = 0
    overdue: int = 0


def board(viewer: User, about: Round, region: str = "") -> Board:
    """The round with what the viewer may see of it, or the part of it in the region named by code."""
    rule, found = rule_named(about.rules), Board()
    counts = counted(viewer)
    loads: dict[int, Load] = {}
    held: QuerySet[Any] = queries.charges(viewer, region).filter(round=about)
    for one in held.order_by("position", "pk"):
        row = Row(one, counts.get(key_of(one.kind, one.region_path, one.partner_id), Counts()))
        (found.towns if one.kind == Kind.TOWN else found.enterprises).append(row)
        load = loads.setdefault(one.commissioner_id, Load(one.commissioner))
        load.weight += rule.weight(one.form)
        load.towns += one.kind == Kind.TOWN
        load.enterprises += one.kind == Kind.ENTERPRISE
        load.wanted += one.wanted
        load.visited += min(one.visited, one.wanted)
        found.unsettled += row.counts.unsettled
        found.overdue += row.counts.overdue
    found.loads = sorted(loads.values(), key=lambda load: load.commissioner.pk)
    found.visited = sum(load.visited for load in found.loads)
    found.wanted = sum(load.wanted for load in found.loads)
    found.departures = list(queries.departures(viewer, region).filter(round=about))
    return found


def counted(viewer: User) -> dict[str, Counts]:
    """By key of the town or enterprise, its findings that have a deadline."""
    today, found = timezone.localdate(), dict[str, Counts]()
    rows = queries.unsettled(viewer).values_list("charge__kind", "region_path", "charge__partner", "due_on")
    for kind, path, partner, due in rows:
        one = found.setdefault(key_of(kind, path, partner), Counts())
        one.unsettled += 1
        one.overdue += due < today
    return found

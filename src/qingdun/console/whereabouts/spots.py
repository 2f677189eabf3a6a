"""The places where a person may be, numbered, with distance and way from a station."""

from __future__ import annotations

import datetime as dt
import math
from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from qingdun.console.alerts.queries import Seen, Task
from qingdun.console.kernel.models import Person, PersonAccount, PersonRelation
from qingdun.console.whereabouts.models import Branch, Cell
from qingdun.console.whereabouts.rules import LEAST_BRANCHES, MOST_BRANCHES, NEAR_KM
from qingdun.dispatch.way import Point, distance_km, way_min

KINDS: dict[str, str | Promise] = {
    "cell": _("Last cell"), "home": _("Home address"), "work": _("Workplace"), "family": _("Family"),
    "branch": _("Bank branch"),
}  # fmt: skip
RELATIONS: dict[str, str | Promise] = {"spouse": _("Spouse"), "parent": _("Parent"), "child": _("Child")}
_NEAR_DEGREES = 0.5
"""Branches further away than about 50 km are not near."""


@dataclass(frozen=True, slots=True)
class Spot:
    """One place on list and map; `point` None where no coordinates are known."""

    kind: str
    name: str
    detail: str
    point: Point | None
    number: int = 0
    at: dt.datetime | None = None
    """When the phone was seen there."""
    phones: tuple[str, ...] = ()
    own_bank: bool = False
    """Whether the person has an account with that bank."""
    km: float | None = None
    minutes: float | None = None

    @property
    def word(self) -> str:
        """What kind of place it is."""
        return str(KINDS[self.kind])


def spots(task: Task, person: Person | None, seen: Seen | None, start: Point | None) -> list[Spot]:
    """Last cell, home, workplace, family and the branches near, in this order, numbered from 1."""
    urban = task.town is not None and bool(task.town.urban)
    own = [*_seen(seen), *(_own(person) if person else ())]
    anchor = next((spot.point for spot in own if spot.point), None)
    banks = _banks(person) if person else frozenset()
    found = [*own, *(_family(person) if person else ()), *_branches(anchor, banks)]
    return [
        replace(
            spot,
            number=number,
            km=distance_km(start, spot.point) if start and spot.point else None,
            minutes=way_min(start, spot.point, urban) if start and spot.point else None,
        )
        for number, spot in enumerate(found, start=1)
    ]


def point_of(place: Any) -> Point | None:
    """The coordinates of whatever has some."""
    if place is None or place.lng is None or place.lat is None:
        return None
    return Point(place.lng, place.lat)


def _seen(seen: Seen | None) -> Iterator[Spot]:
    if seen is not None:
        cell = Cell.objects.filter(pk=seen.cell).first()
        yield Spot("cell", seen.cell, "", point_of(cell), at=seen.at)


def _own(person: Person) -> Iterator[Spot]:
    for kind, lng, lat, address in (
        ("home", person.home_lng, person.home_lat, person.home_address),
        ("work", person.work_lng, person.work_lat, person.work_address),
    ):
        if lng is not None and lat is not None:
            yield Spot(kind, address or str(person.region), "", Point(lng, lat))
        elif address:
            yield Spot(kind, address, "", None)


def _family(person: Person) -> Iterator[Spot]:
    ties = PersonRelation.objects.filter(person=person).select_related("relative")
    for tie in ties.prefetch_related("relative__numbers").order_by("relation", "relative"):
        relative = tie.relative
        known = relative.home_lng is not None and relative.home_lat is not None
        yield Spot(
            "family", relative.name or relative.pk, str(RELATIONS.get(tie.relation, tie.relation)),
            Point(relative.home_lng or 0.0, relative.home_lat or 0.0) if known else None,
            phones=tuple(number.msisdn for number in relative.numbers.all()),
        )  # fmt: skip


def _banks(person: Person) -> frozenset[str]:
    return frozenset(PersonAccount.objects.filter(person=person).values_list("bank", flat=True))


def _branches(anchor: Point | None, banks: frozenset[str]) -> list[Spot]:
    """The branches nearest to where the person was last, or lives; those of their own banks marked."""
    if anchor is None:
        return []
    wide = _NEAR_DEGREES / max(0.1, math.cos(math.radians(anchor.lat)))
    near = Branch.objects.filter(
        lng__range=(anchor.lng - wide, anchor.lng + wide),
        lat__range=(anchor.lat - _NEAR_DEGREES, anchor.lat + _NEAR_DEGREES),
    )
    ranked = sorted((distance_km(anchor, Point(one.lng, one.lat)), one.pk, one) for one in near)
    return [
        Spot("branch", one.name, "", Point(one.lng, one.lat), own_bank=one.bank in banks)
        for place, (km, _, one) in enumerate(ranked[:MOST_BRANCHES])
        if km <= NEAR_KM or place < LEAST_BRANCHES
    ]

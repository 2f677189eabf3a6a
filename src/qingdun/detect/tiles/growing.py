"""Room in the arrays of `kernels` for what is to come, and none for what is gone."""

from __future__ import annotations

from typing import TypeVar

import numpy as np

from qingdun.detect.tiles.kernels import NOBODY, Array, Circles, Crowds, Rings, Sites, tabulate

Grown = TypeVar("Grown", Crowds, Circles, Sites, Rings)
Tabled = TypeVar("Tabled", Crowds, Circles)

_FILL = {"head": -1, "next": -1, "of": -1, "slot_of": -1, "owner": -1}
_BY_ENTITY = {"common", "head", "size", "first_at", "last_at"}
_NODES = {"member", "at", "next", "of"}
_SLOTS = {"owner", "size", "entity", "at", "last_at"}


def _with(part: Grown, names: set[str], length: int) -> Grown:
    """The part with room for `length` in those of its arrays, at least half as much again as before."""
    old = len(getattr(part, next(name for name in part._fields if name in names)))
    if length <= old:
        return part
    room = max(length, old + old // 2 + 64)
    grown: dict[str, Array] = {}
    for name in names & set(part._fields):
        array: Array = getattr(part, name)
        fill = NOBODY if name == "size" and isinstance(part, Circles) else _FILL.get(name, 0)
        larger = np.full((room, *array.shape[1:]), fill, array.dtype)
        larger[:old] = array
        grown[name] = larger
    return part._replace(**grown)


def with_entities(part: Grown, count: int) -> Grown:
    """Room for so many entities."""
    return _with(part, _BY_ENTITY, count)


def with_nodes(part: Tabled, more: int) -> Tabled:
    """Room for so many members more."""
    part = _with(part, _NODES, int(part.loose[1]) + more)
    if 2 * (int(part.loose[2]) + more) > len(part.places):
        part = _tabled_anew(part, more)
    return part


def _tabled_anew(part: Tabled, more: int) -> Tabled:
    """The table without what is gone, with room for so many members more."""
    members = int((part.of >= 0).sum())
    part = part._replace(places=np.zeros(1 << (4 * (members + more) + 15).bit_length(), np.int32))
    tabulate(part.member, part.of, part.places, part.loose)
    return part


def with_slots(part: Grown, more: int) -> Grown:
    """Room for so many subscribers or persons more."""
    return _with(part, _SLOTS, int(part.loose[1]) + more)


def with_numbers(part: Sites, count: int) -> Sites:
    """Room for so many subscribers in the register."""
    return _with(part, {"slot_of"}, count)


def with_persons(part: Rings, count: int) -> Rings:
    """Room for so many persons in the register."""
    return _with(part, {"slot_of"}, count)


def only(part: Tabled, entities: Array, places: Array) -> Tabled:
    """Nothing but these entities, in this order; `places` are the new places of all."""
    kept = {name: getattr(part, name)[entities] for name in _BY_ENTITY & set(part._fields)}
    members = part.of >= 0
    part.of[members] = places[part.of[members]]
    return _tabled_anew(part._replace(**kept), 0)


def renumber(sites: Sites, rings: Rings, places: Array) -> None:
    """Sites and rings name entities by their new places."""
    for part in (sites, rings):
        owned = part.owner >= 0
        taken = np.arange(part.entity.shape[1]) < part.size[:, None]
        taken &= owned[:, None]
        part.entity[taken] = places[part.entity[taken]]


def note_used(sites: Sites, rings: Rings, used: Array) -> None:
    """`used` is true of every entity that stands in somebody's sites or ring."""
    for part in (sites, rings):
        taken = np.arange(part.entity.shape[1]) < part.size[:, None]
        taken &= (part.owner >= 0)[:, None]
        used[part.entity[taken]] = True

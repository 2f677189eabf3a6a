"""Who supervises what: the balance is a law, the county a preference, and each step can be told.

Every charge weighs what its form weighs. A commissioner's load is the sum.

1. What was supervised before stays with its commissioner, as long as that one has no more than the fair
   share (all weights over all commissioners, rounded up).
2. The rest, in the order of the lists, goes to somebody with room, that is, who would have no more than the
   least loaded one has plus the heaviest weight: whose it was before; else of those of the same county the
   least loaded. If there is none, to whoever has least.
3. While somebody has more than another by above the heaviest weight, the last charge in the order moves from
   the busiest to the idlest.

So no two loads differ by more than the heaviest weight. Equal ones go by the order of appointment.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Subject:
    """What is to be supervised; subjects come in the order of their lists."""

    key: str
    county: str
    weight: int
    keeper: int | None = None
    """Who supervised it before, in office or not."""


@dataclass(frozen=True, slots=True)
class Officer:
    """A commissioner in office; officers come in the order of their appointment."""

    ident: int
    county: str


@dataclass(frozen=True, slots=True)
class Given:
    """Who gets it, and why: codes of `codes.WHY`."""

    officer: int
    why: tuple[str, ...]


def assign(subjects: Sequence[Subject], officers: Sequence[Officer]) -> dict[str, Given]:
    """Everything by its key has a commissioner, and no two loads differ by more than the heaviest weight.

    >>> assign([Subject("a", "y", 1)], [Officer(1, "x"), Officer(2, "y")])["a"]
    Given(officer=2, why=('county',))

    Errors: ValueError without an officer.
    """
    if not officers:
        raise ValueError("nobody is in office")
    loads = {one.ident: 0 for one in officers}
    fair = -(-sum(one.weight for one in subjects) // len(officers))
    heaviest = max((one.weight for one in subjects), default=0)
    given: dict[str, Given] = {}
    for one in subjects:
        if one.keeper in loads and loads[one.keeper] + one.weight <= fair:
            given[one.key] = Given(one.keeper, ("kept",))
            loads[one.keeper] += one.weight
    for one in subjects:
        if one.key in given:
            continue
        roof = min(loads.values()) + heaviest - one.weight
        room = [each for each in officers if loads[each.ident] <= roof]
        given[one.key] = _given(one, room, loads)
        loads[given[one.key].officer] += one.weight
    _balance(subjects, given, loads, heaviest)
    return given


def _given(one: Subject, room: Sequence[Officer], loads: Mapping[int, int]) -> Given:
    if one.keeper in {each.ident for each in room}:
        return Given(one.keeper, ("kept",))
    lost = () if one.keeper is None else ("full",) if one.keeper in loads else ("ended",)
    near = [each.ident for each in room if each.county == one.county]
    chosen = min(near or loads, key=lambda ident: loads[ident])
    return Given(chosen, (*lost, "county" if near else "least"))


def _balance(
    subjects: Sequence[Subject], given: dict[str, Given], loads: dict[int, int], heaviest: int
) -> None:
    """Every move makes the sum of the squares of loads smaller, so that this ends."""
    while max(loads.values()) - min(loads.values()) > heaviest:
        busiest, idlest = max(loads, key=lambda one: loads[one]), min(loads, key=lambda one: loads[one])
        last = next(one for one in reversed(subjects) if given[one.key].officer == busiest)
        given[last.key] = Given(idlest, ("balance",))
        loads[busiest] -= last.weight
        loads[idlest] += last.weight

"""The gangs of the demonstration's year: who is of which, in which of its cases, with which numbers between
them.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from random import Random
from typing import NamedTuple

from qingdun.console.cases.codes import GangKind, PartRole
from qingdun.console.cases.models import Case, CasePerson, Gang, Member, Part
from qingdun.console.cases.moves import GangState
from qingdun.console.kernel.models import User

SIZES = {GangKind.CARDS: (52, 44, 38, 31, 27, 19, 14), GangKind.FRAUD: (34, 29)}
CASES_A_GANG = {GangKind.CARDS: 6, GangKind.FRAUD: 28}
ROLES = {
    GangKind.CARDS: (PartRole.CARD_OPENER, PartRole.CARD_OPENER, PartRole.CARD_SELLER, PartRole.MULE),
    GangKind.FRAUD: (PartRole.CALLER, PartRole.CALLER, PartRole.MULE, PartRole.MULE, PartRole.DEVICES),
}
SHARE = 0.6
"""Of its members, those who use one of the gang's own numbers beside theirs."""
MEMBERS_A_NUMBER = 5
LED = 4
"""Cases in which a ringleader has a part."""


class Crew(NamedTuple):
    """A gang to be: its members, the ringleader first, and its cases."""

    kind: GangKind
    number: int
    members: Sequence[CasePerson]
    cases: Sequence[Case]


class Place(NamedTuple):
    """Where somebody stands in a gang: in which case, as what, with which numbers of the gang's."""

    case: Case
    role: PartRole
    numbers: list[str]


def crews(kind: GangKind, people: Sequence[CasePerson], cases: Sequence[Case]) -> list[Crew]:
    """The gangs of the kind, each with people and cases of its own, in order."""
    found, at = [], 0
    first = 1 if kind == GangKind.CARDS else 1 + len(SIZES[GangKind.CARDS])
    for place, size in enumerate(SIZES[kind]):
        own = cases[place * CASES_A_GANG[kind] :][: CASES_A_GANG[kind]]
        found.append(Crew(kind, first + place, people[at : at + size], own))
        at += size
    return found


def places(luck: Random, gangs: Sequence[Crew]) -> dict[int, Place]:
    """Where each member stands, by id of the person."""
    found = {}
    for crew in gangs:
        shared = [f"+86172589{crew.number:02}{n:03}" for n in range(len(crew.members) // MEMBERS_A_NUMBER)]
        for n, person in enumerate(crew.members):
            role = luck.choice(ROLES[crew.kind]) if n else PartRole.LEADER
            numbers = [luck.choice(shared)] if shared and luck.random() < SHARE else []
            found[person.pk] = Place(crew.cases[n % len(crew.cases)], role, numbers)
    return found


def led(gangs: Sequence[Crew], by: User) -> list[Part]:
    """Further cases in which ringleaders have a part."""
    return [
        Part(case=case, person=crew.members[0], role=PartRole.LEADER, on=case.filed_on, by=by)
        for crew in gangs
        for case in crew.cases[1:LED]
    ]


def break_up(luck: Random, gangs: Sequence[Crew], at: dict[int, Place], by: User, today: dt.date) -> None:
    """The gangs stand, with their members and the cases these have a part in; broken up some days after the
    first of these was filed.
    """
    for crew in gangs:
        cards = crew.kind == GangKind.CARDS
        found = min(case.filed_on for case in crew.cases)
        gang = Gang.objects.create(
            name=f"演示{'贩卡' if cards else '诈骗'}团伙 {crew.number}", kind=crew.kind, found_on=found,
            region_path=by.region_path, state=GangState.BROKEN_UP, by=by,
            broken_up_on=min(today, found + dt.timedelta(days=luck.randint(5, 25))),
        )  # fmt: skip
        Member.objects.bulk_create(
            Member(gang=gang, person=person, role=at[person.pk].role) for person in crew.members
        )
        gang.cases.add(*Case.objects.filter(parts__person__in=crew.members))

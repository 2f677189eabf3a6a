"""Who acts on lists, and a short way to propose."""

from __future__ import annotations

import itertools
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import pytest

from qingdun.console.kernel.models import User
from qingdun.console.kernel.roles import Role
from qingdun.console.lists import actions
from qingdun.console.lists.candidates import Candidate
from qingdun.console.lists.codes import Source
from qingdun.console.lists.models import Entry
from qingdun.console.lists.proposing import Made
from tests.console.conftest import MakeUser
from tests.console.places import COUNTY_A, TOWN_A

_keys = itertools.count()


@dataclass(frozen=True)
class People:
    analyst: User
    colleague: User
    third: User
    county: User
    officer: User
    viewer: User


@pytest.fixture
def people(make_user: MakeUser) -> People:
    return People(
        make_user(Role.CITY_ANALYST, name="analyst"),
        make_user(Role.CITY_ANALYST, name="colleague"),
        make_user(Role.CITY_ANALYST, name="third"),
        make_user(Role.COUNTY_OFFICER, COUNTY_A, name="county"),
        make_user(Role.STATION_OFFICER, TOWN_A, name="officer"),
        make_user(Role.VIEWER, name="viewer"),
    )


def candidate(
    entity: str = "bad.example.invalid", kind: str = "host", list_name: str = "black", **rest: Any
) -> Candidate:
    return Candidate(kind, entity, list_name, rest.pop("reason", "仿冒银行"), **rest)


def propose(actor: User, *wanted: Candidate, key: str = "") -> Made:
    return actions.propose(actor, wanted, Source.HAND, key or f"key-{next(_keys)}")


def hosts(count: int, prefix: str = "h") -> list[Candidate]:
    return [candidate(f"{prefix}{number}.example.invalid", row=number + 2) for number in range(count)]


Listed = Callable[..., Entry]


@pytest.fixture
def listed(people: People) -> Listed:
    """An entry in force."""

    def put(entity: str = "bad.example.invalid", kind: str = "host", list_name: str = "black") -> Entry:
        made = propose(people.analyst, candidate(entity, kind, list_name))
        (done,) = actions.approve(people.colleague, [(made.entries[0].pk, None)])
        assert done.ok, done.message
        return Entry.objects.get(pk=done.entry_id)

    return put

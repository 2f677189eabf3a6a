"""Entries as people outside the house ask for them, and as the exchange tells them, with no viewer."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Iterator
from typing import NamedTuple

from django.db.models import F, Max, Min, QuerySet, Sum
from django.utils import timezone

from qingdun.console.lists import changes
from qingdun.console.lists.acting import protection
from qingdun.console.lists.codes import NETWORKED, EntityKind, ListName
from qingdun.console.lists.masks import PHONES, held_since, private_numbers
from qingdun.console.lists.models import Change, Entry, Sighting
from qingdun.console.lists.moves import OPEN, State
from qingdun.console.lists.normal import normal
from qingdun.errors import InputError

_TOLD = (
    "entity_kind", "entity", "scam_type", "since", "until", "state", "reversed_at", "enforced_at",
    "second_by_id", "proposed_at",
)  # fmt: skip
"""The fields of an entry that are told of it: to make all of them takes twice as long."""


class Standing(NamedTuple):
    """A black entry that is or was in force."""

    entry: Entry
    changed_at: dt.datetime
    """Of its last change in the feed."""
    networked: bool
    held: bool
    """Whether a resident of the register holds the number."""
    taken: bool
    """Whether that resident holds it only since a day after it was listed."""
    protected: bool
    """Whether it is among what is never blocked by now."""


class Meeting(NamedTuple):
    """How often networks met an entry, by the hours in which they did."""

    entry_id: int
    first_at: dt.datetime
    last_at: dt.datetime
    times: int


def plain_host(text: str) -> str:
    """The host of what was typed or copied, as lists write it. Errors: InputError says what is expected."""
    return normal(EntityKind.HOST, text)


def blocking(host: str) -> QuerySet[Entry]:
    """Entries in force for which a host is blocked: its own, and those of the domains it lies below."""
    names = [host]
    while names[-1].count(".") > 1:
        names.append(names[-1].partition(".")[2])
    found = Entry.objects.filter(entity_kind=EntityKind.HOST, entity__in=names, state=State.ACTIVE)
    return found.exclude(list_name=ListName.NEVER_BLOCK).order_by("pk")


def head() -> int:
    """The latest serial of the change feed."""
    return changes.head()


def changed(serial: int, most: int) -> list[tuple[int, int]]:
    """At most so many changes after that serial, in their order: serial and entry."""
    found = Change.objects.filter(serial__gt=serial).order_by("serial")
    return list(found.values_list("serial", "entry")[:most])


def in_force(after: int, most: int) -> list[int]:
    """At most so many black entries in force, by their ids from that one on."""
    found = Entry.objects.filter(list_name=ListName.BLACK, state=State.ACTIVE, pk__gt=after)
    return list(found.order_by("pk").values_list("pk", flat=True)[:most])


def standing(ids: Iterable[int]) -> Iterator[Standing]:
    """The black entries among them that are or were in force, by their ids."""
    found = Entry.objects.filter(pk__in=set(ids), list_name=ListName.BLACK, since__isnull=False)
    entries = list(found.only(*_TOLD).annotate(changed_at=Max("changes__at")).order_by("pk"))
    held, never = held_since(entries), protection()
    for one in entries:
        day = held.get(one.entity) if one.entity_kind in PHONES else None
        listed_on = timezone.localdate(one.since) if one.since else dt.date.max
        yield Standing(
            one, one.changed_at or one.proposed_at, one.entity_kind in NETWORKED, day is not None,
            day is not None and day > listed_on, bool(never.group(one.entity_kind, one.entity)),
        )  # fmt: skip


def to_look_at(ids: Iterable[int]) -> list[int]:
    """Those of the black entries in force that somebody holds, or that are never blocked by now."""
    found = Entry.objects.filter(pk__in=set(ids), list_name=ListName.BLACK, state=State.ACTIVE)
    rows = list(found.only("entity_kind", "entity").order_by("pk"))
    held, never = private_numbers(rows), protection()
    return [
        one.pk
        for one in rows
        if (one.entity_kind in PHONES and one.entity in held) or never.group(one.entity_kind, one.entity)
    ]


def met(ids: Iterable[int], since: dt.datetime) -> Iterator[Meeting]:
    """What networks met of the entries, of those they met since then."""
    found = Sighting.objects.filter(entry__in=set(ids)).values("entry").order_by("entry")
    counted = found.annotate(
        first=Min("hour_at"), last=Max("hour_at"), count=Sum(F("observed") + F("blocked"))
    ).filter(last__gte=since, count__gt=0)
    for row in counted:
        yield Meeting(row["entry"], row["first"], row["last"], row["count"])


def open_entries(named: Iterable[tuple[str, str]]) -> dict[tuple[str, str], Entry]:
    """The entry of the black list, in force or proposed, of each thing named by its kind that has one."""
    asked: dict[tuple[str, str], tuple[str, str]] = {}
    for kind, entity in named:
        try:
            asked[kind, entity] = kind, normal(kind, entity)
        except (InputError, ValueError, KeyError):
            continue
    found: dict[tuple[str, str], Entry] = {}
    names = sorted({entity for _kind, entity in asked.values()})
    for cut in range(0, len(names), changes.AT_ONCE):
        some = names[cut : cut + changes.AT_ONCE]
        rows = Entry.objects.filter(entity__in=some, list_name=ListName.BLACK, state__in=OPEN)
        found |= {(one.entity_kind, one.entity): one for one in rows}
    return {pair: found[key] for pair, key in asked.items() if key in found}


def are_open(ids: Iterable[int]) -> set[int]:
    """Which of the entries are in force or wait to be."""
    return set(Entry.objects.filter(pk__in=set(ids), state__in=OPEN).values_list("pk", flat=True))

"""The change feed: written with the act itself, read by whatever must know what is listed.

A reader begins with `snapshot()`, whose serial stands before its rows were read, and goes on with
`since(serial)`. A change the snapshot already knows may come again: take changes by their entry.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from typing import NamedTuple

from django.db.models import Max

from qingdun.console.kernel.ledger import locked_head
from qingdun.console.lists.codes import ListName, What
from qingdun.console.lists.models import Change, Entry
from qingdun.console.lists.moves import State

AT_ONCE = 1000


class Line(NamedTuple):
    """One change, with all a reader needs to know of its entry."""

    serial: int
    what: str
    at: dt.datetime
    entry_id: int
    list_name: str
    entity_kind: str
    entity: str
    reason: str
    scam_type: str
    since: dt.datetime | None
    until: dt.datetime | None


class Standing(NamedTuple):
    """An entry in force."""

    entry_id: int
    list_name: str
    entity_kind: str
    entity: str
    reason: str
    scam_type: str
    since: dt.datetime
    until: dt.datetime | None


class Snapshot(NamedTuple):
    """Everything in force, and the serial to go on from."""

    serial: int
    entries: list[Standing]


def append(entries: Iterable[Entry], what: What, at: dt.datetime) -> None:
    """The feed ends with one more change for each entry, in the caller's transaction.

    The ledger's lock is held from here to the commit, so that serials rise in the order of commits; none is
    left out, because a transaction that fails takes its serials back. Lock entries before, not after.
    """
    rows = list(entries)
    if not rows:
        return
    locked_head()
    last = head()
    Change.objects.bulk_create(
        [
            Change(serial=last + number, entry=entry, what=what, at=at, until=entry.until)
            for number, entry in enumerate(rows, start=1)
        ],
        batch_size=AT_ONCE,
    )


def head() -> int:
    """The latest serial, 0 if there is none."""
    return Change.objects.aggregate(last=Max("serial"))["last"] or 0


def since(serial: int, most: int = AT_ONCE) -> list[Line]:
    """At most so many changes after that serial, in their order."""
    found = Change.objects.filter(serial__gt=serial).order_by("serial")
    return [Line(*row) for row in found.values_list(*_LINE)[:most]]


def snapshot(list_name: str = "") -> Snapshot:
    """Everything in force (on that list, if one is named) and the serial from which changes go on."""
    serial = head()
    found = Entry.objects.filter(state=State.ACTIVE).order_by("pk")
    if list_name:
        found = found.filter(list_name=ListName(list_name))
    return Snapshot(serial, [Standing(*row) for row in found.values_list(*_STANDING).iterator(AT_ONCE)])


_STANDING = (
    "pk", "list_name", "entity_kind", "entity", "reason", "scam_type", "since", "until",
)  # fmt: skip
_LINE = (
    "serial", "what", "at", "entry_id", "entry__list_name", "entry__entity_kind", "entry__entity",
    "entry__reason", "entry__scam_type", "entry__since", "until",
)  # fmt: skip

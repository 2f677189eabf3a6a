"""The change feed: written with the act itself, read by whatever must know what is listed.

A reader begins with `snapshot()`, whose serial stands before its rows were read, and goes on with
`since(serial)`. A change the snapshot already knows may come again: take changes by their entry.
"""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Iterable, Iterator
from itertools import islice
from typing import Any

from django.db.models import Max

from qingdun.console.kernel.ledger import locked_head
from qingdun.console.lists.codes import ListName, What
from qingdun.console.lists.models import Change, Entry, EntryEvidence
from qingdun.console.lists.moves import State
from qingdun.contract.columns import timestamp
from qingdun.contract.lists import FeedLine, FeedSnapshot, ListedEntry

AT_ONCE = 1000
_ENTRY = (
    "pk", "list_name", "entity_kind", "entity", "reason", "scam_type", "owner__username",
    "approved_by__username", "second_by__username", "approved_at", "second_at", "since", "until",
    "enforced_at",
)  # fmt: skip
_LINE = ("serial", "what", "at", "until", "entry__reversed_by__username", "entry__reversal_reason")


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


def since(serial: int, most: int = AT_ONCE) -> list[FeedLine]:
    """At most so many changes after that serial, in their order."""
    found = Change.objects.filter(serial__gt=serial).order_by("serial")
    fields = (*_LINE, *(f"entry__{name}" for name in _ENTRY))
    rows = list(found.values_list(*fields)[:most])
    said = _detectors(row[len(_LINE)] for row in rows)
    return [_line(row, said) for row in rows]


def snapshot(list_name: str = "") -> FeedSnapshot:
    """Everything in force (on that list, if one is named), which is read while it is gone through, and the
    serial from which changes go on.
    """
    serial = head()
    found = Entry.objects.filter(state=State.ACTIVE).order_by("pk")
    if list_name:
        found = found.filter(list_name=ListName(list_name))
    return FeedSnapshot(serial, _standing(found.values_list(*_ENTRY).iterator(AT_ONCE)))


def _standing(rows: Iterator[tuple[Any, ...]]) -> Iterator[ListedEntry]:
    while some := list(islice(rows, AT_ONCE)):
        said = _detectors(row[0] for row in some)
        yield from (_entry(row, said) for row in some)


def _detectors(ids: Iterable[int]) -> dict[int, list[str]]:
    """Of each entry the detectors of its evidence, each once."""
    rows = EntryEvidence.objects.filter(entry__in=set(ids)).exclude(detector="").order_by("entry", "detector")
    found: dict[int, list[str]] = defaultdict(list)
    for entry_id, detector in rows.values_list("entry", "detector").distinct():
        found[entry_id].append(detector)
    return found


def _line(row: tuple[Any, ...], said: dict[int, list[str]]) -> FeedLine:
    serial, what, at, until, by, why = row[: len(_LINE)]
    entry = _entry(row[len(_LINE) :], said)._replace(until=None if until is None else timestamp(until))
    return FeedLine(serial, what, timestamp(at), entry, by or "", why)


def _entry(row: tuple[Any, ...], said: dict[int, list[str]]) -> ListedEntry:
    (
        pk,
        list_name,
        kind,
        entity,
        reason,
        scam_type,
        owner,
        first,
        second,
        at,
        again,
        since,
        until,
        enforced,
    ) = row
    return ListedEntry(
        pk, list_name, kind, entity, reason, scam_type, tuple(said.get(pk, ())), owner,
        tuple(name for name in (first, second) if name), timestamp(again or at), timestamp(since),
        None if until is None else timestamp(until), None if enforced is None else timestamp(enforced),
    )  # fmt: skip

"""The lists for what enforces them in networks (`qingdun.intercept.feed.Source`): everything in force, the
changes after a serial, and what was counted.
"""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import wraps
from itertools import islice
from typing import Any, ParamSpec, TypeVar

from django.db import Error, connection, transaction

from qingdun.console.lists.changes import head
from qingdun.console.lists.models import Change, Entry, EntryEvidence, Sighting
from qingdun.console.lists.moves import State
from qingdun.contract.lists import FeedLine, FeedSnapshot, ListedEntry, Sightings
from qingdun.errors import Unreachable

P = ParamSpec("P")
R = TypeVar("R")
_READ = 1000
_ENTRY = (
    "pk", "list_name", "entity_kind", "entity", "reason", "scam_type", "owner__username",
    "approved_by__username", "second_by__username", "approved_at", "second_at", "since", "until",
    "enforced_at",
)  # fmt: skip
_LINE = ("serial", "what", "at", "until", "entry__reversed_by__username", "entry__reversal_reason")


def _reached(call: Callable[P, R]) -> Callable[P, R]:
    """Whatever the database fails of, it is asked again on a connection of its own."""

    @wraps(call)
    def wrapped(*args: P.args, **names: P.kwargs) -> R:
        try:
            return call(*args, **names)
        except Error as error:
            connection.close()
            raise Unreachable(str(error).strip() or type(error).__name__) from error

    return wrapped


class ConsoleLists:
    """The lists in the console's database."""

    @_reached
    def snapshot(self) -> FeedSnapshot:
        """Everything in force, and a serial that was read before it."""
        return FeedSnapshot(head(), _standing())

    @_reached
    def since(self, serial: int, most: int) -> Sequence[FeedLine]:
        """At most so many changes after that serial, in their order."""
        found = Change.objects.filter(serial__gt=serial).order_by("serial")
        fields = (*_LINE, *(f"entry__{name}" for name in _ENTRY))
        rows = list(found.values_list(*fields)[:most])
        said = _detectors(row[len(_LINE)] for row in rows)
        return [_line(row, said) for row in rows]

    @_reached
    @transaction.atomic
    def report(self, plane: str, found: Sequence[Sightings]) -> None:
        """The counts stand there as they are here; those of entries of another database are let go."""
        known = set(Entry.objects.filter(pk__in={one.entry_id for one in found}).values_list("pk", flat=True))
        Sighting.objects.bulk_create(
            [
                Sighting(
                    entry_id=one.entry_id,
                    plane=plane,
                    hour_at=dt.datetime.fromtimestamp(one.hour_at / 1_000_000, dt.UTC),
                    observed=one.observed,
                    blocked=one.blocked,
                )
                for one in found
                if one.entry_id in known
            ],
            update_conflicts=True,
            unique_fields=["entry", "plane", "hour_at"],
            update_fields=["observed", "blocked"],
            batch_size=_READ,
        )


def _standing() -> Iterator[ListedEntry]:
    try:
        rows = Entry.objects.filter(state=State.ACTIVE).order_by("pk").values_list(*_ENTRY).iterator(_READ)
        while some := list(islice(rows, _READ)):
            said = _detectors(row[0] for row in some)
            yield from (_entry(row, said) for row in some)
    except Error as error:
        connection.close()
        raise Unreachable(str(error).strip() or type(error).__name__) from error


def _detectors(ids: Iterable[int]) -> dict[int, list[str]]:
    """Of each entry the detectors of its evidence, each once."""
    rows = EntryEvidence.objects.filter(entry__in=set(ids)).exclude(detector="").order_by("entry", "detector")
    found: dict[int, list[str]] = defaultdict(list)
    for entry_id, detector in rows.values_list("entry", "detector").distinct():
        found[entry_id].append(detector)
    return found


def _line(row: tuple[Any, ...], said: dict[int, list[str]]) -> FeedLine:
    serial, what, at, until, by, why = row[: len(_LINE)]
    entry = _entry(row[len(_LINE) :], said)._replace(until=None if until is None else _us(until))
    return FeedLine(serial, what, _us(at), entry, by or "", why)


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
        tuple(name for name in (first, second) if name), _us(again or at), _us(since),
        None if until is None else _us(until), None if enforced is None else _us(enforced),
    )  # fmt: skip


def _us(at: dt.datetime) -> int:
    return round(at.timestamp() * 1_000_000)

"""An act on entries under way: what has moved, its history, its changes; saved all at once at the end."""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from django.conf import settings
from django.db.models import F

from qingdun.console.kernel.events import publish
from qingdun.console.kernel.models import User
from qingdun.console.lists import changes
from qingdun.console.lists.codes import ListName, What
from qingdun.console.lists.models import Entry, EntryEvent
from qingdun.console.lists.moves import State
from qingdun.intercept.never import NeverBlock

TOPIC = "lists"
AT_ONCE = 500


@dataclass(slots=True)
class Act:
    """Who does what to which entries, and when; `actor` None is the clock."""

    actor: User | None
    verb: str
    note: str
    now: dt.datetime
    moved: list[Entry] = field(default_factory=list)
    events: list[EntryEvent] = field(default_factory=list)
    changed: list[tuple[Entry, What]] = field(default_factory=list)
    values: dict[int, dict[str, Any]] = field(default_factory=dict)
    """What is new, by entry and field."""

    def set(self, entry: Entry, **values: Any) -> None:
        """The entry has these values, and will be saved with them."""
        for name, value in values.items():
            setattr(entry, name, value)
        self.values.setdefault(entry.pk, {}).update(values)

    def log(self, entry: Entry, verb: str, source: str) -> None:
        """The entry's history has one more line."""
        self.events.append(
            EntryEvent(
                entry=entry,
                at=self.now,
                actor=self.actor,
                verb=verb,
                source=source,
                target=entry.state,
                note=self.note,
            )
        )

    def start(self, entry: Entry) -> None:
        """The entry is in force."""
        source = entry.state
        self.set(entry, state=State.ACTIVE, since=self.now)
        self.log(entry, "start", source)
        self.changed.append((entry, What.LISTED))

    def keep(self) -> None:
        """Everything moved is saved as its next version, with history and changes of the feed."""
        alike: dict[tuple[tuple[str, Any], ...], list[int]] = {}
        for entry in self.moved:
            alike.setdefault(tuple(sorted(self.values.get(entry.pk, {}).items())), []).append(entry.pk)
        for values, ids in alike.items():
            for cut in range(0, len(ids), AT_ONCE):
                some = Entry.objects.filter(pk__in=ids[cut : cut + AT_ONCE])
                some.update(**dict(values), version=F("version") + 1)
        EntryEvent.objects.bulk_create(self.events, batch_size=AT_ONCE)
        for what in What:
            changes.append([entry for entry, said in self.changed if said == what], what, self.now)


def locked(ids: Iterable[int]) -> dict[int, Entry]:
    """The entries by id, locked in the order of their ids: two acts never wait for each other."""
    ordered = sorted(set(ids))
    found: dict[int, Entry] = {}
    for cut in range(0, len(ordered), AT_ONCE):
        some = Entry.objects.select_for_update().filter(pk__in=ordered[cut : cut + AT_ONCE])
        found |= {entry.pk: entry for entry in some.order_by("pk")}
    return found


def protection() -> NeverBlock:
    """What is never blocked now: what ships and the city's own entries in force."""
    own = Entry.objects.filter(list_name=ListName.NEVER_BLOCK, state=State.ACTIVE)
    return NeverBlock.of(own.values_list("entity_kind", "entity"))


def by_list(entries: Iterable[Entry]) -> dict[str, int]:
    """How many of each list."""
    return dict(Counter(entry.list_name for entry in entries))


def announce(change: str, entries: int) -> None:
    """Open pages hear that lists have changed; which entries, they ask."""
    publish(TOPIC, f"{settings.CITY_CODE}/", {"change": change, "entries": entries})

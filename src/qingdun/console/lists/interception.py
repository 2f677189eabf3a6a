"""The lists for what enforces them in networks (`qingdun.intercept.feed.Source`, and for messages
`review.Reviewers`): everything in force, the changes after a serial, what was counted, and what is held.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from django.db import transaction

from qingdun.console.kernel.reaching import reached
from qingdun.console.lists import changes, holding
from qingdun.console.lists.acting import announce
from qingdun.console.lists.models import Entry, Plane, Sighting
from qingdun.console.lists.planes import SILENT_AFTER
from qingdun.contract.columns import moment
from qingdun.contract.lists import (
    Decision,
    FeedLine,
    FeedSnapshot,
    HeldText,
    ListedEntry,
    PlaneState,
    Sightings,
)


class ConsoleLists:
    """The lists in the console's database."""

    def snapshot(self) -> FeedSnapshot:
        """Everything in force, and a serial that was read before it."""
        with reached():
            found = changes.snapshot()
        return FeedSnapshot(found.serial, _standing(found.entries))

    def since(self, serial: int, most: int) -> Sequence[FeedLine]:
        """At most so many changes after that serial, in their order."""
        with reached():
            return changes.since(serial, most)

    def report(self, plane: str, found: Sequence[Sightings]) -> None:
        """The counts stand there as they are here; those of entries of another database are let go."""
        with reached(), transaction.atomic():
            _report(plane, found)

    def state(self, found: PlaneState) -> None:
        """The plane stands there as it says."""
        told = {
            name: None if (at := getattr(found, name)) is None else moment(at) for name in ("at", "heard_at")
        }
        with reached(), transaction.atomic():
            before = Plane.objects.filter(plane=found.plane).first()
            now, _made = Plane.objects.update_or_create(
                plane=found.plane, defaults={**found._asdict(), **told}
            )
            if before is None or _said(before) != _said(now) or now.at - before.at > SILENT_AFTER:
                # Not every time: a browser that shows it asks by itself.
                announce("plane", now.entries)

    def held(self, plane: str, found: Sequence[HeldText]) -> None:
        """The texts stand there as they are here; told again, nothing changes."""
        with reached():
            holding.take(plane, found)

    def decided(self, quarantine: str) -> Sequence[Decision]:
        """What was decided and is not known to have come yet, in the order it was decided."""
        with reached():
            return holding.decided(quarantine)


def _said(plane: Plane) -> tuple[object, ...]:
    """What open pages show at once when it changes."""
    return plane.serial, plane.stopped_at, plane.figures.get("breaker")


def _standing(entries: Iterable[ListedEntry]) -> Iterator[ListedEntry]:
    with reached():
        yield from entries


def _report(plane: str, found: Sequence[Sightings]) -> None:
    known = set(Entry.objects.filter(pk__in={one.entry_id for one in found}).values_list("pk", flat=True))
    Sighting.objects.bulk_create(
        [
            Sighting(
                entry_id=one.entry_id,
                plane=plane,
                hour_at=moment(one.hour_at),
                observed=one.observed,
                blocked=one.blocked,
            )
            for one in found
            if one.entry_id in known
        ],
        update_conflicts=True,
        unique_fields=["entry", "plane", "hour_at"],
        update_fields=["observed", "blocked"],
        batch_size=changes.AT_ONCE,
    )

"""Follows the change feed of the lists: what was heard, what the planes make of it and the serial to go on
from are one transaction of the copy.

A reader is told a change again rather than not at all, and takes changes by their entry: nothing is lost and
nothing is doubled, wherever it was killed. A feed that changes too much within a while is not followed until
a person says so (`confirm`).
"""

from __future__ import annotations

import sqlite3
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from itertools import islice
from typing import NamedTuple, Protocol

from qingdun.contract.lists import FeedLine, FeedSnapshot, ListedEntry, PlaneState, Sightings
from qingdun.errors import RefusedError
from qingdun.intercept.copy import Copy, Heard, drop, fact, heard, held, held_by_id, keep, put

AT_ONCE = 1000
HEARD_EVERY_US = 5_000_000
"""How often the disk is told that the lists answered though nothing had changed."""
WINDOW_US = 600_000_000
"""Changes of the last ten minutes are one feed's at once: a bulk cut into pieces is still a bulk."""
_BATCH = 2000


class Source(Protocol):
    """Whoever has the lists. Every call may raise Unreachable."""

    def snapshot(self) -> FeedSnapshot:
        """Everything in force, and a serial that was read before it."""
        ...

    def since(self, serial: int, most: int) -> Sequence[FeedLine]:
        """At most so many changes after that serial, in their order."""
        ...

    def report(self, plane: str, found: Sequence[Sightings]) -> None:
        """The counts stand there as they are here; told again, nothing changes."""
        ...

    def state(self, found: PlaneState) -> None:
        """The plane stands there as it says."""
        ...


class Plane(Protocol):
    """What enforces the lists in one kind of network."""

    def begin(self, db: sqlite3.Connection) -> None:
        """A transaction begins."""
        ...

    def take(
        self, db: sqlite3.Connection, gone: Sequence[ListedEntry], come: Sequence[ListedEntry], now: int
    ) -> None:
        """What is `gone` holds no longer, then what has `come` holds; the copy's entries say so already."""
        ...

    def end(self, db: sqlite3.Connection) -> bool:
        """The transaction is about to be kept; whether the plane has changed by it."""
        ...

    def kept(self) -> None:
        """The transaction stands on disk."""
        ...


class Limits(NamedTuple):
    """A feed that changes more entries than `most` and more than `percent` of those held stops and asks."""

    most: int = 1000
    percent: int = 20

    def allowed(self, entries: int) -> int:
        """How many may change.

        >>> Limits(1000, 20).allowed(50), Limits(1000, 20).allowed(1_000_000)
        (1000, 200000)
        """
        return max(self.most, entries * self.percent // 100)


class _Stop(Exception):
    """More would change than may without a person's word."""

    def __init__(self, serial: int, size: int) -> None:
        self.serial, self.size = serial, size


class Follower:
    """Keeps the copy, and the planes with it, at what the source says. Called by one thread at a time."""

    def __init__(
        self,
        copy: Copy,
        source: Source,
        planes: Sequence[Plane],
        limits: Limits,
        clock: Callable[[], int],
    ) -> None:
        self._copy, self._source, self._planes, self._limits = copy, source, planes, limits
        self._clock = clock
        self._told_at = 0
        self._lately: deque[tuple[int, int]] = deque()
        with copy.reading() as db:
            self._ended_to = fact(db, "ended_to") or 0

    def step(self) -> bool:
        """What has changed up to now is held; whether a plane has changed by it.

        Errors: Unreachable if the source does not answer; terms that are over have ended all the same.
        """
        now = self._clock()
        ended = self._end_terms(now)
        try:
            return self._hear(now) or ended
        except _Stop as stop:
            with self._copy.writing() as db:
                keep(db, "stopped_at", stop.serial)
                keep(db, "stopped_size", stop.size)
                keep(db, "stopped_since", now)
                keep(db, "heard_at", now)
            return ended

    def _end_terms(self, now: int) -> bool:
        """Whoever has the lists may be away; a term ends all the same."""
        with self._copy.reading() as db:
            over = list(held(db, "until > ? AND until <= ?", (self._ended_to, now)))
        if not over:
            return False
        with self._writing() as db:
            changed = self._planes_take(db, [(over, [])], now)
            keep(db, "ended_to", now)
        self._ended_to = now
        return changed

    def _hear(self, now: int) -> bool:
        with self._copy.reading() as db:
            serial, stopped, confirmed = (fact(db, name) for name in ("serial", "stopped_at", "confirmed_to"))
        if serial is None:
            return self._begin(now, confirmed)
        waits = stopped is not None and (confirmed or 0) < stopped
        # The change it has is asked for too: were it gone, this would be another database than it came from.
        lines = self._source.since(max(serial - 1, 0), 1 if waits else AT_ONCE)
        other = bool(serial) and (not lines or lines[0].serial != serial)
        if waits:
            self._answered(now)
            return False
        if other:
            return self._begin(now, confirmed)
        new = [line for line in lines if line.serial > serial]
        while len(lines) >= AT_ONCE:
            lines = self._source.since(lines[-1].serial, AT_ONCE)
            new += lines
        if not new:
            self._answered(now)
            return False
        if confirmed is not None:
            agreed = [line for line in new if line.serial <= confirmed]
            changed = self._go_on(agreed, now, agreed=True) if agreed else False
            rest = new[len(agreed) :]
            return (self._go_on(rest, now) if rest else False) or changed
        return self._go_on(new, now)

    def _begin(self, now: int, confirmed: int | None) -> bool:
        """Everything in force is held, and nothing else. The first time nobody is asked."""
        found = self._source.snapshot()
        with self._writing() as db:
            first = fact(db, "serial") is None
            entries = heard(db).entries
            size = 0

            def steps() -> Iterator[tuple[list[ListedEntry], list[ListedEntry]]]:
                nonlocal size
                for gone, come in _replaced(db, found.entries, bare=first):
                    size += len({one.entry_id for one in (*gone, *come)})
                    yield gone, come

            changed = self._planes_take(db, steps(), now)
            if not first and confirmed is None:
                self._check(found.serial, size, entries, now)
            self._kept(db, found.serial, now, agreed=True)
        return changed

    def _go_on(self, lines: Sequence[FeedLine], now: int, agreed: bool = False) -> bool:
        last = {line.entry.entry_id: line for line in lines}
        wanted = {key: line.entry for key, line in last.items() if line.what != "unlisted"}
        with self._writing() as db:
            before = held_by_id(db, last)
            gone = [one for key, one in before.items() if wanted.get(key) != one]
            come = [one for key, one in wanted.items() if before.get(key) != one]
            size = len({one.entry_id for one in (*gone, *come)})
            if not agreed:
                self._check(lines[-1].serial, size, heard(db).entries, now)
                self._lately.append((now, size))
            drop(db, (one.entry_id for one in gone))
            put(db, come)
            changed = self._planes_take(db, [(gone, come)], now)
            self._kept(db, lines[-1].serial, now, agreed)
        return changed

    @contextmanager
    def _writing(self) -> Iterator[sqlite3.Connection]:
        """A transaction that the planes take part in."""
        with self._copy.writing() as db:
            yield db
        for plane in self._planes:
            plane.kept()

    def _planes_take(
        self,
        db: sqlite3.Connection,
        steps: Iterable[tuple[Sequence[ListedEntry], Sequence[ListedEntry]]],
        now: int,
    ) -> bool:
        for plane in self._planes:
            plane.begin(db)
        for gone, come in steps:
            for plane in self._planes:
                plane.take(db, gone, come, now)
        changed = [plane.end(db) for plane in self._planes]
        return any(changed)

    def _check(self, serial: int, size: int, entries: int, now: int) -> None:
        while self._lately and self._lately[0][0] < now - WINDOW_US:
            self._lately.popleft()
        if size + sum(count for _at, count in self._lately) > self._limits.allowed(entries):
            raise _Stop(serial, size)

    def _kept(self, db: sqlite3.Connection, serial: int, now: int, agreed: bool) -> None:
        keep(db, "serial", serial)
        keep(db, "heard_at", now)
        keep(db, "stopped_at", None)
        keep(db, "stopped_size", None)
        keep(db, "stopped_since", None)
        if agreed:
            # A word holds once: another database may well have the same serials.
            keep(db, "confirmed_to", None)
        self._told_at = now

    def _answered(self, now: int) -> None:
        if abs(now - self._told_at) < HEARD_EVERY_US:
            return
        with self._copy.writing() as db:
            keep(db, "heard_at", now)
        self._told_at = now


def confirm(copy: Copy) -> Heard:
    """What the feed has stopped at is followed; where the copy stood before.

    Errors: RefusedError if nothing waits.
    """
    with copy.writing() as db:
        found = heard(db)
        if found.stopped_at is None:
            raise RefusedError("no change of the lists waits for a word")
        keep(db, "confirmed_to", found.stopped_at)
    return found


def _replaced(
    db: sqlite3.Connection, entries: Iterable[ListedEntry], bare: bool
) -> Iterator[tuple[list[ListedEntry], list[ListedEntry]]]:
    """The copy holds the entries and no others; what went and what came by it, in parts. `bare`: it holds
    none before.
    """
    db.execute("CREATE TEMP TABLE IF NOT EXISTS seen (entry_id INTEGER PRIMARY KEY)")
    db.execute("DELETE FROM seen")
    rest = iter(entries)
    while some := list(islice(rest, _BATCH)):
        db.executemany("INSERT OR IGNORE INTO seen VALUES (?)", ((one.entry_id,) for one in some))
        before = {} if bare else held_by_id(db, (one.entry_id for one in some))
        come = [one for one in some if before.get(one.entry_id) != one]
        put(db, come)
        yield [before[one.entry_id] for one in come if one.entry_id in before], come
    left = [] if bare else list(held(db, "entry_id NOT IN (SELECT entry_id FROM seen)"))
    for cut in range(0, len(left), _BATCH):
        gone = left[cut : cut + _BATCH]
        drop(db, (one.entry_id for one in gone))
        yield gone, []

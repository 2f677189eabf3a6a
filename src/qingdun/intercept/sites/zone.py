"""The two response policy zones: what is rewritten, and what is observed and let pass. Their names, serials
and steps stand in the copy's file and change with it in one transaction.

A zone's serial rises by one with every transaction that changes it. It begins at the seconds since 1970, so
that a copy that was lost and made anew is later than what name servers still hold of the old one.
"""

from __future__ import annotations

import sqlite3
import zlib
from collections.abc import Iterable, Iterator, Sequence
from enum import IntEnum
from typing import NamedTuple

from qingdun.contract.lists import ListedEntry
from qingdun.detect.sites.hosts import parents
from qingdun.intercept.copy import fact, held, keep
from qingdun.intercept.never import NeverBlock
from qingdun.intercept.sites.rules import is_rule, packed, refusal

TABLES = """
CREATE TABLE IF NOT EXISTS rules (
    zone INTEGER NOT NULL, name BLOB NOT NULL, entry_id INTEGER NOT NULL, PRIMARY KEY (zone, name)
) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS steps (
    zone INTEGER NOT NULL, number INTEGER NOT NULL, serial INTEGER NOT NULL, added INTEGER NOT NULL,
    name BLOB NOT NULL, PRIMARY KEY (zone, number)
) WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS steps_serial ON steps (zone, serial);
CREATE TABLE IF NOT EXISTS refusals (entry_id INTEGER PRIMARY KEY, why TEXT NOT NULL);
"""
MOST_STEPS = 100_000
"""Steps that are kept of a zone; a name server that is further behind is sent the whole zone."""
_READ = 5000
_LAST = 1 << 62


class Zone(IntEnum):
    """Which zone a name stands in, or the first of several such zones.

    Where the names are shared out among several zones, their numbers go on by twos: 2 and 3 are the second of
    either kind.
    """

    BLOCK = 0
    OBSERVE = 1


def shared(kind: Zone, wire: bytes, parts: int) -> int:
    """The zone of that kind in which a name stands, of so many.

    >>> shared(Zone.OBSERVE, b"\x03bad\x07example", 1), shared(Zone.OBSERVE, b"\x03bad\x07example", 8) % 2
    (1, 1)
    """
    return kind + 2 * (zlib.crc32(wire) % parts)


def kind_of(zone: int) -> Zone:
    """Whether the zone blocks or observes."""
    return Zone(zone % 2)


def all_of(parts: int) -> range:
    """Every zone, where each kind has so many."""
    return range(2 * parts)


def title(zone: int, parts: int) -> str:
    """What the zone is called, before the name that all stand below.

    >>> title(Zone.BLOCK, 1), title(5, 4)
    ('block', 'observe-2')
    """
    kind = kind_of(zone).name.lower()
    return kind if parts == 1 else f"{kind}-{zone // 2}"


class Steps(NamedTuple):
    """What leads from one serial of a zone to the present one."""

    gone: list[bytes]
    come: list[bytes]


class _Begun:
    """A zone that changes in this transaction: its next serial, and the steps to it."""

    def __init__(self, db: sqlite3.Connection, zone: int) -> None:
        self.serial = serial_of(db, zone) + 1
        last = db.execute("SELECT max(number) FROM steps WHERE zone = ?", (zone,)).fetchone()[0]
        self.number = int(last or 0)
        self.count = 0


class Sites:
    """The plane of sites: turns entries into names of zones."""

    def __init__(self, room: int, parts: int = 1) -> None:
        """`room`: octets of the longest zone's name; `parts`: zones of either kind."""
        self._room, self._parts = room, parts
        self._never: NeverBlock | None = None
        self._begun: dict[int, _Begun] = {}

    def begin(self, db: sqlite3.Connection) -> None:
        """A transaction begins: what is known of the tables is read anew when it is needed."""
        self._never, self._begun = None, {}

    def take(
        self, db: sqlite3.Connection, gone: Sequence[ListedEntry], come: Sequence[ListedEntry], now: int
    ) -> None:
        """The zones hold the names of what has come, and none of what is gone; what is never blocked wins."""
        own = [one for one in (*gone, *come) if one.list_name == "never_block" and one.entity_kind == "host"]
        if own:
            self._never = None
        stay = {(one.entry_id, one.entity, one.enforced) for one in come if is_rule(one) and _holds(one, now)}
        self._drop(
            db, [one for one in gone if is_rule(one) and (one.entry_id, one.entity, one.enforced) not in stay]
        )
        self._put(db, [one for one in come if is_rule(one)], now)
        for one in own:
            self._judge_again(db, one.entity, now)

    def end(self, db: sqlite3.Connection) -> bool:
        """Serials of zones that have changed have risen; whether one has."""
        for zone, begun in self._begun.items():
            keep(db, _name("serial", zone), begun.serial)
            if begun.count > MOST_STEPS:
                _forget(db, zone, begun.number, begun.serial)
            else:
                _forget(db, zone, begun.number - MOST_STEPS)
        return bool(self._begun)

    def kept(self) -> None:
        """Nothing more: everything stands in the file."""

    def _drop(self, db: sqlite3.Connection, entries: Iterable[ListedEntry]) -> None:
        for entry in entries:
            db.execute("DELETE FROM refusals WHERE entry_id = ?", (entry.entry_id,))
            wire = packed(entry.entity)
            if wire is None:
                continue
            for kind in Zone:
                zone = shared(kind, wire, self._parts)
                done = db.execute(
                    "DELETE FROM rules WHERE zone = ? AND name = ? AND entry_id = ?",
                    (zone, wire, entry.entry_id),
                )
                if done.rowcount:
                    self._step(db, zone, False, wire)

    def _put(self, db: sqlite3.Connection, entries: Iterable[ListedEntry], now: int) -> None:
        for entry in entries:
            if not _holds(entry, now):
                continue
            if why := refusal(self._protected(db, now), entry.entity, self._room):
                db.execute("INSERT OR REPLACE INTO refusals VALUES (?, ?)", (entry.entry_id, why))
                continue
            wire = packed(entry.entity)
            assert wire is not None, "a refusal says so"
            zone = shared(Zone.BLOCK if entry.enforced else Zone.OBSERVE, wire, self._parts)
            row = (zone, wire, entry.entry_id)
            if db.execute("INSERT INTO rules VALUES (?, ?, ?) ON CONFLICT DO NOTHING", row).rowcount:
                self._step(db, zone, True, wire)
            else:
                db.execute("INSERT OR REPLACE INTO rules VALUES (?, ?, ?)", row)

    def _judge_again(self, db: sqlite3.Connection, host: str, now: int) -> None:
        """What stands at, above or below a host whose protection has changed is in the zones or not, anew."""
        above = list(parents(host))
        marks = ", ".join("?" * len(above))
        where = f"list_name = 'black' AND entity_kind = 'host' AND (entity IN ({marks}) OR entity LIKE ?"
        below = "%." + host.replace("_", "\\_")
        touched = list(held(db, where + " ESCAPE '\\')", (*above, below)))
        never = self._protected(db, now)
        self._drop(db, [one for one in touched if refusal(never, one.entity, self._room)])
        db.executemany("DELETE FROM refusals WHERE entry_id = ?", ((one.entry_id,) for one in touched))
        self._put(db, touched, now)

    def _protected(self, db: sqlite3.Connection, now: int) -> NeverBlock:
        if self._never is None:
            own = held(db, "list_name = 'never_block' AND (until IS NULL OR until > ?)", (now,))
            self._never = NeverBlock.of((one.entity_kind, one.entity) for one in own)
        return self._never

    def _step(self, db: sqlite3.Connection, zone: int, added: bool, wire: bytes) -> None:
        begun = self._begun.get(zone)
        if begun is None:
            begun = self._begun[zone] = _Begun(db, zone)
        begun.count += 1
        if begun.count <= MOST_STEPS:
            begun.number += 1
            db.execute(
                "INSERT INTO steps VALUES (?, ?, ?, ?, ?)", (zone, begun.number, begun.serial, added, wire)
            )


def prepare(db: sqlite3.Connection, began_s: int, form: bytes, parts: int = 1) -> None:
    """Zones that are new have their first serial, the seconds since 1970. `form`: what a zone makes of every
    host; once that has changed, whoever holds a zone must be sent the whole of it. `parts`: zones of either
    kind; once that has changed, names are shared out anew.
    """
    mark = zlib.crc32(form)
    if (fact(db, "parts") or 1) != parts:
        db.create_function(
            "shared", 2, lambda kind, wire: shared(Zone(kind), wire, parts), deterministic=True
        )
        db.execute("UPDATE rules SET zone = shared(zone % 2, name)")
        keep(db, "parts", parts)
    for zone in all_of(parts):
        serial = fact(db, _name("serial", zone))
        if serial is None or fact(db, "form") != mark:
            begun = began_s if serial is None else serial + 1
            keep(db, _name("serial", zone), begun)
            _forget(db, zone, _LAST, begun)
    keep(db, "form", mark)


def serial_of(db: sqlite3.Connection, zone: int) -> int:
    """The serial of the zone as it stands."""
    return fact(db, _name("serial", zone)) or 0


def size(db: sqlite3.Connection, zone: int) -> int:
    """How many hosts the zone has."""
    return int(db.execute("SELECT count(*) FROM rules WHERE zone = ?", (zone,)).fetchone()[0])


def refused(db: sqlite3.Connection) -> dict[str, int]:
    """Of how many hosts no rule was made, by why."""
    return dict(db.execute("SELECT why, count(*) FROM refusals GROUP BY why ORDER BY why"))


def names(db: sqlite3.Connection, zone: int) -> Iterator[list[bytes]]:
    """Every host of the zone, packed, in parts."""
    rows = db.execute("SELECT name FROM rules WHERE zone = ? ORDER BY name", (zone,))
    while some := rows.fetchmany(_READ):
        yield [name for (name,) in some]


def steps_since(db: sqlite3.Connection, zone: int, serial: int) -> Steps | None:
    """What is gone and what has come since that serial, each name once; None if that is not known any more,
    or is no serial this zone has had.
    """
    if not (fact(db, _name("floor", zone)) or 0) <= serial <= serial_of(db, zone):
        return None
    first: dict[bytes, bool] = {}
    last: dict[bytes, bool] = {}
    rows = "SELECT added, name FROM steps WHERE zone = ? AND serial > ? ORDER BY number"
    for added, name in db.execute(rows, (zone, serial)):
        first.setdefault(name, bool(added))
        last[name] = bool(added)
    # Whose first step was to come was not there before, and the other way round.
    return Steps(
        [name for name, added in first.items() if not added and not last[name]],
        [name for name, added in first.items() if added and last[name]],
    )


def _holds(entry: ListedEntry, now: int) -> bool:
    return entry.until is None or entry.until > now


def _forget(db: sqlite3.Connection, zone: int, number: int, floor: int = 0) -> None:
    """Steps up to that number are gone; what led to serials up to the floor is not known any more."""
    if number <= 0 and not floor:
        return
    old = "FROM steps WHERE zone = ? AND number <= ?"
    last = db.execute(f"SELECT max(serial) {old}", (zone, number)).fetchone()[0]
    if last is None and not floor:
        return
    db.execute(f"DELETE {old}", (zone, number))
    keep(db, _name("floor", zone), max(floor, last or 0))


def _name(what: str, zone: int) -> str:
    first = f"{what}_{kind_of(zone).name.lower()}"
    return first if zone < len(Zone) else f"{first}_{zone // 2}"

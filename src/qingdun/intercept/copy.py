"""The lists as this side last heard of them, on disk: one SQLite file, so that whoever is killed at any point
finds either the whole of a change or nothing of it.

What a plane makes of the entries (rules, serials, counts) stands in tables of its own in the same file and is
written in the same transaction.
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterable, Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import NamedTuple

from qingdun.contract.lists import ListedEntry
from qingdun.errors import InputError

_TABLES = """
CREATE TABLE IF NOT EXISTS entries (
    entry_id INTEGER PRIMARY KEY, list_name TEXT NOT NULL, entity_kind TEXT NOT NULL, entity TEXT NOT NULL,
    reason TEXT NOT NULL, scam_type TEXT NOT NULL, evidence TEXT NOT NULL, owner TEXT NOT NULL,
    approved_by TEXT NOT NULL, approved_at INTEGER NOT NULL, since INTEGER NOT NULL, until INTEGER,
    enforced_at INTEGER
);
CREATE INDEX IF NOT EXISTS entries_entity ON entries (entity_kind, entity);
CREATE INDEX IF NOT EXISTS entries_until ON entries (until);
CREATE INDEX IF NOT EXISTS entries_list ON entries (list_name, entity_kind);
CREATE TABLE IF NOT EXISTS facts (name TEXT PRIMARY KEY, value INTEGER NOT NULL) WITHOUT ROWID;
"""
_PUT = f"INSERT OR REPLACE INTO entries VALUES ({', '.join('?' * len(ListedEntry._fields))})"
_ALL = f"SELECT {', '.join(ListedEntry._fields)} FROM entries"
SUFFIX = ".sqlite3"
"""Of the file of a plane's copy, after the plane's name."""
_WAIT_S = 30.0


class Heard(NamedTuple):
    """Where the copy stands. Moments are UTC microseconds; None: never."""

    serial: int | None
    heard_at: int | None
    """When the lists last answered, whether or not they had changed."""
    stopped_at: int | None
    """Up to which serial changes wait for a person's word; None if none do."""
    stopped_size: int | None
    """How many entries they would change."""
    entries: int


class Copy:
    """The file, opened. Of several processes that open it one follows the lists; all may read."""

    def __init__(self, path: Path, tables: str = "") -> None:
        """Errors: InputError if the file is no such copy."""
        path.parent.mkdir(parents=True, exist_ok=True)
        self.path = path
        self._tables = tables
        # One thread writes at a time; which one it is does not matter to SQLite.
        self._db = self._opened()
        try:
            self._db.execute("PRAGMA journal_mode=WAL")
            self._db.execute("PRAGMA synchronous=FULL")
            self._db.executescript(_TABLES + tables)
        except sqlite3.DatabaseError as error:
            raise InputError(f"{path}: {error}; expected a copy of the lists, or no file") from error

    def close(self) -> None:
        """The file is let go."""
        self._db.close()

    @contextmanager
    def writing(self) -> Iterator[sqlite3.Connection]:
        """All that is written inside stands on disk at the end, or nothing of it."""
        self._db.execute("BEGIN IMMEDIATE")
        try:
            yield self._db
            self._db.commit()
        except BaseException:
            self._db.rollback()
            raise

    @contextmanager
    def reading(self) -> Iterator[sqlite3.Connection]:
        """The file as it stands now, however long the reading takes and whatever is written meanwhile."""
        with closing(self._opened()) as db:
            db.execute("PRAGMA query_only=ON")
            db.execute("BEGIN")
            yield db

    def heard(self) -> Heard:
        """Where the copy stands."""
        return heard(self._db)

    def _opened(self) -> sqlite3.Connection:
        return sqlite3.connect(self.path, timeout=_WAIT_S, isolation_level=None, check_same_thread=False)


def heard(db: sqlite3.Connection) -> Heard:
    """Where the copy stands."""
    serial, at, stopped, size = (
        fact(db, name) for name in ("serial", "heard_at", "stopped_at", "stopped_size")
    )
    (entries,) = db.execute("SELECT count(*) FROM entries").fetchone()
    return Heard(serial, at, stopped, size, int(entries))


def fact(db: sqlite3.Connection, name: str) -> int | None:
    """A number that the copy keeps under that name."""
    found = db.execute("SELECT value FROM facts WHERE name = ?", (name,)).fetchone()
    return None if found is None else int(found[0])


def true_as_of(db: sqlite3.Connection) -> int | None:
    """When what is held was last known to be what the lists say: while a change waits for a person's word,
    they may well answer and say something else. None: never.
    """
    return fact(db, "stopped_since") or fact(db, "heard_at")


def keep(db: sqlite3.Connection, name: str, value: int | None) -> None:
    """The copy keeps the number under that name; None: nothing."""
    if value is None:
        db.execute("DELETE FROM facts WHERE name = ?", (name,))
    else:
        db.execute("INSERT OR REPLACE INTO facts VALUES (?, ?)", (name, value))


def put(db: sqlite3.Connection, entries: Iterable[ListedEntry]) -> None:
    """The entries are held as they are here."""
    db.executemany(_PUT, map(_row, entries))


def drop(db: sqlite3.Connection, ids: Iterable[int]) -> None:
    """The entries are no longer held."""
    db.executemany("DELETE FROM entries WHERE entry_id = ?", ((one,) for one in ids))


def held(db: sqlite3.Connection, where: str = "", values: Iterable[object] = ()) -> Iterator[ListedEntry]:
    """Entries that are held: all, or those for which the SQL `where` is true."""
    for row in db.execute(f"{_ALL} WHERE {where}" if where else _ALL, tuple(values)):
        found = dict(zip(ListedEntry._fields, row, strict=True))
        for name in ("evidence", "approved_by"):
            found[name] = tuple(json.loads(found[name]))
        yield ListedEntry(**found)


def held_by_id(db: sqlite3.Connection, ids: Iterable[int]) -> dict[int, ListedEntry]:
    """Those of the entries that are held."""
    return {one.entry_id: one for entry_id in ids for one in held(db, "entry_id = ?", (entry_id,))}


def _row(entry: ListedEntry) -> tuple[object, ...]:
    return (*entry[:6], json.dumps(entry.evidence), entry.owner, json.dumps(entry.approved_by), *entry[9:])

"""Texts that wait for a person's word, in one SQLite file of their own that only its owner may read.

===========  ==================================  =============================================================
state        may become                          means
===========  ==================================  =============================================================
held         asked, dropped                      nobody has looked at it
asked        sending, dropped                    a person released it; it waits for its sender to be bound
sending      released, failed, asked, unsure     it is under way
released     –                                   the centre took it
failed       asked, dropped                      the centre refused it
unsure       asked, dropped                      it was sent and no answer came: to release it may double it
dropped      –                                   a person dropped it
===========  ==================================  =============================================================

What is released or dropped leaves its octets and words at once, and its row after the days that all have.
"""

from __future__ import annotations

import json
import os
import secrets
import sqlite3
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import NamedTuple

from qingdun.contract.lists import Decision
from qingdun.errors import IllegalMove, InputError

FILE = "messages.quarantine"
MOST_TEXTS = 10_000
MOST_OCTETS = 64 << 20
"""What may wait at once, of one client half of it: nobody takes up the room of all others. More passes, and
is counted.
"""
DAY_US = 86_400_000_000
MOVES = {
    "held": {"asked", "dropped"},
    "asked": {"sending", "dropped"},
    "sending": {"released", "failed", "asked", "unsure"},
    "failed": {"asked", "dropped"},
    "unsure": {"asked", "dropped"},
    "released": set(),
    "dropped": set(),
}
WAITING = ("held", "asked", "sending", "failed", "unsure")
_TABLES = """
CREATE TABLE IF NOT EXISTS texts (
    text_id INTEGER PRIMARY KEY AUTOINCREMENT, at INTEGER NOT NULL, system TEXT NOT NULL,
    from_esme INTEGER NOT NULL, sender TEXT NOT NULL, recipient TEXT NOT NULL, words TEXT NOT NULL,
    entry_id INTEGER, probability REAL NOT NULL, octets BLOB NOT NULL, state TEXT NOT NULL,
    moved_at INTEGER NOT NULL, said TEXT NOT NULL
);
CREATE INDEX IF NOT EXISTS texts_state ON texts (state, text_id);
CREATE TABLE IF NOT EXISTS names (name TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS decisions (
    key TEXT PRIMARY KEY, text_id INTEGER NOT NULL, was_possible INTEGER NOT NULL
) WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS decisions_text ON decisions (text_id);
CREATE TABLE IF NOT EXISTS untold (text_id INTEGER PRIMARY KEY, version INTEGER NOT NULL);
"""
_TRIGGERS = "".join(
    f"""
CREATE TRIGGER IF NOT EXISTS untold_{event} AFTER {event} ON texts BEGIN
    INSERT INTO untold VALUES ({row}.text_id, 1) ON CONFLICT DO UPDATE SET version = version + 1;
END;
"""
    for event, row in (("insert", "new"), ("update", "new"), ("delete", "old"))
)
"""Whoever changes a text, and from which process, the console will hear of it."""


class Text(NamedTuple):
    """A text and what was done with it. Moments are UTC microseconds."""

    text_id: int
    """0: not kept yet."""
    at: int
    system: str
    """As whom its ESME was bound."""
    from_esme: bool
    """Or else from the centre to the ESME."""
    sender: str
    recipient: str
    words: str
    entry_id: int | None
    """The entry of the lists it was held for; None: the model alone."""
    probability: float
    octets: bytes
    """Its PDUs, one after the other."""
    state: str
    moved_at: int
    said: str
    """What the centre answered, as JSON: of each PDU the status and the message's name."""


class Change(NamedTuple):
    """A text that stands otherwise than the console was told."""

    text_id: int
    version: int
    text: Text | None
    """None: it is gone."""
    heard: tuple[tuple[str, bool], ...]
    """Decisions about it, by key, and whether they were possible."""


_UNTOLD = "INSERT INTO untold VALUES (?, 1) ON CONFLICT DO UPDATE SET version = version + 1"
VERBS = {"release": "asked", "drop": "dropped"}
"""What a person may decide, and the state it leads to."""
_ALL = f"SELECT {', '.join(Text._fields)} FROM texts"


class Quarantine:
    """The file, opened; the proxy writes it from one thread, commands from processes of their own."""

    def __init__(self, folder: Path) -> None:
        """Errors: InputError if the file is no such file."""
        folder.mkdir(parents=True, exist_ok=True)
        self.path = folder / FILE
        # SQLite's other files take the rights of this one. A file that is there is not opened: to close it
        # would end the locks of every connection of this process, and the next process that ends would take
        # itself for the last and delete what is being written to.
        with suppress(FileExistsError):
            os.close(os.open(self.path, os.O_CREAT | os.O_EXCL | os.O_RDWR, 0o600))
        self.path.chmod(0o600)
        self._db = sqlite3.connect(self.path, timeout=10, isolation_level=None, check_same_thread=False)
        try:
            self._db.execute("PRAGMA journal_mode=WAL")
            self._db.execute("PRAGMA synchronous=FULL")
            self._db.execute("PRAGMA secure_delete=ON")
            self._db.executescript(_TABLES + _TRIGGERS)
            self.name = self._named()
        except sqlite3.DatabaseError as error:
            raise InputError(f"{self.path}: {error}; expected a quarantine, or no file") from error

    def close(self) -> None:
        """The file is let go."""
        self._db.close()

    def _named(self) -> str:
        """Its own name: numbers of texts are known by it, also when another file has taken its place."""
        found = self._db.execute("SELECT name FROM names").fetchone()
        if found is None:
            with self._writing() as db:
                # Somebody else may just have opened it for the first time, too.
                found = db.execute("SELECT name FROM names").fetchone() or (secrets.token_hex(8),)
                db.execute("INSERT INTO names SELECT ? WHERE NOT EXISTS (SELECT 1 FROM names)", found)
                # What was held before anybody was told of it is told now.
                db.execute("INSERT OR IGNORE INTO untold SELECT text_id, 1 FROM texts")
        return str(found[0])

    def begin(self, now: int) -> None:
        """What was under way when the proxy ended may have reached the centre, and may not."""
        with self._writing() as db:
            db.execute("UPDATE texts SET state = 'unsure', moved_at = ? WHERE state = 'sending'", (now,))

    def put(self, texts: Sequence[Text]) -> list[int]:
        """The texts stand on disk, each under its number; 0 for those there was no room for."""
        numbers = []
        with self._writing() as db:
            waiting = self._waiting()
            for one in texts:
                if not _fits(one, waiting):
                    numbers.append(0)
                    continue
                row = db.execute(
                    f"INSERT INTO texts VALUES ({', '.join('?' * len(Text._fields))})", (None, *one[1:])
                )
                numbers.append(row.lastrowid or 0)
        return numbers

    def get(self, text_id: int) -> Text:
        """That text. Errors: InputError if there is none."""
        for found in self._read("text_id = ?", (text_id,)):
            return found
        raise InputError(f"{text_id}: no text of that number is in quarantine")

    def waiting(self, most: int = MOST_TEXTS) -> list[Text]:
        """What waits for a person or for its sender, the oldest first."""
        states = ", ".join(f"'{one}'" for one in WAITING)
        return list(self._read(f"state IN ({states}) ORDER BY text_id LIMIT ?", (most,)))

    def asked(self, after: int, most: int) -> list[Text]:
        """What a person released, in the order it came."""
        return list(self._read("state = 'asked' AND text_id > ? ORDER BY text_id LIMIT ?", (after, most)))

    def released(self) -> list[Text]:
        """What the centre took."""
        return list(self._read("state = 'released'", ()))

    def sizes(self) -> dict[str, int]:
        """How many there are in each state."""
        return dict(self._db.execute("SELECT state, count(*) FROM texts GROUP BY state"))

    def move(self, text_id: int, state: str, now: int, said: object = None) -> Text:
        """The text is in that state; how it was before. Errors: InputError, IllegalMove."""
        with self._writing() as db:
            before = self.get(text_id)
            if state not in MOVES[before.state]:
                raise IllegalMove(f"{text_id}: found {before.state}, which cannot become {state}")
            self._put(db, text_id, state, now)
            if said is not None:
                db.execute("UPDATE texts SET said = ? WHERE text_id = ?", (json.dumps(said), text_id))
        return before

    def _put(self, db: sqlite3.Connection, text_id: int, state: str, now: int) -> None:
        db.execute("UPDATE texts SET state = ?, moved_at = ? WHERE text_id = ?", (state, now, text_id))
        if not MOVES[state]:
            db.execute("UPDATE texts SET words = '', octets = x'' WHERE text_id = ?", (text_id,))

    def decide(self, decision: Decision, now: int) -> bool:
        """The decision is followed, unless it was before or is not possible any more; whether it is
        news. That it came is told with the text.
        """
        with self._writing() as db:
            if db.execute("SELECT 1 FROM decisions WHERE key = ?", (decision.key,)).fetchone():
                return False
            (text,) = [*self._read("text_id = ?", (decision.text_id,)), None][:1]
            state = VERBS.get(decision.verb, "")
            is_possible = text is not None and state in MOVES[text.state]
            row = (decision.key, decision.text_id, is_possible)
            db.execute("INSERT INTO decisions VALUES (?, ?, ?)", row)
            if is_possible:
                self._put(db, decision.text_id, state, now)
            else:
                db.execute(_UNTOLD, (decision.text_id,))
        return True

    def untold(self, most: int) -> list[Change]:
        """At most so many texts that stand otherwise than was told, the oldest first."""
        found = []
        for text_id, version in self._db.execute(
            "SELECT text_id, version FROM untold ORDER BY text_id LIMIT ?", (most,)
        ).fetchall():
            heard = self._db.execute(
                "SELECT key, was_possible FROM decisions WHERE text_id = ? ORDER BY key", (text_id,)
            )
            (text,) = [*self._read("text_id = ?", (text_id,)), None][:1]
            found.append(Change(text_id, version, text, tuple((key, bool(was)) for key, was in heard)))
        return found

    def told(self, changes: Sequence[Change]) -> None:
        """Of those the console knows, unless they have changed meanwhile."""
        with self._writing() as db:
            db.executemany(
                "DELETE FROM untold WHERE text_id = ? AND version = ?",
                [(one.text_id, one.version) for one in changes],
            )
            gone = [(one.text_id,) for one in changes if one.text is None]
            db.executemany("DELETE FROM decisions WHERE text_id = ?", gone)

    def forget(self, before: int) -> int:
        """What came before that moment is gone, whatever its state; how many waited still."""
        with self._writing() as db:
            (waited,) = db.execute(
                "SELECT count(*) FROM texts WHERE at < ? AND state NOT IN ('released', 'dropped')", (before,)
            ).fetchone()
            db.execute("DELETE FROM texts WHERE at < ?", (before,))
        return int(waited)

    def _waiting(self) -> dict[str, tuple[int, int]]:
        """How many texts wait of each client, and their octets."""
        states = ", ".join(f"'{one}'" for one in WAITING)
        rows = self._db.execute(
            "SELECT system, count(*), sum(length(octets)) FROM texts "
            f"WHERE state IN ({states}) GROUP BY system"
        )
        return {system: (count, octets) for system, count, octets in rows}

    def _read(self, where: str, values: Sequence[object]) -> Iterator[Text]:
        for row in self._db.execute(f"{_ALL} WHERE {where}", values).fetchall():
            found = Text(*row)
            yield found._replace(from_esme=bool(found.from_esme))

    @contextmanager
    def _writing(self) -> Iterator[sqlite3.Connection]:
        self._db.execute("BEGIN IMMEDIATE")
        try:
            yield self._db
            self._db.commit()
        except BaseException:
            self._db.rollback()
            raise


def _fits(text: Text, waiting: dict[str, tuple[int, int]]) -> bool:
    """Whether there is room for it beside what waits, and then it is counted there."""
    count, octets = waiting.get(text.system, (0, 0))
    mine = count + 1, octets + len(text.octets)
    all_count = sum(one for one, _octets in waiting.values()) + 1
    all_octets = sum(one for _count, one in waiting.values()) + len(text.octets)
    if all_count > MOST_TEXTS or all_octets > MOST_OCTETS:
        return False
    if mine[0] > MOST_TEXTS // 2 or mine[1] > MOST_OCTETS // 2:
        return False
    waiting[text.system] = mine
    return True

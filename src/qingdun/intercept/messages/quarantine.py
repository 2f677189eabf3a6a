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
import sqlite3
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple

from qingdun.errors import IllegalMove, InputError

FILE = "messages.quarantine"
MOST_TEXTS = 10_000
MOST_OCTETS = 64 << 20
"""What may wait at once; more passes, and is counted."""
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
"""


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


_ALL = f"SELECT {', '.join(Text._fields)} FROM texts"


class Quarantine:
    """The file, opened; the proxy writes it from one thread, commands from processes of their own."""

    def __init__(self, folder: Path) -> None:
        """Errors: InputError if the file is no such file."""
        folder.mkdir(parents=True, exist_ok=True)
        self.path = folder / FILE
        # SQLite's other files take the rights of this one.
        os.close(os.open(self.path, os.O_CREAT | os.O_RDWR, 0o600))
        self.path.chmod(0o600)
        self._db = sqlite3.connect(self.path, timeout=10, isolation_level=None, check_same_thread=False)
        try:
            self._db.execute("PRAGMA journal_mode=WAL")
            self._db.execute("PRAGMA synchronous=FULL")
            self._db.execute("PRAGMA secure_delete=ON")
            self._db.executescript(_TABLES)
        except sqlite3.DatabaseError as error:
            raise InputError(f"{self.path}: {error}; expected a quarantine, or no file") from error

    def close(self) -> None:
        """The file is let go."""
        self._db.close()

    def begin(self, now: int) -> None:
        """What was under way when the proxy ended may have reached the centre, and may not."""
        with self._writing() as db:
            db.execute("UPDATE texts SET state = 'unsure', moved_at = ? WHERE state = 'sending'", (now,))

    def put(self, texts: Sequence[Text]) -> list[int]:
        """The texts stand on disk, each under its number; 0 for those there was no room for."""
        numbers = []
        with self._writing() as db:
            count, octets = self._waiting()
            for one in texts:
                count, octets = count + 1, octets + len(one.octets)
                if count > MOST_TEXTS or octets > MOST_OCTETS:
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
            db.execute(
                "UPDATE texts SET state = ?, moved_at = ?, said = ? WHERE text_id = ?",
                (state, now, before.said if said is None else json.dumps(said), text_id),
            )
            if not MOVES[state]:
                db.execute("UPDATE texts SET words = '', octets = x'' WHERE text_id = ?", (text_id,))
        return before

    def forget(self, before: int) -> int:
        """What came before that moment is gone, whatever its state; how many waited still."""
        with self._writing() as db:
            (waited,) = db.execute(
                "SELECT count(*) FROM texts WHERE at < ? AND state NOT IN ('released', 'dropped')", (before,)
            ).fetchone()
            db.execute("DELETE FROM texts WHERE at < ?", (before,))
        return int(waited)

    def _waiting(self) -> tuple[int, int]:
        states = ", ".join(f"'{one}'" for one in WAITING)
        count, octets = self._db.execute(
            f"SELECT count(*), coalesce(sum(length(octets)), 0) FROM texts WHERE state IN ({states})"
        ).fetchone()
        return int(count), int(octets)

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

"""Live calls that are to be ended, or sent to an announcement: asked for by a person on this machine, or by
whoever has the engine's urgent alerts. What was asked, and what came of it, stands in the copy.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Sequence
from enum import StrEnum
from typing import NamedTuple, Protocol

from qingdun.contract.calls import Announced, UrgentCall
from qingdun.intercept.calls.live import Live

TABLES = """
CREATE TABLE IF NOT EXISTS announcements (
    id INTEGER PRIMARY KEY, asked_at INTEGER NOT NULL, alert_id TEXT, call_id TEXT NOT NULL,
    protected TEXT NOT NULL, other TEXT NOT NULL, outcome TEXT NOT NULL, done_at INTEGER,
    told INTEGER NOT NULL, UNIQUE (alert_id, other)
);
CREATE INDEX IF NOT EXISTS announcements_waiting ON announcements (outcome) WHERE outcome = '';
"""
LAPSES_US = 60_000_000
"""What was not done within a minute is not done any more: the two may be talking anew."""
KEPT_US = 180 * 86_400 * 1_000_000
"""How long what was done stands in the copy [D]."""
_AT_ONCE = 100


class Outcome(StrEnum):
    """What came of an announcement."""

    DONE = "done"
    NOT_LIVE = "not_live"
    """No such call was live when it was asked for."""
    FAILED = "failed"
    """The call was live, and Kamailio did not say that it was ended."""
    PROTECTED = "protected"
    """The call is to a number that is never blocked."""
    LAPSED = "lapsed"
    OFF = "off"
    """The setting is off."""


class Asked(NamedTuple):
    """A call that is to be ended."""

    id: int
    asked_at: int
    call_id: str
    """Empty if it is named by its numbers."""
    protected: str
    """Whom the announcement is for; empty if a Call-ID says it all."""
    other: str


class Announcer(Protocol):
    """What can end a live call."""

    def find(self, asked: Asked) -> Live | None:
        """The call that is meant, if it is live."""
        ...

    def protects(self, call: Live) -> bool:
        """Whether the call is never ended: it is to the police, or to a bank."""
        ...

    async def announce(self, call: Live, protected: str) -> bool:
        """The call was ended, or the protected side of it sent to the announcement; whether that is sure."""
        ...


class Urgent(Protocol):
    """Whoever has the engine's urgent alerts. Every call may raise Unreachable."""

    def since(self, at: int) -> Sequence[UrgentCall]:
        """Urgent alerts that came since then and name numbers among their evidence."""
        ...

    def told(self, found: Sequence[Announced]) -> None:
        """What came of them stands there; told again, nothing changes."""
        ...


async def carry_out(asked: Asked, announcer: Announcer | None, now: int) -> Outcome:
    """What came of it. `announcer`: None if live calls are left alone."""
    if announcer is None:
        return Outcome.OFF
    if asked.asked_at < now - LAPSES_US:
        return Outcome.LAPSED
    call = announcer.find(asked)
    if call is None:
        return Outcome.NOT_LIVE
    if announcer.protects(call):
        return Outcome.PROTECTED
    return Outcome.DONE if await announcer.announce(call, asked.protected) else Outcome.FAILED


def ask(db: sqlite3.Connection, now: int, call_id: str = "", protected: str = "", other: str = "") -> int:
    """A person asks for it; the number under which it stands."""
    found = db.execute(
        "INSERT INTO announcements (asked_at, alert_id, call_id, protected, other, outcome, told) "
        "VALUES (?, NULL, ?, ?, ?, '', 1)",
        (now, call_id, protected, other),
    )
    return int(found.lastrowid or 0)


def hear(db: sqlite3.Connection, urgent: Sequence[UrgentCall]) -> None:
    """The alerts are asked for, each number once, however often they are heard."""
    db.executemany(
        "INSERT OR IGNORE INTO announcements (asked_at, alert_id, call_id, protected, other, outcome, told) "
        "VALUES (?, ?, '', ?, ?, '', 0)",
        ((one.at, one.alert_id, one.protected, number) for one in urgent for number in one.numbers),
    )


def waiting(db: sqlite3.Connection) -> list[Asked]:
    """What is to be done, the newest first."""
    rows = db.execute(
        "SELECT id, asked_at, call_id, protected, other FROM announcements WHERE outcome = '' "
        "ORDER BY id DESC LIMIT ?",
        (_AT_ONCE,),
    )
    return [Asked(*row) for row in rows]


def came(db: sqlite3.Connection, found: Sequence[tuple[Asked, Outcome]], now: int) -> None:
    """What came of them stands in the copy; what is very old is gone."""
    db.executemany(
        "UPDATE announcements SET outcome = ?, done_at = ? WHERE id = ?",
        ((outcome, now, asked.id) for asked, outcome in found),
    )
    db.execute("DELETE FROM announcements WHERE told = 1 AND asked_at < ?", (now - KEPT_US,))


def outcome(db: sqlite3.Connection, asked: int) -> str:
    """What came of it; empty while nothing has."""
    (found,) = db.execute("SELECT outcome FROM announcements WHERE id = ?", (asked,)).fetchone()
    return str(found)


def untold(db: sqlite3.Connection) -> list[Announced]:
    """What came of alerts and was not told yet."""
    rows = db.execute(
        "SELECT alert_id, other, outcome, done_at FROM announcements WHERE told = 0 AND outcome <> '' "
        "ORDER BY id LIMIT ?",
        (_AT_ONCE,),
    )
    return [Announced(*row) for row in rows]


def told(db: sqlite3.Connection, found: Sequence[Announced]) -> None:
    """They were told."""
    db.executemany(
        "UPDATE announcements SET told = 1 WHERE alert_id = ? AND other = ?",
        ((one.alert_id, one.number) for one in found),
    )

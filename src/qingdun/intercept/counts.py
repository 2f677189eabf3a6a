"""How often each entry was met, by hour of UTC, until the console has been told.

They are told as they stand and not as what was added: told twice, nothing is doubled.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Mapping

from qingdun.contract.lists import Sightings

TABLES = """
CREATE TABLE IF NOT EXISTS counts (
    entry_id INTEGER NOT NULL, hour_at INTEGER NOT NULL, observed INTEGER NOT NULL, blocked INTEGER NOT NULL,
    told INTEGER NOT NULL, PRIMARY KEY (entry_id, hour_at)
) WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS counts_told ON counts (told, hour_at);
"""
HOUR_US = 3_600_000_000
_KEPT_US = 7 * 24 * HOUR_US
_ADD = """
INSERT INTO counts VALUES (?, ?, ?, ?, 0) ON CONFLICT (entry_id, hour_at) DO UPDATE SET
    observed = observed + excluded.observed, blocked = blocked + excluded.blocked, told = 0
"""


def add(db: sqlite3.Connection, found: Mapping[tuple[int, bool], int], now: int) -> None:
    """What was met is counted for this hour, by entry and whether it was blocked."""
    hour = now - now % HOUR_US
    db.executemany(
        _ADD,
        (
            (entry_id, hour, 0 if blocked else times, times if blocked else 0)
            for (entry_id, blocked), times in found.items()
        ),
    )


def untold(db: sqlite3.Connection, most: int) -> list[Sightings]:
    """Counts that have changed since they were told, the oldest first."""
    rows = db.execute(
        "SELECT entry_id, hour_at, observed, blocked FROM counts WHERE told = 0 ORDER BY hour_at, entry_id "
        "LIMIT ?",
        (most,),
    )
    return [Sightings(*row) for row in rows]


def told(db: sqlite3.Connection, found: Iterable[Sightings], now: int) -> None:
    """The counts were told, unless they have risen meanwhile; old ones that were are gone."""
    db.executemany(
        "UPDATE counts SET told = 1 WHERE entry_id = ? AND hour_at = ? AND observed = ? AND blocked = ?",
        found,
    )
    db.execute("DELETE FROM counts WHERE told = 1 AND hour_at < ?", (now - _KEPT_US,))

"""What a plane last told of itself beside the lists: the state of a breaker, clients refused. It stands in
the copy, for whoever asks on the machine itself.
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Mapping

Figures = Mapping[str, int | str]
"""By the name of the figure, lower case with underscores."""

TABLES = "CREATE TABLE IF NOT EXISTS figures (name TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID;"


def tell(db: sqlite3.Connection, found: Figures) -> None:
    """The plane tells these, and no others."""
    db.execute("DELETE FROM figures")
    db.executemany("INSERT INTO figures VALUES (?, ?)", ((k, json.dumps(v)) for k, v in found.items()))


def told(db: sqlite3.Connection) -> dict[str, int | str]:
    """What it told last, by name in the alphabet's order; nothing if it never did."""
    known = db.execute("SELECT 1 FROM sqlite_master WHERE name = 'figures'").fetchone()
    rows = db.execute("SELECT name, value FROM figures ORDER BY name") if known else ()
    return {name: json.loads(value) for name, value in rows}

"""What the database lets a task's state become: its own copy of the table of moves, written by migrations."""

from __future__ import annotations

from django.db import connection


def stored_pairs() -> set[tuple[str, str]]:
    """From where to where the database lets a state change."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT source, target FROM alerts_legal_move")
        return {(source, target) for source, target in cursor.fetchall()}

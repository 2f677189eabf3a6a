"""Triggers by which the database itself refuses a move that is not in the table of legal moves.

Migrations call `guard` with the pairs of their day. SQLite makes a table anew when a column of it changes and
forgets its triggers: a migration that changes a guarded table guards it again.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

Pair = tuple[str, str]


def guard(schema_editor: Any, table: str, pairs: Iterable[Pair]) -> None:
    """Rows of `table` go from state to state by these pairs alone, whoever writes them."""
    legal = ", ".join(f"'{source}>{target}'" for source, target in sorted(pairs))
    for statement in _STATEMENTS[schema_editor.connection.vendor]:
        schema_editor.execute(statement.format(table=table, legal=legal), params=None)


_STATEMENTS = {
    "sqlite": (
        "DROP TRIGGER IF EXISTS {table}_moves",
        "CREATE TRIGGER {table}_moves BEFORE UPDATE OF state ON {table} "
        "WHEN OLD.state <> NEW.state AND OLD.state || '>' || NEW.state NOT IN ({legal}) "
        "BEGIN SELECT RAISE(ABORT, 'illegal move in {table}'); END",
    ),
    "postgresql": (
        "CREATE OR REPLACE FUNCTION {table}_moves() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN "
        "IF OLD.state <> NEW.state AND OLD.state || '>' || NEW.state NOT IN ({legal}) THEN "
        "RAISE EXCEPTION 'illegal move in {table}' USING ERRCODE = 'check_violation'; END IF; "
        "RETURN NEW; END $$",
        "DROP TRIGGER IF EXISTS {table}_moves ON {table}",
        "CREATE TRIGGER {table}_moves BEFORE UPDATE ON {table} FOR EACH ROW EXECUTE FUNCTION {table}_moves()",
    ),
}

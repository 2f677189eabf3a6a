"""The database refuses to change an issued bulletin, a move that is no legal one, and figures of what is signed."""

from __future__ import annotations

from typing import Any, ClassVar

from django.db import migrations

PAIRS = (
    ("draft", "signed"), ("draft", "dropped"), ("signed", "issued"), ("signed", "draft"),
)  # fmt: skip
LEGAL = ", ".join(f"'{source}>{target}'" for source, target in PAIRS)
MOVED = f"OLD.state = 'issued' OR OLD.state <> NEW.state AND OLD.state || '>' || NEW.state NOT IN ({LEGAL})"
DRAFT = "(SELECT state FROM bulletin_bulletin WHERE id = NEW.bulletin_id) <> 'draft'"
STATEMENTS = {
    "sqlite": (
        "CREATE TRIGGER bulletin_is_frozen BEFORE UPDATE ON bulletin_bulletin "
        f"WHEN {MOVED} BEGIN SELECT RAISE(ABORT, 'an issued bulletin is frozen'); END",
        *(
            f"CREATE TRIGGER bulletin_figure_{act.lower()} BEFORE {act} ON bulletin_bulletinfigure "
            f"WHEN {DRAFT} BEGIN SELECT RAISE(ABORT, 'figures that were signed are frozen'); END"
            for act in ("INSERT", "UPDATE")
        ),
    ),
    "postgresql": (
        "CREATE FUNCTION bulletin_is_frozen() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN "
        f"IF {MOVED} THEN RAISE EXCEPTION 'an issued bulletin is frozen' USING ERRCODE = 'check_violation'; "
        "END IF; RETURN NEW; END $$",
        "CREATE TRIGGER bulletin_is_frozen BEFORE UPDATE ON bulletin_bulletin FOR EACH ROW "
        "EXECUTE FUNCTION bulletin_is_frozen()",
        "CREATE FUNCTION bulletin_figure_is_frozen() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN "
        f"IF {DRAFT} THEN RAISE EXCEPTION 'figures that were signed are frozen' "
        "USING ERRCODE = 'check_violation'; END IF; RETURN NEW; END $$",
        "CREATE TRIGGER bulletin_figure_is_frozen BEFORE INSERT OR UPDATE ON bulletin_bulletinfigure "
        "FOR EACH ROW EXECUTE FUNCTION bulletin_figure_is_frozen()",
    ),
}
UNDO = {
    "sqlite": (
        "DROP TRIGGER bulletin_is_frozen", "DROP TRIGGER bulletin_figure_insert",
        "DROP TRIGGER bulletin_figure_update",
    ),
    "postgresql": (
        "DROP TRIGGER bulletin_is_frozen ON bulletin_bulletin", "DROP FUNCTION bulletin_is_frozen",
        "DROP TRIGGER bulletin_figure_is_frozen ON bulletin_bulletinfigure",
        "DROP FUNCTION bulletin_figure_is_frozen",
    ),
}  # fmt: skip


def guard(_apps: Any, schema_editor: Any) -> None:
    """The triggers stand."""
    for statement in STATEMENTS[schema_editor.connection.vendor]:
        schema_editor.execute(statement, params=None)


def let_go(_apps: Any, schema_editor: Any) -> None:
    """They are gone."""
    for statement in UNDO[schema_editor.connection.vendor]:
        schema_editor.execute(statement, params=None)


class Migration(migrations.Migration):
    """After the tables themselves."""

    dependencies: ClassVar[list[tuple[str, str]]] = [("bulletin", "0001_initial")]
    operations: ClassVar[list[Any]] = [migrations.RunPython(guard, let_go)]

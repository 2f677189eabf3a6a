"""The database itself refuses a change of a task's state that is not in the table of moves.

The table is data here, written by migrations alone (it belongs to no model, so nothing empties it); a law
test compares it with `moves.MOVES`. A state goes back along a move only together with the count of what was
undone. A later migration that changes the table of moves inserts or deletes its pairs; one that alters
`alerts_task` on SQLite, where the table is made anew, has to call `guard` again.
"""

from django.db import migrations

MOVES = {
    "already_paid": "feedback",
    "awakened": "feedback",
    "bounced": "city closed county merged station",
    "calling": "escalated met reached refused searching unreachable",
    "city": "closed county merged out_of_area station",
    "closed": "reopened",
    "county": "bounced city closed escalated merged out_of_area station",
    "escalated": "city closed county merged station",
    "false_alarm": "feedback",
    "feedback": "reopened reviewed",
    "follow_up": "closed reopened",
    "met": "already_paid awakened escalated false_alarm not_awakened",
    "new": "city closed county merged scored station suppressed",
    "not_awakened": "escalated feedback",
    "out_of_area": "city closed county merged station",
    "reached": "already_paid awakened calling escalated false_alarm met not_awakened out_of_area searching",
    "refused": "calling escalated met out_of_area searching",
    "reopened": "city closed county merged station",
    "reviewed": "closed follow_up reopened",
    "scored": "city closed county merged station suppressed",
    "searching": "calling escalated met out_of_area",
    "signed": "bounced calling escalated met out_of_area searching",
    "station": "bounced city escalated out_of_area signed",
    "suppressed": "merged scored",
    "unreachable": "calling escalated met out_of_area searching",
}
TABLE = (
    "CREATE TABLE alerts_legal_move (source varchar(16) NOT NULL, target varchar(16) NOT NULL, "
    "PRIMARY KEY (source, target))"
)
ALLOWED = (
    "EXISTS (SELECT 1 FROM alerts_legal_move m WHERE m.source = OLD.state AND m.target = NEW.state) "
    "OR (NEW.undone = OLD.undone + 1 AND EXISTS (SELECT 1 FROM alerts_legal_move m "
    "WHERE m.source = NEW.state AND m.target = OLD.state))"
)
GUARD = {
    "sqlite": [
        "CREATE TRIGGER alerts_legal_moves_only BEFORE UPDATE OF state ON alerts_task "
        f"WHEN OLD.state <> NEW.state AND NOT ({ALLOWED}) "
        "BEGIN SELECT RAISE(ABORT, 'illegal move of a task'); END"
    ],
    "postgresql": [
        "CREATE FUNCTION alerts_legal_moves_only() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN "
        f"IF NOT ({ALLOWED}) THEN RAISE EXCEPTION 'illegal move of a task from % to %', OLD.state, NEW.state "
        "USING ERRCODE = 'integrity_constraint_violation'; END IF; RETURN NEW; END $$",
        "CREATE TRIGGER alerts_legal_moves_only BEFORE UPDATE OF state ON alerts_task FOR EACH ROW "
        "WHEN (OLD.state IS DISTINCT FROM NEW.state) EXECUTE FUNCTION alerts_legal_moves_only()",
    ],
}
UNGUARD = {
    "sqlite": ["DROP TRIGGER IF EXISTS alerts_legal_moves_only"],
    "postgresql": [
        "DROP TRIGGER IF EXISTS alerts_legal_moves_only ON alerts_task",
        "DROP FUNCTION IF EXISTS alerts_legal_moves_only",
    ],
}


def guard(apps, schema_editor):
    """The trigger stands, whether it did before or not."""
    unguard(apps, schema_editor)
    for statement in GUARD[schema_editor.connection.vendor]:
        schema_editor.execute(statement, params=None)


def unguard(apps, schema_editor):
    for statement in UNGUARD[schema_editor.connection.vendor]:
        schema_editor.execute(statement, params=None)


def seed(apps, schema_editor):
    pairs = [(source, target) for source, targets in MOVES.items() for target in targets.split()]
    for pair in pairs:
        schema_editor.execute("INSERT INTO alerts_legal_move (source, target) VALUES (%s, %s)", pair)


class Migration(migrations.Migration):
    dependencies = [("alerts", "0004_life_clocks_and_undo")]
    operations = [
        migrations.RunSQL(TABLE, "DROP TABLE alerts_legal_move"),
        migrations.RunPython(seed, migrations.RunPython.noop),
        migrations.RunPython(guard, unguard),
    ]

"""The database itself refuses an audit row anywhere but at the end, and a head of the ledger that goes back.

SQLite fires no trigger for the rows that INSERT OR REPLACE takes away, whether they clash in `seq` or in the
hidden rowid: so the insert itself is looked at.
"""

from django.db import migrations

_MISPLACED = "NEW.seq <> (SELECT COALESCE(MAX(seq), 0) + 1 FROM kernel_auditrow)"
_BACK = "NEW.id <> OLD.id OR NEW.seq < OLD.seq OR (NEW.seq = OLD.seq AND NEW.hash <> OLD.hash)"

SQLITE = [
    f"CREATE TRIGGER audit_no_gap BEFORE INSERT ON kernel_auditrow WHEN {_MISPLACED} "
    "OR EXISTS (SELECT 1 FROM kernel_auditrow WHERE rowid = NEW.rowid) "
    "BEGIN SELECT RAISE(ABORT, 'audit rows are append-only'); END",
    f"CREATE TRIGGER audit_no_way_back BEFORE UPDATE ON kernel_ledgerhead WHEN {_BACK} "
    "BEGIN SELECT RAISE(ABORT, 'the head of the ledger goes forward only'); END",
    "CREATE TRIGGER audit_no_beheading BEFORE DELETE ON kernel_ledgerhead "
    "BEGIN SELECT RAISE(ABORT, 'the head of the ledger stays'); END",
    "CREATE TRIGGER audit_no_second_head BEFORE INSERT ON kernel_ledgerhead "
    "WHEN EXISTS (SELECT 1 FROM kernel_ledgerhead) "
    "BEGIN SELECT RAISE(ABORT, 'the ledger has a head'); END",
]
POSTGRES = [
    "CREATE FUNCTION audit_grows_at_its_end() RETURNS trigger LANGUAGE plpgsql AS "
    f"$$ BEGIN IF {_MISPLACED} THEN RAISE EXCEPTION 'audit rows are append-only'; END IF; "
    "RETURN NEW; END $$",
    "CREATE TRIGGER audit_no_gap BEFORE INSERT ON kernel_auditrow "
    "FOR EACH ROW EXECUTE FUNCTION audit_grows_at_its_end()",
    "CREATE FUNCTION ledger_head_goes_forward() RETURNS trigger LANGUAGE plpgsql AS "
    f"$$ BEGIN IF {_BACK} THEN RAISE EXCEPTION 'the head of the ledger goes forward only'; END IF; "
    "RETURN NEW; END $$",
    "CREATE TRIGGER audit_no_way_back BEFORE UPDATE ON kernel_ledgerhead "
    "FOR EACH ROW EXECUTE FUNCTION ledger_head_goes_forward()",
    "CREATE FUNCTION ledger_head_stays() RETURNS trigger LANGUAGE plpgsql AS "
    "$$ BEGIN RAISE EXCEPTION 'the head of the ledger stays'; END $$",
    "CREATE TRIGGER audit_no_beheading BEFORE DELETE ON kernel_ledgerhead "
    "FOR EACH ROW EXECUTE FUNCTION ledger_head_stays()",
    "CREATE TRIGGER audit_no_empty_head BEFORE TRUNCATE ON kernel_ledgerhead "
    "FOR EACH STATEMENT EXECUTE FUNCTION ledger_head_stays()",
]
STATEMENTS = {"sqlite": SQLITE, "postgresql": POSTGRES}
UNDO = {
    "sqlite": [
        "DROP TRIGGER audit_no_gap",
        "DROP TRIGGER audit_no_way_back",
        "DROP TRIGGER audit_no_beheading",
        "DROP TRIGGER audit_no_second_head",
    ],
    "postgresql": [
        "DROP TRIGGER audit_no_gap ON kernel_auditrow",
        "DROP TRIGGER audit_no_way_back ON kernel_ledgerhead",
        "DROP TRIGGER audit_no_beheading ON kernel_ledgerhead",
        "DROP TRIGGER audit_no_empty_head ON kernel_ledgerhead",
        "DROP FUNCTION audit_grows_at_its_end",
        "DROP FUNCTION ledger_head_goes_forward",
        "DROP FUNCTION ledger_head_stays",
    ],
}


def protect(apps, schema_editor):
    for statement in STATEMENTS[schema_editor.connection.vendor]:
        schema_editor.execute(statement)


def unprotect(apps, schema_editor):
    for statement in UNDO[schema_editor.connection.vendor]:
        schema_editor.execute(statement)


class Migration(migrations.Migration):
    dependencies = [("kernel", "0006_user_names_differ")]
    operations = [migrations.RunPython(protect, unprotect)]

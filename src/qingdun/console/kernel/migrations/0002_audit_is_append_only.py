"""The database itself refuses to change or take out an audit row."""

from django.db import migrations

SQLITE = [
    f"CREATE TRIGGER audit_no_{verb} BEFORE {verb} ON kernel_auditrow "
    "BEGIN SELECT RAISE(ABORT, 'audit rows are append-only'); END"
    for verb in ("UPDATE", "DELETE")
]
POSTGRES = [
    "CREATE FUNCTION audit_is_append_only() RETURNS trigger LANGUAGE plpgsql AS "
    "$$ BEGIN RAISE EXCEPTION 'audit rows are append-only'; END $$",
    "CREATE TRIGGER audit_no_change BEFORE UPDATE OR DELETE ON kernel_auditrow "
    "FOR EACH ROW EXECUTE FUNCTION audit_is_append_only()",
    "CREATE TRIGGER audit_no_truncate BEFORE TRUNCATE ON kernel_auditrow "
    "FOR EACH STATEMENT EXECUTE FUNCTION audit_is_append_only()",
]
STATEMENTS = {"sqlite": SQLITE, "postgresql": POSTGRES}
UNDO = {
    "sqlite": ["DROP TRIGGER audit_no_UPDATE", "DROP TRIGGER audit_no_DELETE"],
    "postgresql": [
        "DROP TRIGGER audit_no_change ON kernel_auditrow",
        "DROP TRIGGER audit_no_truncate ON kernel_auditrow",
        "DROP FUNCTION audit_is_append_only",
    ],
}


def protect(apps, schema_editor):
    for statement in STATEMENTS[schema_editor.connection.vendor]:
        schema_editor.execute(statement)


def unprotect(apps, schema_editor):
    for statement in UNDO[schema_editor.connection.vendor]:
        schema_editor.execute(statement)


class Migration(migrations.Migration):
    dependencies = [("kernel", "0001_initial")]
    operations = [migrations.RunPython(protect, unprotect)]

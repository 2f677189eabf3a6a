"""The database itself refuses a move that is not in the table of legal moves."""

from django.db import migrations

from qingdun.console.industry.guards import guard

PAIRS = {
    "industry_assignment": [
        ("confirmed", "cancelled"),
        ("confirmed", "sent"),
        ("drafted", "cancelled"),
        ("drafted", "confirmed"),
        ("drafted", "sent"),
    ],
    "industry_restriction": [
        ("disputed", "ordered"),
        ("disputed", "withdrawn"),
        ("in_force", "releasing"),
        ("ordered", "disputed"),
        ("ordered", "in_force"),
        ("ordered", "withdrawn"),
        ("proposed", "ordered"),
        ("proposed", "refused"),
        ("releasing", "released"),
    ],
    "industry_appeal": [
        ("filed", "rejected"),
        ("filed", "upheld"),
    ],
}


def protect(apps, schema_editor):
    for table, pairs in PAIRS.items():
        guard(schema_editor, table, pairs)


class Migration(migrations.Migration):
    dependencies = [("industry", "0001_initial")]
    operations = [migrations.RunPython(protect, migrations.RunPython.noop)]

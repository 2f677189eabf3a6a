"""A calm task is entrusted to a grid member, from wherever its officer stands with it, and handed back."""

from django.db import migrations

FROM = ("signed", "reached", "unreachable", "refused", "searching")
PAIRS = [
    *((source, "signed") for source in FROM),
    *((source, "station") for source in FROM),
]


def allow(apps, schema_editor):
    for pair in PAIRS:
        schema_editor.execute("INSERT INTO alerts_legal_move (source, target) VALUES (%s, %s)", pair)


def forbid(apps, schema_editor):
    for pair in PAIRS:
        schema_editor.execute("DELETE FROM alerts_legal_move WHERE source = %s AND target = %s", pair)


class Migration(migrations.Migration):
    dependencies = [("alerts", "0014_reasons_in_english")]
    operations = [migrations.RunPython(allow, forbid)]

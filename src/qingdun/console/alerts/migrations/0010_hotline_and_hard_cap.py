"""Medium tasks may be called from the city's hotline and handed down to a county; the hard cap is a rule."""

from django.db import migrations, models

PAIRS = [
    *((source, "signed") for source in ("new", "scored", "city")),
    *((source, "county") for source in ("signed", "reached", "unreachable", "refused", "searching")),
]


def allow(apps, schema_editor):
    for pair in PAIRS:
        schema_editor.execute("INSERT INTO alerts_legal_move (source, target) VALUES (%s, %s)", pair)


def forbid(apps, schema_editor):
    for pair in PAIRS:
        schema_editor.execute("DELETE FROM alerts_legal_move WHERE source = %s AND target = %s", pair)


class Migration(migrations.Migration):
    dependencies = [("alerts", "0009_false_alarms_have_a_reason")]
    operations = [
        migrations.AlterField(
            model_name="clockrule",
            name="clock",
            field=models.CharField(
                max_length=8,
                choices=[
                    ("sign", "Sign"),
                    ("call", "Call"),
                    ("meet", "Meet"),
                    ("escalate", "Until the level above hears of it"),
                    ("cap", "Meet at the latest, from the first order"),
                    ("quiet", "No second call without confirming"),
                    ("suppress", "Set aside after a false alarm"),
                ],
            ),
        ),
        migrations.RunPython(allow, forbid),
    ]

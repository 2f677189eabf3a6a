"""What the tick asks every second of other modules' tables is found by index: the latest alerts and tasks,
verdicts, refusals. On SQLite a later migration that rebuilds one of those tables drops its index; a test says so.
"""

from django.db import migrations

INDICES = {
    "care_received": "alerts_task (received_at)",
    "care_verdicts": "alerts_task (verdict_at) WHERE verdict_at IS NOT NULL",
    "care_alerts": "alerts_alert (received_at)",
    "care_refusals": "alerts_contact (at) WHERE result = 'refused'",
}


class Migration(migrations.Migration):

    dependencies = [("care", "0001_initial"), ("alerts", "0004_life_clocks_and_undo"), ("cases", "0001_initial")]

    operations = [
        migrations.RunSQL(f"CREATE INDEX IF NOT EXISTS {name} ON {on}", f"DROP INDEX IF EXISTS {name}")
        for name, on in INDICES.items()
    ]

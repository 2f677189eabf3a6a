"""Meetings are found by index: a task has some fifteen lines of history, and a visit is one of them. On SQLite a
later migration that rebuilds the table drops its index; a test says so.
"""

from django.db import migrations

INDICES = {
    "measures_meetings": "alerts_taskevent (task_id, at) WHERE verb = 'meet' AND withdrawn_at IS NULL",
    "measures_clocks": "alerts_clock (task_id, name)",
    "measures_losses": "cases_incident (person_id, reported_at) WHERE loss_fen > 0",
}


class Migration(migrations.Migration):

    initial = True
    dependencies = [
        ("alerts", "0006_outcomes_so_far"),
        ("care", "0002_what_the_tick_looks_for"),
        ("cases", "0001_initial"),
    ]

    operations = [
        migrations.RunSQL(f"CREATE INDEX IF NOT EXISTS {name} ON {on}", f"DROP INDEX IF EXISTS {name}")
        for name, on in INDICES.items()
    ]

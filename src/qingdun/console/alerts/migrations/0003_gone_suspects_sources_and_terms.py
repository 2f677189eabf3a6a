"""Suspects and memberships can be gone, rejected rows name their source, timelines know when they came."""

from django.db import migrations, models
from django.db.models import Max
from django.utils import timezone


def keep_one_reason(apps, schema_editor):
    """A row that was rejected for several reasons, of several directories perhaps, keeps the latest one."""
    rejected = apps.get_model("alerts", "RejectedRow")
    latest = rejected.objects.values("flow", "row").annotate(last=Max("pk")).values("last")
    rejected.objects.exclude(pk__in=latest).delete()


class Migration(migrations.Migration):

    dependencies = [("alerts", "0002_context_events_differ_by_their_words")]

    operations = [
        migrations.AddField(
            "contextevent",
            "received_at",
            models.DateTimeField(db_index=True, default=timezone.now, help_text="Our time: how long it is kept runs from here"),
            preserve_default=False,
        ),
        migrations.AddField(
            "suspect",
            "gone_at",
            models.DateTimeField(db_index=True, null=True, help_text="Our time when the engine no longer held it; null: it does"),
        ),
        migrations.AddField(
            "clustermember",
            "gone_at",
            models.DateTimeField(db_index=True, null=True, help_text="Our time when the engine no longer held it; null: it does"),
        ),
        migrations.RemoveConstraint("rejectedrow", "one_rejected_row"),
        migrations.RunPython(keep_one_reason, migrations.RunPython.noop, elidable=True),
        migrations.AddField(
            "rejectedrow",
            "source",
            models.CharField(default="", max_length=255, help_text="The flow directory, or whatever numbers its rows"),
            preserve_default=False,
        ),
        migrations.AddField(
            "rejectedrow",
            "received_at",
            models.DateTimeField(db_index=True, default=timezone.now, help_text="Our time: how long it is kept runs from here"),
            preserve_default=False,
        ),
        migrations.AddConstraint(
            "rejectedrow",
            models.UniqueConstraint(fields=("source", "flow", "row"), name="one_rejected_row"),
        ),
    ]

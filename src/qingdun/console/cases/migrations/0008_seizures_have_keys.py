"""Seizures have the key they are known by in files, so that one look-up finds which of a file stand."""

import hashlib

from django.db import migrations, models

SAID = ("kind", "on", "count", "amount_fen", "place", "serials")


def name(apps, _schema_editor):
    """Every seizure has the key of its case's number and of all that it says."""
    Seizure = apps.get_model("cases", "Seizure")
    part = []
    for one in Seizure.objects.select_related("case").order_by("pk").iterator(chunk_size=2000):
        said = repr((one.case.number, *(getattr(one, field) for field in SAID)))
        one.key = hashlib.blake2b(said.encode(), digest_size=16).hexdigest()
        part.append(one)
        if len(part) == 2000:
            Seizure.objects.bulk_update(part, ["key"], batch_size=500)
            part = []
    Seizure.objects.bulk_update(part, ["key"], batch_size=500)


class Migration(migrations.Migration):
    # PostgreSQL alters no table on which rows changed in the same transaction wait to be checked.
    atomic = False

    dependencies = [("cases", "0007_names_in_two_languages")]

    operations = [
        migrations.AddField(
            model_name="seizure",
            name="key",
            field=models.CharField(
                default="",
                help_text="Of its case and all that it says: equal things have the same",
                max_length=32,
            ),
            preserve_default=False,
        ),
        migrations.RunPython(name, migrations.RunPython.noop, elidable=True),
        migrations.AddIndex(
            model_name="seizure",
            index=models.Index(fields=["key"], name="seizure_by_key"),
        ),
    ]

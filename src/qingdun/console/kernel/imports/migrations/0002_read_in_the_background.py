"""Workbooks wait until they are read; columns are remembered by house and place, and headings are not."""

import django.db.models.deletion
from django.db import migrations, models


def by_house(apps, _schema_editor):
    """What was remembered for all is each house's that brought such a file: the place of each column."""
    Import, Format = apps.get_model("imports", "Import"), apps.get_model("imports", "ImportFormat")
    told = {}
    for one in Format.objects.order_by("pk"):
        brought = Import.objects.filter(kind=one.kind, origin=one.origin, fingerprint=one.fingerprint)
        for file in brought.exclude(state="read").select_related("by__region").order_by("pk"):
            by = file.by
            region = by.region.path if by.region else ""
            names = [name.casefold() for name in file.headings]
            owner = f"organisation:{by.organisation_id}" if by.organisation_id else region
            places = {
                column: names.index(name.casefold())
                for column, name in one.columns.items() if name.casefold() in names
            }
            told[owner, one.kind, one.origin, one.fingerprint] = places, one.meanings
    Format.objects.all().delete()
    Format.objects.bulk_create(
        Format(owner=owner, kind=kind, origin=origin, fingerprint=mark, columns=places, meanings=meanings)
        for (owner, kind, origin, mark), (places, meanings) in told.items()
    )


class Migration(migrations.Migration):

    dependencies = [
        ("imports", "0001_initial"),
        # They carry over what other importers remembered, all of it for the city.
        ("cases", "0005_imports_are_the_kernel_s"),
        ("funds", "0005_replies_are_imports"),
        ("whistles", "0003_lists_are_imports"),
    ]

    operations = [
        migrations.AlterField(
            "import", "state",
            models.CharField(
                choices=[
                    ("reading", "Being read"), ("unfit", "Not to be read"), ("read", "Columns to be confirmed"),
                    ("running", "Being taken in"), ("done", "Taken in"), ("failed", "Failed"),
                    ("stopped", "Stopped"),
                ],
                default="read", max_length=8,
            ),
        ),
        migrations.AlterField(
            "import", "rows_total",
            models.PositiveIntegerField(help_text="While it is being read, what it says it has"),
        ),
        migrations.AddField("import", "rows_read", models.PositiveIntegerField(default=0)),
        migrations.AddField(
            "import", "refusal",
            models.CharField(blank=True, default="", help_text="Why it cannot be read", max_length=300),
            preserve_default=False,
        ),
        migrations.CreateModel(
            name="ImportBody",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("data", models.BinaryField()),
                (
                    "file",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.CASCADE, related_name="body", to="imports.import"
                    ),
                ),
            ],
        ),
        migrations.RemoveConstraint("importformat", "one_format_of_headings"),
        migrations.AddField(
            "importformat", "owner",
            models.CharField(
                default="", help_text="Organisation or region of whoever brings them", max_length=80
            ),
            preserve_default=False,
        ),
        migrations.AlterField(
            "importformat", "columns",
            models.JSONField(help_text="Place in the file, from 0, by column of the kind"),
        ),
        migrations.RunPython(by_house, migrations.RunPython.noop, elidable=True),
        migrations.AddConstraint(
            "importformat",
            models.UniqueConstraint(
                fields=["owner", "kind", "origin", "fingerprint"], name="one_format_of_headings"
            ),
        ),
    ]

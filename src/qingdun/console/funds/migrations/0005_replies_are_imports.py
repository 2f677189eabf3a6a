"""Banks' replies become files of the kernel's importer, to which their movements belong."""

import json

import django.db.models.deletion
from django.db import migrations, models

KIND, AT_ONCE = "movements", 2000


def carry_over(apps, schema_editor):
    """Every reply, its refused and its waiting rows, what was remembered of headings; movements name it."""
    Statement, rows = apps.get_model("funds", "Statement"), apps.get_model("funds", "StatementRow")
    formats, Movement = apps.get_model("funds", "StatementFormat"), apps.get_model("funds", "Movement")
    Import, Part = apps.get_model("imports", "Import"), apps.get_model("imports", "ImportPart")
    Fault, Format = apps.get_model("imports", "ImportFault"), apps.get_model("imports", "ImportFormat")
    for one in formats.objects.all():
        Format.objects.create(kind=KIND, origin=one.bank, fingerprint=one.fingerprint, columns=one.columns)
    for one in Statement.objects.order_by("pk"):
        made = Import.objects.create(
            kind=KIND, origin=one.bank, about=one.incident_id, file_name=one.file_name, digest=one.digest,
            encoding=one.encoding, headings=one.headings, fingerprint=one.fingerprint, columns=one.columns,
            state=one.state, rows_total=one.rows_total, taken=one.taken, known=one.known,
            refused=one.refused, region_path=one.region_path, by_id=one.by_id, at=one.at,
            touched_at=one.at, done_at=one.done_at,
        )
        refused = rows.objects.filter(statement=one, refused=True).order_by("line")
        Fault.objects.bulk_create(
            Fault(file=made, line=row.line, column=row.column, found=row.found, expected=row.expected)
            for row in refused
        )
        waiting = rows.objects.filter(statement=one, refused=False).order_by("line")
        waiting = list(waiting.values_list("line", "cells"))
        Part.objects.bulk_create(
            Part(file=made, number=number, text=json.dumps(waiting[start : start + AT_ONCE], ensure_ascii=False))
            for number, start in enumerate(range(0, len(waiting), AT_ONCE))
        )
        Movement.objects.filter(statement=one).update(file=made)
    if schema_editor.connection.vendor == "postgresql":
        # What is deferred is checked now: a table with checks to come cannot be altered.
        schema_editor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        schema_editor.execute("SET CONSTRAINTS ALL DEFERRED")


class Migration(migrations.Migration):

    dependencies = [
        ("funds", "0004_refunds"),
        ("imports", "0001_initial"),
    ]

    operations = [
        migrations.AddField(
            "movement", "file",
            models.ForeignKey(
                null=True, on_delete=django.db.models.deletion.PROTECT, related_name="+", to="imports.import"
            ),
        ),
        migrations.RunPython(carry_over, migrations.RunPython.noop, elidable=True),
        migrations.RemoveField("movement", "statement"),
        migrations.RenameField("movement", "file", "statement"),
        migrations.AlterField(
            "movement", "statement",
            models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT, related_name="+", to="imports.import"
            ),
        ),
        migrations.DeleteModel("StatementRow"),
        migrations.DeleteModel("Statement"),
        migrations.DeleteModel("StatementFormat"),
    ]

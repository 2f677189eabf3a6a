"""Files of cases become files of the kernel's importer: columns remembered, past files and refused rows."""

import json

from django.db import migrations

AT_ONCE = 2000


def carry_over(apps, _schema_editor):
    """Every file, its refused and its waiting rows, and what was remembered of headings."""
    Old, rows = apps.get_model("cases", "Import"), apps.get_model("cases", "ImportRow")
    formats = apps.get_model("cases", "ImportFormat")
    Import, Part = apps.get_model("imports", "Import"), apps.get_model("imports", "ImportPart")
    Fault, Format = apps.get_model("imports", "ImportFault"), apps.get_model("imports", "ImportFormat")
    for one in formats.objects.all():
        Format.objects.create(kind=one.kind, fingerprint=one.fingerprint, columns=one.columns)
    for one in Old.objects.order_by("pk"):
        made = Import.objects.create(
            kind=one.kind, file_name=one.file_name, digest=one.digest, headings=one.headings,
            fingerprint=one.fingerprint, columns=one.columns, state=one.state, rows_total=one.rows_total,
            taken=one.taken, known=one.known, refused=one.refused, region_path=one.region_path,
            by_id=one.by_id, at=one.at, touched_at=one.at,
        )
        refused = rows.objects.filter(file=one, refused=True).order_by("line")
        Fault.objects.bulk_create(
            Fault(file=made, line=row.line, column=row.column, found=row.found, expected=row.expected)
            for row in refused
        )
        waiting = list(rows.objects.filter(file=one, refused=False).order_by("line").values_list("line", "cells"))
        Part.objects.bulk_create(
            Part(file=made, number=number, text=json.dumps(waiting[start : start + AT_ONCE], ensure_ascii=False))
            for number, start in enumerate(range(0, len(waiting), AT_ONCE))
        )


class Migration(migrations.Migration):

    dependencies = [
        ("cases", "0004_imports"),
        ("imports", "0001_initial"),
    ]

    operations = [
        migrations.RunPython(carry_over, migrations.RunPython.noop, elidable=True),
        migrations.DeleteModel(name="ImportRow"),
        migrations.DeleteModel(name="Import"),
        migrations.DeleteModel(name="ImportFormat"),
    ]

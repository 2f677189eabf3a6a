"""Lists become files of the kernel's importer: columns remembered, past lists and their refused rows."""

import json

from django.db import migrations
from django.db.models import Count

KIND, AT_ONCE = "alerts", 500


def carry_over(apps, _schema_editor):
    """Every list, its refused and its waiting rows, and what was remembered of headings. Rows that were taken
    are alerts; nothing else is kept of them."""
    lists, rows = apps.get_model("whistles", "AlertList"), apps.get_model("whistles", "ListRow")
    formats = apps.get_model("whistles", "ListFormat")
    Import, Part = apps.get_model("imports", "Import"), apps.get_model("imports", "ImportPart")
    Fault, Format = apps.get_model("imports", "ImportFault"), apps.get_model("imports", "ImportFormat")
    for one in formats.objects.select_related("source"):
        Format.objects.create(
            kind=KIND, origin=one.source.name, fingerprint=one.fingerprint, columns=one.columns,
            meanings=one.levels,
        )
    for one in lists.objects.select_related("source").order_by("pk"):
        counts = dict(rows.objects.filter(list=one).order_by().values_list("outcome").annotate(Count("pk")))
        made = Import.objects.create(
            kind=KIND, origin=one.source.name, file_name=one.file_name, digest=one.digest,
            encoding=one.encoding, headings=one.headings, fingerprint=one.fingerprint, columns=one.columns,
            meanings=one.levels, state=one.state, rows_total=one.rows_total, taken=counts.get("taken", 0),
            known=counts.get("known", 0), refused=counts.get("refused", 0), region_path=one.region_path,
            by_id=one.by_id, at=one.at, touched_at=one.at, done_at=one.done_at,
        )
        refused = rows.objects.filter(list=one, outcome="refused").order_by("line")
        Fault.objects.bulk_create(
            Fault(file=made, line=row.line, column=row.column, found=row.found, expected=row.expected)
            for row in refused
        )
        waiting = list(rows.objects.filter(list=one, outcome="waiting").order_by("line").values_list("line", "cells"))
        Part.objects.bulk_create(
            Part(file=made, number=number, text=json.dumps(waiting[start : start + AT_ONCE], ensure_ascii=False))
            for number, start in enumerate(range(0, len(waiting), AT_ONCE))
        )


class Migration(migrations.Migration):

    dependencies = [
        ("whistles", "0002_rows_to_be_taken_in"),
        ("imports", "0001_initial"),
    ]

    operations = [
        migrations.RunPython(carry_over, migrations.RunPython.noop, elidable=True),
        migrations.DeleteModel(name="ListRow"),
        migrations.DeleteModel(name="AlertList"),
        migrations.DeleteModel(name="ListFormat"),
    ]

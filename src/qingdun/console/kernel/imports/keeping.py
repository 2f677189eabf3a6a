"""What was read of a file is kept with it. Part of acts, which leave the audit row."""

from __future__ import annotations

from typing import Any

from qingdun.console.kernel.imports.kinds import Kind
from qingdun.console.kernel.imports.models import Import, ImportFormat, ImportPart, owner_of
from qingdun.console.kernel.imports.reading import guessed, recalled
from qingdun.console.kernel.sheets import Sheet


def keep(file: Import, kind: Kind[Any], sheet: Sheet) -> None:
    """The file is stored with its rows, which wait in parts; its columns are those its house remembers for
    such headings, else guessed.
    """
    kept = ImportFormat.objects.filter(
        owner=owner_of(file.by), kind=file.kind, origin=file.origin, fingerprint=sheet.fingerprint
    ).first()
    file.encoding, file.headings, file.fingerprint = sheet.encoding, sheet.headings, sheet.fingerprint
    file.rows_total = file.rows_read = len(sheet.rows)
    file.columns = recalled(kept.columns, sheet.headings) if kept else guessed(kind, sheet.headings)
    if kept:
        file.meanings = kept.meanings
    elif kind.meanings:
        file.meanings = dict(kind.meanings.default)
    file.save()
    ImportPart.objects.bulk_create(ImportPart.of(file, sheet.rows, kind.at_once), batch_size=20)

"""Files of incidents, cases and persons: received whole, columns confirmed, then taken in. The actor first.

Rows are stored before any is used, and taken in batches, each in one transaction: whoever is killed in
between has lost nothing and done nothing twice.
"""

from __future__ import annotations

import datetime as dt
import hashlib
from collections.abc import Mapping, Sequence
from typing import Any

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from qingdun.console.cases import queries
from qingdun.console.cases.kinds import KINDS, Kind
from qingdun.console.cases.models import Import, ImportFormat, ImportRow, ImportState
from qingdun.console.kernel import sheets
from qingdun.console.kernel.audit import record
from qingdun.console.kernel.forms import FieldFaults, read, settled
from qingdun.console.kernel.models import User
from qingdun.console.kernel.roles import Permission, require
from qingdun.errors import IllegalMove, InputError

MOST_BYTES = 60_000_000
MOST_ROWS = 200_000
ROWS_AT_ONCE = 5000


@transaction.atomic
def receive(actor: User, kind: str, file_name: str, data: bytes) -> Import:
    """All rows of the file are stored; its columns are those remembered for its headings, else guessed.

    Errors: NotPermitted, InputError (no such kind, file unreadable or too large).
    """
    require(actor, Permission.WORK_CASES)
    if kind not in KINDS:
        raise InputError(_("Say what the file holds."))
    if len(data) > MOST_BYTES:
        raise InputError(
            _("The file is larger than %(most)d MB: split it.") % {"most": MOST_BYTES // 1_000_000}
        )
    sheet = sheets.read(data, MOST_ROWS)
    kept = ImportFormat.objects.filter(kind=kind, fingerprint=sheet.fingerprint).first()
    received = Import.objects.create(
        kind=kind, file_name=file_name[-120:], digest=hashlib.sha256(data).hexdigest(),
        headings=sheet.headings, fingerprint=sheet.fingerprint, rows_total=len(sheet.rows),
        columns=kept.columns if kept else _guessed(KINDS[kind], sheet.headings), by=actor,
        region_path=actor.region_path, at=timezone.now(),
    )  # fmt: skip
    ImportRow.objects.bulk_create(
        (ImportRow(file=received, line=line, cells=cells) for line, cells in sheet.rows), batch_size=2000
    )
    record(actor, "receive_file", received, None, {"kind": kind, "rows": len(sheet.rows)})
    return received


@transaction.atomic
def read_as(actor: User, file_id: int, columns: Mapping[str, str], begin: bool = False) -> Import:
    """The columns are these; with `begin`, the rows are being taken in and the columns are remembered.

    Errors: NotPermitted, IllegalMove (begun before), InputError (a heading unknown, a needed column missing).
    """
    queries.imported(actor, file_id)
    received = Import.objects.select_for_update().get(pk=file_id)
    if received.state != ImportState.READ:
        raise IllegalMove(_("This file is being taken in already."))
    fields = KINDS[received.kind].fields
    chosen = {one.name: columns[one.name] for one in fields if columns.get(one.name)}
    strange = set(chosen.values()) - set(received.headings)
    if strange:
        raise InputError(_("The file has no column %(name)s.") % {"name": ", ".join(sorted(strange))})
    missing = [str(one.word) for one in fields if one.required and one.name not in chosen]
    if begin and missing:
        raise InputError(_("Say which columns hold: %(names)s.") % {"names": ", ".join(missing)})
    received.columns = chosen
    if begin:
        received.state = ImportState.RUNNING
        ImportFormat.objects.update_or_create(
            kind=received.kind, fingerprint=received.fingerprint, defaults={"columns": chosen}
        )
        record(actor, "begin_file", received, {"state": ImportState.READ}, {"columns": chosen})
    received.save(update_fields=["columns", "state"])
    return received


def take_rows(now: dt.datetime) -> int:
    """The next rows of the oldest file that is being taken in have come to something; how many they are."""
    with transaction.atomic():
        # Whom another process serves already is left to it.
        running = Import.objects.select_for_update(skip_locked=True, of=("self",)).select_related("by")
        current = running.filter(state=ImportState.RUNNING).order_by("at", "pk").first()
        if current is None:
            return 0
        waiting = ImportRow.objects.filter(file=current, refused=False).order_by("line")
        rows = list(waiting[:ROWS_AT_ONCE])
        _take(current, rows)
        if len(rows) < ROWS_AT_ONCE:
            current.state = ImportState.DONE
            counts = {"taken": current.taken, "known": current.known, "refused": current.refused}
            record(current.by, "finish_file", current, {"state": ImportState.RUNNING}, counts)
        current.save()
    return len(rows)


def preview(received: Import, rows: Sequence[ImportRow]) -> list[tuple[int, list[str], str]]:
    """Line, cells by the kind's fields, and what is wrong ('' for nothing), of these rows."""
    kind, shown = KINDS[received.kind], []
    for row in rows:
        cells = _cells(received, row)
        try:
            read(kind.fields, cells)
            fault = ""
        except FieldFaults as wrong:
            words = {one.name: one.word for one in kind.fields}
            fault = " ".join(f"{words[name]}: {why}" for name, why in wrong.faults.items())
        shown.append((row.line, [cells.get(one.name, "") for one in kind.fields], fault))
    return shown


def _take(current: Import, rows: list[ImportRow]) -> None:
    kind = KINDS[current.kind]
    fields = settled(kind.fields)
    fit: list[tuple[ImportRow, dict[str, Any]]] = []
    refused: list[ImportRow] = []
    for row in rows:
        try:
            fit.append((row, read(fields, _cells(current, row))))
        except FieldFaults as fault:
            refused.append(_refused(current, row, fault))
    outcomes = kind.take(current.by, [values for _row, values in fit])
    for (row, _values), outcome in zip(fit, outcomes, strict=True):
        if isinstance(outcome, FieldFaults):
            refused.append(_refused(current, row, outcome))
        else:
            current.taken += outcome
            current.known += not outcome
    ImportRow.objects.bulk_update(
        refused, ["refused", "cells", "column", "found", "expected"], batch_size=1000
    )
    current.refused += len(refused)
    if rows:
        done = ImportRow.objects.filter(file=current, refused=False, line__lte=rows[-1].line)
        done.delete()


def _refused(current: Import, row: ImportRow, fault: FieldFaults) -> ImportRow:
    name, why = next(iter(fault.faults.items()))
    row.found = _cells(current, row).get(name, "")[:120]
    row.column, row.expected = current.columns.get(name, name)[:60], why[:200]
    row.refused, row.cells = True, []
    return row


def _cells(current: Import, row: ImportRow) -> dict[str, str]:
    """The row's cells by field; an apostrophe that guards a formula is none of the text."""
    at = {heading: place for place, heading in enumerate(current.headings)}
    return {
        field: row.cells[at[heading]].removeprefix("'")
        for field, heading in current.columns.items()
        if at[heading] < len(row.cells)
    }


def _guessed(kind: Kind, headings: Sequence[str]) -> dict[str, str]:
    """Columns whose heading is a field's name or word."""
    plain = {heading.strip().casefold(): heading for heading in headings}
    found = {}
    for field in kind.fields:
        for name in (field.name, str(field.word)):
            if name.casefold() in plain:
                found[field.name] = plain[name.casefold()]
    return found

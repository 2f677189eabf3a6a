"""Files are received whole, their columns confirmed, then begun. The actor first, one transaction, one audit
row. What follows is the tick process's (`taking`).
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from typing import Any

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from qingdun.console.kernel import sheets
from qingdun.console.kernel.audit import record
from qingdun.console.kernel.imports import queries
from qingdun.console.kernel.imports.kinds import Kind, known_kinds
from qingdun.console.kernel.imports.models import Import, ImportFormat, ImportPart, State
from qingdun.console.kernel.imports.reading import guessed, recalled
from qingdun.console.kernel.models import User
from qingdun.console.kernel.roles import require
from qingdun.errors import IllegalMove, InputError


@transaction.atomic
def receive(
    actor: User, kind: str, file_name: str, data: bytes, origin: str = "", about: int | None = None
) -> Import:
    """All rows of the file are stored; its columns are those remembered for its headings, else guessed.

    Errors: NotPermitted, InputError (no such kind, no sender where one is asked for, file unreadable or too
    large).
    """
    meant = known_kinds().get(kind)
    if meant is None:
        raise InputError(_("Say what the file holds."))
    require(actor, meant.permission)
    sender = origin.strip() if meant.origin else ""
    if meant.origin and not 2 <= len(sender) <= 60:
        raise InputError(_("Name who sent the file, in 2 to 60 characters."))
    if len(data) > meant.most_bytes:
        most = meant.most_bytes // 1_000_000
        raise InputError(_("The file is larger than %(most)d MB: split it.") % {"most": most})
    has_subject = meant.about is not None and about is not None
    region_path = meant.about(actor, about) if meant.about and about is not None else actor.region_path
    sheet = sheets.read(data, meant.most_rows)
    kept = ImportFormat.objects.filter(kind=kind, origin=sender, fingerprint=sheet.fingerprint).first()
    now = timezone.now()
    received = Import.objects.create(
        kind=kind, origin=sender, about=about if has_subject else None, file_name=file_name[-120:],
        digest=hashlib.sha256(data).hexdigest(), encoding=sheet.encoding, headings=sheet.headings,
        fingerprint=sheet.fingerprint, rows_total=len(sheet.rows), region_path=region_path, by=actor, at=now,
        columns=recalled(kept.columns, sheet.headings) if kept else guessed(meant, sheet.headings),
        meanings=kept.meanings if kept else _default_meanings(meant), touched_at=now,
    )  # fmt: skip
    ImportPart.objects.bulk_create(ImportPart.of(received, sheet.rows, meant.at_once), batch_size=20)
    after = {"kind": kind, "origin": sender, "digest": received.digest, "rows": len(sheet.rows)}
    record(actor, "receive_file", received, None, after)
    return received


@transaction.atomic
def read_as(
    actor: User, file_id: int, columns: Mapping[str, str], meanings: Mapping[str, str] | None = None
) -> Import:
    """The columns and meanings are these, kept for a look at the preview; nothing is taken in yet.

    Errors: NotPermitted, IllegalMove (begun before), InputError (a heading or a meaning unknown).
    """
    received = _unbegun(actor, file_id)
    kind = known_kinds()[received.kind]
    chosen = {name: columns[name] for name in kind.names if columns.get(name)}
    strange = set(chosen.values()) - set(received.headings)
    if strange:
        raise InputError(_("The file has no column %(name)s.") % {"name": ", ".join(sorted(strange))})
    received.columns = chosen
    if kind.meanings is not None and meanings is not None:
        received.meanings = {word: meant for word, meant in meanings.items() if meant}
        codes = [code for code, _word in kind.meanings.choices]
        if not set(received.meanings.values()) <= set(codes):
            raise InputError(_("Expected one of: %(expected)s.") % {"expected": ", ".join(codes)})
    received.save(update_fields=["columns", "meanings"])
    return received


@transaction.atomic
def begin(actor: User, file_id: int) -> Import:
    """The rows are being taken in, and the columns are remembered for files with the same headings.

    Errors: NotPermitted, IllegalMove (begun before), InputError (a needed column has no heading).
    """
    received = _unbegun(actor, file_id)
    _check_rows(received)
    kind = known_kinds()[received.kind]
    missing = [str(column.word) for column in kind.needed if column.name not in received.columns]
    if missing:
        raise InputError(_("Say which columns hold: %(names)s.") % {"names": ", ".join(missing)})
    _move(actor, received, "begin_file", {"columns": received.columns, "meanings": received.meanings})
    ImportFormat.objects.update_or_create(
        kind=received.kind, origin=received.origin, fingerprint=received.fingerprint,
        defaults={"columns": received.columns, "meanings": received.meanings},
    )  # fmt: skip
    return received


@transaction.atomic
def retry(actor: User, file_id: int) -> Import:
    """A file that failed or was stopped is being taken in again, from the first row that has come to nothing.

    Errors: NotPermitted, IllegalMove.
    """
    received = _locked(actor, file_id)
    _check_rows(received)
    received.attempts = 0
    _move(actor, received, "retry_file", {})
    return received


def _move(actor: User, received: Import, verb: str, after: Mapping[str, Any]) -> None:
    before = {"state": received.state}
    received.move(verb)
    received.touched_at = timezone.now()
    received.save(update_fields=["state", "touched_at", "attempts"])
    record(actor, verb, received, before, {"state": received.state, **after})


def _check_rows(received: Import) -> None:
    if received.waiting and not received.parts.exists():
        raise IllegalMove(_("The rows of this file were deleted after their term: bring it anew."))


def _locked(actor: User, file_id: int) -> Import:
    queries.imported(actor, file_id)
    return Import.objects.select_for_update().get(pk=file_id)


def _unbegun(actor: User, file_id: int) -> Import:
    received = _locked(actor, file_id)
    if received.state != State.READ:
        raise IllegalMove(_("This file is being taken in already."))
    return received


def _default_meanings(kind: Kind[Any]) -> dict[str, str]:
    return dict(kind.meanings.default) if kind.meanings else {}

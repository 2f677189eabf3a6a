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
from qingdun.console.kernel.imports.keeping import keep
from qingdun.console.kernel.imports.kinds import known_kinds
from qingdun.console.kernel.imports.models import Import, ImportBody, ImportFormat, State, owner_of
from qingdun.console.kernel.imports.reading import legible_words, names_of, places
from qingdun.console.kernel.models import User
from qingdun.console.kernel.roles import require
from qingdun.errors import IllegalMove, InputError


@transaction.atomic
def receive(
    actor: User, kind: str, file_name: str, data: bytes, origin: str = "", about: int | None = None
) -> Import:
    """All rows of the file are stored; its columns are those its house remembers for the headings, else
    guessed. A workbook is stored as it came: the tick process reads it (`unpacking`).

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
    now = timezone.now()
    received = Import(
        kind=kind, origin=sender, about=about if has_subject else None, file_name=file_name[-120:],
        digest=hashlib.sha256(data).hexdigest(), headings=[], rows_total=0, region_path=region_path,
        by=actor, at=now, touched_at=now,
    )  # fmt: skip
    if sheets.is_workbook(data):
        sheets.check_workbook(data)
        received.state, received.encoding = State.READING, sheets.XLSX
        received.save()
        ImportBody.objects.create(file=received, data=data)
    else:
        keep(received, meant, sheets.read(data, meant.most_rows, names_of(meant)))
    after = {"kind": kind, "origin": sender, "digest": received.digest, "rows": received.rows_total}
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
    told = {
        "columns": places(received.columns, received.headings),
        "meanings": legible_words(received.meanings),
    }
    _move(actor, received, "begin_file", told)
    ImportFormat.objects.update_or_create(
        owner=owner_of(received.by), kind=received.kind, origin=received.origin,
        fingerprint=received.fingerprint, defaults=told,
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
    if received.state in (State.READING, State.UNFIT):
        raise IllegalMove(_("This file is %(state)s.") % {"state": State(received.state).label})
    if received.state != State.READ:
        raise IllegalMove(_("This file is being taken in already."))
    return received

"""Banks' replies: received whole, columns confirmed, then taken in row by row. The actor first.

Rows are stored before any is used, and taken in batches, each in one transaction: whoever is killed in
between has lost nothing and done nothing twice.
"""

from __future__ import annotations

import datetime as dt
import hashlib
from collections.abc import Mapping

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from qingdun.console.cases import queries as cases
from qingdun.console.funds import columns as meaning
from qingdun.console.funds import queries, rules
from qingdun.console.funds.columns import Line, Reading
from qingdun.console.funds.models import (
    Movement,
    Statement,
    StatementFormat,
    StatementRow,
    StatementState,
)
from qingdun.console.kernel.audit import record
from qingdun.console.kernel.models import User
from qingdun.console.kernel.roles import Permission, require
from qingdun.console.kernel.sheets import Fault, read
from qingdun.errors import IllegalMove, InputError

AT_ONCE = 1000


@transaction.atomic
def receive(actor: User, bank: str, file_name: str, data: bytes, incident_id: int | None = None) -> Statement:
    """All rows of the file are stored, and its columns are those remembered for its headings, else guessed.

    Errors: NotPermitted, InputError (no bank, file unreadable or too large).
    """
    require(actor, Permission.TRACE_FUNDS)
    name = bank.strip()
    if not 2 <= len(name) <= 60:
        raise InputError(_("Name the bank that replied, in 2 to 60 characters."))
    if len(data) > rules.limit("most_bytes"):
        most = rules.limit("most_bytes") // 1_000_000
        raise InputError(_("The file is larger than %(most)d MB: split it.") % {"most": most})
    incident = cases.incident(actor, incident_id) if incident_id is not None else None
    sheet = read(data, rules.limit("most_rows"))
    kept = StatementFormat.objects.filter(bank=name, fingerprint=sheet.fingerprint).first()
    received = Statement.objects.create(
        bank=name, incident=incident, file_name=file_name[-120:], digest=hashlib.sha256(data).hexdigest(),
        encoding=sheet.encoding, headings=sheet.headings, fingerprint=sheet.fingerprint,
        columns=kept.columns if kept else meaning.guessed(sheet.headings), rows_total=len(sheet.rows),
        region_path=incident.region_path if incident else actor.region_path, by=actor, at=timezone.now(),
    )  # fmt: skip
    StatementRow.objects.bulk_create(
        (StatementRow(statement=received, line=line, cells=cells) for line, cells in sheet.rows),
        batch_size=AT_ONCE,
    )
    after = {"bank": name, "digest": received.digest, "rows": len(sheet.rows), "incident": incident_id}
    record(actor, "receive_statement", received, None, after)
    return received


@transaction.atomic
def read_as(actor: User, statement_id: int, columns: Mapping[str, str]) -> Statement:
    """The reply's columns are these, kept for a look at the preview; nothing is taken in yet.

    Errors: NotPermitted, IllegalMove (it is being taken in already), InputError (a heading unknown).
    """
    received = _unbegun(actor, statement_id)
    chosen = {field: name for field, name in columns.items() if name and field in meaning.FIELDS}
    strange = set(chosen.values()) - set(received.headings)
    if strange:
        raise InputError(_("The file has no column %(name)s.") % {"name": ", ".join(sorted(strange))})
    received.columns = chosen
    received.save(update_fields=["columns"])
    return received


@transaction.atomic
def begin(actor: User, statement_id: int) -> Statement:
    """The rows are being taken in, and the columns are remembered for replies with the same headings.

    Errors: NotPermitted, IllegalMove (begun before), InputError (account, time or amount has no column).
    """
    received = _unbegun(actor, statement_id)
    if not set(meaning.REQUIRED) <= set(received.columns):
        raise InputError(_("Say which columns hold account, time and amount."))
    received.state = StatementState.RUNNING
    received.save(update_fields=["state"])
    StatementFormat.objects.update_or_create(
        bank=received.bank, fingerprint=received.fingerprint, defaults={"columns": received.columns}
    )
    after = {"state": received.state, "columns": received.columns}
    record(actor, "begin_statement", received, {"state": StatementState.READ}, after)
    return received


def take_rows(now: dt.datetime) -> int:
    """The next rows of the oldest reply that is being taken in have come to something; how many they are.

    Each becomes a movement once in all replies of its region, is refused with its fault, or known before.
    """
    with transaction.atomic():
        # Whom another process serves already is left to it.
        running = Statement.objects.select_for_update(skip_locked=True, of=("self",))
        current = running.filter(state=StatementState.RUNNING).order_by("at", "pk").first()
        if current is None:
            return 0
        waiting = StatementRow.objects.filter(statement=current, refused=False).order_by("line")
        rows = list(waiting[: rules.limit("rows_per_tick")])
        _take(current, rows, now)
        if len(rows) < rules.limit("rows_per_tick"):
            _finish(current, now)
        current.save()
    return len(rows)


def _take(current: Statement, rows: list[StatementRow], now: dt.datetime) -> None:
    reading = Reading(current.headings, current.columns, now)
    read_lines: dict[str, tuple[int, Line]] = {}
    refused: list[StatementRow] = []
    for row in rows:
        try:
            line = reading.line(row.cells)
        except Fault as fault:
            row.refused, row.cells = True, []
            row.column, row.found, row.expected = fault.column, fault.found[:120], fault.expected[:200]
            refused.append(row)
            continue
        read_lines.setdefault(line.key, (row.line, line))
    told = Movement.objects.filter(region_path=current.region_path, key__in=list(read_lines))
    known = set(told.values_list("key", flat=True))
    fresh = [_movement(current, at, line, key) for key, (at, line) in read_lines.items() if key not in known]
    Movement.objects.bulk_create(fresh, batch_size=AT_ONCE)
    StatementRow.objects.bulk_update(
        refused, ["refused", "cells", "column", "found", "expected"], batch_size=AT_ONCE
    )
    if rows:
        done = StatementRow.objects.filter(statement=current, refused=False, line__lte=rows[-1].line)
        done.delete()
    current.taken += len(fresh)
    current.refused += len(refused)
    current.known += len(rows) - len(fresh) - len(refused)


def _movement(current: Statement, at: int, line: Line, key: str) -> Movement:
    own = (line.account, line.account_name, current.bank)
    other = (line.other, line.other_name, line.other_bank)
    payer, payee = (own, other) if line.outgoing else (other, own)
    return Movement(
        statement=current, line=at, key=key, at=line.at, payer=payer[0], payee=payee[0],
        of_payer=line.outgoing, payer_name=payer[1], payee_name=payee[1], payer_bank=payer[2],
        payee_bank=payee[2], amount_fen=line.fen, balance_fen=line.balance_fen,
        to_merchant=line.to_merchant, serial=line.serial, summary=line.summary,
        region_path=current.region_path,
    )  # fmt: skip


def _finish(current: Statement, now: dt.datetime) -> None:
    current.state, current.done_at = StatementState.DONE, now
    counts = {"taken": current.taken, "known": current.known, "refused": current.refused}
    record(current.by, "finish_statement", current, {"state": StatementState.RUNNING}, counts)


def _unbegun(actor: User, statement_id: int) -> Statement:
    queries.statement(actor, statement_id)
    received = Statement.objects.select_for_update().get(pk=statement_id)
    if received.state != StatementState.READ:
        raise IllegalMove(_("This reply is being taken in already."))
    return received

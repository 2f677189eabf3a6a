"""Lists that others send: received whole, columns confirmed, then taken in row by row. The actor first.

Rows are stored before any is used, and taken in batches, each in one transaction with the alerts it raises:
whoever is killed in between has lost nothing and done nothing twice.
"""

from __future__ import annotations

import datetime as dt
import hashlib
from collections.abc import Mapping

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from qingdun.console.alerts.codes import Level
from qingdun.console.kernel import audit
from qingdun.console.kernel.models import User
from qingdun.console.kernel.roles import Permission, require
from qingdun.console.kernel.sheets import Fault, read
from qingdun.console.whistles import columns as meaning
from qingdun.console.whistles import rules
from qingdun.console.whistles.columns import Line, Reading
from qingdun.console.whistles.models import (
    AlertList,
    ListFormat,
    ListRow,
    ListSource,
    ListState,
    RowOutcome,
)
from qingdun.console.whistles.queries import alert_list
from qingdun.console.whistles.raising import Warning, person_of, warn
from qingdun.contract.codes import scam_types
from qingdun.errors import IllegalMove, InputError

DETECTOR = "manual.list"
AT_ONCE = 1000


@transaction.atomic
def receive_list(actor: User, source_name: str, file_name: str, data: bytes) -> AlertList:
    """All rows of the file are stored, and its columns are those remembered for its headings, else guessed.

    Errors: NotPermitted, InputError (no source, file unreadable or too large).
    """
    require(actor, Permission.DISPATCH_CITY)
    name = source_name.strip()
    if not 2 <= len(name) <= 60:
        raise InputError(_("Name who sent the list, in 2 to 60 characters."))
    if len(data) > rules.limit("most_bytes"):
        most = rules.limit("most_bytes") // 1_000_000
        raise InputError(_("The file is larger than %(most)d MB: split it.") % {"most": most})
    sheet = read(data, rules.limit("most_rows"))
    source, _fresh = ListSource.objects.get_or_create(name=name)
    kept = ListFormat.objects.filter(source=source, fingerprint=sheet.fingerprint).first()
    received = AlertList.objects.create(
        source=source, file_name=file_name[-120:], digest=hashlib.sha256(data).hexdigest(),
        encoding=sheet.encoding, headings=sheet.headings, fingerprint=sheet.fingerprint,
        columns=meaning.recalled(kept.columns, sheet.headings) if kept else meaning.guessed(sheet.headings),
        levels=kept.levels if kept else {"": Level.MEDIUM}, rows_total=len(sheet.rows),
        region_path=actor.region_path, by=actor, at=timezone.now(),
    )  # fmt: skip
    ListRow.objects.bulk_create(
        (ListRow(list=received, source=source, line=line, cells=cells) for line, cells in sheet.rows),
        batch_size=AT_ONCE,
    )
    after = {"source": name, "digest": received.digest, "rows": len(sheet.rows), "encoding": sheet.encoding}
    audit.record(actor, "receive_list", received, None, after)
    return received


@transaction.atomic
def read_as(actor: User, list_id: int, columns: Mapping[str, str], levels: Mapping[str, str]) -> AlertList:
    """The list's columns and levels are these, kept for a look at the preview; nothing is taken in yet.

    Errors: NotPermitted, IllegalMove (it is being taken in already), InputError (a heading or level unknown).
    """
    received = _unbegun(actor, list_id)
    received.columns, received.levels = _checked(received, columns, levels)
    received.save(update_fields=["columns", "levels"])
    return received


@transaction.atomic
def begin_list(actor: User, list_id: int) -> AlertList:
    """The rows are being taken in, and the columns are remembered for files with the same headings.

    Errors: NotPermitted, IllegalMove (begun before), InputError (no column holds the number).
    """
    received = _unbegun(actor, list_id)
    if "number" not in received.columns:
        raise InputError(_("Say which column holds the number of the person."))
    received.state = ListState.RUNNING
    received.save(update_fields=["state"])
    ListFormat.objects.update_or_create(
        source=received.source,
        fingerprint=received.fingerprint,
        defaults={"columns": received.columns, "levels": received.levels},
    )
    after = {"state": received.state, "columns": received.columns, "levels": received.levels}
    audit.record(actor, "begin_list", received, {"state": ListState.READ}, after)
    return received


def take_rows(now: dt.datetime) -> int:
    """The next rows of the oldest list that is being taken in have come to something; how many they are.

    Each row is taken once in all files of its source, refused with its fault, or known before.
    """
    with transaction.atomic():
        # Whom another process serves already is left to it.
        running = AlertList.objects.select_for_update(skip_locked=True, of=("self",))
        current = (
            running.select_related("source", "by").filter(state=ListState.RUNNING).order_by("at").first()
        )
        if current is None:
            return 0
        rows = list(
            ListRow.objects.filter(list=current, outcome=RowOutcome.WAITING).order_by("line")[
                : rules.limit("rows_per_tick")
            ]
        )
        _take(current, rows, now)
        if len(rows) < rules.limit("rows_per_tick"):
            _finish(current, now)
    return len(rows)


def reading_of(received: AlertList, now: dt.datetime) -> Reading:
    """How the rows of the list are read."""
    return Reading(received.headings, received.columns, received.levels, meaning.places(), now)


def _take(current: AlertList, rows: list[ListRow], now: dt.datetime) -> None:
    reading = reading_of(current, now)
    for row in rows:
        row.key = reading.key(row.cells)
    taken = ListRow.objects.filter(source=current.source, outcome=RowOutcome.TAKEN)
    known = set(taken.filter(key__in=[row.key for row in rows]).values_list("key", flat=True))
    warnings: dict[str, tuple[ListRow, Warning]] = {}
    for row in rows:
        try:
            line = reading.line(row.cells)
        except Fault as fault:
            row.outcome = RowOutcome.REFUSED
            row.column, row.found, row.expected = fault.column, fault.found[:120], fault.expected[:200]
            continue
        if row.key in known:
            row.outcome = RowOutcome.KNOWN
            continue
        known.add(row.key)
        row.outcome = RowOutcome.TAKEN
        warning = _warning(current, row, line, now)
        warnings[warning.alert_id] = (row, warning)
    if warnings:
        done = warn(current.by, [warning for _row, warning in warnings.values()])
        for alert_id, pair in warnings.items():
            pair[0].task = done[alert_id][0]
    ListRow.objects.bulk_update(
        rows, ["outcome", "key", "column", "found", "expected", "task"], batch_size=AT_ONCE
    )


def _warning(current: AlertList, row: ListRow, line: Line, now: dt.datetime) -> Warning:
    source = current.source.name
    zh, en = f"{source}下发预警", f"An alert sent by {source}"
    if line.level_word:
        zh, en = f"{zh}（{line.level_word}）", f"{en} ({line.level_word})"
    if line.scam_type:
        name = scam_types().names[line.scam_type]
        zh, en = f"{zh}：{name.zh}", f"{en}: {name.en}"
    if line.note:
        zh, en = f"{zh}。{line.note}", f"{en}. {line.note}"
    ident = hashlib.sha256(f"{current.source_id} {row.key}".encode()).hexdigest()
    return Warning(
        person_of(line.number, line.region), f"list-{ident[:40]}", line.level, line.scam_type, DETECTOR,
        source, zh, en, line.raised_at or now,
    )  # fmt: skip


def _finish(current: AlertList, now: dt.datetime) -> None:
    current.state, current.done_at = ListState.DONE, now
    current.save(update_fields=["state", "done_at"])
    counts = {
        outcome.value: ListRow.objects.filter(list=current, outcome=outcome).count()
        for outcome in (RowOutcome.TAKEN, RowOutcome.KNOWN, RowOutcome.REFUSED)
    }
    audit.record(current.by, "finish_list", current, {"state": ListState.RUNNING}, counts)


def _unbegun(actor: User, list_id: int) -> AlertList:
    alert_list(actor, list_id)
    received = AlertList.objects.select_for_update().select_related("source").get(pk=list_id)
    if received.state != ListState.READ:
        raise IllegalMove(_("This list is being taken in already."))
    return received


def _checked(
    received: AlertList, columns: Mapping[str, str], levels: Mapping[str, str]
) -> tuple[dict[str, str], dict[str, str]]:
    chosen = {field: name for field, name in columns.items() if name and field in meaning.FIELDS}
    strange = set(chosen.values()) - set(received.headings)
    if strange:
        raise InputError(_("The file has no column %(name)s.") % {"name": ", ".join(sorted(strange))})
    meant = {word: level for word, level in levels.items() if level}
    if not set(meant.values()) <= set(Level.values):
        raise InputError(_("Levels are %(names)s.") % {"names": ", ".join(Level.values)})
    return chosen, meant

"""What the tick process does with files that were begun: their rows come to something, a part at a time.

A part is one transaction: whoever is killed within or between has lost nothing and done nothing twice. No
file waits for another: whichever waits longest is served next, and one that fails stands aside.
"""

from __future__ import annotations

import datetime as dt
import logging
import secrets
import time
from collections import Counter
from collections.abc import Callable
from typing import Any

from django.db import IntegrityError, InterfaceError, OperationalError, transaction
from django.utils.translation import override

from qingdun.console.kernel.audit import record
from qingdun.console.kernel.imports.kinds import Batch, Fresh, Kind, known_kinds
from qingdun.console.kernel.imports.models import Import, ImportPart, State
from qingdun.console.kernel.imports.reading import read_rows, stored_fault
from qingdun.console.kernel.models import User
from qingdun.console.kernel.roles import may
from qingdun.console.kernel.scope import covers
from qingdun.console.kernel.storing import settle, store

log = logging.getLogger(__name__)

PASSING = (OperationalError, InterfaceError, IntegrityError)
"""What a database raises when somebody else was first, or it is away: tried again before a file fails."""
MOST_ATTEMPTS = 3
WORK_S = 1.0
"""How long one tick works on; then it rests (`wiring.RESTS`), for the desk shares the machine."""


def take_some(now: dt.datetime, clock: Callable[[], float] = time.monotonic) -> int:
    """Rows of files that were begun have come to something, for about `WORK_S`; how many they are."""
    until, done = clock() + WORK_S, 0
    while Import.objects.filter(state=State.RUNNING).exists():
        rows = take_part(now)
        if rows is None:
            break
        done += rows
        if clock() >= until:
            break
    return done


def take_part(now: dt.datetime) -> int | None:
    """The next part of the file that waits longest has come to something, and how many rows that are; None
    if no file waits. A file at which it fails is marked, with an id to quote and the trace in the log.
    """
    current: Import | None = None
    try:
        with transaction.atomic():
            # Whom another process serves already is left to it.
            waiting = Import.objects.select_for_update(skip_locked=True, of=("self",))
            current = waiting.filter(state=State.RUNNING).order_by("touched_at", "pk").first()
            return None if current is None else _take(current, now)
    except Exception as error:
        if current is None:
            raise
        _set_aside(current.pk, error, now)
        return 0


def _take(file: Import, now: dt.datetime) -> int:
    kind = known_kinds()[file.kind]
    actor = User.objects.select_related("region", "organisation").get(pk=file.by_id)
    file.touched_at, file.attempts = now, 0
    if not may(actor, kind.permission) or not _has_place(actor, file.region_path):
        _end(file, None, "stop_file")
        return 0
    waiting = file.parts.filter(taken=False).order_by("number")
    part = waiting.first()
    is_last = part is None or not waiting.exclude(pk=part.pk).exists()
    with override(actor.language):  # in which faults are told
        rows = _take_rows(kind, Batch(file, actor, now), part) if part else 0
    if is_last:
        file.parts.all().delete()
        file.done_at = now
        _end(file, actor, "finish_file")
    file.save()
    return rows


def _has_place(actor: User, path: str) -> bool:
    """Whether the place is still theirs; a bank or an operator has brought the file where it is."""
    return covers(actor, path) or (bool(path) and actor.region_path == path)


def _take_rows(kind: Kind[Any], batch: Batch, part: ImportPart) -> int:
    file, rows = batch.file, part.rows
    fresh, faults, plain = read_rows(kind, batch, rows, _before(kind, part))
    new = _unknown(fresh, set(kind.known(batch, fresh)) if fresh else set())
    late = kind.take(batch, new) if new else {}
    why = {one.key: late[one.line] for one in new if one.line in late}
    again = {one.line: why[one.key] for one in fresh if one.key in why}  # the same row told twice
    faults |= again
    store(stored_fault(file, line, faults[line]) for line in sorted(faults))
    counts = {
        "taken": len(new) - len(why), "refused": len(faults),
        "known": len(fresh) - len(new) - len(again) + len(why),
    }  # fmt: skip
    for name, count in counts.items():
        setattr(file, name, getattr(file, name) + count)
    if kind.repeats is not None:
        part.taken, part.text, part.keys = True, "", " ".join(plain)
        part.save(update_fields=["taken", "text", "keys"])
    else:
        part.delete()
    settle()
    record(batch.actor, "take_rows", file, None, {"part": part.number, **counts})
    return len(rows)


def _unknown(fresh: list[Fresh[Any]], standing: set[str]) -> list[Fresh[Any]]:
    """Those whose key does not stand, each key once."""
    new: dict[str, Fresh[Any]] = {}
    for one in fresh:
        if one.key not in standing:
            new.setdefault(one.key, one)
    return list(new.values())


def _before(kind: Kind[Any], part: ImportPart) -> Counter[str] | None:
    """How often each key came in the parts of the file before this one."""
    if kind.repeats is None:
        return None
    texts = ImportPart.objects.filter(file=part.file_id, taken=True).values_list("keys", flat=True)
    return Counter(key for text in texts for key in text.split())


def _end(file: Import, actor: User | None, verb: str, **told: Any) -> None:
    before = {"state": file.state}
    file.move(verb)
    file.save()
    counts = {"taken": file.taken, "known": file.known, "refused": file.refused}
    record(actor, verb, file, before, {"state": file.state, **counts, **told})


def _set_aside(file_id: int, error: Exception, now: dt.datetime) -> None:
    """The file has failed, or is tried again after the others."""
    with transaction.atomic():
        file = Import.objects.select_for_update().get(pk=file_id)
        if file.state != State.RUNNING:
            return
        file.touched_at, file.attempts = now, file.attempts + 1
        if isinstance(error, PASSING) and file.attempts < MOST_ATTEMPTS:
            log.warning("import %d: attempt %d failed: %s", file_id, file.attempts, error)
            file.save()
            return
        file.error_id = secrets.token_hex(4)
        log.error("import %d failed, id %s", file_id, file.error_id, exc_info=error)
        _end(file, None, "fail_file", error_id=file.error_id)

"""What the tick process does with workbooks: they are read, which takes too long for the request of the page.

Nothing is held meanwhile: two processes at once read the same twice, and the first keeps it.
"""

from __future__ import annotations

import datetime as dt
import logging
import secrets
import time
from collections.abc import Callable

from django.db import transaction
from django.utils.translation import gettext as _
from django.utils.translation import override

from qingdun.console.kernel import sheets
from qingdun.console.kernel.audit import record
from qingdun.console.kernel.imports.keeping import keep
from qingdun.console.kernel.imports.kinds import known_kinds
from qingdun.console.kernel.imports.models import Import, ImportBody, State
from qingdun.console.kernel.imports.reading import names_of
from qingdun.console.kernel.imports.taking import PASSING
from qingdun.console.kernel.sheets import Sheet, Watch
from qingdun.errors import InputError

log = logging.getLogger(__name__)

TOLD_EVERY_S = 1.0


def read_next(now: dt.datetime, clock: Callable[[], float] = time.monotonic) -> int:
    """The workbook that waits longest has been read, or found to be none; how many rows it has."""
    waiting = ImportBody.objects.filter(file__state=State.READING).order_by("file__at", "file")
    body = waiting.select_related("file__by").first()
    if body is None:
        return 0
    kind = known_kinds()[body.file.kind]
    with override(body.file.by.language):  # in which refusals are told
        try:
            found = sheets.read(
                bytes(body.data), kind.most_rows, names_of(kind), _telling(body.file_id, clock)
            )
        except PASSING:
            raise
        except InputError as wrong:
            return _refuse(body.file_id, str(wrong))
        except Exception as error:
            error_id = secrets.token_hex(4)
            log.error("import %d cannot be read, id %s", body.file_id, error_id, exc_info=error)
            why = _(
                "Something broke on our side while it was read. Bring it as CSV, and quote the id %(id)s."
            )
            return _refuse(body.file_id, why % {"id": error_id})
    return _keep(body.file_id, found, now)


def _telling(file_id: int, clock: Callable[[], float]) -> Watch:
    """Who asks how far the file is hears of it every second."""
    next_at = clock() + TOLD_EVERY_S

    def watch(rows: int, expected: int) -> None:
        nonlocal next_at
        if clock() >= next_at:
            next_at = clock() + TOLD_EVERY_S
            reading = Import.objects.filter(pk=file_id, state=State.READING)
            reading.update(rows_read=rows, rows_total=max(expected - 1, rows))

    return watch


@transaction.atomic
def _keep(file_id: int, found: Sheet, now: dt.datetime) -> int:
    file = _still_unread(file_id)
    if file is None:
        return 0
    file.move("read_file")
    file.touched_at = now
    keep(file, known_kinds()[file.kind], found)
    ImportBody.objects.filter(file=file).delete()
    record(
        file.by, "read_file", file, {"state": State.READING}, {"state": file.state, "rows": file.rows_total}
    )
    return file.rows_total


@transaction.atomic
def _refuse(file_id: int, why: str) -> int:
    file = _still_unread(file_id)
    if file is not None:
        file.move("refuse_file")
        file.refusal, file.rows_total, file.rows_read = why[:300], 0, 0
        file.save()
        ImportBody.objects.filter(file=file).delete()
        record(file.by, "refuse_file", file, {"state": State.READING}, {"state": file.state})
    return 0


def _still_unread(file_id: int) -> Import | None:
    held = Import.objects.select_for_update(of=("self",)).select_related("by")
    return held.filter(pk=file_id, state=State.READING).first()

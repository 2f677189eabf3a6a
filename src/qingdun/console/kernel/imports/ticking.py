"""What the tick process calls once a second: files are read, then taken in; what is old is deleted."""

from __future__ import annotations

import datetime as dt

from django.conf import settings
from django.db import transaction

from qingdun.console.kernel.audit import record
from qingdun.console.kernel.imports.models import Import, ImportBody, ImportFault, ImportPart, State
from qingdun.console.kernel.imports.taking import take_some
from qingdun.console.kernel.imports.unpacking import read_next
from qingdun.console.kernel.models import AuditRow

EVERY = dt.timedelta(days=1)
AT_ONCE = 2000
_SUBJECT = ("imports_retention", "all")


def tick(now: dt.datetime) -> int:
    """What is due at `now` is done; how many rows that were."""
    return take_some(now) + read_next(now) + purge(now)


def purge(now: dt.datetime) -> int:
    """Once a day: of files that came longer ago than `QINGDUN_CONTEXT_DAYS`, no fault is left and no row that
    waits, unless they are being taken in; how many were deleted.
    """
    last = AuditRow.objects.filter(subject_kind=_SUBJECT[0], subject_id=_SUBJECT[1]).order_by("-seq").first()
    if last is not None and now - last.at < EVERY:
        return 0
    old = Import.objects.filter(at__lt=now - settings.CONTEXT_KEPT).exclude(state=State.RUNNING)
    deleted = 0
    for model in (ImportFault, ImportPart, ImportBody):
        while True:
            with transaction.atomic():
                some = (
                    model.objects.filter(file__in=old).order_by("pk")[:AT_ONCE].values_list("pk", flat=True)
                )
                count = model.objects.filter(pk__in=list(some)).delete()[0]
                if count:
                    record(None, "purge", (_SUBJECT[0], model._meta.model_name or ""), {}, {"rows": count})
            deleted += count
            if not count:
                break
    with transaction.atomic():
        record(None, "purge", _SUBJECT, {}, {"overdue": 0, "at": now})
    return deleted

"""How long banks' movements are kept: what has been here for its term is deleted, a batch a transaction.

Orders and the audit trail stay: they are ledgers, and an order keeps the sums it rests on.
"""

from __future__ import annotations

import datetime as dt
from typing import Any

from django.db import models, transaction

from qingdun.console.funds import rules
from qingdun.console.funds.models import Movement
from qingdun.console.kernel.audit import record
from qingdun.console.kernel.models import AuditRow

AT_ONCE = 2000
"""Rows deleted in one transaction: short enough that nobody waits for it."""
EVERY = dt.timedelta(days=1)
_SUBJECT = "funds_retention"
_ALL = "all"
TERMS: tuple[tuple[str, type[models.Model], str], ...] = (("movements", Movement, "movements_kept_days"),)
"""What is deleted, and the rule that says after how many days; counted from when the bank's reply came."""


def overdue(now: dt.datetime, model: type[models.Model], rule: str) -> models.QuerySet[Any]:
    """The rows whose term is over."""
    before = now - dt.timedelta(days=rules.limit(rule))
    return model._default_manager.filter(statement__at__lt=before).order_by("pk")


def tick(now: dt.datetime) -> int:
    """Once a day what is overdue is deleted, a batch a tick; how many rows this tick deleted."""
    last = AuditRow.objects.filter(subject_kind=_SUBJECT, subject_id=_ALL).order_by("-seq").first()
    if last is not None and now - last.at < EVERY:
        return 0
    for name, model, rule in TERMS:
        rows = _delete_some(name, overdue(now, model, rule), now)
        if rows:
            return rows
    with transaction.atomic():
        record(None, "purge", (_SUBJECT, _ALL), {}, {"overdue": 0, "at": now})
    return 0


@transaction.atomic
def _delete_some(name: str, found: models.QuerySet[Any], now: dt.datetime) -> int:
    some = list(found.values_list("pk", flat=True)[:AT_ONCE])
    if not some:
        return 0
    rows: int = found.model._default_manager.filter(pk__in=some).delete()[0]
    record(None, "purge", (_SUBJECT, name), {}, {"rows": rows, "at": now})
    return rows

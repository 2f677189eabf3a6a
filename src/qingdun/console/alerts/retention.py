"""How long raw data are kept: what has been here for its term is deleted, a batch a transaction.

Tasks, alerts, what was done about them and the audit trail stay: they are ledgers. Terms run from when a row
came, or since when the engine no longer holds it, not from the time of the event in it.
"""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Iterator
from typing import Any, NamedTuple

from django.conf import settings
from django.db import models, transaction

from qingdun.console.alerts.models import ClusterMember, ContextEvent, Evidence, RejectedRow, Suspect
from qingdun.console.kernel.audit import record
from qingdun.console.kernel.models import AuditRow, User
from qingdun.contract.progress import Share, unheard

AT_ONCE = 2000
"""Rows deleted in one transaction: short enough that nobody waits for it."""
EVERY = dt.timedelta(days=1)
_SUBJECT = "retention"
_ALL = "all"


class Term(NamedTuple):
    """How long the rows of one table are kept, and from when that is counted."""

    name: str
    model: type[models.Model]
    since: str
    setting: str

    def overdue(self, now: dt.datetime) -> models.QuerySet[Any]:
        """The rows whose term is over."""
        over = {f"{self.since}__lt": now - getattr(settings, self.setting)}
        return self.model._default_manager.filter(**over).order_by("pk")


TERMS: tuple[Term, ...] = (
    Term("context", ContextEvent, "received_at", "CONTEXT_KEPT"),
    Term("rejects", RejectedRow, "received_at", "CONTEXT_KEPT"),
    Term("evidence", Evidence, "alert__received_at", "EVIDENCE_KEPT"),
    Term("suspects", Suspect, "gone_at", "EVIDENCE_KEPT"),
    Term("memberships", ClusterMember, "gone_at", "EVIDENCE_KEPT"),
)
"""Everything that is deleted by its age."""


def count_overdue(now: dt.datetime) -> dict[str, int]:
    """How many rows of each kind a purge at `now` would delete."""
    return {term.name: term.overdue(now).count() for term in TERMS}


def purge(actor: User | None, now: dt.datetime, told: Share = unheard) -> dict[str, int]:
    """No row is left whose term is over at `now`; how many of each kind were deleted.

    A batch is deleted and audited in one transaction: ended at any moment, by kill -9 too, a purge has done
    what the audit trail says, and the next one goes on. One more audit row says that nothing is left.
    """
    overdue = sum(count_overdue(now).values())
    deleted = Counter({term.name: 0 for term in TERMS})
    for name, rows in _batches(actor, now):
        deleted[name] += rows
        told(min(1.0, deleted.total() / max(1, overdue)))
    _finish(actor, now)
    return dict(deleted)


def tick(now: dt.datetime) -> int:
    """Once a day what is overdue is deleted, a batch a tick; how many rows this tick deleted."""
    last = AuditRow.objects.filter(subject_kind=_SUBJECT, subject_id=_ALL).order_by("-seq").first()
    if last is not None and now - last.at < EVERY:
        return 0
    for _, rows in _batches(None, now):
        return rows
    _finish(None, now)
    return 0


def _batches(actor: User | None, now: dt.datetime) -> Iterator[tuple[str, int]]:
    for term in TERMS:
        while (rows := _delete_some(actor, term, now)) is not None:
            yield term.name, rows


@transaction.atomic
def _delete_some(actor: User | None, term: Term, now: dt.datetime) -> int | None:
    """How many rows were deleted; None if none was overdue."""
    some = list(term.overdue(now).values_list("pk", flat=True)[:AT_ONCE])
    if not some:
        return None
    rows, _ = term.model._default_manager.filter(pk__in=some).delete()
    if rows:
        before = now - getattr(settings, term.setting)
        record(actor, "purge", (_SUBJECT, term.name), {}, {"rows": rows, "before": before})
    return rows


@transaction.atomic
def _finish(actor: User | None, now: dt.datetime) -> None:
    record(actor, "purge", (_SUBJECT, _ALL), {}, {"overdue": 0, "at": now})

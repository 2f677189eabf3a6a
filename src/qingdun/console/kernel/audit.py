"""Who did what to what, and why: an append-only chain in which every row holds the hash of the one before it.

A row that is changed, taken out or put in breaks the chain from there on. Rows cut off at the end are found
by the head, which is kept apart; whoever can rewrite rows, head and triggers alike is caught only by a head
written down elsewhere, which is why the health page shows it.
"""

from __future__ import annotations

import datetime as dt
import hashlib
import json
from collections.abc import Mapping
from typing import Any, NamedTuple

from django.core.serializers.json import DjangoJSONEncoder
from django.db.models import Model, Subquery
from django.db.models.functions import Coalesce
from django.utils import timezone

from qingdun.console.kernel.ledger import START, locked_head
from qingdun.console.kernel.models import AuditRow, LedgerHead, User
from qingdun.console.kernel.origin import current_ip
from qingdun.contract.progress import Share, unheard

SYSTEM = "system"
"""Actor and role of what no user did: loading, ticking, ingesting."""

_AT_ONCE = 2000
"""Rows of the chain read at once."""

Values = Mapping[str, Any] | None


def canonical(value: Any) -> str:
    """The one way to write a value as JSON: sorted keys, no blanks, Chinese as it is."""
    return json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False, cls=DjangoJSONEncoder)


def record(
    actor: User | None,
    verb: str,
    subject: Model | tuple[str, str],
    before: Values = None,
    after: Values = None,
    purpose: str = "",
    *,
    region_path: str | None = None,
    head: LedgerHead | None = None,
) -> AuditRow:
    """One more row stands at the end of the chain, in the caller's transaction.

    `subject` is a saved row, or (kind, id). `before` and `after` hold what the act changed, never unmasked
    personal data. `region_path` defaults to the subject's, then to the actor's. `actor` None means the
    system itself. `head` is the ledger's, if the caller's transaction holds it already.
    Errors: TransactionManagementError outside a transaction.
    """
    kind, ident = subject if isinstance(subject, tuple) else (subject._meta.model_name or "", str(subject.pk))
    if region_path is None:
        region_path = getattr(subject, "region_path", "") or (actor.region_path if actor else "")
    head = head or locked_head()
    row = AuditRow(
        seq=head.seq + 1,
        at=timezone.now(),
        actor_id=actor.pk if actor else None,
        actor=actor.username if actor else SYSTEM,
        role=actor.role if actor else SYSTEM,
        verb=verb,
        subject_kind=kind,
        subject_id=ident,
        region_path=region_path,
        before=canonical(before),
        after=canonical(after),
        purpose=purpose,
        ip=current_ip.get(),
        prev_hash=head.hash,
    )
    row.hash = hash_of(row)
    row.save(force_insert=True)
    head.seq, head.hash = row.seq, row.hash
    head.save()
    return row


def first_hash() -> str:
    """The hash of the first row, which no two databases share; empty if there is none yet."""
    return AuditRow.objects.order_by("seq").values_list("hash", flat=True).first() or ""


def hash_of(row: AuditRow) -> str:
    """SHA-256, in hex, over every field of the row but the hash itself."""
    fields = {
        field.attname: getattr(row, field.attname)
        for field in AuditRow._meta.concrete_fields
        if field.name != "hash"
    }
    # Written out, not left to the encoder, which would drop microseconds.
    fields["at"] = row.at.astimezone(dt.UTC).isoformat(timespec="microseconds")
    return hashlib.sha256(canonical(fields).encode()).hexdigest()


class Verdict(NamedTuple):
    """What a walk along the chain found."""

    rows: int
    head: str
    broken_at: int | None
    reason: str

    @property
    def intact(self) -> bool:
        """Whether every row is as it was written."""
        return self.broken_at is None


def verify_chain(told: Share = unheard) -> Verdict:
    """Every row up to the head was hashed again and compared with its successor and the head; the first
    fault is named. What is appended while the chain is read is left for the next time.
    """
    head = LedgerHead.objects.filter(id=1).first()
    last = (head.seq, head.hash) if head is not None else (0, START)
    previous, count = START, 0
    for row in AuditRow.objects.filter(seq__lte=last[0]).order_by("seq").iterator(_AT_ONCE):
        if not count % _AT_ONCE:
            told(count / last[0])
        count += 1
        if row.seq != count:
            return Verdict(count, previous, row.seq, f"row {count} is missing")
        if row.prev_hash != previous:
            return Verdict(count, previous, row.seq, f"row {row.seq} does not name its predecessor's hash")
        if hash_of(row) != row.hash:
            return Verdict(count, previous, row.seq, f"row {row.seq} is not what was written")
        previous = row.hash
    if last != (count, previous):
        return Verdict(count, previous, count + 1, f"{last[0] - count} rows are missing at the end")
    beyond = _beyond_head()
    if beyond is not None:
        found = "the head of the ledger is missing" if head is None else f"row {beyond} is behind the head"
        return Verdict(count, previous, beyond, found)
    return Verdict(count, previous, None, "")


def _beyond_head() -> int | None:
    """The first row behind the head as it stands now. One statement, so that both are of one moment."""
    head = Coalesce(Subquery(LedgerHead.objects.filter(id=1).values("seq")), 0)
    rows = AuditRow.objects.filter(seq__gt=head).order_by("seq")
    return rows.values_list("seq", flat=True).first()

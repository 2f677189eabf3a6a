"""Suspects and clusters as the engine holds them now: each snapshot replaces the one before it.

What is no longer in the engine's snapshot is gone, with the time, and stays as history. What comes back is
the same row again, with the time it was first flagged.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Iterator, Sequence
from typing import Any, TypeVar

from django.db import models, transaction
from django.utils import timezone

from qingdun.console.alerts.models import ClusterMember, Suspect
from qingdun.console.kernel.audit import record
from qingdun.console.kernel.models import User
from qingdun.contract import tables as contract
from qingdun.contract.columns import moment

Key = tuple[Any, ...]
_M = TypeVar("_M", bound=models.Model)
_AT_ONCE = 500


@transaction.atomic
def replace_suspects(actor: User | None, rows: Iterable[contract.Suspect]) -> dict[str, int]:
    """The suspects that stand are exactly these; the others are gone. How many are new, changed and gone.

    One audit row with the counts, none if nothing changed.
    """
    now = timezone.now()
    changes = _replace(
        Suspect.objects,
        {
            (row.entity_kind, row.entity): Suspect(
                entity_kind=row.entity_kind,
                entity=row.entity,
                score=row.score,
                scam_type=row.scam_type or "",
                first_flagged_at=moment(row.first_flagged_at),
                reasons=list(row.reasons),
                reasons_en=list(row.reasons_en or ()),
                updated_at=now,
            )
            for row in rows
        },
        key=("entity_kind", "entity"),
        values=("score", "scam_type", "reasons", "reasons_en"),
        touched=("updated_at",),
        now=now,
    )
    if any(changes.values()):
        record(actor, "replace_suspects", ("feed", "suspects"), {}, changes)
    return changes


@transaction.atomic
def replace_clusters(actor: User | None, rows: Sequence[contract.ClusterMember]) -> dict[str, int]:
    """The memberships that stand are exactly these; the others are gone. How many are new, changed and gone.

    One audit row with the counts, none if nothing changed.
    """
    changes = _replace(
        ClusterMember.objects,
        {
            (row.cluster_id, row.entity_kind, row.entity): ClusterMember(
                **{**row._asdict(), "since": moment(row.since)}
            )
            for row in rows
        },
        key=("cluster_id", "entity_kind", "entity"),
        values=("score",),
        touched=(),
        now=timezone.now(),
    )
    if any(changes.values()):
        record(actor, "replace_clusters", ("feed", "clusters"), {}, changes)
    return changes


def _replace(
    stored: models.Manager[_M],
    rows: dict[Key, _M],
    key: Sequence[str],
    values: Sequence[str],
    touched: Sequence[str],
    now: dt.datetime,
) -> dict[str, int]:
    stands: dict[Key, Key] = {}
    gone: list[int] = []
    for pk, *fields in stored.filter(gone_at=None).values_list("pk", *key, *values):
        ident = tuple(fields[: len(key)])
        stands[ident] = tuple(fields[len(key) :])
        if ident not in rows:
            gone.append(pk)
    changed = {
        ident: row
        for ident, row in rows.items()
        if stands.get(ident) != tuple(getattr(row, v) for v in values)
    }
    for some in _pieces(gone):
        stored.filter(pk__in=some).update(gone_at=now)
    stored.bulk_create(
        list(changed.values()),
        update_conflicts=True,
        unique_fields=key,
        update_fields=[*values, *touched, "gone_at"],
        batch_size=_AT_ONCE,
    )
    known = sum(ident in stands for ident in changed)
    return {"new": len(changed) - known, "changed": known, "gone": len(gone)}


def _pieces(pks: Sequence[int]) -> Iterator[Sequence[int]]:
    return (pks[start : start + _AT_ONCE] for start in range(0, len(pks), _AT_ONCE))

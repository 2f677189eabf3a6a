"""What planes tell of the texts they hold, and are told of decisions: told again, nothing changes."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Sequence

from django.conf import settings
from django.db import transaction
from django.utils import timezone

from qingdun.console.kernel.audit import record
from qingdun.console.kernel.masking import mask_party
from qingdun.console.lists.codes import HeldState
from qingdun.console.lists.models import Entry, HeldDecision, HeldText
from qingdun.contract.columns import moment
from qingdun.contract.lists import Decision
from qingdun.contract.lists import HeldText as Told
from qingdun.intercept.messages.quarantine import WAITING

_AT_ONCE = 500
_FIELDS = (
    "at", "until", "sender", "recipient", "recipients", "words", "is_whole", "entry_id", "probability",
    "scam_type", "phrases", "state", "moved_at", "answers",
)  # fmt: skip
_DONE = (HeldState.RELEASED, HeldState.DROPPED, HeldState.GONE)


@transaction.atomic
def take(plane: str, found: Sequence[Told]) -> None:
    """The texts stand as they are told, and their decisions as heard."""
    now = timezone.now()
    known = set(Entry.objects.filter(pk__in={one.entry_id for one in found}).values_list("pk", flat=True))
    there = HeldText.objects.select_for_update().filter(
        quarantine__in={one.quarantine for one in found}, text_id__in={one.text_id for one in found}
    )
    before = {(one.quarantine, one.text_id): one for one in there.order_by("pk")}
    new, changed = [], []
    for told in found:
        row = before.get((told.quarantine, told.text_id))
        if told.state == HeldState.GONE:
            if row is not None and row.state not in _DONE:
                row.state, row.moved_at, row.version = HeldState.GONE, now, row.version + 1
                changed.append(_emptied(row))
            continue
        values = _values(told, known)
        if row is None:
            new.append(
                _ended(HeldText(plane=plane, quarantine=told.quarantine, text_id=told.text_id, **values), now)
            )
            continue
        if row.state != told.state or (row.state not in _DONE and _differs(row, values)):
            for name, value in values.items():
                setattr(row, name, value)
            row.version += 1
            changed.append(_ended(row, now))
    HeldText.objects.bulk_create(new)
    HeldText.objects.bulk_update(changed, [*_FIELDS, "version"])
    _hear(found, now)


def decided(quarantine: str) -> list[Decision]:
    """What was decided of that store's texts and is not known to have come, in order."""
    found = HeldDecision.objects.filter(text__quarantine=quarantine, heard_at=None).order_by("pk")
    rows = found.values_list("key", "text__text_id", "verb")[:_AT_ONCE]
    return [Decision(*row) for row in rows]


def tick(now: dt.datetime) -> int:
    """What is held no longer leaves its words here too, also when its plane is silent; and its row as long
    after as evidence is kept. How many.
    """
    with transaction.atomic():
        due = HeldText.objects.select_for_update().filter(state__in=WAITING, until__lte=now)
        rows = list(due.order_by("pk")[:_AT_ONCE])
        for row in rows:
            row.state, row.moved_at, row.version = HeldState.GONE, now, row.version + 1
        HeldText.objects.bulk_update(map(_emptied, rows), [*_FIELDS, "version"])
        old = HeldText.objects.filter(until__lte=now - settings.EVIDENCE_KEPT).order_by("pk")
        some = list(old.values_list("pk", flat=True)[:_AT_ONCE])
        if some:
            HeldText.objects.filter(pk__in=some).delete()
        if rows or some:
            record(None, "purge", ("retention", "held"), {}, {"rows": len(rows) + len(some), "at": now})
    return len(rows) + len(some)


def _hear(found: Iterable[Told], now: dt.datetime) -> None:
    heard = dict(pair for told in found for pair in told.heard)
    rows = list(HeldDecision.objects.select_for_update().filter(key__in=heard, heard_at=None).order_by("pk"))
    for row in rows:
        row.heard_at, row.was_possible = now, heard[row.key]
    HeldDecision.objects.bulk_update(rows, ["heard_at", "was_possible"])


def _values(told: Told, known: set[int]) -> dict[str, object]:
    values = {name: getattr(told, name) for name in _FIELDS}
    for name in ("at", "until", "moved_at"):
        values[name] = moment(values[name])
    entry_id = told.entry_id if told.entry_id in known else None
    return values | {"entry_id": entry_id, "phrases": list(told.phrases), "answers": list(told.answers)}


def _differs(row: HeldText, values: dict[str, object]) -> bool:
    return any(getattr(row, name) != value for name, value in values.items())


def _ended(row: HeldText, now: dt.datetime) -> HeldText:
    """A row that is done with, or whose days are over, has no words."""
    if row.state not in _DONE and row.until <= now:
        row.state = HeldState.GONE
    return _emptied(row) if row.state in _DONE else row


def _emptied(row: HeldText) -> HeldText:
    """The row without what it said and to whom."""
    row.words, row.phrases = "", []
    row.sender, row.recipient = mask_party(row.sender), mask_party(row.recipient)
    return row

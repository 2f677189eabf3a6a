"""What goes back to the engine: results of calls, which are evidence while a scam goes on (a busy line, a
call forwarded), and verdicts, which are the labels a refit learns from.

The feed is numbered in the order of commits, so that whoever asks for what came after a number misses
nothing. Labels are told once their act can no longer be undone; one that was undone is never told. Evidence
does not wait: a busy line counts while the call that keeps it busy goes on, and is taken back if undone.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Iterable, Iterator
from pathlib import Path
from typing import NamedTuple

from django.db.models import Max, Q
from django.utils import timezone

from qingdun.console.alerts.models import OutcomeLine, Task
from qingdun.console.alerts.moving import UNDO_FOR
from qingdun.contract.codes import OutcomeResult
from qingdun.contract.columns import timestamp
from qingdun.contract.storage import write_table
from qingdun.contract.tables import OUTCOMES, Outcome

AT_ONCE = 1000
LOOKED_BACK = dt.timedelta(days=30)
"""As long as a loss counts as the same scam coming true."""
TOLD_WITHIN = dt.timedelta(minutes=1)
"""How soon after its entry a loss is told: in the same act, once the ledger is free."""
EVIDENCE = (OutcomeResult.BUSY, OutcomeResult.FORWARDED, OutcomeResult.REFUSED)
"""Results of calls that speak for a scam going on."""


class Told(NamedTuple):
    """Outcomes of the feed, and the number to ask on from."""

    rows: list[Outcome]
    serial: int


def line(task: Task, at: dt.datetime, result: str, by: str, reason: str = "") -> OutcomeLine | None:
    """The line of the feed, not kept yet; a false alarm with its reason. None for a task without an alert."""
    known = task.alerts.filter(received_at__lte=at).order_by("-received_at", "-raised_at").first()
    alert = known or task.alerts.order_by("raised_at").first()
    if alert is None:
        return None
    return OutcomeLine(
        task=task, region_path=task.region_path, alert_id=alert.alert_id, person_id=task.person_id,
        at=at, result=result, by=by, reason=reason,
    )  # fmt: skip


def keep(lines: Iterable[OutcomeLine | None]) -> None:
    """The feed has these lines more. The caller holds the ledger's lock: numbers rise with commits."""
    OutcomeLine.objects.bulk_create(one for one in lines if one is not None)


def tell_of_loss(person_id: str, scam_type: str, task_id: int | None, by: str) -> None:
    """The engine is told that an alert was right after all: its person has lost money to that scam since.

    That is the task named, or the person's latest one of the same type within `LOOKED_BACK`; nothing is told
    twice of a task. The caller holds the ledger's lock.
    """
    now = timezone.now()
    theirs = Task.objects.filter(person_id=person_id, received_at__gt=now - LOOKED_BACK)
    about = theirs.filter(pk=task_id) if task_id is not None else theirs.filter(scam_type=scam_type)
    task = about.order_by("-received_at", "-pk").first()
    paid = OutcomeResult.ALREADY_PAID.value
    if (
        task is not None
        and not OutcomeLine.objects.filter(task=task, result=paid, withdrawn_at=None).exists()
    ):
        keep([line(task, now, paid, by)])


def withdraw_loss(person_id: str, by: str, entered_at: dt.datetime) -> None:
    """What the engine was told when that loss was entered holds no more: it was entered by mistake. What a
    visit or a follow-up told of the same task stays. The caller holds the ledger's lock.
    """
    told = OutcomeLine.objects.filter(
        person_id=person_id, result=OutcomeResult.ALREADY_PAID.value, by=by, withdrawn_at=None,
        at__gte=entered_at, at__lt=entered_at + TOLD_WITHIN,
    )  # fmt: skip
    told.update(withdrawn_at=timezone.now())


def outcomes_since(serial: int, most: int = AT_ONCE, now: dt.datetime | None = None) -> Told:
    """Up to `most` outcomes after number `serial` in the order of the feed, for the engine: it sees the
    city. Ask again with the number given back; nothing new gives the same number.
    """
    ripe = (now or timezone.now()) - UNDO_FOR
    rows: list[Outcome] = []
    for line in OutcomeLine.objects.filter(pk__gt=serial).order_by("pk")[:most]:
        if line.withdrawn_at is None and line.at > ripe:
            break
        serial = line.pk
        if line.withdrawn_at is None:
            rows.append(row(line))
    return Told(rows, serial)


def evidence_since(serial: int, since: dt.datetime, most: int = AT_ONCE) -> list[tuple[int, Outcome]]:
    """Up to `most` outcomes that are evidence, with their numbers, after number `serial` and not older than
    `since`, as soon as they are entered; those undone by now are left out.
    """
    lines = OutcomeLine.objects.filter(pk__gt=serial, result__in=EVIDENCE, at__gte=since, withdrawn_at=None)
    return [(line.pk, row(line)) for line in lines.order_by("pk")[:most]]


def undone(serials: Collection[int]) -> set[int]:
    """Which of these numbers were undone."""
    return set(
        OutcomeLine.objects.filter(pk__in=serials, withdrawn_at__isnull=False).values_list("pk", flat=True)
    )


def last_serial() -> int:
    """The highest number so far."""
    return OutcomeLine.objects.aggregate(last=Max("pk"))["last"] or 0


def write_outcomes(path: Path, now: dt.datetime | None = None) -> int:
    """Every outcome that can no longer be undone is in the table at `path`, by time; how many there are.

    Errors: those of `write_table`.
    """
    ripe = (now or timezone.now()) - UNDO_FOR
    rows = sorted(_all(Q(at__lte=ripe)), key=lambda one: (one.at, one.alert_id, one.result))
    write_table(OUTCOMES, rows, path)
    return len(rows)


def row(line: OutcomeLine) -> Outcome:
    """The line as a row of the contract."""
    return Outcome(
        line.person_id, timestamp(line.at), line.alert_id, line.result, line.by, line.reason or None
    )


def _all(which: Q) -> Iterator[Outcome]:
    for line in OutcomeLine.objects.filter(which, withdrawn_at=None).iterator(AT_ONCE):
        yield row(line)

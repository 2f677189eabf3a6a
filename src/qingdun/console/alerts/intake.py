"""What the engine hands in: each function is safe to call twice with the same rows; one audit row a call."""

from __future__ import annotations

import datetime as dt
import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from django.conf import settings
from django.db import transaction
from django.utils import timezone

from qingdun.console.alerts import timing
from qingdun.console.alerts.actions import announce, raise_level
from qingdun.console.alerts.codes import LEVEL_RANK, STAGE_NUMBER, Level
from qingdun.console.alerts.models import (
    Alert,
    ClusterMember,
    ContextEvent,
    Evidence,
    FeedProgress,
    RejectedRow,
    Suspect,
    Task,
    TaskEvent,
)
from qingdun.console.alerts.moves import ClockName, State
from qingdun.console.alerts.rules import expected_loss_fen
from qingdun.console.kernel.actions import report_feed
from qingdun.console.kernel.audit import record
from qingdun.console.kernel.events import forget_before, publish
from qingdun.console.kernel.models import Person, Region, User
from qingdun.contract import tables as contract
from qingdun.detect.evidence import ContextEvent as Around

EPISODE = dt.timedelta(hours=72)
EVENTS_KEPT = dt.timedelta(hours=1)
"""How long the event stream can be resumed; a page that was away longer loads anew."""


@dataclass(frozen=True, slots=True)
class Taken:
    """What came of a batch of alerts."""

    fresh: int
    known: int


@transaction.atomic
def ingest_alerts(actor: User | None, rows: Sequence[contract.Alert]) -> Taken:
    """Every alert is stored once and belongs to the one open task of its person, whose level only rises.

    Rows known by `alert_id` change nothing. Rows of a batch are taken in order of `raised_at`.
    """
    known = set(
        Alert.objects.filter(alert_id__in=[row.alert_id for row in rows]).values_list("alert_id", flat=True)
    )
    fresh: list[contract.Alert] = []
    for row in sorted(rows, key=lambda row: (row.raised_at, row.alert_id)):
        if row.alert_id not in known:
            known.add(row.alert_id)
            fresh.append(row)
    if not fresh:
        return Taken(0, len(rows))
    people = Person.objects.select_related("region__parent").in_bulk([row.person_id for row in fresh])
    city = Region.objects.get(code=settings.CITY_CODE)
    now = timezone.now()
    for row in fresh:
        person = people.get(row.person_id)
        _take_alert(actor, row, person.region if person else city, now)
    record(actor, "ingest_alerts", ("feed", "alerts"), {}, {"alerts": [row.alert_id for row in fresh]})
    return Taken(len(fresh), len(rows) - len(fresh))


@transaction.atomic
def ingest_context(actor: User | None, alert_id: str, events: Iterable[Around]) -> int:
    """The timeline of the alert's task holds these events, each once; how many were handed in is returned."""
    alert = Alert.objects.select_related("task").get(alert_id=alert_id)
    # One statement may write a row only once: an event handed in twice is taken in its latest form.
    once = {(event.at, event.lane, event.kind, event.entity, event.text_zh): event for event in events}
    rows = [
        ContextEvent(
            task=alert.task,
            region_path=alert.region_path,
            at=moment(event.at),
            lane=event.lane,
            kind=event.kind,
            entity=event.entity,
            text_zh=event.text_zh,
            text_en=event.text_en,
            suspicious=event.suspicious,
            duration_s=event.duration_s,
        )
        for event in once.values()
    ]
    ContextEvent.objects.bulk_create(
        rows,
        update_conflicts=True,
        unique_fields=["task", "at", "lane", "kind", "entity", "text_zh"],
        update_fields=["text_en", "suspicious", "duration_s"],
    )
    record(actor, "ingest_context", alert.task, {}, {"alert": alert_id, "events": len(rows)})
    return len(rows)


@transaction.atomic
def upsert_suspects(actor: User | None, rows: Sequence[contract.Suspect]) -> int:
    """Every suspect is known with its latest score and reasons. Returns how many were handed in."""
    now = timezone.now()
    Suspect.objects.bulk_create(
        [
            Suspect(
                entity_kind=row.entity_kind,
                entity=row.entity,
                score=row.score,
                scam_type=row.scam_type or "",
                first_flagged_at=moment(row.first_flagged_at),
                reasons=list(row.reasons),
                updated_at=now,
            )
            for row in rows
        ],
        update_conflicts=True,
        unique_fields=["entity_kind", "entity"],
        update_fields=["score", "scam_type", "reasons", "updated_at"],
        batch_size=500,
    )
    record(actor, "upsert_suspects", ("feed", "suspects"), {}, {"suspects": len(rows)})
    return len(rows)


@transaction.atomic
def keep_clusters(actor: User | None, rows: Sequence[contract.ClusterMember]) -> int:
    """Every membership is known with its latest score. Returns how many were handed in."""
    ClusterMember.objects.bulk_create(
        [ClusterMember(**{**row._asdict(), "since": moment(row.since)}) for row in rows],
        update_conflicts=True,
        unique_fields=["cluster_id", "entity_kind", "entity"],
        update_fields=["score"],
        batch_size=500,
    )
    record(actor, "keep_clusters", ("feed", "clusters"), {}, {"members": len(rows)})
    return len(rows)


@transaction.atomic
def keep_rejects(actor: User | None, rows: Sequence[contract.Reject]) -> int:
    """Every rejected row is kept with its reason. Returns how many were handed in."""
    RejectedRow.objects.bulk_create(
        [RejectedRow(flow=row.flow, row=row.row, reason=row.reason) for row in rows], ignore_conflicts=True
    )
    record(actor, "keep_rejects", ("feed", "rejects"), {}, {"rows": len(rows)})
    return len(rows)


@transaction.atomic
def report_progress(clock_us: int, counts: Mapping[str, int], running: bool = True) -> FeedProgress:
    """The desk and the wall show the engine's clock, events so far and a second. Telemetry: no audit row.

    `counts` is how many events of each flow were seen since the feed began.
    """
    now = timezone.now()
    forget_before(now - EVENTS_KEPT)
    last = FeedProgress.objects.select_for_update().filter(pk=1).first()
    per_second: dict[str, float] = {}
    if last is not None and running:
        seconds = max((now - last.updated_at).total_seconds(), 0.001)
        per_second = {
            flow: round(max(0, count - last.counts.get(flow, 0)) / seconds, 1)
            for flow, count in counts.items()
        }
    progress, _ = FeedProgress.objects.update_or_create(
        pk=1,
        defaults={
            "clock_at": moment(clock_us),
            "updated_at": now,
            "counts": dict(counts),
            "per_second": per_second,
            "running": running,
        },
    )
    before = sum(last.counts.values()) if last is not None else 0
    report_feed("engine", moment(clock_us), max(0, sum(counts.values()) - before))
    city = Region.objects.get(code=settings.CITY_CODE)
    publish(
        "feed",
        city.path,
        {"clock_us": clock_us, "counts": dict(counts), "per_second": per_second, "running": running},
    )
    return progress


def moment(at_us: int) -> dt.datetime:
    """UTC microseconds as an aware time.

    >>> moment(0).isoformat()
    '1970-01-01T00:00:00+00:00'
    """
    return dt.datetime(1970, 1, 1, tzinfo=dt.UTC) + dt.timedelta(microseconds=at_us)


def prior_bits(row: contract.Alert) -> float:
    """The log odds the alert starts from: those of its probability less the bits of its evidence."""
    p = min(max(row.probability, 1e-12), 1 - 1e-12)
    return math.log2(p / (1 - p)) - sum(piece.bits for piece in row.evidence)


def _take_alert(actor: User | None, row: contract.Alert, home: Region, now: dt.datetime) -> None:
    task = _open_task(row)
    change = "raised" if task is not None else "opened"
    if task is None:
        task = _new_task(actor, row, home, now)
    else:
        _join(actor, task, row, now)
    alert = Alert.objects.create(
        alert_id=row.alert_id,
        task=task,
        episode_id=row.episode_id,
        person_id=row.person_id,
        msisdn=row.msisdn,
        region_path=task.region_path,
        scam_type=row.scam_type,
        level=row.level,
        stage=row.stage,
        probability=row.probability,
        prior_bits=prior_bits(row),
        raised_at=moment(row.raised_at),
        received_at=now,
    )
    Evidence.objects.bulk_create(
        Evidence(
            alert=alert,
            position=position,
            region_path=task.region_path,
            detector=piece.detector,
            at=moment(piece.at),
            entity_kind=piece.entity_kind,
            entity=piece.entity,
            bits=piece.bits,
            text_zh=piece.text_zh,
            text_en=piece.text_en,
        )
        for position, piece in enumerate(row.evidence)
    )
    announce(task, change)


def _open_task(row: contract.Alert) -> Task | None:
    """The task of the alert's episode, else the person's open task of the last 72 hours."""
    tasks = Task.objects.select_for_update()
    since = moment(row.raised_at) - EPISODE
    return (
        tasks.filter(episode_id=row.episode_id).first()
        or tasks.filter(person_id=row.person_id, raised_at__gte=since)
        .exclude(state=State.CLOSED)
        .order_by("raised_at")
        .last()
    )


def _new_task(actor: User | None, row: contract.Alert, home: Region, now: dt.datetime) -> Task:
    task = Task.objects.create(
        episode_id=row.episode_id,
        person_id=row.person_id,
        msisdn=row.msisdn,
        region_path=home.path,
        town=_town_of(home),
        scam_type=row.scam_type,
        level=row.level,
        level_rank=LEVEL_RANK[row.level],
        stage=row.stage,
        probability=row.probability,
        raised_at=moment(row.raised_at),
        received_at=now,
        moved_at=now,
        expected_loss_fen=round(row.probability * expected_loss_fen(row.scam_type)),
    )
    timing.run_clocks(task, (), (ClockName.SIGN,), now, kept=False)
    task.save(update_fields=["due_at", "due_clock"])
    _log(actor, task, "open", "", now)
    return task


def _town_of(home: Region) -> Region | None:
    """The town a home lies in; None if no more is known than county or city."""
    if home.level == Region.Level.VILLAGE:
        return home.parent
    return home if home.level == Region.Level.TOWN else None


def _join(actor: User | None, task: Task, row: contract.Alert, now: dt.datetime) -> None:
    """A later alert of the same person joins the task: its level only rises, the rest is the latest known."""
    raise_level(actor, task, row.level, now)
    task.probability, task.scam_type = row.probability, row.scam_type
    if STAGE_NUMBER[row.stage] > STAGE_NUMBER[task.stage]:
        task.stage = row.stage
    task.expected_loss_fen = round(row.probability * expected_loss_fen(row.scam_type))
    if task.state == State.CLOSED and LEVEL_RANK[row.level] <= LEVEL_RANK[Level.HIGH]:
        task.state, task.closed_at, task.owner = State.NEW, None, None
        timing.run_clocks(task, (), (ClockName.SIGN,), now, kept=False)
        _log(actor, task, "reopen", State.CLOSED, now)
    task.version += 1
    task.save()


def _log(actor: User | None, task: Task, verb: str, source: str, now: dt.datetime) -> None:
    TaskEvent.objects.create(
        task=task,
        region_path=task.region_path,
        at=now,
        actor=actor,
        verb=verb,
        source=source,
        target=task.state,
    )

"""Alerts as the engine hands them in, and the timeline behind each: safe to call twice with the same rows."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from django.conf import settings
from django.db import transaction
from django.utils import timezone

from qingdun.console.alerts.acting import announce, by_engine, raise_level, write_line
from qingdun.console.alerts.clocks import span
from qingdun.console.alerts.codes import LEVEL_RANK, STAGE_NUMBER, Level
from qingdun.console.alerts.models import Alert, ContextEvent, Evidence, Task
from qingdun.console.alerts.moves import SETTLED, State, Timed
from qingdun.console.alerts.rules import expected_loss_fen
from qingdun.console.kernel.audit import record
from qingdun.console.kernel.models import Person, Region, User
from qingdun.contract import tables as contract
from qingdun.contract.columns import moment
from qingdun.detect.evidence import ContextEvent as Around
from qingdun.detect.odds import ALERT_SURE, log_odds

EPISODE = dt.timedelta(hours=72)


@dataclass(frozen=True, slots=True)
class Taken:
    """What came of a batch of alerts; `events` counts what is new or has changed on their timelines."""

    fresh: int
    known: int
    events: int = 0


@transaction.atomic
def ingest_alerts(
    actor: User | None,
    rows: Sequence[contract.Alert],
    timelines: Mapping[str, Iterable[Around]] | None = None,
    places: Mapping[str, Region] | None = None,
) -> Taken:
    """Every alert is stored once and belongs to the one open task of its person, whose level only rises;
    the task's timeline holds the events of `timelines`, by alert id, each once.

    Rows known by `alert_id` change nothing. Rows of a batch are taken in order of `raised_at`. One audit
    row a batch, none if the batch told nothing new. Somebody the register does not know is at their place of
    `places`, by person id, else somewhere in the city.
    """
    city = take_turn()
    known = set(
        Alert.objects.filter(alert_id__in=[row.alert_id for row in rows]).values_list("alert_id", flat=True)
    )
    fresh: list[contract.Alert] = []
    for row in sorted(rows, key=lambda row: (row.raised_at, row.alert_id)):
        if row.alert_id not in known:
            known.add(row.alert_id)
            fresh.append(row)
    people = Person.objects.select_related("region__parent").in_bulk([row.person_id for row in fresh])
    now = timezone.now()
    changes = []
    for row in fresh:
        person = people.get(row.person_id)
        home = person.region if person else (places or {}).get(row.person_id) or city
        changes.append(_take_alert(actor, row, home, now))
    events = sum(_take_context(alert_id, around, now) for alert_id, around in (timelines or {}).items())
    # At the end: who holds the ledger while it waits for the next task's row blocks everybody who acts, and
    # for ever whoever holds that row.
    for task, change in changes:
        announce(task, change)
    if fresh or events:
        after = {"alerts": [row.alert_id for row in fresh], "context_events": events}
        record(actor, "ingest_alerts", ("feed", "alerts"), {}, after)
    return Taken(len(fresh), len(rows) - len(fresh), events)


@transaction.atomic
def ingest_context(actor: User | None, alert_id: str, events: Iterable[Around]) -> int:
    """The timeline of the alert's task holds these events, each once; how many are new or have changed."""
    take_turn()
    changed = _take_context(alert_id, events, timezone.now())
    if changed:
        after = {"alert": alert_id, "context_events": changed}
        record(actor, "ingest_context", ("feed", "context"), {}, after)
    return changed


def take_turn() -> Region:
    """The city, whose row this transaction holds: two processes that take alerts in do so one after the
    other, so that the second finds what the first has stored. Nobody who acts on a task waits for it.
    """
    return Region.objects.select_for_update(no_key=True).get(code=settings.CITY_CODE)


def _take_context(alert_id: str, events: Iterable[Around], now: dt.datetime) -> int:
    alert = Alert.objects.select_related("task").get(alert_id=alert_id)
    if now - alert.received_at > settings.CONTEXT_KEPT:
        return 0  # deleted when its term was over, and handing it in again does not bring it back
    # One statement may write a row only once: an event handed in twice is taken in its latest form.
    once = {
        (moment(event.at), event.lane, event.kind, event.entity, event.text_zh): (
            event.text_en,
            event.suspicious,
            event.duration_s,
            event.cell,
        )
        for event in events
    }
    stands = {
        tuple(row[:5]): tuple(row[5:])
        for row in ContextEvent.objects.filter(task=alert.task).values_list(*_EVENT_KEY, *_EVENT_VALUES)
    }
    changed = {key: values for key, values in once.items() if stands.get(key) != values}
    ContextEvent.objects.bulk_create(
        [
            ContextEvent(
                task=alert.task,
                region_path=alert.region_path,
                received_at=now,
                **dict(zip(_EVENT_KEY, key, strict=True)),
                **dict(zip(_EVENT_VALUES, values, strict=True)),
            )
            for key, values in changed.items()
        ],
        update_conflicts=True,
        unique_fields=["task", *_EVENT_KEY],
        update_fields=_EVENT_VALUES,
    )
    return len(changed)


_EVENT_KEY = ("at", "lane", "kind", "entity", "text_zh")
_EVENT_VALUES = ("text_en", "suspicious", "duration_s", "cell")


def prior_bits(row: contract.Alert) -> float:
    """The log odds the alert starts from: those of its probability less the bits of its evidence."""
    return log_odds(row.probability, ALERT_SURE) - sum(piece.bits for piece in row.evidence)


def _take_alert(actor: User | None, row: contract.Alert, home: Region, now: dt.datetime) -> tuple[Task, str]:
    """The task the alert opened or joined, and which of the two."""
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
    return task, change


def _open_task(row: contract.Alert) -> Task | None:
    """The task of the alert's episode, or the one it was merged into, else the person's open task of the
    last 72 hours.
    """
    tasks = Task.objects.select_for_update()
    found = tasks.filter(episode_id=row.episode_id).first()
    while found is not None and found.merged_into_id is not None:
        found = tasks.get(pk=found.merged_into_id)
    if found is not None:
        return found
    since = moment(row.raised_at) - EPISODE
    theirs = tasks.filter(person_id=row.person_id, raised_at__gte=since)
    return theirs.exclude(state__in=(State.CLOSED, State.MERGED)).order_by("raised_at").last()


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
    write_line(task, actor, now, "open", "", State.NEW)
    by_engine(task, "score", now, _score(row))
    refuted = _refuted(task, now)
    if refuted is not None:
        by_engine(task, "suppress", now, f"#{refuted.pk} {refuted.verdict_at:%Y-%m-%d}")
    task.save()
    return task


def _score(row: contract.Alert) -> str:
    return f"{row.level} {row.probability:.0%}"


def _refuted(task: Task, now: dt.datetime) -> Task | None:
    """The person's earlier task of the same type that was a false alarm so lately that this one, being of
    a low level, is set aside; None if there is none.
    """
    remembered = span(task, Timed.SUPPRESS)
    if remembered is None:
        return None
    same = Task.objects.filter(person_id=task.person_id, scam_type=task.scam_type).exclude(pk=task.pk)
    verdicts = same.exclude(verdict="").filter(verdict_at__gt=now - remembered).order_by("-verdict_at")
    last = verdicts.first()
    return last if last is not None and last.verdict == State.FALSE_ALARM else None


def _town_of(home: Region) -> Region | None:
    """The town a home lies in; None if no more is known than county or city."""
    if home.level == Region.Level.VILLAGE:
        return home.parent
    return home if home.level == Region.Level.TOWN else None


def _join(actor: User | None, task: Task, row: contract.Alert, now: dt.datetime) -> None:
    """A later alert of the same person joins the task: its level only rises, the rest is the latest known.

    A serious alert, and any rise of level, take up a task that was settled; a rise one that was set aside.
    """
    write_line(task, actor, now, "merged", task.state, task.state, _score(row))
    rises = LEVEL_RANK[row.level] < task.level_rank
    raise_level(actor, task, row.level, now)
    task.probability, task.scam_type = row.probability, row.scam_type
    if STAGE_NUMBER[row.stage] > STAGE_NUMBER[task.stage]:
        task.stage = row.stage
    task.expected_loss_fen = round(row.probability * expected_loss_fen(row.scam_type))
    if task.state == State.SUPPRESSED and rises:
        by_engine(task, "unsuppress", now, _score(row))
    elif task.state in SETTLED and (rises or LEVEL_RANK[row.level] <= LEVEL_RANK[Level.HIGH]):
        by_engine(task, "reopen", now, _score(row))
    task.version += 1
    task.save()

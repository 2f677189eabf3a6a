"""Alerts as the engine hands them in, and the timeline behind each: safe to call twice with the same rows."""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import chain
from typing import NamedTuple

from django.conf import settings
from django.db import transaction
from django.db.models import Q
from django.utils import timezone

from qingdun.console.alerts.access import waits_for_the_hotline
from qingdun.console.alerts.acting import announce_all, by_engine, raise_level, write_line
from qingdun.console.alerts.codes import LEVEL_RANK, STAGE_NUMBER, Level
from qingdun.console.alerts.models import Alert, Evidence, Task
from qingdun.console.alerts.moves import BY_VERB
from qingdun.console.alerts.moving import CALM
from qingdun.console.alerts.opening import expected_loss, new_task, open_tasks, score
from qingdun.console.alerts.states import SETTLED, WORKED_ON, State
from qingdun.console.alerts.surroundings import keep_timelines
from qingdun.console.kernel.audit import record
from qingdun.console.kernel.loading import locked_city
from qingdun.console.kernel.models import Person, Region, User
from qingdun.console.kernel.roles import Role
from qingdun.console.kernel.storing import FEW, lay, settle
from qingdun.contract import tables as contract
from qingdun.contract.columns import moment
from qingdun.detect.evidence import ContextEvent as Around
from qingdun.detect.odds import ALERT_SURE, log_odds

EPISODE = dt.timedelta(hours=72)
"""How long a task that was settled takes new alerts on its person; one that is worked on always does."""


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
    fresh = _fresh(rows)
    people = Person.objects.select_related("region__parent").in_bulk([row.person_id for row in fresh])
    now = timezone.now()
    tasks, opened = _Tasks(fresh), list[Task]()
    placed: list[_Placed] = []
    for row in fresh:
        task = tasks.of(row)
        if task is None:
            person = people.get(row.person_id)
            home = person.region if person else (places or {}).get(row.person_id) or city
            task = new_task(row, home, now)
            tasks.add(task)
            opened.append(task)
            placed.append(_Placed(row, task, "opened"))
            continue
        if task in opened:
            open_tasks(actor, opened, now)
            opened = []
        waited = waits_for_the_hotline(task.state, task.level)
        _join(actor, task, row, now)
        placed.append(_Placed(row, task, "raised", waited))
    open_tasks(actor, opened, now)
    _store(placed, now)
    events = keep_timelines(timelines or {}, now)
    if len(placed) > FEW:
        settle()
    # At the end: who holds the ledger while it waits for the next task's row blocks everybody who acts, and
    # for ever whoever holds that row.
    announce_all([(one.task, one.change, one.waited) for one in placed])
    if fresh or events:
        after = {"alerts": [row.alert_id for row in fresh], "context_events": events}
        record(actor, "ingest_alerts", ("feed", "alerts"), {}, after)
    return Taken(len(fresh), len(rows) - len(fresh), events)


@transaction.atomic
def ingest_context(actor: User | None, alert_id: str, events: Iterable[Around]) -> int:
    """The timeline of the alert's task holds these events, each once; how many are new or have changed."""
    take_turn()
    changed = keep_timelines({alert_id: events}, timezone.now())
    if changed:
        after = {"alert": alert_id, "context_events": changed}
        record(actor, "ingest_context", ("feed", "context"), {}, after)
    return changed


def take_turn() -> Region:
    """The city, whose row this transaction holds: two processes that take alerts in do so one after the
    other, so that the second finds what the first has stored. Nobody who acts on a task waits for it.
    """
    city = locked_city(settings.CITY_CODE)
    if city is None:
        raise Region.DoesNotExist(f"region {settings.CITY_CODE}: not loaded")
    return city


def prior_bits(row: contract.Alert) -> float:
    """The log odds the alert starts from: those of its probability less the bits of its evidence."""
    return log_odds(row.probability, ALERT_SURE) - sum(piece.bits for piece in row.evidence)


def _fresh(rows: Sequence[contract.Alert]) -> list[contract.Alert]:
    """Those of the rows that are not stored, each once, in order of time."""
    stored = Alert.objects.filter(alert_id__in=[row.alert_id for row in rows])
    known = set(stored.values_list("alert_id", flat=True))
    fresh = []
    for row in sorted(rows, key=lambda row: (row.raised_at, row.alert_id)):
        if row.alert_id not in known:
            known.add(row.alert_id)
            fresh.append(row)
    return fresh


class _Placed(NamedTuple):
    """An alert of a batch, the task it is of, and what it did there."""

    row: contract.Alert
    task: Task
    change: str
    waited: bool = False
    """Whether the task waited for the hotline before."""


_MERGED = ("pk", "merged_into_id")


class _Tasks:
    """The tasks that alerts of a batch may join, locked, and those the batch itself opens."""

    def __init__(self, rows: Sequence[contract.Alert]) -> None:
        self._by_id: dict[int, Task] = {}
        self._by_episode: dict[str, Task] = {}
        self._by_person: dict[str, list[Task]] = defaultdict(list)
        if not rows:
            return
        late = Q(raised_at__gte=moment(min(row.raised_at for row in rows)) - EPISODE)
        theirs = Q(person_id__in={row.person_id for row in rows})
        same = Task.objects.filter(episode_id__in={row.episode_id for row in rows})
        may_join = Task.objects.filter(theirs, late | Q(state__in=WORKED_ON))
        found = dict(chain(same.values_list(*_MERGED), may_join.values_list(*_MERGED)))
        # Nobody merges meanwhile: that takes a turn too. So all is locked at once, in the order in which
        # whoever merges two tasks locks them.
        while onward := {into for into in found.values() if into is not None} - found.keys():
            found |= dict(Task.objects.filter(pk__in=onward).values_list(*_MERGED))
        for task in Task.objects.select_for_update().filter(pk__in=found).order_by("pk"):
            self.add(task)

    def add(self, task: Task) -> None:
        """Alerts may join the task from now on."""
        if task.pk is not None:
            self._by_id[task.pk] = task
        self._by_episode[task.episode_id] = task
        self._by_person[task.person_id].append(task)

    def of(self, row: contract.Alert) -> Task | None:
        """The task of the alert's episode, or the one it was merged into; else one that the person has and
        that somebody works on, however old, or the latest one of the last 72 hours that was settled.
        """
        found = self._by_episode.get(row.episode_id)
        while found is not None and found.merged_into_id is not None:
            found = self._by_id[found.merged_into_id]
        if found is not None:
            return found
        since = moment(row.raised_at) - EPISODE
        theirs = [
            (task.state in WORKED_ON, task.raised_at, task)
            for task in self._by_person[row.person_id]
            if task.state not in (State.CLOSED, State.MERGED)
            if task.state in WORKED_ON or task.raised_at >= since
        ]
        return max(theirs, key=lambda one: one[:2])[2] if theirs else None


def _join(actor: User | None, task: Task, row: contract.Alert, now: dt.datetime) -> None:
    """A later alert of the same person joins the task: its level only rises, the rest is the latest known.

    A serious alert, and any rise of level, take up a task that was settled; a rise, or an alert of another
    type, one that was set aside.
    """
    told = score(row.level, row.probability)
    write_line(task, actor, now, "merged", task.state, task.state, told)
    rises = LEVEL_RANK[row.level] < task.level_rank
    if rises and row.level not in CALM:
        _take_back(task, now, told)
    raise_level(actor, task, row.level, now)
    another = row.scam_type != task.scam_type
    task.probability, task.scam_type = row.probability, row.scam_type
    if STAGE_NUMBER[row.stage] > STAGE_NUMBER[task.stage]:
        task.stage = row.stage
    task.expected_loss_fen = expected_loss(row)
    if task.state == State.SUPPRESSED and (rises or another):
        by_engine(task, "unsuppress", now, told)
    elif task.state in SETTLED and (rises or LEVEL_RANK[row.level] <= LEVEL_RANK[Level.HIGH]):
        by_engine(task, "reopen", now, told)
    task.version += 1
    task.save()


def _take_back(task: Task, now: dt.datetime, note: str) -> None:
    """A task that becomes serious goes from an operator of the hotline or a grid member to the desk."""
    alone = task.owner is not None and task.owner.role in (Role.HOTLINE_OPERATOR, Role.GRID_MEMBER)
    if alone and task.state in BY_VERB["escalate"].sources:
        by_engine(task, "escalate", now, note)


def _store(placed: Sequence[_Placed], now: dt.datetime) -> None:
    """The alerts stand with their evidence, as they came."""
    lay(
        Alert,
        (
            {
                "alert_id": row.alert_id, "task_id": task.pk, "episode_id": row.episode_id,
                "person_id": row.person_id, "msisdn": row.msisdn, "region_path": task.region_path,
                "scam_type": row.scam_type, "level": row.level, "stage": row.stage,
                "probability": row.probability, "prior_bits": prior_bits(row),
                "raised_at": moment(row.raised_at), "received_at": now,
            }
            for row, task, *_rest in placed
        ),
    )  # fmt: skip
    lay(
        Evidence,
        (
            {
                "alert_id": row.alert_id, "position": position, "region_path": task.region_path,
                "detector": piece.detector, "at": moment(piece.at), "entity_kind": piece.entity_kind,
                "entity": piece.entity, "bits": piece.bits, "text_zh": piece.text_zh,
                "text_en": piece.text_en,
            }
            for row, task, *_rest in placed
            for position, piece in enumerate(row.evidence)
        ),
    )  # fmt: skip

"""New tasks, opened by the engine: a batch of them costs a few statements, however many they are."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from typing import Any

from qingdun.console.alerts import timing
from qingdun.console.alerts.acting import by_engine, line_values
from qingdun.console.alerts.clocks import Rules
from qingdun.console.alerts.codes import LEVEL_RANK
from qingdun.console.alerts.models import Clock, Task, TaskEvent
from qingdun.console.alerts.moves import BY_VERB
from qingdun.console.alerts.rules import expected_loss_fen
from qingdun.console.alerts.states import State, Timed
from qingdun.console.kernel.models import Region, User
from qingdun.console.kernel.storing import lay, store
from qingdun.contract import tables as contract
from qingdun.contract.columns import moment

SCORE = BY_VERB["score"]


def new_task(row: contract.Alert, home: Region, now: dt.datetime) -> Task:
    """The task that the alert opens, not saved yet."""
    return Task(
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
        state=State.SCORED,
        raised_at=moment(row.raised_at),
        received_at=now,
        moved_at=now,
        expected_loss_fen=expected_loss(row),
    )


def open_tasks(actor: User | None, opened: Sequence[Task], now: dt.datetime) -> None:
    """The new tasks stand, scored, with their clocks and history; one of a low level whose person was alerted
    falsely a short while ago is set aside.
    """
    if not opened:
        return
    rules, clocks, lines = Rules(), list[Clock](), list[dict[str, Any]]()
    for task in opened:
        clocks += timing.first_clocks(task, SCORE, rules, now)
    store(opened, numbered=True)
    for task in opened:
        lines.append(line_values(task, actor, now, "open", "", State.NEW))
        note = score(task.level, task.probability)
        lines.append(line_values(task, None, now, SCORE.verb, State.NEW, task.state, note))
    store(clocks)
    lay(TaskEvent, lines)
    for task, refuted in _refuted(opened, rules, now):
        by_engine(task, "suppress", now, f"#{refuted.pk} {refuted.verdict_at:%Y-%m-%d}")
        task.save()


def score(level: str, probability: float) -> str:
    """What the history notes of an alert."""
    return f"{level} {probability:.0%}"


def expected_loss(row: contract.Alert) -> int:
    """What the person stands to lose, in fen: the probability times the mean loss of the type."""
    return round(row.probability * expected_loss_fen(row.scam_type))


def _refuted(opened: Sequence[Task], rules: Rules, now: dt.datetime) -> list[tuple[Task, Task]]:
    """Those of the tasks whose person's last verdict of the same type was a false alarm, so lately that the
    task, being of a low level, is set aside; each with the task of that verdict.
    """
    remembered = {task.pk: rules.span(task, Timed.SUPPRESS) for task in opened}
    asked = [task for task in opened if remembered[task.pk] is not None]
    if not asked:
        return []
    said = Task.objects.filter(person_id__in={task.person_id for task in asked}).exclude(verdict="")
    last: dict[tuple[str, str], Task] = {}
    for task in said.exclude(verdict_at=None).order_by("verdict_at"):
        last[task.person_id, task.scam_type] = task
    found = []
    for task in asked:
        verdict, within = last.get((task.person_id, task.scam_type)), remembered[task.pk]
        if verdict is None or verdict.verdict_at is None or within is None:
            continue
        if verdict.verdict == State.FALSE_ALARM and verdict.verdict_at > now - within:
            found.append((task, verdict))
    return found


def _town_of(home: Region) -> Region | None:
    """The town a home lies in; None if no more is known than county or city."""
    if home.level == Region.Level.VILLAGE:
        return home.parent
    return home if home.level == Region.Level.TOWN else None

"""What a task is, with its clocks, as plain values; and a task brought back to that."""

from __future__ import annotations

import datetime as dt
from typing import Any

from qingdun.console.alerts.models import Clock, Task

FIELDS = (
    "level", "level_rank", "county_id", "station_id", "owner_id", "verdict",
)  # fmt: skip
"""Fields of a task that an act may change and an undo brings back, besides the state."""
TIMES = ("closed_at", "verdict_at", "lost_at")


def snapshot(task: Task) -> dict[str, Any]:
    """The fields and clocks as JSON; times to the microsecond."""
    return {
        **{name: getattr(task, name) for name in (*FIELDS, "escalation")},
        **{name: _text(getattr(task, name)) for name in (*TIMES, "escalate_at")},
        "clocks": {
            str(clock.pk): [_text(clock.due_at), _text(clock.stopped_at), clock.kept]
            for clock in Clock.objects.filter(task=task)
        },
    }


def restore(task: Task, found: dict[str, Any]) -> None:
    """The task's fields but its state, and its clocks, are as they were; clocks started since are gone.

    A clock that ran out meanwhile keeps its mark, and whoever has heard of it since has heard of it: the next
    above is told in time. The caller settles what is due, and saves.
    """
    for name in FIELDS:
        setattr(task, name, found[name])
    for name in TIMES:
        setattr(task, name, _time(found[name]))
    if task.escalation <= found["escalation"]:
        task.escalation, task.escalate_at = found["escalation"], _time(found["escalate_at"])
    clocks = found["clocks"]
    Clock.objects.filter(task=task).exclude(pk__in=[int(pk) for pk in clocks]).delete()
    for clock in Clock.objects.filter(task=task):
        due_at, stopped_at, kept = clocks[str(clock.pk)]
        clock.due_at, clock.stopped_at, clock.kept = _time(due_at), _time(stopped_at), kept
        clock.save(update_fields=["due_at", "stopped_at", "kept"])


def _text(at: dt.datetime | None) -> str | None:
    return at.isoformat() if at else None


def _time(text: str | None) -> Any:
    return dt.datetime.fromisoformat(text) if text else None

"""A task's clocks, started and stopped by the moves of the table; the server alone decides what is late."""

from __future__ import annotations

import datetime as dt

from qingdun.console.alerts.models import Clock, Task
from qingdun.console.alerts.moves import ClockName, Move, State
from qingdun.console.alerts.rules import clock_length_s


def run_clocks(
    task: Task, stops: tuple[str, ...], starts: tuple[str, ...], now: dt.datetime, kept: bool
) -> None:
    """The named clocks are stopped and started, and the task's `due_at` is that of the first still running.

    `kept` says that a stopped clock was stopped by doing what it timed, in time or late; a clock that is
    called off (task dismissed, sent back) counts in no rate.
    """
    running = Clock.objects.filter(task=task, stopped_at=None)
    running.filter(name__in=stops).update(stopped_at=now, kept=kept)
    urban = task.town is not None and bool(task.town.urban)
    for name in starts:
        running.filter(name=name).update(stopped_at=now, kept=False)
        length_s = clock_length_s(task.level, name, urban)
        if length_s is not None:
            due_at = now + dt.timedelta(seconds=length_s)
            Clock.objects.create(
                task=task, region_path=task.region_path, name=name, started_at=now, due_at=due_at
            )
    settle_due(task)


def run_for(task: Task, move: Move, now: dt.datetime) -> None:
    """The clocks of `move` are run: doing the timed step keeps a clock, anything else calls it off."""
    kept = move.verb in KEEPERS
    run_clocks(task, tuple(move.stops), tuple(move.starts), now, kept)


KEEPERS = {"sign", "call", "meet", "dispatch_county", "dispatch_station", "dispatch_straight"}


AWAITED = {
    **dict.fromkeys((State.NEW, State.CITY, State.COUNTY), (ClockName.SIGN,)),
    State.STATION: (ClockName.SIGN, ClockName.CALL, ClockName.MEET),
    State.SIGNED: (ClockName.CALL, ClockName.MEET),
    **dict.fromkeys((State.UNREACHABLE, State.REFUSED, State.SEARCHING), (ClockName.MEET,)),
}
"""What a task in that state still waits for."""


def shorten(task: Task, now: dt.datetime) -> None:
    """After a rise of level no running clock is longer than the new level gives from now on, and what the old
    level did not time runs now.
    """
    urban = task.town is not None and bool(task.town.urban)
    for clock in Clock.objects.filter(task=task, stopped_at=None):
        length_s = clock_length_s(task.level, clock.name, urban)
        if length_s is not None:
            clock.due_at = min(clock.due_at, now + dt.timedelta(seconds=length_s))
            clock.save(update_fields=["due_at"])
    timed = set(Clock.objects.filter(task=task, stopped_at=None).values_list("name", flat=True))
    awaited = AWAITED.get(State(task.state), ())
    run_clocks(task, (), tuple(name for name in awaited if name not in timed), now, kept=False)


def settle_due(task: Task) -> None:
    """`task.due_at` and `task.due_clock` are those of the first running clock; the caller saves."""
    first = Clock.objects.filter(task=task, stopped_at=None).order_by("due_at").first()
    task.due_at = first.due_at if first else None
    task.due_clock = first.name if first else ""

"""A task's clocks, started and stopped by the moves of the table; the server alone decides what is late."""

from __future__ import annotations

import datetime as dt

from qingdun.console.alerts.clocks import lengths_s
from qingdun.console.alerts.models import Clock, Escalation, Task
from qingdun.console.alerts.moves import ARRIVED, SENT_BACK, ClockName, Move, State


def run_clocks(
    task: Task, stops: tuple[str, ...], starts: tuple[str, ...], now: dt.datetime, kept: bool
) -> None:
    """The named clocks are stopped and started, and the task's `due_at` is that of the first still running.

    `kept` says that a stopped clock was stopped by doing what it timed, in time or late; a clock that is
    called off (task dismissed, sent back) counts in no rate.
    """
    running = Clock.objects.filter(task=task, stopped_at=None)
    if stops:
        running.filter(name__in=stops).update(stopped_at=now, kept=kept)
    for name, length_s in lengths_s(task, starts).items():
        running.filter(name=name).update(stopped_at=now, kept=False)
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
    **dict.fromkeys((*ARRIVED, State.CITY, State.COUNTY, *SENT_BACK), (ClockName.SIGN,)),
    State.STATION: (ClockName.SIGN, ClockName.CALL, ClockName.MEET),
    State.SIGNED: (ClockName.CALL, ClockName.MEET),
    **dict.fromkeys((State.UNREACHABLE, State.REFUSED, State.SEARCHING), (ClockName.MEET,)),
}
"""What a task in that state still waits for."""


def shorten(task: Task, now: dt.datetime) -> None:
    """After a rise of level no running clock is longer than the new level gives from now on, and what the old
    level did not time runs now.
    """
    running = list(Clock.objects.filter(task=task, stopped_at=None))
    lengths = lengths_s(task, {clock.name for clock in running})
    for clock in running:
        length_s = lengths[clock.name]
        if length_s is not None:
            clock.due_at = min(clock.due_at, now + dt.timedelta(seconds=length_s))
            clock.save(update_fields=["due_at"])
    awaited = AWAITED.get(State(task.state), ())
    run_clocks(task, (), tuple(name for name in awaited if name not in lengths), now, kept=False)


def settle_due(task: Task) -> None:
    """`task.due_at` and `task.due_clock` are those of the first running clock, and nobody is told any more
    that one ran out if none that did still runs; the caller saves.
    """
    running = list(Clock.objects.filter(task=task, stopped_at=None).order_by("due_at"))
    task.due_at = running[0].due_at if running else None
    task.due_clock = running[0].name if running else ""
    if not any(clock.breached_at for clock in running):
        task.escalation, task.escalate_at = Escalation.NONE, None

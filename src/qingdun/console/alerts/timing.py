"""A task's clocks, started and stopped by the moves of the table; the server alone decides what is late."""

from __future__ import annotations

import datetime as dt

from qingdun.console.alerts.clocks import Rules, lengths_s
from qingdun.console.alerts.models import Clock, Escalation, Task, TaskEvent
from qingdun.console.alerts.moves import ARRIVED, AT_A_DESK, CALM, SENT_BACK, ClockName, Move, State, Timed


def run_clocks(
    task: Task, stops: tuple[str, ...], starts: tuple[str, ...], now: dt.datetime, kept: bool
) -> None:
    """The named clocks are stopped and started, and the task's `due_at` is that of the first still running.

    `kept` says that a stopped clock was stopped by doing what it timed, in time or late; a clock that is
    called off (task dismissed, sent back) counts in no rate.
    """
    if stops:
        _stop(task, stops, now, kept)
    lengths = lengths_s(task, _to_start(task, starts))
    if lengths:
        _stop(task, tuple(lengths), now, kept=False)
    started = [
        Clock(
            task=task, region_path=task.region_path, name=name, started_at=now,
            due_at=_due_at(task, name, now, length_s),
        )
        for name, length_s in lengths.items()
        if length_s is not None
    ]  # fmt: skip
    Clock.objects.bulk_create(started)
    settle_due(task)


def run_for(task: Task, move: Move, now: dt.datetime) -> None:
    """The clocks of `move` are run: doing the timed step keeps a clock, anything else calls it off."""
    kept = move.verb in KEEPERS
    starts = (*move.starts, *(move.starts_calm if task.level in CALM else ()))
    run_clocks(task, tuple(move.stops), starts, now, kept)


def first_clocks(task: Task, move: Move, rules: Rules, now: dt.datetime) -> list[Clock]:
    """The clocks that `move` starts for a task that has had none; neither they nor the task are saved yet.
    The task's `due_at` is that of the first.
    """
    starts = (*move.starts, *(move.starts_calm if task.level in CALM else ()))
    lengths = rules.lengths_s(task, (*starts, Timed.CAP))
    clocks = []
    for name in starts:
        length_s = lengths[name]
        if length_s is None:
            continue
        if name == ClockName.MEET:
            length_s = min(length_s, lengths[Timed.CAP] or length_s)
        due_at = now + dt.timedelta(seconds=length_s)
        clocks.append(
            Clock(task=task, region_path=task.region_path, name=name, started_at=now, due_at=due_at)
        )
    first = min(clocks, key=lambda clock: clock.due_at, default=None)
    task.due_at, task.due_clock = (first.due_at, first.name) if first else (None, "")
    return clocks


def _stop(task: Task, names: tuple[str, ...], now: dt.datetime, kept: bool) -> None:
    """Running clocks are stopped; one that ran out while no tick ran is breached all the same."""
    running = list(Clock.objects.filter(task=task, stopped_at=None, name__in=names))
    unseen = [clock for clock in running if clock.breached_at is None and clock.due_at < now]
    for clock in unseen:
        write_breach(task, clock.name, now)
    for clocks, change in ((unseen, {"breached_at": now}), (running, {"stopped_at": now, "kept": kept})):
        if clocks:
            Clock.objects.filter(pk__in=[clock.pk for clock in clocks]).update(**change)


def write_breach(task: Task, clock: str, now: dt.datetime) -> None:
    """The history says that the clock ran out."""
    TaskEvent.objects.create(
        task=task, region_path=task.region_path, at=now, verb="breach",
        source=task.state, target=task.state, note=clock,
    )  # fmt: skip


def _to_start(task: Task, starts: tuple[str, ...]) -> list[str]:
    """Those of the clocks that begin now. For levels that a call may settle, calling and meeting are timed
    from the alert: being sent on gives nobody more time.
    """
    if task.level not in CALM:
        return list(starts)
    running = Clock.objects.filter(task=task, stopped_at=None).exclude(name=ClockName.SIGN)
    going = set(running.values_list("name", flat=True))
    return [name for name in starts if name not in going]


def _due_at(task: Task, name: str, now: dt.datetime, length_s: int) -> dt.datetime:
    """When the clock that begins now runs out: however often a task is sent on, the person is to be met
    within the hard cap from the first order.
    """
    due_at = now + dt.timedelta(seconds=length_s)
    if name != ClockName.MEET:
        return due_at
    cap = lengths_s(task, [Timed.CAP])[Timed.CAP]
    if cap is None:
        return due_at
    anew = TaskEvent.objects.filter(task=task, verb="reopen", withdrawn_at=None).order_by("-at").first()
    orders = Clock.objects.filter(task=task, name=name).order_by("started_at")
    first = (orders.filter(started_at__gte=anew.at) if anew else orders).first()
    return min(due_at, (first.started_at if first else now) + dt.timedelta(seconds=cap))


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
    if task.level in CALM and task.state in AT_A_DESK:
        awaited = (*awaited, ClockName.CALL, ClockName.MEET)
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

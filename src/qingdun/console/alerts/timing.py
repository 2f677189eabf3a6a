"""A task's clocks, started and stopped by the moves of the table; the server alone decides what is late."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Iterable

from qingdun.console.alerts.clocks import Rules, lengths_s
from qingdun.console.alerts.models import Clock, Escalation, Task, TaskEvent
from qingdun.console.alerts.moving import CALM, Move
from qingdun.console.alerts.states import ARRIVED, AT_A_DESK, ENDED, SENT_BACK, ClockName, State, Timed


def run_clocks(
    task: Task, stops: Collection[str], starts: Collection[str], now: dt.datetime, kept: bool
) -> None:
    """The named clocks are stopped and started, and the task's `due_at` is that of the first still running;
    the caller saves.

    `kept` says that a stopped clock was stopped by doing what it timed, in time or late; a clock that is
    called off (task dismissed, sent back) counts in no rate.
    """
    if not stops and not starts:
        return
    clocks = list(Clock.objects.filter(task=task))
    _run(task, clocks, stops, starts, now, kept)
    _settle(task, clocks)


def _run(
    task: Task, clocks: list[Clock], stops: Collection[str], starts: Collection[str], now: dt.datetime,
    kept: bool,
) -> None:  # fmt: skip
    """The same for `clocks`, which are all the task ever had and grow by those that start."""
    _stop(task, clocks, stops, now, kept)
    begun = _to_start(task, clocks, starts)
    if not begun:
        return
    lengths = lengths_s(task, (*begun, Timed.CAP))
    _stop(task, clocks, begun, now, kept=False)
    started = [
        Clock(
            task=task, region_path=task.region_path, name=name, started_at=now,
            due_at=_due_at(task, clocks, name, now, length_s, lengths[Timed.CAP]),
        )
        for name in begun
        if (length_s := lengths[name]) is not None
    ]  # fmt: skip
    Clock.objects.bulk_create(started)
    clocks += started


def run_for(task: Task, move: Move, now: dt.datetime) -> None:
    """The clocks of `move` are run: doing the timed step keeps a clock, anything else calls it off, and where
    a task ends none runs on.
    """
    stops = tuple(ClockName) if move.target in ENDED else move.stops
    starts = (*move.starts, *(move.starts_calm if task.level in CALM else ()))
    run_clocks(task, stops, starts, now, kept=move.verb in KEEPERS)


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


def _stop(task: Task, clocks: Iterable[Clock], names: Collection[str], now: dt.datetime, kept: bool) -> None:
    """Those of the clocks that run are stopped; one that ran out while no tick ran is breached as well."""
    running = [clock for clock in clocks if clock.stopped_at is None and clock.name in names]
    unseen = [clock for clock in running if clock.breached_at is None and clock.due_at < now]
    for clock in unseen:
        clock.breached_at = now
        write_breach(task, clock.name, now)
    for clock in running:
        clock.stopped_at, clock.kept = now, kept
    for ended, change in ((unseen, {"breached_at": now}), (running, {"stopped_at": now, "kept": kept})):
        if ended:
            Clock.objects.filter(pk__in=[clock.pk for clock in ended]).update(**change)


def write_breach(task: Task, clock: str, now: dt.datetime) -> None:
    """The history says that the clock ran out."""
    TaskEvent.objects.create(
        task=task, region_path=task.region_path, at=now, verb="breach",
        source=task.state, target=task.state, note=clock,
    )  # fmt: skip


def _to_start(task: Task, clocks: Iterable[Clock], starts: Collection[str]) -> list[str]:
    """Those of the clocks that begin now. For levels that a call may settle, calling and meeting are timed
    from the alert: being sent on gives nobody more time.
    """
    if task.level not in CALM:
        return list(starts)
    going = {clock.name for clock in clocks if clock.stopped_at is None and clock.name != ClockName.SIGN}
    return [name for name in starts if name not in going]


def _due_at(
    task: Task, clocks: Iterable[Clock], name: str, now: dt.datetime, length_s: int, cap_s: int | None
) -> dt.datetime:
    """When the clock that begins now runs out: however often a task is sent on, the person is to be met
    within the hard cap from the first order.
    """
    due_at = now + dt.timedelta(seconds=length_s)
    if name != ClockName.MEET or cap_s is None:
        return due_at
    orders = sorted(clock.started_at for clock in clocks if clock.name == name)
    if orders:
        anew = TaskEvent.objects.filter(task=task, verb="reopen", withdrawn_at=None).order_by("-at").first()
        orders = [at for at in orders if anew is None or at >= anew.at]
    return min(due_at, (orders[0] if orders else now) + dt.timedelta(seconds=cap_s))


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
    clocks = list(Clock.objects.filter(task=task))
    running = [clock for clock in clocks if clock.stopped_at is None]
    lengths = lengths_s(task, {clock.name for clock in running})
    for clock in running:
        length_s = lengths[clock.name]
        if length_s is not None:
            clock.due_at = min(clock.due_at, now + dt.timedelta(seconds=length_s))
            clock.save(update_fields=["due_at"])
    awaited = AWAITED.get(State(task.state), ())
    if task.level in CALM and task.state in AT_A_DESK:
        awaited = (*awaited, ClockName.CALL, ClockName.MEET)
    _run(task, clocks, (), [name for name in awaited if name not in lengths], now, kept=False)
    _settle(task, clocks)


def settle_due(task: Task) -> None:
    """`task.due_at` and `task.due_clock` are those of the first running clock, and nobody is told any more
    that one ran out if none that did still runs; the caller saves.
    """
    _settle(task, Clock.objects.filter(task=task))


def _settle(task: Task, clocks: Iterable[Clock]) -> None:
    running = sorted((c for c in clocks if c.stopped_at is None), key=lambda clock: clock.due_at)
    task.due_at = running[0].due_at if running else None
    task.due_clock = running[0].name if running else ""
    if not any(clock.breached_at for clock in running):
        task.escalation, task.escalate_at = Escalation.NONE, None

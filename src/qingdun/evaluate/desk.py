"""A day at the desk as discrete events: alerts come in, officers call and drive, victims are reached or pay.

The world (when a victim pays, who answers, who lets themselves be persuaded) is the simulation's; the order
in which officers take the waiting tasks is the policy under test, and a policy sees what the engine put out,
`dispatch.priority.Known`, alone.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Generator, Sequence
from dataclasses import dataclass, field, fields, replace
from typing import Any

import simpy

from qingdun.contract.codes import Level
from qingdun.dispatch.helping import Helping
from qingdun.dispatch.priority import Known, priority
from qingdun.dispatch.way import Point, way_min

MINUTE_US = 60_000_000
Steps = Generator[simpy.Event, Any, None]
_LEVEL_RANK = {level.value: rank for rank, level in enumerate(Level)}


@dataclass(frozen=True, slots=True)
class Case:
    """One person with alerts of one episode, and what would happen to them if nobody came."""

    key: str
    scammed: bool
    home: Point | None
    urban: bool
    alerts: tuple[Known, ...]
    """As they were raised, in order of time."""
    payments: tuple[tuple[int, int], ...] = ()
    """Payments to scam accounts: (UTC microseconds, fen), in order of time."""
    busy: tuple[tuple[int, int], ...] = ()
    """When the person's line is busy: from and to, UTC microseconds."""


@dataclass(frozen=True, slots=True)
class Day:
    """A city's day: everybody with an alert, where officers start from, and what the city lost that day."""

    cases: tuple[Case, ...]
    posts: tuple[Point, ...]
    loss_fen: int
    """Of all victims, alerted or not."""


@dataclass(frozen=True, slots=True)
class Rates:
    """Assumptions about people; nobody has published them, so the report shows what hangs on each."""

    answered: float = 0.55
    persuaded_by_phone: float = 0.40
    at_home: float = 0.80
    persuaded_at_the_door: float = 0.85
    call_min: float = 4.0
    visit_min: float = 30.0
    retry_min: float = 30.0

    def with_(self, name: str, value: float) -> Rates:
        """The same with one assumption changed."""
        return replace(self, **{name: value})

    def json(self) -> dict[str, float]:
        """By name."""
        return {each.name: getattr(self, each.name) for each in fields(self)}


@dataclass(slots=True)
class Waiting:
    """A task in the queue: what is known now, when it was first heard of, and how often it was tried."""

    case: Case
    known: Known
    first_at_us: int
    tries: int = 0


Rank = Callable[[Waiting, int, Point, Helping], tuple[float, ...]]
"""A policy: the smallest goes first; it is told the task, the time, and where the officer is."""


def first_come(task: Waiting, _now_us: int, _officer: Point, _helping: Helping) -> tuple[float, ...]:
    """By the time of the first alert."""
    return (task.first_at_us,)


def by_level(task: Waiting, _now_us: int, _officer: Point, _helping: Helping) -> tuple[float, ...]:
    """Urgent before high before medium before low; the same level by the time of the first alert."""
    return (_LEVEL_RANK[task.known.level], task.first_at_us)


def by_priority(task: Waiting, now_us: int, officer: Point, helping: Helping) -> tuple[float, ...]:
    """By what a minute of work on it saves, the way from that officer included; then by the first alert."""
    way = way_min(officer, task.case.home, task.case.urban)
    return (-priority(task.known, now_us, way, helping).fen_per_min, task.first_at_us)


POLICIES: dict[str, Rank] = {"first_come": first_come, "by_level": by_level, "priority": by_priority}


@dataclass(slots=True)
class Saved:
    """What came of a day."""

    avoided_fen: int = 0
    calls: int = 0
    visits: int = 0
    met: int = 0
    persuaded: int = 0
    untouched: int = 0
    """Tasks that nobody got to."""


@dataclass(slots=True)
class _Desk:
    """The running day."""

    env: simpy.Environment
    rank: Rank
    rates: Rates
    helping: Helping
    seed: int
    start_us: int
    queue: dict[str, Waiting] = field(default_factory=dict)
    settled: set[str] = field(default_factory=set)
    idle: list[tuple[Point, simpy.Event]] = field(default_factory=list)
    touched: set[str] = field(default_factory=set)
    saved: Saved = field(default_factory=Saved)

    @property
    def now_us(self) -> int:
        return self.start_us + round(self.env.now * MINUTE_US)

    def enter(self, case: Case, known: Known) -> None:
        """The task waits with what is now known; one that was worked on without success waits again."""
        if case.key in self.settled:
            return
        waiting = self.queue.setdefault(case.key, Waiting(case, known, case.alerts[0].alerted_at_us))
        waiting.known = known
        self.match()

    def again(self, task: Waiting) -> Steps:
        """The task waits again after a while, with what is known by then."""
        yield self.env.timeout(self.rates.retry_min)
        if task.case.key not in self.settled:
            task.known = _latest(task.case, self.now_us)
            self.queue.setdefault(task.case.key, task)
            self.match()

    def arrivals(self, events: Sequence[tuple[int, Case, Known]]) -> Steps:
        """Every alert enters at its time."""
        for at_us, case, known in events:
            yield self.env.timeout(max(0.0, (at_us - self.now_us) / MINUTE_US))
            self.enter(case, known)

    def officer(self, place: Point) -> Steps:
        """Is free, is given a task, works on it, and is free again, the whole day."""
        while True:
            given = self.env.event()
            self.idle.append((place, given))
            self.match()
            task = yield given
            place = yield from self.work(task, place)

    def match(self) -> None:
        """As long as tasks wait and officers are free, the first goes to the free officer nearest to it."""
        while self.queue and self.idle:
            now_us = self.now_us
            offers = [
                (self.rank(task, now_us, self.idle[free][0], self.helping), task, free)
                for task in self.queue.values()
                for free in (self._nearest(task.case),)
            ]
            _, task, free = min(offers, key=lambda offer: offer[0])
            del self.queue[task.case.key]
            self.touched.add(task.case.key)
            self.idle.pop(free)[1].succeed(task)

    def work(self, task: Waiting, place: Point) -> Generator[simpy.Event, Any, Point]:
        """One call and, for urgent and high tasks it did not settle, one visit; gives the officer's place.

        For an urgent task the officer sets out while the call is made.
        """
        case, rates = task.case, self.rates
        # One row of dice a person and attempt, the same under every policy and number of officers.
        dice = random.Random(f"{self.seed}/{case.key}/{task.tries}")
        answers, by_phone, in_, at_door = (dice.random() for _ in range(4))
        task.tries += 1
        rang_us, urgent = self.now_us, task.known.level == Level.URGENT
        yield self.env.timeout(rates.call_min)
        self.saved.calls += 1
        engaged = any(start <= rang_us < end for start, end in case.busy)
        convinced = not case.scammed or by_phone < rates.persuaded_by_phone
        if not engaged and answers < rates.answered and convinced:
            self._settle(case)
            return place
        if _LEVEL_RANK[_latest(case, self.now_us).level] > _LEVEL_RANK[Level.HIGH]:
            if task.tries < 2:
                self.env.process(self.again(task))
            return place
        way = way_min(place, case.home, case.urban)
        yield self.env.timeout(max(0.0, way - rates.call_min) if urgent else way)
        self.saved.visits += 1
        if in_ < rates.at_home:
            self.saved.met += 1
            if not case.scammed or at_door < rates.persuaded_at_the_door:
                self._settle(case)
            yield self.env.timeout(rates.visit_min)
        elif task.tries < 2:
            self.env.process(self.again(task))
        return case.home or place

    def _nearest(self, case: Case) -> int:
        """Place in `idle` of the officer with the shortest way."""
        ways = [way_min(place, case.home, case.urban) for place, _ in self.idle]
        return ways.index(min(ways))

    def _settle(self, case: Case) -> None:
        self.settled.add(case.key)
        if case.scammed:
            self.saved.persuaded += 1
            self.saved.avoided_fen += sum(fen for at_us, fen in case.payments if at_us > self.now_us)


def run_day(
    day: Day, officers: int, policy: str, helping: Helping, seed: int, rates: Rates | None = None
) -> Saved:
    """What `officers` at work the whole day save under a policy of `POLICIES`.

    The same arguments give the same day; chance falls on persons and attempts and not on the order of work,
    so that policies are compared under the same luck.
    """
    events = sorted(
        ((known.alerted_at_us, case, known) for case in day.cases for known in case.alerts),
        key=lambda event: (event[0], event[1].key),
    )
    if not events:
        return Saved()
    env = simpy.Environment()
    desk = _Desk(env, POLICIES[policy], rates or Rates(), helping, seed, events[0][0])
    env.process(desk.arrivals(events))
    for number in range(officers):
        env.process(desk.officer(day.posts[number % len(day.posts)]))
    env.run(until=(events[-1][0] - events[0][0]) / MINUTE_US + 24 * 60)
    desk.saved.untouched = sum(1 for case in day.cases if case.key not in desk.touched)
    return desk.saved


def _latest(case: Case, now_us: int) -> Known:
    return [known for known in case.alerts if known.alerted_at_us <= now_us][-1]

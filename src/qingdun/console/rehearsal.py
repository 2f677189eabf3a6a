"""A demonstration's day as if it had been worked: synthetic duty officers do what is due by real actions.

What the engine raised before the demonstration began is taken in at its own time and worked at its own time.
What it raises later is worked when the clocks have nearly run out, and only while nobody who watches has laid
a hand on it. These officers have accounts of their own that nobody can log in with, and their names say that
they are synthetic.
"""

from __future__ import annotations

import datetime as dt
import heapq
import logging
import random
from collections.abc import Mapping, Sequence

from django.utils import timezone

from qingdun.console.alerts import actions, unattended
from qingdun.console.alerts import ticking as clocks
from qingdun.console.alerts.actions import VisitForm
from qingdun.console.alerts.codes import CallResult
from qingdun.console.alerts.queries import Task
from qingdun.console.alerts.rules import false_alarms
from qingdun.console.alerts.sink import ConsoleSink
from qingdun.console.alerts.states import AT_A_DESK, ENDED, State
from qingdun.console.kernel.demo import DutyOfficers, clock_at
from qingdun.console.kernel.models import User
from qingdun.contract.columns import moment
from qingdun.contract.tables import Alert
from qingdun.detect.evidence import ContextEvent
from qingdun.errors import QingdunError

log = logging.getLogger(__name__)
TAKEN_IN = dt.timedelta(seconds=2)
"""From the engine's decision to the desk."""
PAST = dt.timedelta(seconds=20)
"""What lies further back is done at its own time, not now."""
Span = tuple[int, int]
"""Seconds until the next step, least and most."""
NEVER: Span = (0, 0)
BY_LEVEL: dict[str, dict[str, Span]] = {
    "desk": {"urgent": (40, 55), "high": (80, 260), "medium": (300, 1500), "low": (900, 3600)},
    "sign": {"urgent": (35, 55), "high": (90, 280), "medium": (180, 900), "low": (600, 3600)},
    "call": {"urgent": (30, 70), "high": (60, 240), "medium": (300, 1500), "low": (900, 3600)},
    "meet": {"urgent": (300, 600), "high": (1200, 4800), "medium": (1800, 7200), "low": (1800, 7200)},
}
"""How long a step takes; most are done in time."""
TALK: Span = (120, 420)
AGAIN: Span = (900, 1800)
REVIEW: Span = (600, 2400)
FOLLOW: Span = (300, 1800)
SLOW, SLOWNESS = 0.04, 3
"""One step in twenty-five takes three times as long, so that some clocks run out, as they do."""
RESULTS = {
    CallResult.ANSWERED: 74, CallResult.NO_ANSWER: 12, CallResult.REFUSED: 7,
    CallResult.SWITCHED_OFF: 4, CallResult.BUSY: 3,
}  # fmt: skip
"""What comes of a call, in hundredths."""
DONE_AT_THE_DOOR = ("hang_up", "ask_why", "ask_payee", "look_calls", "persuade", "app_installed")
NOTE = "（合成演示）已当面讲明骗术"


class DutyDesk:
    """The synthetic officers, and what each task waits for; remembers nothing that the tasks do not say."""

    def __init__(self) -> None:
        self.officers = DutyOfficers()
        self._due: list[tuple[dt.datetime, int]] = []
        self._when: dict[int, dt.datetime] = {}
        for task in unattended.tasks().exclude(state__in=(*ENDED, State.FOLLOW_UP)):
            self.plan(task, task.moved_at)

    def plan(self, task: Task, since: dt.datetime) -> None:
        """The task's next step has its time, at the latest where it had it before."""
        dice = random.Random(f"{task.pk} {task.state} {task.level}")
        least, most = _until_next(task)
        if not most:
            self._when.pop(task.pk, None)
            return
        seconds = dice.uniform(least, most) * (SLOWNESS if dice.random() < SLOW else 1)
        at = since + dt.timedelta(seconds=seconds)
        if task.pk not in self._when or at < self._when[task.pk]:
            self._when[task.pk] = at
            heapq.heappush(self._due, (at, task.pk))

    def work(self, until: dt.datetime) -> int:
        """Every step whose time has come by `until` is done, in the order of time; how many were."""
        done = 0
        while self._due and self._due[0][0] <= until:
            at, task_id = heapq.heappop(self._due)
            if self._when.get(task_id) != at:
                continue
            del self._when[task_id]
            if timezone.now() - at > PAST:
                with clock_at(at):
                    clocks.tick(at)
                    done += self._step(task_id)
            else:
                done += self._step(task_id)
        return done

    def _step(self, task_id: int) -> bool:
        task = unattended.tasks().filter(pk=task_id).select_related("station", "county", "owner").first()
        if task is None or self._taken_up(task):
            return False
        try:
            self.act(task)
        except QingdunError as refused:
            log.info("rehearsal: task %s: %s", task_id, refused)
            return False
        task.refresh_from_db()
        self.plan(task, timezone.now())
        return True

    def _taken_up(self, task: Task) -> bool:
        """Whether somebody who watches has done something about it: then it is theirs."""
        hands = task.events.exclude(actor=None).exclude(actor__in=self.officers.ids)
        return hands.exists()

    def act(self, task: Task, verdict: str = "") -> None:
        """The next step of the task is done by whose it is, with that verdict if it comes to one."""
        dice = random.Random(f"{task.pk} {task.state} {task.version}")
        if task.state == State.COUNTY:
            actions.dispatch(self.officers.of(task.county), task.pk, None)
        elif task.state in AT_A_DESK:
            actions.dispatch(self.officers.city, task.pk, None)
        elif task.state == State.FEEDBACK:
            actions.move(self.officers.city, task.pk, None, "review")
        else:
            self._in_the_field(task, self.officers.of(task.station), dice, verdict)

    def _in_the_field(self, task: Task, officer: User, dice: random.Random, said: str) -> None:
        if task.state == State.STATION:
            actions.move(officer, task.pk, None, "sign")
        elif task.state in (State.SIGNED, State.CALLING, State.UNREACHABLE):
            result = dice.choices(list(RESULTS), list(RESULTS.values()))[0]
            actions.record_contact(officer, task.pk, None, result, confirmed=True)
        elif task.state in (State.REFUSED, State.SEARCHING) or (
            task.state == State.REACHED and task.level in ("urgent", "high")
        ):
            actions.move(officer, task.pk, None, "meet")
        elif task.state in (State.REACHED, State.MET):
            verdict, form = _form(task, dice, said) if said else _verdict(task, dice)
            actions.save_visit(officer, task.pk, None, f"rehearsal-{task.pk}-{task.version}", form, verdict)
        elif task.state == State.REVIEWED:
            actions.move(officer, task.pk, None, "follow_up")


def _until_next(task: Task) -> Span:
    """How long the next step of the task takes; `NEVER` if there is none for these officers."""
    state = State(task.state)
    if state in AT_A_DESK:
        return BY_LEVEL["desk"][task.level]
    if state == State.STATION:
        return BY_LEVEL["sign"][task.level]
    if state == State.SIGNED:
        return BY_LEVEL["call"][task.level]
    if state in (State.REFUSED, State.SEARCHING):
        return BY_LEVEL["meet"][task.level]
    if state == State.REACHED:
        return BY_LEVEL["meet"][task.level] if task.level in ("urgent", "high") else TALK
    return {
        State.CALLING: TALK, State.UNREACHABLE: AGAIN, State.MET: TALK,
        State.FEEDBACK: REVIEW, State.REVIEWED: FOLLOW,
    }.get(state, NEVER)  # fmt: skip


def _verdict(task: Task, dice: random.Random) -> tuple[str, VisitForm]:
    """What the officer finds: the likelier the scam was, the rarer a false alarm. Truth is not looked at."""
    if dice.random() > task.probability**0.5:
        return _form(task, dice, State.FALSE_ALARM)
    verdict = dice.choices((State.AWAKENED, State.ALREADY_PAID, State.NOT_AWAKENED), (88, 7, 5))[0]
    return _form(task, dice, verdict)


def _form(task: Task, dice: random.Random, verdict: str) -> tuple[str, VisitForm]:
    """The verdict with what is reported of it."""
    if verdict == State.FALSE_ALARM:
        quick = [code for code, reason in false_alarms().items() if not reason.needs_words]
        return State.FALSE_ALARM.value, VisitForm(reason=dice.choice(quick))
    sum_fen = round(task.expected_loss_fen * dice.uniform(0.1, 0.9) / 10_000) * 10_000
    return State(verdict).value, VisitForm(
        steps=DONE_AT_THE_DOOR,
        notes=NOTE,
        loss_avoided_fen=sum_fen if verdict == State.AWAKENED else 0,
        loss_suffered_fen=sum_fen // 5 if verdict == State.ALREADY_PAID else 0,
        cards_protected=1 if verdict == State.AWAKENED else 0,
    )


class RehearsedSink(ConsoleSink):
    """The console as a sink of a demonstration: alerts of the past come at their own time, and are worked.

    `live` officers keep the time of the clock, others that of the engine.
    """

    def __init__(self, source: str, live: bool) -> None:
        super().__init__(source=source)
        self._live = live
        self._desk = DutyDesk()

    def alerts(
        self, alerts: Sequence[Alert], timelines: Mapping[str, Sequence[ContextEvent]] | None = None
    ) -> None:
        """Each alert is a task, or has joined one, as of two seconds after it was raised."""
        for alert in sorted(alerts, key=lambda alert: (alert.raised_at, alert.alert_id)):
            own = {alert.alert_id: (timelines or {}).get(alert.alert_id, ())}
            at = moment(alert.raised_at) + TAKEN_IN
            self._desk.work(at)
            if timezone.now() - at > PAST:
                with clock_at(at):
                    super().alerts([alert], own)
                    self._plan(alert)
            else:
                super().alerts([alert], own)
                self._plan(alert)

    def progress(self, clock_us: int, counts_by_flow: Mapping[str, int]) -> None:
        """Whatever was due by now is done; desk and wall show the engine's clock."""
        now = timezone.now()
        self._desk.work(now if self._live else min(moment(clock_us), now))
        super().progress(clock_us, counts_by_flow)

    def settle(self, until: dt.datetime) -> None:
        """Whatever was due by then is done, and no feed has gone on meanwhile."""
        self._desk.work(until)

    def _plan(self, alert: Alert) -> None:
        task = unattended.tasks_of([alert.alert_id])[alert.alert_id]
        if task.state not in ENDED:
            self._desk.plan(task, timezone.now())

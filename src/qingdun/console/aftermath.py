"""What the people of a demonstration's mailing met with in its weeks: alerts, worked like every other one,
and losses.

The simulated city knows two days, and a mailing is read for weeks. So some of either group had an alert and a
few lost money: of those held out more, as if the text had helped. How many is made up, and every page of a
demonstration says so; who they are is drawn by lot.
"""

from __future__ import annotations

import datetime as dt
import itertools
import random
from collections.abc import Iterator, Mapping, Sequence
from typing import NamedTuple

from django.utils import timezone

from qingdun.console.alerts import actions, unattended
from qingdun.console.alerts.queries import Task
from qingdun.console.alerts.states import State
from qingdun.console.cases.actions import IncidentForm, report_incident
from qingdun.console.kernel.demo import DutyOfficers, clock_at
from qingdun.console.kernel.localtime import midnight
from qingdun.console.kernel.models import PersonNumber
from qingdun.console.rehearsal import RehearsedSink
from qingdun.contract.columns import timestamp
from qingdun.contract.tables import Alert, Evidence

DAY = dt.timedelta(days=1)
ALERTED = {"sent": 0.013, "held": 0.036}
"""The share of either group that has an alert."""
LEVELS = {"low": (0.3, 55), "medium": (0.62, 30), "high": (0.86, 15)}
"""Probability of an alert of the level, and how many of a hundred are of it."""
SETTLED_AFTER, FOLLOWED_FOR = 10 * DAY, 7 * DAY
CALLER = "+00852170991"
CALLER_ZH, CALLER_EN = "境外陌生号码", "a stranger abroad"


class Story(NamedTuple):
    """What the engine saw of a scam: detector, what it is about, bits, the sentence in both languages."""

    scam_type: str
    stage: str
    pieces: tuple[tuple[str, float, str, str], ...]


STORIES = (
    Story("police", "control", (
        ("call.live_long", 6.2, "与{zh}{number}通话已持续20分钟，尚未结束（演示）",
         "on the line with {number} ({en}) for 20 min, still talking (demo)"),
        ("call.refused_others", 3.1, "与{zh}{number}通话期间拒接其他来电（演示）",
         "refuses other calls while on the line with {number}, {en} (demo)"),
    )),
    Story("customer_service", "lure", (
        ("call.live_long", 5.4, "与{zh}{number}通话已持续10分钟，尚未结束（演示）",
         "on the line with {number} ({en}) for 10 min, still talking (demo)"),
        ("call.fanout", 3.6, "{zh}{number}当日已呼叫数十个号码（演示）",
         "{number}, {en}, has called dozens of numbers that day (demo)"),
    )),
    Story("loan", "lure", (
        ("call.fanout", 4.8, "{zh}{number}当日已呼叫数十个号码（演示）",
         "{number}, {en}, has called dozens of numbers that day (demo)"),
    )),
)  # fmt: skip


def meet_with(groups: Mapping[str, Sequence[str]], since: dt.datetime, until: dt.datetime) -> int:
    """Some people of each group have had an alert between the two times, which the synthetic officers have
    worked to its end; who had paid by then or was not dissuaded has reported a loss. How many alerts.

    Errors: NotPermitted outside demo mode.
    """
    dice = random.Random("aftermath")
    officers = DutyOfficers()
    alerts = sorted(_alerts(groups, since, until, dice), key=lambda alert: alert.raised_at)
    sink = RehearsedSink("aftermath", live=False)
    sink.alerts(alerts)
    sink.settle(until + SETTLED_AFTER)
    for task in unattended.tasks_of(alert.alert_id for alert in alerts).values():
        if task.verdict in (State.ALREADY_PAID, State.NOT_AWAKENED):
            _lose(task, officers, dice)
        if task.state == State.FOLLOW_UP:
            with clock_at(task.moved_at + FOLLOWED_FOR):
                actions.move(officers.of(task.station), task.pk, None, "close")
    return len(alerts)


def _alerts(
    groups: Mapping[str, Sequence[str]], since: dt.datetime, until: dt.datetime, dice: random.Random
) -> Iterator[Alert]:
    serial = itertools.count(1)
    busy = unattended.counts_of([person for people in groups.values() for person in people])
    for group, people in sorted(groups.items()):
        calm = [person for person in people if person not in busy]
        hit = dice.sample(calm, min(len(calm), round(ALERTED[group] * len(people))))
        numbers = dict(PersonNumber.objects.filter(person__in=hit).values_list("person", "msisdn"))
        for person in hit:
            yield _alert(next(serial), person, numbers.get(person, ""), _hour(since, until, dice), dice)


def _hour(since: dt.datetime, until: dt.datetime, dice: random.Random) -> dt.datetime:
    """A time of day between the two, so long before the second that a loss still comes within them."""
    first = timezone.localtime(since).date()
    day = first + dice.randrange(1, (until - since).days - 2) * DAY
    return midnight(day) + dt.timedelta(hours=dice.uniform(9, 21))


def _alert(serial: int, person: str, msisdn: str, at: dt.datetime, dice: random.Random) -> Alert:
    story = dice.choice(STORIES)
    level = dice.choices(list(LEVELS), [odds for _probability, odds in LEVELS.values()])[0]
    caller = f"{CALLER}{serial:04}"
    raised_at = timestamp(at)
    words = {"zh": CALLER_ZH, "en": CALLER_EN, "number": caller}
    pieces = tuple(
        Evidence(detector, raised_at, "number", caller, bits, zh.format(**words), en.format(**words))
        for detector, bits, zh, en in story.pieces
    )
    episode = f"aftermath-{serial:05}"
    probability = LEVELS[level][0]
    return Alert(
        f"{episode}:{level}", episode, person, msisdn, story.scam_type, level, story.stage, probability,
        raised_at, pieces,
    )  # fmt: skip


def _lose(task: Task, officers: DutyOfficers, dice: random.Random) -> None:
    at = (task.verdict_at or task.moved_at) + dt.timedelta(hours=1)
    loss_fen = task.loss_suffered_fen or min(60_000, round(dice.lognormvariate(8.8, 0.9))) * 100
    form = IncidentForm(task.episode_id, at, task.scam_type, loss_fen, "演示数据", task=task.pk)
    with clock_at(at + dt.timedelta(minutes=20)):
        report_incident(officers.city, form)

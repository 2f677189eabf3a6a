"""What had been known before the greatest losses of a demonstration, and what was done after them: alerts,
calls, visits, follow-ups, cases and numbers shut, made by synthetic officers through real actions at their
time, so that a case looked at backwards has something to look at.
"""

from __future__ import annotations

import datetime as dt
import json
import math
from collections.abc import Iterator
from importlib import resources
from random import Random
from typing import Any, NamedTuple

from django.conf import settings
from django.utils import timezone

from qingdun.console.alerts import actions, unattended
from qingdun.console.alerts import ticking as clocks
from qingdun.console.alerts.intake import ingest_alerts
from qingdun.console.alerts.queries import Task
from qingdun.console.alerts.states import ENDED, State
from qingdun.console.care import actions as care
from qingdun.console.care import planning
from qingdun.console.care.queries import of_task
from qingdun.console.cases import casework
from qingdun.console.cases import queries as cases
from qingdun.console.cases.casework import CaseForm
from qingdun.console.cases.queries import Incident
from qingdun.console.industry import actions as industry
from qingdun.console.industry.actions import AssignmentForm, Line
from qingdun.console.industry.answering import Answer, answer
from qingdun.console.industry.queries import parties
from qingdun.console.kernel.demo import clock_at
from qingdun.console.kernel.models import Region, User
from qingdun.console.rehearsal import DutyDesk
from qingdun.contract.columns import timestamp
from qingdun.contract.tables import Alert, Evidence

LARGE_FEN, SMALLER_FEN = 50_000_000, 6_000_000
LARGE, SMALLER = 12, 4
"""Losses that are looked at backwards for their size; and others, of people who had been dissuaded."""
AGO = dt.timedelta(days=35)
"""What is fresher is worked on by others, and follow-ups of it would still be due."""
EPISODE = "demo-precedent-"
PRIOR_BITS = -13.3
PIECES: list[dict[str, Any]] = json.loads(
    resources.files(__package__).joinpath("precedents.json").read_text("utf-8")
)["pieces"]
"""Evidence in order of time; `minute` of the quarter of an hour before the alert."""


class Story(NamedTuple):
    """What had happened before a loss was reported."""

    level: str
    stage: str
    pieces: int
    before_h: tuple[float, float]
    """Hours before the report at which the alert was raised, least and most."""
    step_min: tuple[float, float]
    """Minutes that each step took."""
    verdict: str
    follow_ups: tuple[str, ...] = ()
    """What came of these after one, three and seven days."""


WELL = ("well", "well", "well")
LATE = Story("high", "control", 4, (2.2, 3.0), (14, 30), State.ALREADY_PAID, WELL)
LOST = Story("high", "control", 3, (1.5, 2.5), (4, 9), State.NOT_AWAKENED, WELL)
DISSUADED = Story("medium", "lure", 2, (216, 520), (20, 90), State.AWAKENED, ("well", "not_reached", "well"))
MISJUDGED = Story("low", "contact", 1, (48, 120), (60, 240), State.FALSE_ALARM)
STORIES: tuple[Story | None, ...] = (LATE, DISSUADED, None, LOST, MISJUDGED)
"""By turns; None: nothing had been seen."""


def create_demo_precedents() -> int:
    """The greatest losses of the demonstration have what went before them, and cases; how many have. None the
    second time nor outside demo mode. Call it after `create_demo_losses` and `create_demo_industry`.
    """
    if not settings.DEMO or Task.objects.filter(episode_id__startswith=EPISODE).exists():
        return 0
    desk, dice, told = DutyDesk(), Random(31), 0
    for turn, (loss, story) in enumerate(_losses(desk)):
        if story is not None:
            _tell(desk, dice, turn, loss, story)
            _shut(desk, turn, loss)
            told += 1
        if turn % 3 != 2:
            _file(desk, dice, turn, loss)
    return told


def _losses(desk: DutyDesk) -> Iterator[tuple[Incident, Story | None]]:
    """The losses with their stories, in order of time."""
    found = cases.incidents(desk.officers.city).filter(
        key__startswith="demo-loss-", reported_at__lt=timezone.now() - AGO
    )
    large = list(found.filter(loss_fen__gte=LARGE_FEN).order_by("-reported_at")[:LARGE])
    others = found.filter(loss_fen__gte=SMALLER_FEN, loss_fen__lt=LARGE_FEN).order_by("-reported_at")
    both: list[tuple[Incident, Story | None]] = [
        *((one, STORIES[turn % len(STORIES)]) for turn, one in enumerate(large)),
        *((one, DISSUADED) for one in others[:SMALLER]),
    ]
    yield from sorted(both, key=lambda pair: pair[0].reported_at)


def _tell(desk: DutyDesk, dice: Random, turn: int, loss: Incident, story: Story) -> None:
    """The alert was raised, worked step by step to the verdict of the story, and followed up."""
    at = loss.reported_at - dt.timedelta(hours=dice.uniform(*story.before_h))
    row = _alert(turn, loss, story, at)
    home = Region.objects.get(path=loss.region_path)
    with clock_at(at + dt.timedelta(seconds=2)):
        ingest_alerts(None, [row], {}, {loss.person_id: home})
    task = unattended.tasks_of([row.alert_id])[row.alert_id]
    now = at
    while task.state not in (*ENDED, State.FOLLOW_UP):
        now += dt.timedelta(minutes=dice.uniform(*story.step_min))
        with clock_at(now):
            clocks.tick(now)
            desk.act(task, story.verdict)
        task.refresh_from_db()
    officer = desk.officers.of(task.station)
    if not story.follow_ups:
        with clock_at(now + dt.timedelta(minutes=30)):
            if task.state == State.FOLLOW_UP:
                actions.move(officer, task.pk, None, "close")
        return
    with clock_at(now + dt.timedelta(hours=1)):
        planning.plan(timezone.now(), now - dt.timedelta(days=1))
        lines = of_task(officer, task.pk)
    for line, result in zip(lines, story.follow_ups, strict=True):
        with clock_at(line.follow_up.due_at - dt.timedelta(hours=dice.uniform(3, 12))):
            care.record_result(officer, line.follow_up.pk, result, "（合成演示）电话回访")


def _alert(turn: int, loss: Incident, story: Story, at: dt.datetime) -> Alert:
    pieces = tuple(
        Evidence(
            one["detector"], timestamp(at - dt.timedelta(minutes=15 - one["minute"])), one["kind"],
            one["entity"].format(turn), one["bits"], one["zh"], one["en"],
        )
        for one in PIECES[: story.pieces]
    )  # fmt: skip
    bits = PRIOR_BITS + sum(piece.bits for piece in pieces)
    episode = f"{EPISODE}{turn:02}"
    return Alert(
        f"{episode}:{story.level}", episode, loss.person_id, loss.msisdn, loss.scam_type, story.level,
        story.stage, 1 / (1 + math.exp2(-bits)), timestamp(at), pieces,
    )  # fmt: skip


def _shut(desk: DutyDesk, turn: int, loss: Incident) -> None:
    """An operator was told to shut the caller's number after the report, and has; if there is one."""
    party = parties(desk.officers.city).filter(kind="operator").order_by("code").first()
    officer = User.objects.filter(organisation=party).order_by("pk").first() if party else None
    if party is None or officer is None:
        return
    number = PIECES[0]["entity"].format(turn)
    form = AssignmentForm(
        f"{EPISODE}{turn:02}", party.code, "涉案号码关停（演示）", "number", "shut", "act-11",
        "来电号码与警情事主有通话（模拟）", [Line(number, "某某（模拟）")],
    )  # fmt: skip
    city = User.objects.get(username="demo-city")
    with clock_at(loss.reported_at + dt.timedelta(hours=1)):
        made = industry.move_assignment(desk.officers.city, industry.propose(city, form).pk, "send")
        if made.sent_at is None:
            # Whoever has sent much within a day, and later days count as well here, needs a second person.
            industry.move_assignment(city, made.pk, "second")
    with clock_at(loss.reported_at + dt.timedelta(hours=5)):
        answer(officer, [Answer(one.pk, "control") for one in made.restrictions.all()])


def _file(desk: DutyDesk, dice: Random, turn: int, loss: Incident) -> None:
    """A case was filed within three days."""
    with clock_at(loss.reported_at + dt.timedelta(hours=dice.uniform(5, 60))):
        on = timezone.localdate()
        code = loss.region_path.rstrip("/").split("/")[1]
        form = CaseForm(
            f"演示倒查〔{on.year}〕{turn + 1:03}号", "电信网络诈骗案（演示）", on, loss.scam_type, region=code
        )
        case = casework.file_case(desk.officers.city, form)
        casework.join_incidents(desk.officers.city, case.pk, [loss.pk])

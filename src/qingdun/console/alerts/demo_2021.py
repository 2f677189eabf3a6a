"""The part of warning and dissuasion in the ledger of 2021: as many people as were published, each with a
task that was called and closed, and the one dissuasion at the door that was told of.

What the engine had found is not made up: these tasks have no alerts, as theirs would be deleted by now.
"""

from __future__ import annotations

import datetime as dt

from django.db import transaction

from qingdun.console.alerts.codes import LEVEL_RANK, CallResult, Level, Stage
from qingdun.console.alerts.models import Contact, Task, TaskEvent, Visit
from qingdun.console.alerts.states import State
from qingdun.console.kernel.audit import record
from qingdun.console.kernel.demo_2021 import MARK, Plan
from qingdun.console.kernel.models import Organisation, Person, Region
from qingdun.console.kernel.storing import store
from qingdun.contract.codes import scam_types
from qingdun.contract.progress import Share, unheard

AT_ONCE = 6000
LEVELS = ((Level.HIGH, 6), (Level.MEDIUM, 44), (Level.LOW, 50))
FALSE_ALARM = 0.09
MINUTE = dt.timedelta(minutes=1)


@transaction.atomic
def create_2021(plan: Plan, told: Share = unheard) -> int:
    """The tasks stand with a call and a verdict each; how many."""
    rows = plan.totals["persons_warned"]
    stations = _stations()
    saved = _rescue(plan, stations)
    made = saved
    for first in range(saved, rows, AT_ONCE):
        count = min(AT_ONCE, rows - first)
        tasks = [
            _task(plan, number, town, stations)
            for number, town in enumerate(plan.some_towns(count), start=first)
        ]
        store(tasks, numbered=True)
        store(_call(plan, task) for task in tasks)
        store(_line(plan, task) for task in tasks)
        made += count
        told(made / rows)
    record(None, "ingest_alerts", ("ledger", "demo-2021"), None, {"alerts": made})
    return made


def _stations() -> dict[str, Organisation]:
    """By path of a town, the station that serves it."""
    found = Organisation.objects.filter(kind=Organisation.Kind.STATION).prefetch_related("towns")
    return {town.path: station for station in found for town in station.towns.all()}


def _task(plan: Plan, number: int, town: Region, stations: dict[str, Organisation]) -> Task:
    luck = plan.random
    level = luck.choices([one for one, _odds in LEVELS], [odds for _one, odds in LEVELS])[0]
    at, wrong = plan.moment(plan.day()), luck.random() < FALSE_ALARM
    ended = at + dt.timedelta(minutes=luck.randint(8, 900))
    return Task(
        episode_id=f"demo-2021-{number}", person_id=f"demo-2021-resident-{number}",
        msisdn=f"+8617260{number:06}", region_path=town.path, town=town, scam_type=luck.choice(TYPES),
        level=level, level_rank=LEVEL_RANK[level], stage=Stage.CONTACT, probability=0.2 + 0.6 * luck.random(),
        state=State.CLOSED, raised_at=at - MINUTE, received_at=at, moved_at=ended, closed_at=ended,
        station=stations.get(town.path), expected_loss_fen=luck.randint(1, 60) * 10_000, owner=plan.actor,
        verdict=State.FALSE_ALARM if wrong else State.AWAKENED, verdict_at=ended,
        loss_avoided_fen=0 if wrong or luck.random() < 0.9 else luck.randint(2, 90) * 100_000,
    )  # fmt: skip


TYPES = tuple(scam_types().names)


def _call(plan: Plan, task: Task) -> Contact:
    assert task.verdict_at is not None
    return Contact(
        task=task, region_path=task.region_path, at=task.verdict_at - 2 * MINUTE, by=plan.actor,
        result=CallResult.ANSWERED, note=f"{MARK}数据（合成）",
    )  # fmt: skip


def _line(plan: Plan, task: Task) -> TaskEvent:
    assert task.verdict_at is not None
    return TaskEvent(
        task=task, region_path=task.region_path, at=task.verdict_at, actor=plan.actor, verb=task.verdict,
        source=State.CALLING, target=task.verdict, note=f"{MARK}数据（合成）",
    )  # fmt: skip


def _rescue(plan: Plan, stations: dict[str, Organisation]) -> int:
    """The dissuasion that is told of: the line was busy, officers went to the door; how many tasks."""
    town = Region.objects.filter(code=plan.rescue["town"]).first()
    if town is None or not plan.totals["persons_warned"]:
        return 0
    at = dt.datetime.fromisoformat(plan.rescue["at"])
    Person.objects.create(
        person_id="demo-2021-rescue", name=f"林某某（{MARK}）", birth_year=1978, sex="f", floating=False,
        region=town, region_path=town.path,
    )  # fmt: skip
    task = _task(plan, 0, town, stations)
    task.episode_id, task.person_id = "demo-2021-rescue", "demo-2021-rescue"
    task.level, task.level_rank, task.stage = Level.HIGH, LEVEL_RANK[Level.HIGH], Stage.CONTROL
    task.scam_type, task.probability = plan.rescue["scam_type"], 0.98
    task.raised_at, task.received_at = at - MINUTE, at
    task.verdict, task.verdict_at = State.AWAKENED, at + 26 * MINUTE
    task.moved_at = task.closed_at = at + 95 * MINUTE
    task.loss_avoided_fen, task.cards_protected = plan.totals["rescue_fen"], plan.totals["rescue_cards"]
    store([task], numbered=True)
    busy = [
        Contact(
            task=task, region_path=town.path, at=at + number * MINUTE, by=plan.actor, result=CallResult.BUSY,
            note=f"{MARK}数据（合成）",
        )
        for number in (2, 4)
    ]  # fmt: skip
    Contact.objects.bulk_create(busy)
    Visit.objects.create(
        task=task, region_path=town.path, started_at=at + 18 * MINUTE, by=plan.actor,
        notes=f"{MARK}：挂断诈骗电话，删除屏幕共享软件，重启手机，陪同到银行查询余额，提醒挂失补办并更改密码",
    )  # fmt: skip
    TaskEvent.objects.create(
        task=task, region_path=town.path, at=at + 18 * MINUTE, actor=plan.actor, verb="meet",
        source=State.SEARCHING, target=State.MET, note=f"{MARK}数据（合成）",
    )  # fmt: skip
    store([_line(plan, task)])
    return 1

"""Sixteen provisions and what units, counties and towns undertook for them, for a demonstration; all of it
synthetic, by the module's own acts at their time.
"""

from __future__ import annotations

import datetime as dt
import random

from django.utils import timezone

from qingdun.console.command import proving, queries, undertaking
from qingdun.console.command.models import Provision, Undertaking
from qingdun.console.command.undertaking import UndertakingForm
from qingdun.console.kernel.demo import DutyOfficers, clock_at
from qingdun.console.kernel.models import Region, User
from qingdun.console.outreach import queries as outreach

ASKED: tuple[tuple[int, str, str, str], ...] = (
    (1, "党政主要负责人专题研究", "本季度至少召开一次专题会议，形成会议纪要。", "county"),
    (2, "明确分管领导和联络员", "报送分管领导、联络员名单和季度工作计划。", "unit"),
    (3, "国家反诈中心App推广", "注册量不低于常住人口的 35%，三项指标分别统计。", "county"),
    (4, "重点人群短信提醒", "流动人口和新入网用户覆盖率不低于 90%。", "one"),
    (5, "预警模型月度评估", "每月评估命中率、误报率并提出调整意见。", "one"),
    (6, "三级预警按时办结", "签收及时率不低于 95%，见面率不低于 85%。", "county"),
    (7, "“两卡”惩戒告知", "惩戒对象告知率 100%，申诉按期答复。", "county"),
    (10, "异常号码关停与二次核验", "推送清单 24 小时内反馈。", "one"),
    (11, "涉案对公账户清理", "核查发现的异常账户逐户处置。", "one"),
    (12, "排名结果通报", "每月 10 日前公布上月排名和依据。", "one"),
    (13, "挂牌镇街整改", "整改方案报备，三个月内通过验收。", "town"),
    (16, "网格员进村入户", "本季度入户率不低于 60%，逐户登记。", "town"),
)
"""Provision, title, goal, and who does it: every county, some towns, some units, or one unit."""
WORDS = ("已完成方案制定并部署到村居。", "正按计划推进，台账已更新。", "已完成大部分，剩余单位本周补齐。")
PROOF = b"%PDF-1.4\n% synthetic proof of a demonstration\n%%EOF\n"


def create_undertakings(office: User, now: dt.datetime) -> int:
    """The provisions stand, and of what was set for them something is in every state; how many."""
    draw = random.Random(8)
    with clock_at(now - dt.timedelta(days=120)):
        undertaking.take_drafted(office)
    stand = {one.number: one for one in queries.provisions(office)}
    for number, title, goal, whose in ASKED:
        _set(office, stand[number], title, goal, whose, draw, now)
    reporters = _reporters()
    other = User.objects.filter(username="demo-city").first() or office
    for place, one in enumerate(Undertaking.objects.order_by("pk")):
        _work(office, reporters.get(one.region_path, other), one, place, draw, now)
    return Undertaking.objects.count()


def _set(
    office: User,
    provision: Provision,
    title: str,
    goal: str,
    whose: str,
    draw: random.Random,
    now: dt.datetime,
) -> None:
    units = list(outreach.units(office).exclude(joined_on=None).values_list("pk", flat=True))
    paths: list[str] = []
    if whose == "county":
        paths = list(Region.objects.filter(level="county").order_by("path").values_list("path", flat=True))
    if whose == "town":
        towns = Region.objects.filter(level="town").order_by("path").values_list("path", flat=True)
        paths = list(towns)[:: max(1, len(towns) // 12)]
    named = () if paths else units[:6] if whose == "unit" else units[provision.number : provision.number + 1]
    if not paths and not named:
        paths = list(Region.objects.filter(level="city").values_list("path", flat=True))
    with clock_at(now - dt.timedelta(days=90)):
        due_on = timezone.localdate(now) + dt.timedelta(days=draw.choice((-12, -3, 5, 20, 45)))
        undertaking.set_undertakings(
            office, UndertakingForm(provision.pk, title, goal, due_on, list(named), paths)
        )


def _work(
    office: User, reporter: User, one: Undertaking, place: int, draw: random.Random, now: dt.datetime
) -> None:
    """One in five was accepted, one waits for that, one was sent back, the rest is under way."""
    began = now - dt.timedelta(days=draw.randint(40, 80))
    with clock_at(began):
        undertaking.report(reporter, one.pk, draw.randint(1, 6) * 10, draw.choice(WORDS))
        proving.add_proof(
            reporter, one.pk, f"进展说明{place + 1}（合成）.pdf", PROOF + f"{place}".encode(), ""
        )
    turn = place % 5
    if turn > 2:
        return
    with clock_at(now - dt.timedelta(days=9 if turn == 1 else 15)):
        undertaking.report(reporter, one.pk, 100, "各项任务已完成，请验收。（合成演示）", done=True)
    with clock_at(now - dt.timedelta(days=8)):
        if turn == 0:
            undertaking.accept(office, one.pk, "核对台账和佐证材料，同意验收。")
        if turn == 2:
            undertaking.send_back(office, one.pk, "佐证材料不全，请补齐签到表后重新报送。")


def _reporters() -> dict[str, User]:
    """The officers on duty in the counties, by path."""
    found = User.objects.filter(pk__in=DutyOfficers().ids, role="county_officer").select_related("region")
    return {one.region_path: one for one in found}

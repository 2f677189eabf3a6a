"""The assessment's part of the ledger of 2021: monthly rankings over the incidents that stand, the listings
they led to, and the interviews.

The rankings, what the rules propose and what a person decides are the module's own acts at their time.
Whatever was proposed about other towns than those that were listed is not confirmed.
"""

from __future__ import annotations

import datetime as dt

from django.db import transaction
from django.utils import timezone

from qingdun.console.assessment.actions import publish_ranking, reckon
from qingdun.console.assessment.codes import Ranked, RulingKind
from qingdun.console.assessment.deciding import call_to_interview, decide_ruling, report_on_ruling
from qingdun.console.assessment.models import Residents, Ruling
from qingdun.console.assessment.moves import RulingState
from qingdun.console.assessment.periods import Period, period_of
from qingdun.console.kernel.audit import record
from qingdun.console.kernel.demo import clock_at
from qingdun.console.kernel.demo_2021 import MARK, Plan
from qingdun.console.kernel.localtime import midnight
from qingdun.contract.progress import Share, unheard

TALKED = f"（{MARK}，合成）已约谈：分析发案原因，落实宣防管控责任。"
NOT_NOW = f"{MARK}：先行提醒，继续观察。"


def create_2021(plan: Plan, told: Share = unheard) -> int:
    """Rankings, listings and interviews of the period stand; how many rankings."""
    with transaction.atomic():
        _residents(plan)
    months = _months(plan)
    for number, month in enumerate(months):
        with clock_at(_morning(month.until + dt.timedelta(days=1))):
            publish_ranking(plan.actor, reckon(plan.actor, Ranked.TOWN, month.since).pk)
        with clock_at(_morning(month.until + dt.timedelta(days=3))):
            _decide(plan)
        told((number + 1) / (len(months) + 1))
    _interview(plan)
    return len(months)


def _residents(plan: Plan) -> None:
    made = Residents.objects.bulk_create(
        Residents(
            region_path=town.path, residents=town.population or 1, as_of=plan.since - dt.timedelta(days=60),
            source=f"{MARK}人口数（合成）", by=plan.actor, at=timezone.now(),
        )
        for town in plan.towns
    )  # fmt: skip
    record(None, "reckon_ranking", ("assessment", "demo-2021"), None, {"rows": len(made)})


def _months(plan: Plan) -> list[Period]:
    """The months that were over within the period, so that there was time to decide."""
    found, month = [], period_of(Ranked.TOWN, plan.since)
    while month.until + dt.timedelta(days=4) <= plan.until:
        found.append(month)
        month = period_of(Ranked.TOWN, month.until + dt.timedelta(days=1))
    return found


def _decide(plan: Plan) -> None:
    listed = {town.path for town in plan.towns if town.code in plan.listed}
    for ruling in list(Ruling.objects.filter(state=RulingState.PROPOSED).order_by("pk")):
        if ruling.region_path not in listed:
            decide_ruling(plan.actor, ruling.pk, "refuse_ruling", NOT_NOW)
            continue
        decide_ruling(plan.actor, ruling.pk, "confirm_ruling")
        if ruling.kind == RulingKind.INTERVIEW:
            report_on_ruling(plan.actor, ruling.pk, TALKED)


def _interview(plan: Plan) -> None:
    """Further towns are called in until there are as many as were published."""
    held = Ruling.objects.filter(kind=RulingKind.INTERVIEW, state=RulingState.ENDED)
    known = set(held.values_list("region_path", flat=True))
    others = [town for town in plan.towns if town.path not in known]
    wanted = max(0, plan.totals["towns_interviewed"] - len(known))
    for town in plan.random.sample(others, min(len(others), wanted)):
        at = plan.moment(plan.day(last=plan.until - dt.timedelta(days=1)))
        with clock_at(at):
            ruling = call_to_interview(plan.actor, town.code, f"{MARK}：约谈")
        with clock_at(at + dt.timedelta(hours=3)):
            report_on_ruling(plan.actor, ruling.pk, TALKED)


def _morning(day: dt.date) -> dt.datetime:
    """Half past nine of the day."""
    return midnight(day) + dt.timedelta(hours=9, minutes=30)

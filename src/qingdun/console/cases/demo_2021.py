"""The crackdown's part of the ledger of 2021: incidents, card cases, a campaign, and whoever they were about.

How many incidents there were was not published: their number is made up, those of 2020 with it, so that a
bulletin has something to compare with.
"""

from __future__ import annotations

import datetime as dt
from itertools import count

from django.db import transaction
from django.utils import timezone

from qingdun.console.cases.codes import GangKind, Industry, MeasureKind, PartRole, SeizedKind
from qingdun.console.cases.demo import CITIES, GIVEN, OWN_CITIES, PROVINCES, SURNAMES
from qingdun.console.cases.models import (
    Campaign,
    Case,
    CasePerson,
    Gang,
    Incident,
    Measure,
    Member,
    Part,
    Seizure,
    Team,
    Trip,
)
from qingdun.console.cases.moves import CampaignState, CaseState, GangState
from qingdun.console.kernel.audit import record
from qingdun.console.kernel.demo_2021 import MARK, Plan, spread
from qingdun.console.kernel.storing import store
from qingdun.contract.codes import scam_types

A_MONTH = 330
"""Incidents of a month."""
LISTED_TIMES = 5
"""How many times as many incidents a town has that was listed."""
MONTHS_BEFORE = 12
CARD_CASES, FRAUD_CASES = 60, 40
COERCIVE = (MeasureKind.DETAINED, MeasureKind.DETAINED, MeasureKind.BAILED, MeasureKind.ARRESTED)
OTHER_SEIZURES = 12


@transaction.atomic
def create_2021(plan: Plan) -> int:
    """The rows stand; how many cases."""
    incidents = _incidents(plan)
    campaign = _campaign(plan)
    cards = _cases(plan, CARD_CASES, None)
    frauds = _cases(plan, FRAUD_CASES, campaign)
    _join(plan, frauds, incidents)
    _cards(plan, cards)
    _caught(plan, frauds)
    _seizures(plan, cards)
    after = {"cases": len(cards) + len(frauds), "incidents": len(incidents)}
    record(None, "file_case", ("cases", "demo-2021"), None, after)
    return len(cards) + len(frauds)


def _incidents(plan: Plan) -> list[Incident]:
    types = list(scam_types().names)
    odds = [1.0 + (number * 7) % 5 for number in range(len(types))]
    weights = [(one.population or 1) * (LISTED_TIMES if one.code in plan.listed else 1) for one in plan.towns]
    month, made = plan.since.replace(year=plan.since.year - 1, day=1), []
    numbers = count(1)
    while month <= plan.until:
        after = (month + dt.timedelta(days=32)).replace(day=1)
        last = min(after - dt.timedelta(days=1), plan.until)
        rows = round(A_MONTH * (last - month).days / 30 * plan.random.uniform(0.85, 1.2))
        for town in plan.random.choices(plan.towns, weights, k=rows):
            number, at = next(numbers), plan.moment(plan.day(month, last))
            loss = int(min(1_200_000, plan.random.lognormvariate(9.4, 1.3))) * 100
            made.append(
                Incident(
                    person_id=f"demo-2021-{number}", msisdn=f"+8617259{number:06}", region_path=town.path,
                    reported_at=at, scam_type=plan.random.choices(types, odds)[0], loss_fen=loss,
                    how=f"{MARK}数据（合成）", key=f"demo-2021-{number}", by=plan.actor,
                    entered_at=at + dt.timedelta(minutes=12),
                )
            )  # fmt: skip
        month = after
    store(made, numbered=True)
    return made


def _campaign(plan: Plan) -> Campaign:
    """Teams go to so many other provinces, and to cities of the own one."""
    campaign = Campaign.objects.create(
        name=f"{MARK}“百案”攻坚专项行动", region_path=plan.actor.region_path, begins_on=_campaign_day(plan),
        goal="一百起案件集中攻坚", state=CampaignState.RUNNING, by=plan.actor,
    )  # fmt: skip
    team = Team.objects.create(campaign=campaign, name=f"{MARK}一组", officers=12)
    own = (plan.actor.region.code if plan.actor.region else "")[:2]
    places = [
        *zip(PROVINCES, CITIES, strict=True),
        *((own, city) for city in OWN_CITIES.get(own, ())),
    ]
    others = [one for one in places if one[0] != own][: plan.totals["provinces"]]
    inside = [one for one in places if one[0] == own][: plan.totals["cities"]]
    Trip.objects.bulk_create(
        Trip(
            team=team, province=province, city=city, result=f"{MARK}：抓获嫌疑人",
            left_on=min(plan.until, campaign.begins_on + dt.timedelta(days=3 * number)),
        )
        for number, (province, city) in enumerate([*others, *inside])
    )  # fmt: skip
    return campaign


def _campaign_day(plan: Plan) -> dt.date:
    """The first of the last whole month but one."""
    return (plan.until.replace(day=1) - dt.timedelta(days=1)).replace(day=1)


def _cases(plan: Plan, rows: int, campaign: Campaign | None) -> list[Case]:
    first, made = campaign.begins_on if campaign else plan.since, []
    for number in range(rows):
        filed = plan.day(first, plan.until - dt.timedelta(days=20))
        solved = plan.random.random() < 0.7
        made.append(
            Case(
                number=f"{MARK}{'攻' if campaign else '卡'}〔{filed.year}〕{number + 1:04}号",
                name="电信网络诈骗案" if campaign else "帮助信息网络犯罪活动案", two_cards=campaign is None,
                filed_on=filed, solved_on=plan.day(filed) if solved else None, note=f"{MARK}数据（合成）",
                state=CaseState.SOLVED if solved else CaseState.FILED, region_path=plan.town().path,
                campaign=campaign, by=plan.actor, entered_at=plan.moment(filed),
            )
        )  # fmt: skip
    return Case.objects.bulk_create(made)


def _join(plan: Plan, cases: list[Case], incidents: list[Incident]) -> None:
    through = Case.incidents.through
    recent = [one for one in incidents if timezone.localdate(one.reported_at) >= plan.since]
    chosen = plan.random.sample(recent, min(len(recent), 4 * len(cases)))
    through.objects.bulk_create(
        through(case_id=cases[number % len(cases)].pk, incident_id=one.pk)
        for number, one in enumerate(chosen)
    )


def _people(plan: Plan, rows: int, kind: str) -> list[CasePerson]:
    """Synthetic persons: their documents begin with DEMO."""
    pick = plan.random.choice
    return CasePerson.objects.bulk_create(
        CasePerson(identity=f"DEMO2021{kind}{number:06}", name=f"{pick(SURNAMES)}{pick(GIVEN)}{pick(GIVEN)}")
        for number in range(rows)
    )


def _cards(plan: Plan, cases: list[Case]) -> None:
    """Those detained and those punished over cards are different people; the first are insiders."""
    detained = _people(plan, plan.totals["detained"], "A")
    punished = _people(plan, plan.totals["punished"], "B")
    parts, measures = [], []
    industries = (Industry.OPERATOR, Industry.BANK)
    for number, person in enumerate([*detained, *punished]):
        case, insider = cases[number % len(cases)], number < plan.totals["insiders"]
        parts.append(
            Part(
                case=case, person=person, role=PartRole.INSIDER if insider else PartRole.CARD_SELLER,
                industry=industries[number % 2] if insider else "", on=plan.day(case.filed_on), by=plan.actor,
            )
        )  # fmt: skip
        if number < len(detained):
            measures.append(_measure(plan, case, person, MeasureKind.DETAINED))
            continue
        found = _measure(plan, case, person, MeasureKind.PUNISHED)
        found.until, found.rule = found.on + dt.timedelta(days=730), "联合惩戒通知 2019"
        measures.append(found)
    Part.objects.bulk_create(parts)
    Measure.objects.bulk_create(measures)
    _gangs(plan, cases, detained)


def _caught(plan: Plan, cases: list[Case]) -> None:
    people = _people(plan, plan.totals["caught"], "C")
    parts, measures = [], []
    for number, person in enumerate(people):
        case = cases[number % len(cases)]
        parts.append(Part(case=case, person=person, role=PartRole.MULE, on=case.filed_on, by=plan.actor))
        measures.append(_measure(plan, case, person, MeasureKind.CAUGHT))
        if number < plan.totals["coerced"]:
            measures.append(_measure(plan, case, person, COERCIVE[number % len(COERCIVE)]))
    Part.objects.bulk_create(parts)
    Measure.objects.bulk_create(measures)


def _measure(plan: Plan, case: Case, person: CasePerson, kind: str) -> Measure:
    on = plan.day(case.filed_on)
    return Measure(case=case, person=person, kind=kind, on=on, document=f"{MARK}文书", by=plan.actor)


def _gangs(plan: Plan, cases: list[Case], people: list[CasePerson]) -> None:
    for number, size in enumerate(spread(min(len(people), 60), plan.totals["card_gangs"])):
        found = plan.day(last=plan.until - dt.timedelta(days=30))
        gang = Gang.objects.create(
            name=f"{MARK}开贩卡团伙 2021-{number + 1}", kind=GangKind.CARDS, found_on=found,
            region_path=plan.actor.region_path, state=GangState.BROKEN_UP,
            broken_up_on=plan.day(found), by=plan.actor,
        )  # fmt: skip
        Member.objects.bulk_create(
            Member(gang=gang, person=person, role=PartRole.LEADER if place == 0 else PartRole.CARD_SELLER)
            for place, person in enumerate(people[number :: plan.totals["card_gangs"]][:size])
        )
        gang.cases.add(cases[number % len(cases)])


def _seizures(plan: Plan, cases: list[Case]) -> None:
    """One operation seized more cards than any other."""
    most = plan.totals["seized_at_once"]
    smaller = [
        Seizure(
            case=case, kind=SeizedKind.PHONE_CARD, count=plan.random.randint(1, max(1, most // 8)),
            on=plan.day(case.filed_on), place=f"{MARK}地点", by=plan.actor,
        )
        for case in cases[:OTHER_SEIZURES]
    ]  # fmt: skip
    at_once = Seizure(
        case=cases[0], kind=SeizedKind.PHONE_CARD, count=most, on=plan.seized_on, place=f"{MARK}小区",
        serials=[f"8986002021{number:010}" for number in range(most)], by=plan.actor,
    )  # fmt: skip
    Seizure.objects.bulk_create([*smaller, at_once])

"""A synthetic year of the crackdown for a demonstration: the same one for the same register, and marked.

Case numbers begin with 演示, documents with DEMO, and phone numbers lie in a segment nobody is assigned.
"""

from __future__ import annotations

import datetime as dt
from random import Random
from typing import NamedTuple

from django.conf import settings
from django.db import transaction
from django.utils import timezone

from qingdun.console.cases.casework import Seized
from qingdun.console.cases.codes import GangKind, Industry, MeasureKind, PartRole, SeizedKind
from qingdun.console.cases.demo_gangs import Place, break_up, crews, led, places
from qingdun.console.cases.models import (
    Campaign,
    Case,
    CasePerson,
    Incident,
    Measure,
    Part,
    Seizure,
    Team,
    Trip,
)
from qingdun.console.cases.moves import CampaignState, CaseState
from qingdun.console.kernel.audit import record
from qingdun.console.kernel.models import PersonNumber, Region, User
from qingdun.contract.codes import scam_types
from qingdun.errors import NotPermitted

SEED = 1706
INCIDENTS, CARD_CASES, FRAUD_CASES = 720, 72, 56
DETAINED, PUNISHED, CAUGHT, COERCED = 234, 161, 63, 52
INSIDERS = 4
SEIZED_AT_ONCE = 274
SURNAMES = "陈李张黄何罗梁刘邓林朱欧谢曾冯潘钟郑范温"
GIVEN = "志伟建国明辉俊杰嘉豪晓峰文斌永强海涛丽华秀英桂兰春梅小红国栋"
PROVINCES = ("36", "35", "52", "15", "42", "63", "23", "43", "51", "41", "45")
CITIES = ("赣州", "厦门", "贵阳", "赤峰", "孝感", "西宁", "大庆", "娄底", "绵阳", "周口", "玉林")

OWN_CITIES = {"44": ("东莞", "揭阳", "茂名")}
"""Cities of the own province, by its code, that teams went to as well."""


class _Year(NamedTuple):
    """What every part of the year is made with."""

    random: Random
    today: dt.date
    actor: User
    towns: list[Region]

    def day(self, first: int, last: int = 0) -> dt.date:
        """A day between so many days ago and so many."""
        return self.today - dt.timedelta(days=self.random.randint(last, first))

    def town(self) -> Region:
        """A town, the larger the likelier."""
        return self.random.choices(self.towns, [town.population or 1 for town in self.towns])[0]


@transaction.atomic
def create_demo_cases() -> int:
    """A year of incidents, cases and what hangs on them stands; how many cases are new, none the second time.

    Call it after `create_demo_accounts`. Errors: NotPermitted outside demo mode.
    """
    if not settings.DEMO:
        raise NotPermitted("demo cases exist in demo mode only; set QINGDUN_DEMO=1 for a demonstration")
    actor = User.objects.filter(demo=True, username="demo-city").first()
    if actor is None or Case.objects.filter(number__startswith="演示").exists():
        return 0
    towns = list(Region.objects.filter(level=Region.Level.TOWN).order_by("code"))
    year = _Year(Random(SEED), timezone.localdate(), actor, towns)
    incidents = _incidents(year)
    campaign = _campaign(year)
    cases = _cases(year, campaign)
    _join(year, cases, incidents)
    card_persons = _people(year, DETAINED + PUNISHED - 40, 0)
    caught = _people(year, CAUGHT, len(card_persons))
    gangs = crews(GangKind.CARDS, card_persons[INSIDERS:], cases[:CARD_CASES])
    gangs += crews(GangKind.FRAUD, caught, cases[CARD_CASES:])
    at = places(year.random, gangs)
    _card_work(year, cases[:CARD_CASES], card_persons, at)
    _campaign_work(year, cases[CARD_CASES:], caught, at)
    Part.objects.bulk_create(led(gangs, actor))
    break_up(year.random, gangs, at, actor, year.today)
    record(None, "file_case", ("cases", "demo"), None, {"cases": len(cases), "incidents": len(incidents)})
    return len(cases)


def _incidents(year: _Year) -> list[Incident]:
    held = list(PersonNumber.objects.select_related("person").order_by("msisdn")[:50_000])
    if not held:
        return []
    types = list(scam_types().names)
    made = []
    for index, number in enumerate(year.random.sample(held, min(INCIDENTS, len(held)))):
        at = timezone.now() - dt.timedelta(days=year.random.random() ** 1.2 * 364, hours=1)
        loss = int(min(1_200_000, year.random.lognormvariate(9.4, 1.3))) * 100
        made.append(
            Incident(
                person_id=number.person_id, msisdn=number.msisdn, region_path=number.person.region_path,
                reported_at=at, scam_type=year.random.choice(types), loss_fen=loss, how="演示数据",
                key=f"demo-{index}", by=year.actor, entered_at=at + dt.timedelta(minutes=12),
            )
        )  # fmt: skip
    return Incident.objects.bulk_create(made)


def _campaign(year: _Year) -> Campaign:
    began = year.today - dt.timedelta(days=58)
    campaign = Campaign.objects.create(
        name="演示“百案”攻坚专项行动", region_path=year.actor.region_path, begins_on=began,
        goal="一百起案件集中攻坚", state=CampaignState.RUNNING, by=year.actor,
    )  # fmt: skip
    teams = [
        Team.objects.create(campaign=campaign, name=f"演示{word}组", officers=6 + number)
        for number, word in enumerate("一二三四五")
    ]
    own = (year.actor.region.code if year.actor.region else "")[:2]
    places = [*zip(PROVINCES, CITIES, strict=True), *((own, city) for city in OWN_CITIES.get(own, ()))]
    Trip.objects.bulk_create(
        Trip(
            team=teams[number % 5], province=province, city=city,
            left_on=began + dt.timedelta(days=3 + 3 * number),
            back_on=began + dt.timedelta(days=8 + 3 * number), result=f"抓获 {3 + number % 4} 人",
        )
        for number, (province, city) in enumerate(places)
    )  # fmt: skip
    return campaign


def _cases(year: _Year, campaign: Campaign) -> list[Case]:
    types = list(scam_types().names)
    made = []
    for index in range(CARD_CASES + FRAUD_CASES):
        cards = index < CARD_CASES
        filed = year.day(350, 20) if cards else year.day(58, 8)
        solved = min(year.today, filed + dt.timedelta(days=year.random.randint(4, 40)))
        open_still = year.random.random() < 0.25
        state = (
            CaseState.FILED if open_still else year.random.choice((CaseState.SOLVED, CaseState.TRANSFERRED))
        )
        made.append(
            Case(
                number=f"演示〔{filed.year}〕{index + 1:04}号", two_cards=cards, filed_on=filed,
                name="帮助信息网络犯罪活动案" if cards else "电信网络诈骗案",
                scam_type="" if cards else year.random.choice(types), state=state,
                solved_on=None if open_still else solved, region_path=year.town().path,
                campaign=None if cards else campaign, by=year.actor, entered_at=timezone.now(),
                note="演示数据",
            )
        )  # fmt: skip
    return Case.objects.bulk_create(made)


def _join(year: _Year, cases: list[Case], incidents: list[Incident]) -> None:
    """Each fraud case has some incidents; some have two cases."""
    through = Case.incidents.through
    pairs = {
        (case.pk, one.pk)
        for case in cases[CARD_CASES:]
        for one in year.random.sample(incidents, min(len(incidents), year.random.randint(2, 7)))
    }
    through.objects.bulk_create(through(case_id=case, incident_id=one) for case, one in sorted(pairs))


def _people(year: _Year, count: int, first: int) -> list[CasePerson]:
    pick = year.random.choice
    return CasePerson.objects.bulk_create(
        CasePerson(
            identity=f"DEMO{first + index:014}", name=f"{pick(SURNAMES)}{pick(GIVEN)}{pick(GIVEN)}"
        )
        for index in range(count)
    )  # fmt: skip


def _numbers(person: CasePerson) -> list[str]:
    """A number nobody is assigned."""
    return [f"+8617258{int(person.identity.removeprefix('DEMO')):06}"]


def _card_work(year: _Year, cases: list[Case], people: list[CasePerson], at: dict[int, Place]) -> None:
    """Parts and measures about cards: some are detained and punished both."""
    gangs = {place.case.pk for place in at.values()}
    others = [case for case in cases if case.pk not in gangs]
    parts, measures = [], []
    roles = (PartRole.CARD_OPENER, PartRole.CARD_SELLER, PartRole.MULE)
    for index, person in enumerate(people):
        insider, place = index < INSIDERS, at.get(person.pk)
        case = place.case if place else others[index % len(others)]
        role = PartRole.INSIDER if insider else place.role if place else year.random.choice(roles)
        industry = (
            (Industry.OPERATOR, Industry.OPERATOR, Industry.BANK, Industry.PARCEL)[index] if insider else ""
        )
        parts.append(
            Part(
                case=case,
                person=person,
                role=role,
                industry=industry,
                on=case.filed_on,
                by=year.actor,
                numbers=[*_numbers(person), *(place.numbers if place else ())],
            )
        )
        if index < DETAINED:
            measures.append(_measure(year, case, person, MeasureKind.CAUGHT, 1))
            measures.append(_measure(year, case, person, MeasureKind.DETAINED, 2))
            if year.random.random() < 0.4:
                measures.append(_measure(year, case, person, MeasureKind.ARRESTED, 15))
                if case.state == CaseState.TRANSFERRED:
                    measures.append(_measure(year, case, person, MeasureKind.TRANSFERRED, 60))
        if index >= len(people) - PUNISHED:
            punished = _measure(year, case, person, MeasureKind.PUNISHED, 18)
            punished.until = punished.on + dt.timedelta(days=730)
            punished.rule = "联合惩戒办法 2024"
            measures.append(punished)
    Part.objects.bulk_create(parts)
    Measure.objects.bulk_create(measures)
    things = (SeizedKind.PHONE_CARD, SeizedKind.BANK_CARD, SeizedKind.DEVICE)
    seized = [
        Seizure(
            case=case, kind=year.random.choice(things),
            count=year.random.randint(1, 40), place="演示地点",
            on=case.filed_on + dt.timedelta(days=2), by=year.actor,
        )
        for case in cases[1::3]
    ]  # fmt: skip
    serials = [f"898600{SEED:04}{number:010}" for number in range(SEIZED_AT_ONCE)]
    on = cases[0].filed_on + dt.timedelta(days=1)
    seized.append(
        Seizure(
            case=cases[0], kind=SeizedKind.PHONE_CARD, count=SEIZED_AT_ONCE, serials=serials, on=on,
            place="演示小区", by=year.actor,
        )
    )  # fmt: skip
    seized += [
        Seizure(
            case=case, kind=SeizedKind.CASH, amount_fen=year.random.randint(2, 90) * 100_000,
            on=case.filed_on + dt.timedelta(days=3), place="演示地点", by=year.actor,
        )
        for case in cases[2::9]
    ]  # fmt: skip
    _enter(seized)


def _campaign_work(year: _Year, cases: list[Case], people: list[CasePerson], at: dict[int, Place]) -> None:
    """Those caught in the campaign; most are under a coercive measure. The bank cards that were found are of
    the accounts whose payments are stopped (`funds/demo_year.py`).
    """
    parts, measures = [], []
    kinds = (MeasureKind.DETAINED, MeasureKind.DETAINED, MeasureKind.BAILED, MeasureKind.ARRESTED)
    for index, person in enumerate(people):
        case, role, numbers = at[person.pk]
        parts.append(
            Part(
                case=case, person=person, role=role, on=case.filed_on, by=year.actor,
                numbers=[*_numbers(person), *numbers],
            )
        )  # fmt: skip
        measures.append(_measure(year, case, person, MeasureKind.CAUGHT, 3))
        if index < COERCED:
            measures.append(_measure(year, case, person, kinds[index % 4], 4))
    Part.objects.bulk_create(parts)
    Measure.objects.bulk_create(measures)
    _enter([_cards(year, case) for case in cases[::2]])


def _cards(year: _Year, case: Case) -> Seizure:
    """Bank cards of the accounts to which the case's victims paid, and some more."""
    paid = case.incidents.order_by("pk").values_list("pk", flat=True)
    serials = [f"620070{pk:010}" for pk in paid]
    return Seizure(
        case=case, kind=SeizedKind.BANK_CARD, count=len(serials) + year.random.randint(1, 9), serials=serials,
        on=min(year.today, case.filed_on + dt.timedelta(days=4)), place="演示地点", by=year.actor,
    )  # fmt: skip


def _enter(seized: list[Seizure]) -> None:
    for one in seized:
        said = Seized(one.kind, one.on, one.count, one.amount_fen, one.place, one.serials)
        one.key = said.key(one.case.number)
    Seizure.objects.bulk_create(seized)


def _measure(year: _Year, case: Case, person: CasePerson, kind: str, days: int) -> Measure:
    on = min(year.today, case.filed_on + dt.timedelta(days=days))
    return Measure(case=case, person=person, kind=kind, on=on, document="演示文书", by=year.actor)

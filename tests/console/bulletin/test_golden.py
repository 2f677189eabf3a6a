"""The golden test: a bulletin over the ledger of 2021 says every figure that was published of that time, each
from its rows.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from django.db.models import F

import qingdun.console.bulletin
from qingdun.console.alerts.models import Task
from qingdun.console.assessment.models import Line, Ruling
from qingdun.console.bulletin.composing import compose, text_of
from qingdun.console.bulletin.template import Slot, shipped
from qingdun.console.bulletin.writing import as_text
from qingdun.console.cases.models import CasePerson, Gang, Measure, Part, Seizure, Trip
from qingdun.console.command.models import Post, Provision
from qingdun.console.funds.models import Freeze
from qingdun.console.industry.models import BlacklistEntry, Finding, Interview, Restriction
from qingdun.console.kernel.demo_2021 import published
from qingdun.console.outreach.models import (
    Ambassador,
    AppCount,
    Commendation,
    Event,
    Partner,
    ProvinceRank,
    Unit,
    Venue,
)
from qingdun.console.supervision.models import Charge, Commissioner
from tests.console.bulletin.conftest import PERIOD, Golden

pytestmark = [pytest.mark.django_db, pytest.mark.xdist_group("golden")]
"""One process makes the ledger, which takes most of their time."""
AWAY = "990000/"
"""A place that is nobody's."""
LATER = dt.date(2021, 12, 31)


def away(rows: Any) -> None:
    """One of the rows is another city's."""
    one = rows.order_by("pk").first()
    type(one).objects.filter(pk=one.pk).update(region_path=AWAY)


def later(rows: Any, field: str) -> None:
    """One of the rows is of a later day."""
    one = rows.order_by("pk").first()
    type(one).objects.filter(pk=one.pk).update(**{field: LATER})


def later_measure(**which: Any) -> None:
    """Of one person the measure is of a later day."""
    later(Measure.objects.filter(**which), "on")


def interview(kind: str) -> Callable[[], None]:
    return lambda: away(Interview.objects.filter(kind=kind))


def restriction(**which: Any) -> Callable[[], None]:
    return lambda: away(Restriction.objects.filter(**which))


RESCUE = Task.objects.filter(cards_protected__gt=0)
SAID: dict[str, tuple[str, str, Callable[[], object]]] = {
    "outreach.installed@until|rough": (
        "注册量达{}人次", "152.9万余",
        lambda: AppCount.objects.filter(pk=AppCount.objects.order_by("pk")[0].pk).update(
            installed=F("installed") + 1000
        ),
    ),
    "outreach.rank": ("位列全省第{}位", "4", lambda: ProvinceRank.objects.update(rank=5)),
    "cases.phone_cards_at_once": (
        "手机卡{}张", "274", lambda: Seizure.objects.filter(count=274).update(count=273)
    ),
    "cases.detained": ("刑拘各类涉“两卡”人员{}名", "234",
                       lambda: later_measure(kind="detained", case__two_cards=True)),
    "cases.card_gangs": ("打掉开贩卡团伙{}个", "7", lambda: later(Gang.objects.all(), "broken_up_on")),
    "cases.punished": ("惩戒涉“两卡”人员{}名", "161", lambda: later_measure(kind="punished")),
    "cases.insiders": ("抓获行业“内鬼”{}名", "4", lambda: later(Part.objects.filter(role="insider"), "on")),
    "cases.caught": ("犯罪嫌疑人{}名", "63", lambda: later_measure(kind="caught")),
    "cases.coercive": ("刑事强制措施{}人", "52",
                       lambda: later_measure(kind="bailed", case__campaign__isnull=False)),
    "cases.frozen": ("冻结涉案资金{}", "158.5万元", lambda: away(Freeze.objects.all())),
    "cases.provinces|rough": (
        "等{}个省份", "10余", lambda: later(Trip.objects.exclude(province="44"), "left_on")
    ),
    "industry.numbers_shut": ("关停异常号码{}个", "29959", restriction(kind="shut")),
    "industry.blacklisted_persons|rough": (
        "“黑名单”{}个", "30万余", lambda: away(BlacklistEntry.objects.filter(kind="person"))
    ),
    "industry.findings": ("推送公安机关{}个", "386", lambda: away(Finding.objects.all())),
    "industry.corporate_controlled": ("异常企业银行账户{}个", "6028", restriction(kind="control")),
    "industry.corporate_cleared": ("涉案对公银行账户{}个", "11", restriction(kind="clear")),
    "industry.blacklisted_enterprises": (
        "“黑名单”{}户", "1272", lambda: away(BlacklistEntry.objects.filter(kind="enterprise"))
    ),
    "bulletin.persons": ("对{}名潜在受害者", "72221", lambda: away(Task.objects.all())),
    "assessment.ranked": (
        "对{}个镇（街）万人发案率", "85",
        lambda: away(Line.objects.filter(ranking__until=dt.date(2021, 5, 31))),
    ),
    "assessment.listed": (
        "{}个镇（街）被挂牌整治", "3", lambda: away(Ruling.objects.filter(kind="listing", state="confirmed"))
    ),
    "assessment.listed|names:region_path": (
        "挂牌整治：{}", "清城龙塘镇、清新太和镇、英德东华镇",
        lambda: away(Ruling.objects.filter(kind="listing", state="confirmed")),
    ),
    "assessment.interviewed": (
        "对{}个镇（街）、", "11", lambda: away(Ruling.objects.filter(kind="interview", state="ended"))
    ),
    "industry.universities_interviewed": ("{}所高校、", "10", interview("university")),
    "industry.enterprises_interviewed": ("{}家企业、", "10", interview("enterprise")),
    "industry.banks_interviewed": ("{}家银行金融机构", "7", interview("bank")),
    "industry.departments_interviewed": ("{}个行业主管部门", "10", interview("department")),
    "bulletin.provisions": ("出台{}条刚性措施", "16", lambda: away(Provision.objects.all())),
    "bulletin.county_heads": ("{}个县（市、区）主要负责同志", "8", lambda: away(Post.objects.all())),
    "supervision.commissioners": ("聘任{}名督导专员", "10", lambda: away(Commissioner.objects.all())),
    "supervision.towns": ("前{}名重点镇（街）", "20", lambda: away(Charge.objects.filter(kind="town"))),
    "supervision.enterprises": (
        "员工人数前{}名的企业", "20", lambda: away(Charge.objects.filter(kind="enterprise"))
    ),
    "outreach.units|before": (
        "由{}个增加", "31", lambda: away(Unit.objects.filter(joined_on__lt=PERIOD.since))
    ),
    "outreach.units": ("增加至{}个", "50", lambda: away(Unit.objects.exclude(joined_on=None))),
    "outreach.matrix_units|rough": ("由{}个单位", "50余", lambda: away(Unit.objects.exclude(matrix_on=None))),
    "outreach.ambassadors": ("反诈宣传员{}名", "65", lambda: away(Ambassador.objects.all())),
    "outreach.venues": ("宣防阵地{}个", "10", lambda: away(Venue.objects.all())),
    "outreach.events|rough": ("宣传活动{}场次", "100余", lambda: away(Event.objects.exclude(kind="campus"))),
    "outreach.universities": ("走进{}所高校", "9", lambda: away(Partner.objects.filter(kind="university"))),
    "outreach.technicians": ("{}所技师学院", "1", lambda: away(Partner.objects.filter(kind="technician"))),
    "outreach.campus_heads|rough": (
        "师生代表共{}人", "400余", lambda: Event.objects.filter(kind="campus").update(heads=399)
    ),
    "outreach.commended": ("群众{}人", "3", lambda: away(Commendation.objects.all())),
    "bulletin.rescue_fen": (
        "避免其经济损失{}", "6.7万元", lambda: RESCUE.update(loss_avoided_fen=6_600_000)
    ),
    "bulletin.rescue_cards": ("将{}张银行卡", "3", lambda: RESCUE.update(cards_protected=2)),
}  # fmt: skip
"""By place in the text: the words around it, what stands there, and how one row is changed."""


def slot(place: str) -> Slot:
    code, _bar, shown = place.partition("|")
    show, _colon, what = shown.partition(":")
    return Slot(code, show, what)


def test_every_published_figure_is_said(golden: Golden) -> None:
    text = as_text(compose(golden.viewer, golden.city, PERIOD))
    missing = [said for words, found, _change in SAID.values() if (said := words.format(found)) not in text]
    assert missing == [], text


@pytest.mark.parametrize("place", SAID)
def test_a_figure_follows_its_rows(golden: Golden, place: str) -> None:
    _words, found, change = SAID[place]
    assert golden.writer().written(slot(place)) == found
    change()
    assert golden.writer().written(slot(place)) != found


def test_whoever_was_caught_twice_is_one(golden: Golden) -> None:
    twice = Measure.objects.filter(kind="caught").order_by("pk").first()
    assert twice is not None
    Measure.objects.create(
        case=twice.case, person=CasePerson.objects.get(pk=twice.person_id), kind="caught",
        on=PERIOD.until, by=golden.viewer,
    )  # fmt: skip
    assert golden.writer().written(Slot("cases.caught")) == "63"


def test_the_english_bulletin_says_the_same_numbers(golden: Golden) -> None:
    chinese = compose(golden.viewer, golden.city, PERIOD)
    english = compose(golden.viewer, golden.city, PERIOD, "en")
    assert [(one.code, one.value) for one in english.figures] == [
        (one.code, one.value) for one in chinese.figures
    ]
    said = as_text(english)
    for words in ("more than 1,529,000 registrations", "72,221 people were warned", "1,585,000 yuan"):
        assert words in said
    assert not re.search("[\u4e00-\u9fff]", re.sub("（演示.*?）|[^ ]*演示[^ ]*", "", said))


def test_no_number_is_typed_into_the_bulletin() -> None:
    """Neither code nor template holds a figure that was published, and the template holds no digit at all."""
    folder = Path(qingdun.console.bulletin.__path__[0])
    sections = shipped().sections
    said = [one for section in sections for paragraph in section.paragraphs for one in paragraph]
    said += [clause for one in said for clause in one.clauses]
    for one in (shipped().title, *shipped().opening, *said):
        for parts in one.parts.values():
            assert not re.search(r"\d", "".join(part for part in parts if isinstance(part, str)))
    large = {f"{one}" for one in published()["totals"].values() if one > 100}
    for path in folder.rglob("*"):
        if path.suffix in (".py", ".json", ".html") and "migrations" not in path.parts:
            found = set(re.findall(r"\d+", path.read_text("utf-8").replace("_", "").replace(",", "")))
            code = re.sub('""".*?"""', "", path.read_text("utf-8"), flags=re.DOTALL)
            typed = large & found & set(re.findall(r"\d+", code.replace("_", "").replace(",", "")))
            assert not typed, path
            assert "demo_2021" not in code, path


def test_a_region_s_bulletin_tells_of_its_own_rows_alone(golden: Golden) -> None:
    county = golden.city.children.order_by("code").first()
    assert county is not None
    made = compose(golden.viewer, county, PERIOD)
    told = {one.code: one.value for one in made.figures}
    theirs = Task.objects.filter(region_path__startswith=county.path).values("person_id").distinct().count()
    assert told["bulletin.persons"] == theirs
    assert text_of(made.paragraphs[0]).startswith("2021年1月1日至2021年6月23日，" + county.name)

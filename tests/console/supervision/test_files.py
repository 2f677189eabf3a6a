"""Figures of staff, visits and findings come from a file, once; what cannot be says where and why; what left
comes back.
"""

from __future__ import annotations

import datetime as dt

import pytest
from django.utils import timezone

from qingdun.console.kernel.imports import actions as imports
from qingdun.console.kernel.imports import ticking
from qingdun.console.kernel.imports.models import Import
from qingdun.console.kernel.models import Region, User
from qingdun.console.outreach.models import Partner
from qingdun.console.supervision import queries
from qingdun.console.supervision.files import STAFF
from qingdun.console.supervision.following import escalate
from qingdun.console.supervision.models import Charge, Commissioner, Round, StaffFigure
from qingdun.console.supervision.tables import TABLES
from qingdun.console.supervision.visit_files import VISITS
from qingdun.console.supervision.visiting import record_visit
from tests.console.places import COUNTY_A, TOWN_A
from tests.console.supervision.conftest import Publish, days, form, in_force, towns_of

HEAD = "企业名称,镇街,员工人数,统计日期,来源"


def bring(actor: User, *lines: str) -> Import:
    text = "\n".join(lines).encode()
    file = imports.receive(actor, STAFF.code, "员工.csv", text)
    imports.begin(actor, file.pk)
    while ticking.tick(timezone.now()):
        pass
    file.refresh_from_db()
    return file


def test_figures_come_once_and_make_enterprises_known(
    regions: dict[str, Region], analyst: User, enterprises: list[Partner]
) -> None:
    place = Region.objects.get(path=enterprises[0].region_path)
    good = f"企业0,{place.code},5000,2020-12-31,统计局"
    file = bring(
        analyst, HEAD, good, f"新企业,{TOWN_A},70,2020-12-31,统计局", f"企业1,{TOWN_A},0,2020-12-31,统计局",
        "企业2,某地,8,2020-12-31,统计局", f"企业2,{TOWN_A},8,{days(9)},统计局",
    )  # fmt: skip
    assert (file.taken, file.refused) == (2, 3)
    assert Partner.objects.get(name="新企业").region_path == regions[TOWN_A].path
    assert bring(analyst, HEAD, good).known == 1
    assert bring(analyst, HEAD, good.replace("5000", "5100")).taken == 1
    first = queries.enterprises(analyst)[0]
    assert (first.name, first.staff) == ("企业0", 5100)


def test_the_ledger_that_left_comes_back(analyst: User, enterprises: list[Partner]) -> None:
    for number, one in enumerate(enterprises):
        StaffFigure.objects.create(
            partner=one, region_path=one.region_path, staff=10 + number, as_of=days(-9), source="统计局",
            by=analyst, at=timezone.now(),
        )  # fmt: skip
    table = TABLES["staff"]
    lines = [table.headings(), *(table.cells(one) for one in queries.staff(analyst))]
    text = [",".join(map(str, line)) for line in lines]
    file = bring(analyst, *text)
    assert (file.taken, file.refused, file.known) == (0, 0, 3)


VISIT_HEAD = (
    "督导对象,督导日期,督导专员,督导形式,督导情况,问题类别,发现问题,整改期限,整改情况,反馈日期,销号日期"
)


def brought(actor: User, *lines: str) -> Import:
    file = imports.receive(actor, VISITS.code, "督导台账.csv", "\n".join([VISIT_HEAD, *lines]).encode())
    imports.begin(actor, file.pk)
    while ticking.tick(timezone.now()):
        pass
    file.refresh_from_db()
    return file


@pytest.fixture
def charged(
    analyst: User, regions: dict[str, Region], publish: Publish, officers: list[Commissioner],
    enterprises: list[Partner], few: None,
) -> dict[str, Charge]:  # fmt: skip
    """A round in force since ten days ago."""
    publish(1, *towns_of(regions, COUNTY_A)[:2])
    held = in_force(analyst)
    Round.objects.update(confirmed_at=timezone.now() - dt.timedelta(days=10))
    return held


def test_the_sheet_a_city_keeps_of_its_visits_comes_once(analyst: User, charged: dict[str, Charge]) -> None:
    town = next(one for one in charged.values() if one.kind == "town")
    place, officer = Region.objects.get(path=town.region_path), str(town.commissioner)
    lines = [
        f"{place.name},{days(-6)},{officer},重点督导,查看了值班台账,责任与值守,夜间无人值守,{days(-1)},,,",
        f"{place.code},{days(-6)},,,,宣传与反诈APP,入户不足三成,{days(9)},已补入户,{days(-2)},",
        f"企业0,{days(-3)} 10:30,,,抽查了财务制度,员工培训与财务,大额转账一人可办,,已改双人复核,{days(-2)},"
        f"{days(-1)}",
        f"企业1,{days(-3)},,,只看了宣传栏,,,,,,",
    ]
    file = brought(analyst, *lines)
    assert (file.taken, file.refused, file.known) == (4, 0, 0), [one.expected for one in file.faults.all()]
    assert queries.visits(analyst).count() == 3
    assert sorted(queries.shortcomings(analyst).values_list("state", flat=True)) == [
        "answered",
        "open",
        "passed",
    ]
    first = queries.shortcomings(analyst).get(text="夜间无人值守")
    assert (first.visit.by_id, first.visit.form, first.due_on) == (town.commissioner.user_id, "key", days(-1))
    assert escalate(timezone.now()) == 1, "what is overdue in the sheet is told like every other finding"
    assert brought(analyst, *lines).known == 4
    recorded = record_visit(town.commissioner.user, town.pk, form("from-the-phone"))
    more = f"{place.code},{days(0)},,,,其他,补充一条,,,,"
    assert brought(analyst, more).taken == 1
    assert recorded.shortcomings.get().text == "补充一条"


def test_a_row_that_cannot_be_says_where_and_why(analyst: User, charged: dict[str, Charge]) -> None:
    file = brought(
        analyst,
        f"别的镇,{days(-6)},,,看了,,,,,,",
        f"企业0,{days(-30)},,,查看了台账,,,,,,",
        f"企业0,{days(2)},,,查看了台账,,,,,,",
        f"企业0,{days(-3)},某某,,查看了台账,,,,,,",
        f"企业0,{days(-3)},,,,其他,,,,,",
        f"企业0,{days(-3)},,,,其他,有问题,{days(-5)},,,",
        f"企业0,{days(-3)},,,,其他,有问题,,,,{days(-4)}",
        f"企业0,{days(-3)},,,,,有问题,,,,",
        f"企业0,{days(-3)},,,查看了台账,,,,,,",
        f"企业0,{days(-3)},,,说法不同,其他,有问题,,,,",
    )  # fmt: skip
    assert (file.taken, file.refused) == (1, 9)
    told = list(file.faults.order_by("line").values_list("column", flat=True))
    assert told == [
        "督导对象", "督导日期", "督导日期", "督导专员", "发现问题", "整改期限", "销号日期", "问题类别",
        "督导情况",
    ]  # fmt: skip


def test_ledgers_of_visits_and_findings_that_left_come_back(
    analyst: User, charged: dict[str, Charge]
) -> None:
    town = next(one for one in charged.values() if one.kind == "town")
    record_visit(town.commissioner.user, town.pk, form("from-the-phone", "夜间无人值守", "台账缺页"))
    for code, found in (("visits", queries.visits(analyst)), ("findings", queries.shortcomings(analyst))):
        lines = [TABLES[code].headings(), *(TABLES[code].cells(one) for one in found)]
        text = "\n".join(",".join(map(str, line)) for line in lines).encode()
        file = imports.receive(analyst, VISITS.code, f"{code}.csv", text)
        imports.begin(analyst, file.pk)
        while ticking.tick(timezone.now()):
            pass
        file.refresh_from_db()
        assert (file.taken, file.refused, file.known) == (0, 0, len(found)), code

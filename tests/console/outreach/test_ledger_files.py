"""Every ledger that people keep comes from files: once, faults by row, and as it left."""

from __future__ import annotations

import datetime as dt

import pytest
from django.utils import timezone

from qingdun.console.kernel.imports import actions as imports
from qingdun.console.kernel.imports import ticking
from qingdun.console.kernel.imports.models import Import
from qingdun.console.kernel.models import Region, User
from qingdun.console.kernel.roles import Role
from qingdun.console.kernel.tables import Ask
from qingdun.console.outreach import figures
from qingdun.console.outreach.imports.files import FILES
from qingdun.console.outreach.ledgers import TABLES
from qingdun.console.outreach.models import Door, Event, Grid, Pledge, ProvinceRank, QuizSheet, Target, Unit
from tests.console.conftest import LogIn, MakeUser
from tests.console.places import COUNTY_A, COUNTY_B, TOWN_A


def bring(actor: User, code: str, *lines: str) -> Import:
    file = imports.receive(actor, f"outreach_{code}", "台账.csv", "\n".join(lines).encode())
    imports.begin(actor, file.pk)
    while ticking.tick(timezone.now()):
        pass
    file.refresh_from_db()
    return file


def told(file: Import) -> list[tuple[int, str]]:
    return list(file.faults.order_by("line").values_list("line", "column"))


def came(file: Import) -> tuple[int, int, int]:
    return file.taken, file.known, file.refused


UNITS = (
    "单位名称,单位类型,所属地区,加入日期,加入矩阵日期",
    "市总工会,群团组织,,2026-03-01,2026-03-05",
    f"某局,政府部门,{COUNTY_A},2026-03-01,",
    "某协会,其他,,,2026年3月5日",
)
PARTNERS = (
    "企业名称,类别,地区,人数",
    f"演示企业一,企业,{TOWN_A},120",
    f"演示企业二,企业,{COUNTY_B},",
    f"演示高校,高校,{COUNTY_A},9000",
)


def test_units_come_once_and_every_row_that_cannot_be_says_why(publicist: User, make_user: MakeUser) -> None:
    file = bring(
        publicist, "units", *UNITS, "无日期单位,其他,,,", "将来单位,其他,,2099-01-01,",
        "错类,无此类,,2026-03-01,", "错地,其他,无此镇,2026-03-01,", "市总工会,群团组织,,2026-03-01,",
    )  # fmt: skip
    assert came(file) == (3, 1, 4)
    assert told(file) == [(5, "加入日期"), (6, "加入日期"), (7, "单位类型"), (8, "所属地区")]
    assert came(bring(publicist, "units", *UNITS)) == (0, 3, 0)
    ask = Ask(until=dt.date(2026, 3, 4))
    assert figures.LEDGER.value(publicist, "units", ask) == 2
    assert figures.LEDGER.value(publicist, "matrix_units", Ask()) == 2
    theirs = make_user(Role.PUBLICIST, COUNTY_B)
    file = bring(theirs, "units", UNITS[0], f"某局,政府部门,{COUNTY_A},2026-03-01,")
    assert came(file) == (0, 0, 1)  # a place that is not theirs
    assert came(bring(theirs, "units", UNITS[0], "市总工会,群团组织,,2026-03-01,")) == (1, 0, 0)


def test_people_venues_events_and_papers_come_with_whom_they_name(publicist: User) -> None:
    assert came(bring(publicist, "units", *UNITS)) == (3, 0, 0)
    assert came(bring(publicist, "partners", *PARTNERS)) == (3, 0, 0)
    people = ("姓名,职业,单位,聘任日期", "演示甲,教师,市总工会,2026-03-01", "演示乙,医生,无此单位,2026-03-01")
    file = bring(publicist, "ambassadors", *people)
    assert (came(file), told(file)) == ((1, 0, 1), [(3, "单位")])
    venues = ("阵地名称,阵地类型,镇街,启用日期", f"反诈公园,公园广场,{TOWN_A},2026-03-01")
    assert came(bring(publicist, "venues", *venues)) == (1, 0, 0)
    events = (
        "活动名称,活动类型,活动日期,参与人数,镇街,宣防阵地,主办单位,参与学校企业,宣传员",
        f"走进企业,走进企业,2026-03-02,60,{TOWN_A},反诈公园,市总工会,演示企业一、演示高校,演示甲",
        f"摆摊,摆摊咨询,2026-03-03,30,{TOWN_A},,,,",
        f"无此企业,走进企业,2026-03-03,30,{TOWN_A},,,演示企业九,",
    )
    file = bring(publicist, "events", *events)
    assert (came(file), told(file)) == ((2, 0, 1), [(4, "参与学校企业")])
    event = Event.objects.get(title="走进企业")
    assert {str(one) for one in event.partners.all()} == {"演示企业一", "演示高校"}
    assert [str(one) for one in event.ambassadors.all()] == ["演示甲"]
    assert (str(event.unit), str(event.venue), event.heads) == ("市总工会", "反诈公园", 60)
    assert came(bring(publicist, "events", *events)) == (0, 2, 1)
    pledges = ("企业名称,签订日期,责任书", "演示企业一,2026-03-02,甲-1", "演示高校,2026-03-02,甲-2")
    file = bring(publicist, "pledges", *pledges)
    assert (came(file), told(file)) == ((1, 0, 1), [(3, "企业名称")])
    assert Pledge.objects.get().region_path.endswith(f"/{TOWN_A}/")
    commended = ("姓名,工作单位,镇街,表彰日期,事迹", f"演示丙,演示企业一,{TOWN_A},2026-03-09,劝阻同事")
    assert came(bring(publicist, "commendations", *commended)) == (1, 0, 0)
    materials = ("标题,类别,诈骗类型,内容", "折页,折页,冒充公检法,不听不信不转账")
    assert came(bring(publicist, "materials", *materials)) == (1, 0, 0)
    found = {one.figure.code: one.value for one in figures.counted(publicist, Ask())}
    assert found == found | {
        "ambassadors": 1, "venues": 1, "events": 2, "heads": 90, "stalls": 1, "universities": 1,
        "enterprises_reached": 1, "pledges": 1, "commended": 1,
    }  # fmt: skip


@pytest.mark.parametrize("code", ["units", "partners", "venues"])
def test_what_left_as_a_file_comes_back_as_it_was(code: str, publicist: User, log_in: LogIn) -> None:
    lines = {
        "units": UNITS, "partners": PARTNERS,
        "venues": ("阵地名称,阵地类型,镇街,启用日期", f"反诈公园,公园广场,{TOWN_A},2026-03-01"),
    }[code]  # fmt: skip
    bring(publicist, code, *lines)
    rows = len(lines) - 1
    assert TABLES[code].rows(publicist, Ask()).count() == rows
    answer = log_in(publicist).post(f"/outreach/t/{code}/file/", {"form": "csv"})
    left = b"".join(answer.streaming_content)  # type: ignore[attr-defined]
    assert came(bring(publicist, code, left.decode("utf-8-sig").strip())) == (0, rows, 0)


def test_doors_noted_on_paper_come_once(publicist: User, make_user: MakeUser) -> None:
    village = Region.objects.filter(level="village", parent=TOWN_A).order_by("code")[0]
    grids = (
        "网格编号,网格名称,所属村居,户数",
        f"g-1,第一网格,{village.code},40",
        f"g-2,第二网格,{TOWN_A},40",
    )
    file = bring(publicist, "grids", *grids)
    assert (came(file), told(file)) == ((1, 0, 1), [(3, "所属村居")])
    lines = (
        "入户时间,网格编号,门牌,走访结果,宣传人数,注册数,发放资料",
        "2026-03-02 19:30,g-1,3栋201,见到人,2,1,是",
        "2026-03-02 19:40,g-1,3栋202,无人在家,0,0,否",
        "2026-03-02,g-1,,见到人,1,1,否",
        "2026-03-02,g-1,,见到人,1,1,否",
        "2026-03-02 19:50,g-1,3栋203,无人在家,2,0,否",
        "2026-03-02 19:50,g-9,3栋203,无人在家,0,0,否",
        "2099-03-02 19:50,g-1,3栋203,无人在家,0,0,否",
    )
    file = bring(publicist, "doors", *lines)
    assert (came(file), told(file)) == ((4, 0, 3), [(6, "宣传人数"), (7, "网格编号"), (8, "入户时间")])
    again = bring(make_user(Role.PUBLICIST, name="another"), "doors", *lines)
    assert came(again) == (0, 4, 3)
    assert Door.objects.count() == 4
    assert figures.LEDGER.value(publicist, "told", Ask()) == 4
    theirs = make_user(Role.PUBLICIST, COUNTY_B)
    there = Region.objects.filter(level="village", path__contains=f"/{COUNTY_B}/").order_by("code")[0]
    file = bring(theirs, "grids", grids[0], f"g-1,别处网格,{there.code},9")
    assert (came(file), told(file)) == ((0, 0, 1), [(2, "网格编号")])
    assert Grid.objects.get().name == "第一网格"


def test_sheets_filled_in_elsewhere_count_and_alike_ones_are_different_people(publicist: User) -> None:
    bring(
        publicist,
        "events",
        "活动名称,活动类型,活动日期,参与人数,镇街",
        f"摆摊,摆摊咨询,2026-03-03,30,{TOWN_A}",
    )
    head = "答题日期,活动名称,第1题,第2题,第3题,第4题,第5题"
    right = "2026-03-03,摆摊,B,A,C,B,B"
    lines = (
        head,
        right,
        right,
        "2026-03-03,摆摊,尽快转账,A,C,B,B",
        "2026-03-03,无此活动,B,A,C,B,B",
        right[:-1],
    )
    file = bring(publicist, "sheets", *lines)
    assert (came(file), told(file)) == ((3, 0, 2), [(5, "活动名称"), (6, "第5题")])
    assert sorted(QuizSheet.objects.values_list("right", flat=True)) == [4, 5, 5]
    assert came(bring(publicist, "sheets", *lines)) == (0, 3, 2)


def test_targets_and_ranks_are_replaced_by_other_numbers(publicist: User, make_user: MakeUser) -> None:
    due = timezone.localdate() + dt.timedelta(days=90)
    head = "地区,指标,截止日期,目标数,目标比例"
    first = bring(
        publicist, "targets", head, f"{TOWN_A},注册,{due},5000,", f"{COUNTY_A},实名注册,{due},,50",
        f"{COUNTY_A},注册,{due},,", f"{COUNTY_A},注册,2020-01-01,9,",
    )  # fmt: skip
    assert (came(first), told(first)) == ((2, 0, 2), [(4, "目标数"), (5, "截止日期")])
    assert came(bring(publicist, "targets", head, f"{TOWN_A},注册,{due},5000,")) == (0, 1, 0)
    assert came(bring(publicist, "targets", head, f"{TOWN_A},注册,{due},6000,")) == (1, 0, 0)
    assert sorted(Target.objects.values_list("goal", flat=True))[0] == 6000
    ranks = (
        "日期,指标,排名,城市数,来源",
        "2026-03-01,注册,4,21,省厅通报",
        "2026-03-02,注册,22,21,省厅通报",
    )
    file = bring(publicist, "ranks", *ranks)
    assert (came(file), told(file)) == ((1, 0, 1), [(3, "排名")])
    assert ProvinceRank.objects.get().rank == 4
    assert came(bring(make_user(Role.PUBLICIST, COUNTY_A), "ranks", *ranks)) == (0, 0, 2)


def test_every_ledger_that_people_keep_has_its_kind_of_file(publicist: User, log_in: LogIn) -> None:
    kinds = {kind.code.removeprefix("outreach_") for kind in FILES.kinds} - {"app_counts"} | {"counts"}
    assert kinds == set(TABLES) - {"mailings"}
    client = log_in(publicist)
    for kind in FILES.kinds:
        assert client.get(f"/outreach/files/?kind={kind.code}").status_code == 200
        assert kind.rows_at is not None
        assert client.get(kind.rows_at(Import())).status_code == 200
    assert f"/outreach/files/?kind={FILES.kinds[5].code}" in client.get("/outreach/t/units/").content.decode()
    assert not Unit.objects.exists()

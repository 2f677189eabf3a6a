"""Posts, provisions and undertakings come from files, once; what left comes back the same."""

from __future__ import annotations

import datetime as dt

from django.urls import reverse
from django.utils import timezone

from qingdun.console.command import queries, undertaking
from qingdun.console.command.models import Post, Step, Tenure, Undertaking
from qingdun.console.command.undertaking import UndertakingForm
from qingdun.console.kernel.imports import actions as imports
from qingdun.console.kernel.imports import ticking
from qingdun.console.kernel.imports.models import Import, ImportFault
from qingdun.console.kernel.models import Region, User
from qingdun.console.outreach.models import Grid, Unit
from tests.console.conftest import LogIn
from tests.console.places import CITY, COUNTY_A, COUNTY_B, TOWN_A


def bring(actor: User, kind: str, text: str) -> Import:
    file = imports.receive(actor, kind, "台账.csv", text.encode())
    imports.begin(actor, file.pk)
    while ticking.tick(timezone.now()):
        pass
    file.refresh_from_db()
    return file


def faults(file: Import) -> list[tuple[int, str]]:
    return list(ImportFault.objects.filter(file=file).values_list("line", "column").order_by("line"))


def test_posts_come_once_and_a_new_holder_is_a_hand_over(
    county: User, regions: dict[str, Region], log_in: LogIn
) -> None:
    village = next(one for one in regions.values() if one.parent_id == TOWN_A)
    Grid.objects.create(code="g-1", name="第一网格", region_path=village.path)
    head = "地点,职务,责任类别,姓名,代理人,任职日期,网格编码"
    rows = (
        f"{TOWN_A},镇党委书记,第一责任人,甲,乙,2026-01-05,",
        f"{village.code},网格长,网格长,丙,,2026-01-05,g-1",
        f"{village.code},网格长,网格长,丁,,2026-01-05,g-9",
        f"{COUNTY_A},县委书记,第一责任人,戊,,2026-01-05,",
        f"{COUNTY_B},县委书记,第一责任人,己,,2026-01-05,",
        f"{TOWN_A},镇长,什么也不是,庚,,2026-01-05,",
    )
    file = bring(county, "posts", "\n".join((head, *rows)))
    assert (file.taken, file.refused) == (2, 4)
    assert {line for line, _column in faults(file)} == {4, 5, 6, 7}
    assert bring(county, "posts", "\n".join((head, *rows[:2]))).known == 2
    moved = bring(county, "posts", f"{head}\n{TOWN_A},镇党委书记,第一责任人,辛,乙,2026-03-01,")
    assert moved.taken == 1
    post = Post.objects.get(title="镇党委书记")
    told = list(post.tenures.order_by("since", "pk").values_list("name", "standing"))
    assert told == [("甲", "holder"), ("乙", "deputy"), ("辛", "holder")]
    first = Tenure.objects.get(name="甲")
    assert first.until == Tenure.objects.get(name="辛").since
    too_early = bring(county, "posts", f"{head}\n{TOWN_A},镇党委书记,第一责任人,壬,乙,2025-03-01,")
    assert faults(too_early) == [(2, "任职日期")] or too_early.refused == 1
    client = log_in(county)
    url = f"{reverse('command:file', args=['posts'])}?region={TOWN_A}"
    left = b"".join(client.post(url, {"form": "csv"}).streaming_content).decode("utf-8-sig")
    assert bring(county, "posts", left).known == 2


def test_undertakings_come_once_for_units_and_places(
    analyst: User, regions: dict[str, Region], log_in: LogIn
) -> None:
    undertaking.take_drafted(analyst)
    today = timezone.localdate()
    Unit.objects.create(
        name="市教育局", kind="party", region_path=regions[CITY].path, joined_on=today, by=analyst
    )
    due = f"{today + dt.timedelta(days=30)}"
    head = "措施编号,责任单位,任务,目标,完成时限"
    rows = (
        f"3,市教育局,校园推广,覆盖全部学校,{due}", f"3,{TOWN_A},入户推广,入户率 60%,{due}",
        f"99,市教育局,无此措施,无,{due}", f"3,不存在的单位,无此单位,无,{due}",
    )  # fmt: skip
    file = bring(analyst, "undertakings", "\n".join((head, *rows)))
    assert (file.taken, file.refused) == (2, 2)
    assert bring(analyst, "undertakings", "\n".join((head, *rows[:2]))).known == 2
    assert set(Undertaking.objects.values_list("unit__name", "region_path")) == {
        ("市教育局", regions[CITY].path), (None, regions[TOWN_A].path)
    }  # fmt: skip
    assert Step.objects.filter(kind="set").count() == 2
    text = "措施编号,措施,措施内容,所属体系,牵头单位\n3,新文本,新的内容,宣传,市委宣传部\n17,新措施,内容,督导,"
    assert bring(analyst, "provisions", text).taken == 2
    assert {one.number: one.title for one in queries.provisions(analyst)}[3] == "新文本"
    assert queries.provisions(analyst).count() == 17
    assert bring(analyst, "provisions", text).known == 2


def test_progress_comes_from_the_sheet_a_town_keeps(
    analyst: User, cadre: User, regions: dict[str, Region]
) -> None:
    undertaking.take_drafted(analyst)
    provision = queries.provisions(analyst)[2]
    other = next(one for one in regions.values() if one.parent_id == COUNTY_A and one.code != TOWN_A)
    form = UndertakingForm(
        provision.pk, "入户推广", "入户率 60%", timezone.localdate() + dt.timedelta(days=9),
        paths=[regions[TOWN_A].path, other.path],
    )  # fmt: skip
    undertaking.set_undertakings(analyst, form)
    head, name = "措施编号,责任单位,任务,进度,进展情况,是否完成", regions[TOWN_A].name
    rows = (
        f"3,{name},入户推广,45%,已入户 4200 户,", f"3,{other.code},入户推广,90,别镇的进展,",
        f"3,{TOWN_A},没有此任务,10,无,", f"3,{TOWN_A},入户推广,145%,过多,",
    )  # fmt: skip
    file = bring(cadre, "undertaking_progress", "\n".join((head, *rows)))
    assert (file.taken, file.refused) == (1, 3)
    assert bring(cadre, "undertaking_progress", "\n".join((head, rows[0]))).known == 1
    one = queries.undertakings(cadre).get()
    assert (one.share, one.state) == (45, "open")
    last = f"3,{TOWN_A},入户推广,100,全部入户,是"
    assert bring(cadre, "undertaking_progress", "\n".join((head, last))).taken == 1
    one.refresh_from_db()
    assert (one.share, one.state, one.reported_by) == (100, "reported", cadre)
    assert bring(cadre, "undertaking_progress", "\n".join((head, last, rows[0]))).known == 1

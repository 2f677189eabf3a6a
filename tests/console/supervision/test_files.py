"""Figures of staff come from a file, once; who was not known is known then; what left comes back."""

from __future__ import annotations

from django.utils import timezone

from qingdun.console.kernel.imports import actions as imports
from qingdun.console.kernel.imports import ticking
from qingdun.console.kernel.imports.models import Import
from qingdun.console.kernel.models import Region, User
from qingdun.console.outreach.models import Partner
from qingdun.console.supervision import queries
from qingdun.console.supervision.files import STAFF
from qingdun.console.supervision.models import StaffFigure
from qingdun.console.supervision.tables import TABLES
from tests.console.places import TOWN_A
from tests.console.supervision.conftest import days

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

"""Registrations from files: every row once, other numbers replace what stands, faults by row."""

from __future__ import annotations

from django.utils import timezone

from qingdun.console.kernel.imports import actions as imports
from qingdun.console.kernel.imports import ticking
from qingdun.console.kernel.imports.models import Import
from qingdun.console.kernel.models import Region, User
from qingdun.console.outreach.imports.days import APP_COUNTS
from qingdun.console.outreach.models import AppCount, Grid
from tests.console.places import COUNTY_A, TOWN_A

HEAD = "日期,镇街,网格编号,场景,注册数,实名数,开启预警数"


def bring(actor: User, *lines: str) -> Import:
    text = "\n".join((HEAD, *lines)).encode()
    file = imports.receive(actor, APP_COUNTS.code, "每日.csv", text)
    imports.begin(actor, file.pk)
    while ticking.tick(timezone.now()):
        pass
    file.refresh_from_db()
    return file


def test_days_come_from_files_once_and_are_replaced_by_other_numbers(publicist: User) -> None:
    village = Region.objects.filter(level="village", parent=TOWN_A).order_by("code")[0]
    Grid.objects.create(code="g-1", name="第一网格", region_path=village.path)
    lines = (
        f"2026-03-01,{TOWN_A},,疫苗接种点,120,100,80",
        f"2026年3月1日,{COUNTY_A},,door,7,,",
        "2026-03-01,,g-1,入户走访,5,4,3",
        f"2026-03-02,{village.code},,,9,0,0",
    )
    file = bring(publicist, *lines, "2026-03-01,无此镇,,door,7,,", "2026-03-01,,,door,7,,", "x,,g-1,door,7,,")
    assert (file.taken, file.known, file.refused) == (4, 0, 3)
    found = set(AppCount.objects.values_list("region_path", "won_at", "installed", "grid__code"))
    assert (village.path, "door", 5, "g-1") in found
    assert (village.path, "other", 9, None) in found
    again = bring(publicist, *lines)
    assert (again.taken, again.known) == (0, 4)
    changed = bring(publicist, f"2026-03-01,{TOWN_A},,vaccination,121,100,80")
    assert (changed.taken, changed.known) == (1, 0)
    assert AppCount.objects.count() == 4
    assert AppCount.objects.get(won_at="vaccination").installed == 121


def test_a_year_of_rows_is_taken_whole(publicist: User) -> None:
    lines = [
        f"2026-{month:02}-{day:02},{TOWN_A},,{way},{month + day},1,1"
        for month in range(1, 9) for day in range(1, 29) for way in ("door", "stall", "campus", "online")
    ]  # fmt: skip
    file = bring(publicist, *lines)
    assert (file.taken, file.refused) == (len(lines), 0)
    assert AppCount.objects.count() == len(lines) == 896

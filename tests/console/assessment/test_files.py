"""Figures of residents come in from a file, once, and the last word counts."""

from __future__ import annotations

from django.utils import timezone

from qingdun.console.assessment import actions, queries
from qingdun.console.assessment.files import RESIDENTS
from qingdun.console.assessment.models import Residents
from qingdun.console.kernel.imports import actions as imports
from qingdun.console.kernel.imports import ticking
from qingdun.console.kernel.imports.models import Import
from qingdun.console.kernel.models import Region, User
from tests.console.assessment.conftest import Lose, month_back
from tests.console.places import COUNTY_A, TOWN_A

HEAD = "镇街,常住人口,统计日期,来源"


def bring(actor: User, *lines: str) -> Import:
    text = "\n".join((HEAD, *lines)).encode()
    file = imports.receive(actor, RESIDENTS.code, "人口.csv", text)
    imports.begin(actor, file.pk)
    while ticking.tick(timezone.now()):
        pass
    file.refresh_from_db()
    return file


def test_figures_come_once_and_a_later_word_counts(
    regions: dict[str, Region], analyst: User, lose: Lose
) -> None:
    lose(TOWN_A, month_back(1))
    before = actions.reckon(analyst, "town", month_back(1))
    assert before.lines.get(region_path=regions[TOWN_A].path).estimated
    good = f"{regions[TOWN_A].name},51234,2020-11-01,第七次人口普查"
    file = bring(
        analyst, good, f"{TOWN_A},0,2020-11-01,空", f"{COUNTY_A},9,2020-11-01,县",
        f"{TOWN_A},5,2999-01-01,将来",
    )  # fmt: skip
    assert (file.taken, file.refused) == (1, 3)
    assert bring(analyst, good).known == 1
    assert bring(analyst, f"{TOWN_A},52000,2020-11-01,修正").taken == 1
    assert [one.residents for one in queries.figures(analyst).order_by("pk")] == [51_234, 52_000]
    line = actions.reckon(analyst, "town", month_back(1)).lines.get(region_path=regions[TOWN_A].path)
    assert (line.residents, line.estimated) == (52_000, False)
    assert Residents.objects.filter(region_path=regions[TOWN_A].path).count() == 2

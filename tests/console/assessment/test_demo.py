"""The demonstration's year of rankings and cards: something of everything, made once."""

from __future__ import annotations

from collections import Counter

import pytest
from pytest_django import Settings

from qingdun.console.assessment import figures, recomputing
from qingdun.console.assessment.demo import create_demo_assessment
from qingdun.console.assessment.models import Accountability, Objection, Ranking, Ruling
from qingdun.console.cases.demo_losses import create_demo_losses
from qingdun.console.cases.models import Incident
from qingdun.console.funds.demo_year import create_year
from qingdun.console.industry.parties import register_party
from qingdun.console.kernel.audit import verify_chain
from qingdun.console.kernel.models import Region, User
from qingdun.console.kernel.roles import Role
from qingdun.console.kernel.tables import Ask
from qingdun.console.precedents import create_demo_precedents
from qingdun.errors import NotPermitted
from tests.console.alerts.world import World


def test_the_year_has_something_of_everything_once(world: World, settings: Settings) -> None:
    with pytest.raises(NotPermitted):
        create_demo_assessment()
    assert create_demo_losses() == 0
    settings.DEMO = True
    city = world.analyst.region
    viewer = User.objects.create(
        username="demo-city", demo=True, role=Role.CITY_ANALYST, region=city, password="!"
    )
    first = Region.objects.filter(level="village").order_by("path")[0].parent
    User.objects.create(username="demo-cadre", demo=True, role=Role.TOWN_CADRE, region=first, password="!")
    assert create_demo_losses() == Incident.objects.count() > 5000
    assert create_demo_losses() == 0
    party = register_party(viewer, "demo-operator-1", "演练移动", "operator")
    User.objects.create(
        username="demo-operator-1", role=Role.PARTY_OFFICER, region=city, organisation=party, password="!"
    )
    create_year(viewer)
    assert create_demo_precedents() >= 8
    assert create_demo_precedents() == 0
    assert create_demo_assessment() == Ranking.objects.count() == 17
    assert create_demo_assessment() == 0
    found = {one.figure.code: one.value for one in figures.counted(viewer, Ask())}
    assert found["ranked"] == Region.objects.filter(level="town").count()
    wanted = ("yellow", "red", "listed", "interviewed", "objections", "inspections", "accountability")
    assert [code for code in wanted if not found[code]] == []
    states = Counter(Ruling.objects.values_list("kind", "state"))
    assert states["delisting", "confirmed"] >= 1
    assert states["listing", "ended"] >= 1
    assert any(state == "proposed" for _kind, state in states)
    assert set(Objection.objects.values_list("state", flat=True)) == {"filed", "dismissed"}
    assert Objection.objects.filter(by__username="demo-cadre").exists()
    assert set(Accountability.objects.values_list("why", flat=True)) >= {"loss", "dissuaded"}
    closed = list(Accountability.objects.filter(state="closed"))
    kinds = {one["kind"] for file in closed for one in file.touches}
    assert kinds >= {"预警", "时限", "步骤", "拨打", "上门劝阻", "回访", "报警", "立案", "止付", "管控"}
    assert any(one["late"] for file in closed for one in file.touches)
    assert Accountability.objects.filter(state="open").exists()
    for ranking in Ranking.objects.order_by("pk")[:2]:
        assert recomputing.recompute(ranking) == []
    assert Ranking.objects.filter(level="village", estimated__gt=0).count() == 5
    assert verify_chain().intact

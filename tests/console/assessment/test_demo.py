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
from qingdun.console.kernel.audit import verify_chain
from qingdun.console.kernel.models import Region, User
from qingdun.console.kernel.roles import Role
from qingdun.console.kernel.tables import Ask
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
    assert Accountability.objects.filter(why="loss").exists()
    for ranking in Ranking.objects.order_by("pk")[:2]:
        assert recomputing.recompute(ranking) == []
    assert Ranking.objects.filter(level="village", estimated__gt=0).count() == 5
    assert verify_chain().intact

"""The demonstration's year of the crackdown: the source's figures come out of it, and it is made once."""

from __future__ import annotations

import pytest
from django.utils import timezone
from pytest_django import Settings

from qingdun.console.cases import figures
from qingdun.console.cases.demo import create_demo_cases
from qingdun.console.cases.models import Case, CasePerson, Incident, Seizure
from qingdun.console.kernel.models import User
from qingdun.console.kernel.roles import Role
from qingdun.console.kernel.tables import Ask
from qingdun.errors import NotPermitted
from tests.console.alerts.world import World


def test_the_year_holds_the_source_s_figures_once(world: World, settings: Settings) -> None:
    with pytest.raises(NotPermitted):
        create_demo_cases()
    settings.DEMO = True
    viewer = User.objects.create(
        username="demo-city", demo=True, role=Role.CITY_ANALYST, region=world.analyst.region, password="!"
    )
    assert create_demo_cases() == Case.objects.count()
    assert create_demo_cases() == 0
    today = timezone.localdate()
    ask = Ask("", today.replace(year=today.year - 1, day=1), today)
    found = {one.figure.code: one.value for one in figures.counted(viewer, ask)}
    assert found == found | {
        "detained": 234, "card_gangs": 7, "punished": 161, "insiders": 4, "caught": 63, "coercive": 52,
        "provinces": 11, "cities": 3,
    }  # fmt: skip
    assert Seizure.objects.filter(kind="phone_card", count=274).count() == 1
    assert found["phone_cards"] >= 274
    assert Incident.objects.exists()
    for row in (*Case.objects.all(), *CasePerson.objects.all()):
        assert (row.number if isinstance(row, Case) else row.identity).startswith(("演示", "DEMO"))

"""The demonstration's supervision: something of everything, made once, by the module's own acts."""

from __future__ import annotations

import datetime as dt

import pytest
from pytest_django import Settings

from qingdun.console.kernel.audit import verify_chain
from qingdun.console.kernel.localtime import midnight
from qingdun.console.kernel.models import Region, User
from qingdun.console.kernel.tables import Ask
from qingdun.console.supervision import figures
from qingdun.console.supervision.demo import COMMISSIONERS, create_demo_supervision
from qingdun.console.supervision.models import Charge, Escalation, Recheck, Round, Shortcoming, VisitPhoto
from qingdun.errors import NotPermitted
from tests.console.alerts.world import World
from tests.console.places import COUNTY_A, COUNTY_B
from tests.console.supervision.conftest import Publish, towns_of


def test_the_year_has_something_of_everything_once(
    world: World, regions: dict[str, Region], publish: Publish, analyst: User, settings: Settings
) -> None:
    with pytest.raises(NotPermitted):
        create_demo_supervision()
    settings.DEMO = True
    assert create_demo_supervision() == 0, "nothing is ranked yet"
    for back, county in ((3, COUNTY_A), (2, COUNTY_B), (1, COUNTY_A)):
        ranking = publish(back, *towns_of(regions, county))
        ranking.published_at = midnight(ranking.until + dt.timedelta(days=1)) + dt.timedelta(hours=9)
        ranking.save()
    assert create_demo_supervision() == Round.objects.count() == 3
    assert create_demo_supervision() == 0
    told = {one.figure.code: one.value for one in figures.counted(analyst, Ask())}
    assert (told["commissioners"], told["enterprises"]) == (COMMISSIONERS, 20)
    assert [code for code, value in told.items() if not value and code != "overdue"] == []
    assert set(Shortcoming.objects.values_list("state", flat=True)) >= {"open", "passed"}
    assert set(Recheck.objects.values_list("passed", flat=True)) == {True, False}
    assert Escalation.objects.filter(late="place").exists()
    assert set(Charge.objects.values_list("change", flat=True)) >= {"new", "stays"}
    assert VisitPhoto.objects.exists()
    for one in Round.objects.all():
        loads: dict[int, int] = {}
        for charge in one.charges.all():
            loads[charge.commissioner_id] = loads.get(charge.commissioner_id, 0) + (
                2 if charge.form == "key" else 1
            )
        assert max(loads.values()) - min(loads.values()) <= 2
    assert verify_chain().intact

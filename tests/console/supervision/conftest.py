"""What the tests of supervision share: published rankings, commissioners in office, enterprises."""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Callable
from importlib import resources
from pathlib import Path
from typing import Any

import pytest
from django.utils import timezone
from pytest_django import Settings

from qingdun.console.assessment import actions as ranks
from qingdun.console.assessment.models import Ranking
from qingdun.console.kernel.models import Region, User
from qingdun.console.kernel.roles import Role
from qingdun.console.outreach.models import Partner
from qingdun.console.supervision import actions
from qingdun.console.supervision.models import Charge, Commissioner
from qingdun.console.supervision.visiting import Found, Rechecked, VisitForm
from tests.console.alerts.conftest import world
from tests.console.assessment.conftest import Lose, analyst, cadre, counted_people, lose, month_back
from tests.console.conftest import MakeUser
from tests.console.places import COUNTY_A, COUNTY_B

__all__ = ["analyst", "cadre", "counted_people", "lose", "world"]
Publish = Callable[..., Ranking]


@pytest.fixture
def publish(analyst: User, regions: dict[str, Region], lose: Lose, counted_people: None) -> Publish:
    """A ranking of towns so many months ago in which those named, by code, had most cases, in this order."""

    def made(back: int, *worst: str) -> Ranking:
        for place, code in enumerate(worst):
            for _each in range(30 - 8 * place):
                lose(code, month_back(back))
        return ranks.publish_ranking(analyst, ranks.reckon(analyst, "town", month_back(back)).pk)

    return made


@pytest.fixture
def officers(analyst: User, make_user: MakeUser) -> list[Commissioner]:
    """Two commissioners, each at home in one of the counties."""
    made = []
    for name, county in (("com-a", COUNTY_A), ("com-b", COUNTY_B)):
        make_user(Role.COMMISSIONER, name=name)
        made.append(actions.appoint(analyst, name, county, month_back(3)))
    return made


@pytest.fixture
def enterprises(analyst: User, regions: dict[str, Region]) -> list[Partner]:
    """Three enterprises, the first the largest, in towns of the first county."""
    towns = [one for one in regions.values() if one.level == "town" and one.parent_id == COUNTY_A]
    return [
        Partner.objects.create(
            name=f"企业{number}",
            kind="enterprise",
            region_path=town.path,
            people=900 - 100 * number,
            by=analyst,
        )
        for number, town in enumerate(sorted(towns, key=lambda town: town.code)[:3])
    ]


@pytest.fixture
def few(settings: Settings, tmp_path: Path) -> None:
    """Two towns and two enterprises are supervised, and the first of either gets key supervision."""
    shipped = resources.files("qingdun.console.supervision").joinpath("rules.json")
    raw: dict[str, Any] = json.loads(shipped.read_text("utf-8"))
    raw["versions"][0] |= {"version": "few", "towns": 2, "enterprises": 2, "worst": 1}
    file = tmp_path / "rules.json"
    file.write_text(json.dumps(raw), "utf-8")
    settings.SUPERVISION_RULES = str(file)


def towns_of(regions: dict[str, Region], county: str) -> list[str]:
    """Codes of the county's towns."""
    return sorted(one.code for one in regions.values() if one.level == "town" and one.parent_id == county)


def in_force(actor: User) -> dict[str, Charge]:
    """A round is drawn and confirmed; what it holds, by name of the town or enterprise."""
    made = actions.confirm_round(actor, actions.draw_round(actor).pk)
    related = ("partner", "commissioner__user", "round")
    return {str(one): one for one in made.charges.select_related(*related)}


def form(
    key: str = "visit-key-1", *found: str, rechecks: tuple[Rechecked, ...] = (), **more: Any
) -> VisitForm:
    """A visit of key supervision that has found these things about the duty roster."""
    told = [Found("duty", text) for text in found]
    return VisitForm(key, "key", "查看了值班台账", told, rechecks, **more)


def days(number: int) -> dt.date:
    """The day so many days from today."""
    return timezone.localdate() + dt.timedelta(days=number)

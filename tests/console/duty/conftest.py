"""A station with two officers and its county's, each with a number."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

import pytest
from django.utils import timezone

from qingdun.console.alerts import actions as alerts
from qingdun.console.alerts.intake import ingest_alerts
from qingdun.console.alerts.models import Task
from qingdun.console.duty import actions
from qingdun.console.kernel.models import Organisation, User
from tests.console.alerts.world import World, alert, build_world, evidence

NUMBERS = {"officer": "+8617258900001", "colleague": "+8617258900002", "county": "+8617258900003"}


@dataclass(frozen=True)
class Posts:
    """The world with its rosters."""

    world: World
    station: str
    county: str

    def on_duty(self, code: str, officer: User, position: int = 1, hours: int = 8) -> None:
        """The officer is on duty there for some hours around now."""
        start = timezone.now() - dt.timedelta(hours=1)
        actions.add_shift(
            self.world.analyst, code, officer.pk, start, start + dt.timedelta(hours=hours), position
        )

    def ordered(self, level: str = "urgent", index: int = 0) -> Task:
        """A task that stands with the station."""
        piece = evidence(5, "call.fanout", "number", "+00852170990009", 6.0, "一", "one")
        ingest_alerts(None, [alert(index, level, "police", "control", (piece,))])
        task = Task.objects.get(episode_id=f"episode-{index:02}")
        alerts.dispatch(self.world.analyst, task.pk, None)
        task.refresh_from_db()
        if task.state == "county":
            alerts.dispatch(self.world.county, task.pk, None)
            task.refresh_from_db()
        assert task.state == "station"
        return task


@pytest.fixture
def posts(db: None) -> Posts:
    world = build_world()
    county = Organisation.objects.get(kind="county_bureau", region_id=world.town.parent_id)
    for code, officer in (
        (world.station.code, world.officer),
        (world.station.code, world.colleague),
        (county.code, world.county),
    ):  # fmt: skip
        actions.set_number(world.analyst, code, officer.pk, NUMBERS[officer.username])
    return Posts(world, world.station.code, county.code)

"""Officers of three stations, at known distances from a person who is searched for. Nobody here exists."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, field

import pytest
from django.utils import timezone
from pytest_django import Settings

from qingdun.console.alerts import actions as alerts
from qingdun.console.alerts.intake import ingest_alerts
from qingdun.console.alerts.models import Task
from qingdun.console.duty import actions as duty
from qingdun.console.kernel.models import Organisation, Person, User
from qingdun.console.kernel.roles import Role
from qingdun.contract.tables import Alert
from tests.console.alerts.world import World, build_world, make_user, police_urgent


@dataclass
class Field:
    """The world; `near`, `next` and `far` are free officers of other stations, by their way to the person."""

    world: World
    near: User
    next: User
    far: User
    stations: dict[str, Organisation] = field(default_factory=dict)

    def on_duty(self, *officers: User) -> None:
        start = timezone.now() - dt.timedelta(hours=1)
        for officer in officers:
            post = officer.organisation
            assert post is not None
            taken = post.shifts.count()
            duty.add_shift(
                self.world.analyst, post.code, officer.pk, start, start + dt.timedelta(hours=8), taken + 1
            )

    def searching(self, row: Alert | None = None) -> Task:
        """The officer of the person's own town has signed and called three times in vain."""
        ingest_alerts(None, [row or police_urgent()])
        task = Task.objects.get(person_id="p00")
        alerts.dispatch(self.world.analyst, task.pk, None)
        alerts.move(self.world.officer, task.pk, None, "sign")
        for _ in range(3):
            alerts.record_contact(self.world.officer, task.pk, None, "no_answer", confirmed=True)
        task.refresh_from_db()
        assert task.state == "searching"
        return task


@pytest.fixture
def out(db: None, settings: Settings) -> Field:
    settings.DEMO = True  # the second factor has tests of its own
    world = build_world()
    home = Person.objects.get(pk="p00")
    others = Organisation.objects.filter(kind="station").exclude(pk=world.station.pk).order_by("code")[:3]
    made = []
    for number, (name, post) in enumerate(zip(("near", "next", "far"), others, strict=True), start=1):
        # 2, 4 and 6 hundredths of a degree north of the person; the own station stands further away.
        post.lng, post.lat = home.home_lng, (home.home_lat or 0) + 0.02 * number
        post.save()
        made.append(make_user(name, Role.STATION_OFFICER, post.region, f"民警{name}", post))
        duty.set_number(world.analyst, post.code, made[-1].pk, f"+861725890010{number}")
    world.station.lat = (home.home_lat or 0) + 0.3
    world.station.save()
    return Field(world, *made)

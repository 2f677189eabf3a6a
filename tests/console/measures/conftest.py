"""Made-up tasks of ten weeks: verdicts, clocks kept, late, called off, running, calls, visits, incidents."""

from __future__ import annotations

import datetime as dt
import random

import pytest
from django.utils import timezone

from qingdun.console.alerts.models import Alert, Clock, Contact, Task, TaskEvent
from qingdun.console.cases.models import Incident
from qingdun.console.kernel.models import Person, Region
from tests.console.alerts.world import World
from tests.console.whistles.conftest import client_of, world

__all__ = ["client_of", "month", "world"]

NOW = dt.datetime(2026, 3, 31, 4, 0, tzinfo=dt.UTC)
HOUR, DAY = dt.timedelta(hours=1), dt.timedelta(days=1)
LEVELS = ("urgent", "high", "medium", "low")


@pytest.fixture
def month(world: World, monkeypatch: pytest.MonkeyPatch) -> World:
    """Four hundred tasks of seventy days in a few towns, by a seed."""
    monkeypatch.setattr(timezone, "now", lambda: NOW)
    dice = random.Random(34)
    towns = [world.town, *Region.objects.filter(level="town").exclude(pk=world.town.pk)[:5]]
    places = [*towns, *Region.objects.filter(level__in=("city", "county"))[:2]]
    people = list(Person.objects.values_list("pk", flat=True))
    for number in range(400):
        make(dice, world, number, dice.choice(places), dice.choice(people))
    for number in range(40):
        at = NOW - dice.random() * 70 * DAY
        Incident.objects.create(
            person_id=dice.choice(people), msisdn="+8617258010000", region_path=world.town.path,
            reported_at=at, scam_type="police", loss_fen=dice.choice((0, 100, 5_000_000)),
            task=Task.objects.order_by("pk")[number] if number % 5 == 0 else None,
            key=f"k{number}", by=world.officer, entered_at=at,
        )  # fmt: skip
    return world


def make(dice: random.Random, world: World, number: int, place: Region, person: str) -> None:
    at = NOW - dice.random() * 70 * DAY
    level = dice.choice(LEVELS)
    verdict = dice.choice(("", "", "awakened", "awakened", "not_awakened", "false_alarm", "already_paid"))
    task = Task.objects.create(
        episode_id=f"measured-{number}", person_id=person, msisdn="+8617258010000", region_path=place.path,
        town=place if place.level == "town" else None, scam_type="police", level=level,
        level_rank=LEVELS.index(level), stage="contact", probability=0.9, raised_at=at, received_at=at,
        moved_at=at, expected_loss_fen=1, verdict=verdict, verdict_at=at + 3 * HOUR if verdict else None,
        loss_avoided_fen=dice.choice((0, 0, 12_345)),
        station=world.station if place == world.town and dice.random() < 0.7 else None,
        merged_into=Task.objects.first() if number and dice.random() < 0.05 else None,
    )  # fmt: skip
    for name in ("sign", "call", "meet", "meet"):
        if dice.random() < 0.3:
            continue
        due_at = at + dice.random() * 4 * HOUR
        stopped_at = dice.choice((None, at + dice.random() * 8 * HOUR))
        Clock.objects.create(
            task=task, region_path=place.path, name=name, started_at=at, due_at=due_at,
            stopped_at=stopped_at, kept=stopped_at is not None and dice.random() < 0.8,
        )  # fmt: skip
    for _ in range(dice.choice((0, 0, 1, 2))):
        TaskEvent.objects.create(
            task=task, region_path=place.path, at=at + HOUR, verb=dice.choice(("meet", "meet", "call")),
            source="signed", target="met", withdrawn_at=dice.choice((None, None, at + HOUR)),
        )  # fmt: skip
        Contact.objects.create(
            task=task, region_path=place.path, at=at, by=world.officer,
            result=dice.choice(("busy", "answered", "refused")),
            withdrawn_at=dice.choice((None, None, at)),
        )  # fmt: skip
    for step in range(dice.choice((1, 2, 3))):
        Alert.objects.create(
            alert_id=f"measured-{number}-{step}", task=task, episode_id=task.episode_id, person_id=person,
            msisdn=task.msisdn, region_path=place.path, scam_type="police", level=level,
            stage=dice.choice(("contact", "lure", "transfer", "laundering")), probability=0.9,
            prior_bits=-13.0, raised_at=at + step * dice.random() * HOUR, received_at=at,
        )  # fmt: skip

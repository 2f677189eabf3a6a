"""A synthetic year of outreach for a demonstration: the same one for the same places, and marked.

Its counts add up to what the source document tells of June 2021; how they spread over places and days is
made up.
"""

from __future__ import annotations

import datetime as dt
import math
from random import Random
from typing import NamedTuple

from django.conf import settings
from django.db import transaction
from django.utils import timezone

from qingdun.console.kernel.audit import record
from qingdun.console.kernel.models import Region, User
from qingdun.console.outreach.codes import Count, WonAt
from qingdun.console.outreach.demo_matrix import create_matrix
from qingdun.console.outreach.models import AppCount, Grid, ProvinceRank, Target
from qingdun.console.outreach.registering import count_key
from qingdun.errors import NotPermitted
from qingdun.regions.population import apportion

SEED = 1529
DAYS = 364
INSTALLED = 1_529_318
RANKS = (9, 9, 8, 8, 7, 7, 6, 6, 5, 5, 5, 4)
CITIES = 21
BY_WEEKDAY = (1.0, 1.05, 1.1, 1.05, 1.0, 0.7, 0.55)
WON = {
    WonAt.VACCINATION: 30, WonAt.TEST_QUEUE: 18, WonAt.DOOR: 16, WonAt.STALL: 12, WonAt.CAMPUS: 9,
    WonAt.ENTERPRISE: 8, WonAt.ONLINE: 5, WonAt.OTHER: 2,
}  # fmt: skip


class Year(NamedTuple):
    """What every part of the year is made with."""

    random: Random
    today: dt.date
    actor: User
    towns: list[Region]

    def day(self, first: int, last: int = 0) -> dt.date:
        """A day between so many days ago and so many."""
        return self.today - dt.timedelta(days=self.random.randint(last, first))

    def town(self) -> Region:
        """A town, the larger the likelier."""
        return self.random.choices(self.towns, [town.population or 1 for town in self.towns])[0]


@transaction.atomic
def create_demo_outreach() -> int:
    """A year of outreach stands but for its mailings, which need a register of persons; how many rows of
    registrations are new, none the second time.

    Call it after `create_demo_accounts`. Errors: NotPermitted outside demo mode.
    """
    if not settings.DEMO:
        raise NotPermitted("demo outreach exists in demo mode only; set QINGDUN_DEMO=1 for a demonstration")
    actor = User.objects.filter(demo=True, username="demo-city").first()
    if actor is None or AppCount.objects.exists():
        return 0
    towns = list(Region.objects.filter(level=Region.Level.TOWN).order_by("code"))
    year = Year(Random(SEED), timezone.localdate(), actor, towns)
    rows = _registrations(year)
    _targets(year)
    create_matrix(year)
    record(None, "enter_app_count", ("outreach", "demo"), None, {"rows": rows})
    return rows


def weights(random: Random, days: int) -> list[float]:
    """How one place's registrations spread over days: a level that drifts from week to week, weekends less,
    and now and then a week in which somebody stands at every corner.
    """
    level, found = 1.0, []
    for day in range(days):
        if day % 7 == 0:
            level *= math.exp(random.gauss(0, 0.06))
            week = level * math.exp(random.gauss(0, 0.18)) * (2.2 if random.random() < 0.03 else 1.0)
        found.append(week * BY_WEEKDAY[day % 7] * random.uniform(0.8, 1.2))
    return found


def _registrations(year: Year) -> int:
    dice, began = year.random, year.today - dt.timedelta(days=DAYS - 1)
    shares: list[float] = []
    for town in year.towns:
        size = (town.population or 1) * math.exp(dice.gauss(0, 0.25))
        here = weights(dice, DAYS)
        shares += [size * one / sum(here) for one in here]
    counts = iter(apportion(INSTALLED, shares))
    grids = _grids(year)
    ways, odds = list(WON), list(WON.values())
    now, made = timezone.now(), []
    for town in year.towns:
        inside = [grid for grid in grids if grid.region_path.startswith(town.path)]
        for at in range(DAYS):
            installed = next(counts)
            if not installed:
                continue
            real = round(installed * dice.uniform(0.72, 0.84))
            grid = inside[at % len(inside)] if inside else None
            won_at = WonAt.DOOR if grid else dice.choices(ways, odds)[0]
            day, path = began + dt.timedelta(days=at), grid.region_path if grid else town.path
            made.append(
                AppCount(
                    key=count_key(day, path, grid, won_at), day=day, region_path=path, grid=grid,
                    won_at=won_at, installed=installed, real_name=real,
                    warning_on=round(real * dice.uniform(0.6, 0.74)), by=year.actor, at=now,
                )
            )  # fmt: skip
    AppCount.objects.bulk_create(made, batch_size=1000)
    return len(made)


def _grids(year: Year) -> list[Grid]:
    """Two grids in each village of the first town that has any, where the demo's grid member works."""
    first = Region.objects.filter(level=Region.Level.VILLAGE).order_by("path").first()
    villages = Region.objects.filter(parent=first.parent if first else None).order_by("code")
    return Grid.objects.bulk_create(
        Grid(
            code=f"{village.code}-{number}", name=f"演示{village.short_name}第{number}网格",
            region_path=village.path, doors=(village.population // 6) or 40,
            residents=village.population // 2,
        )
        for village in villages for number in (1, 2)
    )  # fmt: skip


def _targets(year: Year) -> None:
    now, due = timezone.now(), year.today + dt.timedelta(days=150)
    city = year.actor.region
    assert city is not None
    wanted = [(city.path, Count.INSTALLED, 1_900_000), (city.path, Count.REAL_NAME, 1_450_000)]
    counties = Region.objects.filter(level=Region.Level.COUNTY).order_by("code")
    wanted += [
        (one.path, Count.INSTALLED, max(1, one.population * (44 + 3 * number) // 100))
        for number, one in enumerate(counties)
    ]
    grid = Grid.objects.order_by("code").first()
    wanted += [
        (town.path, Count.INSTALLED, max(1, town.population * 38 // 100))
        for town in year.towns if grid is not None and grid.region_path.startswith(town.path)
    ]  # fmt: skip
    Target.objects.bulk_create(
        Target(region_path=path, count=count, goal=goal, due_on=due, by=year.actor, at=now)
        for path, count, goal in wanted
    )
    ProvinceRank.objects.bulk_create(
        ProvinceRank(
            region_path=city.path, day=year.today - dt.timedelta(days=30 * (len(RANKS) - 1 - back)),
            count=Count.INSTALLED, rank=rank, of=CITIES, source="演示通报", by=year.actor, at=now,
        )
        for back, rank in enumerate(RANKS)
    )  # fmt: skip

"""What the ledger of 2021 is made of: the figures that were published of 1 January to 23 June, and nothing
else of that time. How they spread over days, places and people is made up, and every row says so.

Each module makes its own rows by this plan (`demo_2021.py` of the module). The figures stand in
`demo_2021.json` alone; no bulletin reads it.
"""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from importlib import resources
from random import Random
from typing import Any

from qingdun.console.kernel.localtime import midnight
from qingdun.console.kernel.models import Organisation, Region, User

SEED = 2021
MARK = "演示"
"""Stands in every name and number that is made up."""


@dataclass(frozen=True, slots=True)
class Plan:
    """How many rows of what, when, by whom."""

    actor: User
    second: User
    """Another person, where two are needed."""
    since: dt.date
    until: dt.date
    totals: Mapping[str, int]
    towns: list[Region]
    listed: tuple[str, ...]
    """Codes of the towns that are listed."""
    rescue: Mapping[str, str]
    """Town, moment and scam type of the dissuasion that is told."""
    seized_on: dt.date
    random: Random = field(default_factory=lambda: Random(SEED))

    def day(self, first: dt.date | None = None, last: dt.date | None = None) -> dt.date:
        """A day of the period, or of that part of it."""
        begins, ends = first or self.since, last or self.until
        return begins + dt.timedelta(days=self.random.randint(0, max(0, (ends - begins).days)))

    def moment(self, day: dt.date) -> dt.datetime:
        """A time of that day, while people are awake."""
        return midnight(day) + dt.timedelta(minutes=self.random.randint(7 * 60, 23 * 60))

    def town(self) -> Region:
        """A town, the larger the likelier."""
        return self.random.choices(self.towns, [one.population or 1 for one in self.towns])[0]

    def some_towns(self, count: int) -> list[Region]:
        """So many towns at once, the larger the likelier."""
        return self.random.choices(self.towns, [one.population or 1 for one in self.towns], k=count)


def published() -> dict[str, Any]:
    """The published figures, and the towns and days that were named."""
    found: dict[str, Any] = json.loads(
        resources.files(__package__).joinpath("demo_2021.json").read_text("utf-8")
    )
    return found


def plan_2021(actor: User, second: User) -> Plan:
    """The plan of the published figures over every town of the database."""
    told = published()
    return Plan(
        actor=actor, second=second, since=dt.date.fromisoformat(told["since"]),
        until=dt.date.fromisoformat(told["until"]), totals=told["totals"],
        towns=list(Region.objects.filter(level=Region.Level.TOWN).order_by("code")),
        listed=tuple(told["listed"]), rescue=told["rescue"],
        seized_on=dt.date.fromisoformat(told["seized_on"]),
    )  # fmt: skip


def create_stations() -> int:
    """Every town has a police station; how many had none."""
    without = list(Region.objects.filter(level=Region.Level.TOWN, serving=None).order_by("code"))
    for town in without:
        station = Organisation.objects.create(
            code=f"demo-2021-{town.code}", kind=Organisation.Kind.STATION, region=town, lng=town.lng,
            lat=town.lat, name=f"{town.short_name}派出所（{MARK}）",
            name_en=f"{town.name_en} station (demo)"[:64],
        )  # fmt: skip
        station.towns.add(town)
    return len(without)


def spread(total: int, shares: int) -> list[int]:
    """The total in so many parts that differ by one at most.

    >>> spread(10, 4)
    [3, 3, 2, 2]
    """
    least, more = divmod(total, shares)
    return [least + (number < more) for number in range(shares)]

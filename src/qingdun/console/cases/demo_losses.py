"""Two synthetic years of losses in every town for a demonstration, so that rankings have something to rank.

Nobody stands behind them: each is of a number in a segment nobody is assigned, which no register knows.
"""

from __future__ import annotations

import datetime as dt
import math
from collections.abc import Iterator
from random import Random

from django.conf import settings
from django.db import transaction
from django.utils import timezone

from qingdun.console.cases.models import Incident
from qingdun.console.kernel.audit import record
from qingdun.console.kernel.localtime import midnight
from qingdun.console.kernel.models import Region, User
from qingdun.contract.codes import scam_types

SEED = 4418
MONTHS = 25
A_MONTH = 1.0
"""Cases per 10,000 residents."""
SPREAD = 0.3
"""Of the logarithm of a town's risk."""
KEY = "demo-loss-"


@transaction.atomic
def create_demo_losses() -> int:
    """Losses of two years stand; how many are new, none the second time nor outside demo mode. Call it after
    `create_demo_accounts`.

    Three towns run a higher risk for a while: the first that has villages since nine months ago, the next
    until five months ago, the one after it all the time.
    """
    actor = User.objects.filter(demo=True, username="demo-city").first()
    if not settings.DEMO or actor is None or Incident.objects.filter(key__startswith=KEY).exists():
        return 0
    made = Incident.objects.bulk_create(_incidents(Random(SEED), actor), batch_size=1000)
    record(None, "report_incident", ("cases", "demo"), None, {"incidents": len(made)})
    return len(made)


def _incidents(dice: Random, actor: User) -> Iterator[Incident]:
    types, now = list(scam_types().names), timezone.now()
    # Of the last two days nothing: what is fresh is worked on elsewhere.
    today = timezone.localdate() - dt.timedelta(days=2)
    villages: dict[str, list[Region]] = {}
    for village in Region.objects.filter(level=Region.Level.VILLAGE).order_by("code"):
        villages.setdefault(village.parent_id or "", []).append(village)
    number = 0
    for place, town in enumerate(_towns(villages)):
        risk = math.exp(dice.gauss(0, SPREAD))
        inside = villages.get(town.code, [town])
        weights = [one.population or 1 for one in inside]
        for back in range(MONTHS):
            mean = (town.population or 1) / 10_000 * A_MONTH * _times(place, back, risk)
            for _each in range(_poisson(dice, mean)):
                at = midnight(today - dt.timedelta(days=30 * back)) - dt.timedelta(
                    days=dice.random() * 30, hours=1
                )
                number += 1
                msisdn = f"+8617259{number:06}"
                yield Incident(
                    person_id=f"number:{msisdn}", msisdn=msisdn, reported_at=min(at, now),
                    region_path=dice.choices(inside, weights)[0].path, scam_type=dice.choice(types),
                    loss_fen=int(min(1_600_000, dice.lognormvariate(9.4, 1.3))) * 100, how="演示数据",
                    key=f"{KEY}{number}", by=actor, entered_at=min(at + dt.timedelta(minutes=12), now),
                )  # fmt: skip


def _towns(villages: dict[str, list[Region]]) -> list[Region]:
    """Those with villages first, in the order of their paths."""
    found = Region.objects.filter(level=Region.Level.TOWN).order_by("path")
    return sorted(found, key=lambda town: town.code not in villages)


def _times(place: int, back: int, risk: float) -> float:
    """How many times the ordinary risk the town runs so many months ago."""
    if place == 0:
        return 3.0 if back <= 9 else 0.9
    if place == 1:
        return 3.0 if back > 5 else 0.4
    if place == 2:
        return 2.6
    return risk


def _poisson(dice: Random, mean: float) -> int:
    """A draw, by the time between one case and the next."""
    count, passed = 0, dice.expovariate(1.0)
    while passed < mean:
        count += 1
        passed += dice.expovariate(1.0)
    return count

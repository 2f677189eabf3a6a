"""The command's part of the ledger of 2021: the measures that were issued, and the first responsible persons
of the counties.
"""

from __future__ import annotations

import datetime as dt
import json
from importlib import resources

from django.db import transaction

from qingdun.console.command.codes import PostKind, Standing
from qingdun.console.command.models import Post, Provision, Tenure
from qingdun.console.kernel.audit import record
from qingdun.console.kernel.demo_2021 import MARK, Plan
from qingdun.console.kernel.localtime import midnight
from qingdun.console.kernel.models import Region

TITLE = "县（市、区）委书记"


@transaction.atomic
def create_2021(plan: Plan) -> int:
    """The rows stand; how many."""
    city, first = plan.actor.region_path, plan.since + dt.timedelta(days=90)
    told = json.loads(resources.files(__package__).joinpath("provisions.json").read_text("utf-8"))
    shipped = told["provisions"]
    made = Provision.objects.bulk_create(
        Provision(
            number=number + 1, title=f"{shipped[number % len(shipped)]['title']}（{MARK}）"[:60],
            demand=shipped[number % len(shipped)]["demand"],
            system=shipped[number % len(shipped)]["system"], region_path=city, since=first, by=plan.actor,
        )
        for number in range(plan.totals["measures"])
    )  # fmt: skip
    counties = Region.objects.filter(level=Region.Level.COUNTY).order_by("code")
    posts = Post.objects.bulk_create(
        Post(title=TITLE, kind=PostKind.PRINCIPAL, region_path=one.path, opened_on=plan.since, by=plan.actor)
        for one in counties[: plan.totals["county_leaders"]]
    )
    Tenure.objects.bulk_create(
        Tenure(
            post=post, name=f"{MARK}某某{number + 1}", standing=Standing.HOLDER, since=midnight(plan.since),
            by=plan.actor, at=midnight(plan.since),
        )
        for number, post in enumerate(posts)
    )  # fmt: skip
    record(None, "open_post", ("command", "demo-2021"), None, {"rows": len(posts)})
    return len(made) + 2 * len(posts)

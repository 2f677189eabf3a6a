"""The part of funds in the ledger of 2021: what banks froze in the campaign's cases."""

from __future__ import annotations

import datetime as dt

from django.db import transaction
from django.utils import timezone

from qingdun.console.cases import queries as cases
from qingdun.console.funds import rules
from qingdun.console.funds.demo_year import BANKS, HOLDER, parts_of
from qingdun.console.funds.freezing import months_later
from qingdun.console.funds.models import Freeze
from qingdun.console.funds.moves import FreezeState
from qingdun.console.kernel.audit import record
from qingdun.console.kernel.demo_2021 import Plan, spread

FREEZES = 30


@transaction.atomic
def create_2021(plan: Plan) -> int:
    """The freezes stand, each of one incident's money; how many."""
    attacked = cases.incidents(plan.actor).filter(key__startswith="demo-2021-", cases__campaign__isnull=False)
    known = list(attacked.order_by("pk").distinct()[:FREEZES])
    made = []
    for incident, fen in zip(known, spread(plan.totals["frozen_fen"], len(known)), strict=True):
        frozen = plan.moment(plan.day(timezone.localdate(incident.reported_at)))
        ends = months_later(frozen, rules.limit("freeze_months"))
        made.append(
            Freeze(
                account=f"620061{incident.pk:010}", account_name=HOLDER, bank=BANKS[incident.pk % len(BANKS)],
                amount_fen=fen, traced_fen=fen, certain=True, requested_at=frozen - dt.timedelta(hours=6),
                frozen_at=frozen, ends_at=ends, ended_at=ends, state=FreezeState.EXPIRED,
                region_path=incident.region_path, incident=incident,
                key=f"demo-2021-{incident.pk}", by=plan.actor,
            )
        )  # fmt: skip
    Freeze.objects.bulk_create(made)
    parts_of(made)
    after = {"rows": len(made), "sum_fen": sum(one.amount_fen for one in made)}
    record(None, "request_freeze", ("ledger", "demo-2021"), None, after)
    return len(made)

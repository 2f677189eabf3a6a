"""The supervision's part of the ledger of 2021: commissioners, and a round over the towns and enterprises
that stand first, drawn and confirmed by the module's own acts.
"""

from __future__ import annotations

import datetime as dt

from django.db import transaction
from django.utils import timezone

from qingdun.console.kernel.demo import clock_at
from qingdun.console.kernel.demo_2021 import MARK, Plan
from qingdun.console.kernel.localtime import midnight
from qingdun.console.kernel.models import Region, User
from qingdun.console.kernel.roles import Role
from qingdun.console.supervision import queries
from qingdun.console.supervision.actions import appoint, confirm_round, draw_round
from qingdun.console.supervision.models import Charge, StaffFigure

DAY = dt.timedelta(days=1)


@transaction.atomic
def create_2021(plan: Plan) -> int:
    """Commissioners are in office and a round is in force; how many towns and enterprises are in it.

    Call it after those of assessment, whose ranking it goes by, and of outreach, whose enterprises it names.
    """
    morning = midnight(plan.until - 10 * DAY) + dt.timedelta(hours=10)
    with clock_at(morning - 5 * DAY):
        _appoint(plan)
        _staff(plan)
    with clock_at(morning):
        confirm_round(plan.actor, draw_round(plan.actor).pk)
    return Charge.objects.count()


def _appoint(plan: Plan) -> None:
    counties = list(Region.objects.filter(level=Region.Level.COUNTY).order_by("code"))
    for number in range(plan.totals["commissioners"]):
        user = User(
            username=f"demo-2021-commissioner-{number + 1:02}", role=Role.COMMISSIONER,
            region=plan.actor.region, display_name=f"督导专员{number + 1}（{MARK}，合成）",
        )  # fmt: skip
        user.set_unusable_password()
        user.save()
        appoint(plan.actor, user.username, counties[number % len(counties)].code, timezone.localdate())


def _staff(plan: Plan) -> None:
    """How many work there, each fewer than the one before."""
    known = list(queries.enterprises(plan.actor).order_by("pk"))
    StaffFigure.objects.bulk_create(
        StaffFigure(
            partner=one, region_path=one.region_path, staff=5000 - 40 * number, as_of=timezone.localdate(),
            source=f"{MARK}（合成）", by=plan.actor, at=timezone.now(),
        )
        for number, one in enumerate(known)
    )  # fmt: skip

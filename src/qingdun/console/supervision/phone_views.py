"""The phone pages of a commissioner; they open and record without a line."""

from __future__ import annotations

import datetime as dt

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_safe

from qingdun.console.assessment import queries as assessment
from qingdun.console.kernel.roles import Permission, require
from qingdun.console.kernel.scope import out_of_reach
from qingdun.console.kernel.viewer import viewer_of
from qingdun.console.supervision import queries, standing
from qingdun.console.supervision.codes import Area, Kind, SupervisionForm
from qingdun.console.supervision.moves import RoundState
from qingdun.console.supervision.planning import key_of
from qingdun.console.supervision.rules import rule_named
from qingdun.console.supervision.standing import Counts, Row


@require_safe
@login_required
def mine(request: HttpRequest) -> HttpResponse:
    """What the viewer supervises, with visits still wanted and findings; each leads to its form."""
    viewer = viewer_of(request)
    require(viewer, Permission.SUPERVISE)
    counts = standing.counted(viewer)
    rows = [
        Row(one, counts.get(key_of(one.kind, one.region_path, one.partner_id), Counts()))
        for one in queries.mine(viewer)
    ]
    rows.sort(key=lambda row: (-row.counts.overdue, row.charge.visited >= row.charge.wanted))
    return render(request, "supervision/mine.html", {"rows": rows})


@require_safe
@login_required
def visit(request: HttpRequest, charge_id: int) -> HttpResponse:
    """The form of one visit, with the findings that wait to be inspected again."""
    viewer = viewer_of(request)
    require(viewer, Permission.SUPERVISE)
    charge = queries.charge(viewer, charge_id)
    if charge.commissioner.user_id != viewer.pk:
        raise out_of_reach()
    rule, today = rule_named(charge.round.rules), timezone.localdate()
    context = {
        "charge": charge,
        "kept": charge.round.state == RoundState.CONFIRMED,
        "forms": [(code, word, rule.days(code)) for code, word in SupervisionForm.choices],
        "areas": Area.choices,
        "rule": rule,
        "today": today,
        "first_day": today + dt.timedelta(days=1),
        "last_day": today + dt.timedelta(days=rule.most_days),
        "unsettled": queries.unsettled(viewer).filter(charge.same_subject()),
        "listed": charge.kind == Kind.TOWN
        and assessment.listed(viewer).filter(region_path=charge.region_path).exists(),
        "latest": queries.visits(viewer).filter(charge.same_subject())[:5],
    }
    return render(request, "supervision/phone.html", context)

"""The phone page of whoever goes from door to door; it opens and records without a line."""

from __future__ import annotations

from django.contrib.auth.decorators import login_required
from django.db.models import Count as Number
from django.db.models import Sum
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_POST, require_safe

from qingdun.console.kernel.roles import Permission, require
from qingdun.console.kernel.viewer import viewer_of
from qingdun.console.outreach import queries
from qingdun.console.outreach.codes import Count, DoorResult
from qingdun.console.outreach.doors import take_back

MOST_GRIDS, MOST_MATERIALS = 300, 30
COUNTED = ("told", *Count.values)


@require_safe
@login_required
def doors(request: HttpRequest) -> HttpResponse:
    """The form of one door, what the viewer has recorded today, and the words to say: all of it opens
    without a line.
    """
    viewer = viewer_of(request)
    require(viewer, Permission.VISIT_DOORS)
    mine = queries.doors_today(viewer)
    sums = {name: Sum(name) for name in COUNTED}
    context = {
        "grids": queries.grids(viewer)[:MOST_GRIDS],
        "results": DoorResult.choices,
        "counts": Count.choices,
        "today": mine.order_by().aggregate(doors=Number("pk"), **sums),
        "latest": mine[:10],
        "materials": queries.materials(viewer).prefetch_related("versions")[:MOST_MATERIALS],
    }
    return render(request, "outreach/doors.html", context)


@require_POST
@login_required
def take_door_back(request: HttpRequest, door_id: int) -> HttpResponse:
    """A door that was recorded by mistake today is gone."""
    take_back(viewer_of(request), door_id)
    return redirect("outreach:doors")

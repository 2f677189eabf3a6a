"""Pages of follow-ups: parse, one call, render."""

from __future__ import annotations

from django.contrib.auth.decorators import login_required
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods, require_safe

from qingdun.console.alerts import actions as alerts
from qingdun.console.alerts import queries as alerts_queries
from qingdun.console.alerts import queries as reads
from qingdun.console.care import actions, queries
from qingdun.console.care.models import FollowUp, Result
from qingdun.console.kernel.models import Person, User
from qingdun.console.kernel.roles import Permission, may, require
from qingdun.console.kernel.viewer import viewer_of
from qingdun.errors import IllegalMove, InputError

PAGE_ROWS = 50


@require_safe
@login_required
def follow_ups(request: HttpRequest) -> HttpResponse:
    """The viewer's follow-ups: due, overdue, coming or done."""
    viewer, asked = viewer_of(request), request.GET
    require(viewer, Permission.SEE_ALERTS)
    view = asked.get("view", "")
    view = view if view in queries.VIEWS else "due"
    region, mine = asked.get("region", "")[:12], asked.get("mine") == "1"
    found = queries.follow_ups(viewer, view, region, mine)
    page = Paginator(found, PAGE_ROWS).get_page(asked.get("page"))
    context = {
        "view": view,
        "mine": mine,
        "page": page,
        "lines": queries.lines(viewer, page.object_list),
        "counts": {one: queries.follow_ups(viewer, one, region, mine).count() for one in queries.VIEWS[:3]},
        "stations": queries.overdue_by_station(viewer, region)
        if may(viewer, Permission.DISPATCH_COUNTY)
        else [],
    }
    return render(request, "care/follow_ups.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
@login_required
def follow_up(request: HttpRequest, follow_up_id: int) -> HttpResponse:
    """One follow-up on a phone: whom to call, what to ask, what came of it."""
    viewer = viewer_of(request)
    row = queries.follow_up(viewer, follow_up_id)
    error = ""
    if request.method == "POST" and "unmask" in request.POST:
        try:
            task = alerts.unmask(viewer, row.task_id, request.POST.get("purpose", ""))
            answer = _page(request, viewer, row, "", reads.person(viewer, task))
            answer["Cache-Control"] = "no-store"
            return answer
        except InputError as refused:
            error = str(refused)
    elif request.method == "POST":
        try:
            done = actions.record_result(
                viewer, follow_up_id, request.POST.get("result", ""), request.POST.get("note", "")
            )
            if done.result == Result.PAID:
                return redirect("care:follow_up", follow_up_id)
            return redirect("care:follow_ups")
        except (InputError, IllegalMove) as refused:
            error = str(refused)
            row = queries.follow_up(viewer, follow_up_id)
    return _page(request, viewer, row, error)


def _page(
    request: HttpRequest, viewer: User, row: FollowUp, error: str, person: Person | None = None
) -> HttpResponse:
    lines = queries.of_task(viewer, row.task_id)
    context = {
        "line": next(line for line in lines if line.follow_up.pk == row.pk),
        "lines": lines,
        "error": error,
        "person": person,
        "home": alerts_queries.home(viewer, row.task) if person else "",
        "about": alerts_queries.person(viewer, row.task),
        "shown": "unmask" in request.POST and not error,
        "results": Result.choices,
        "typed": request.POST,
        "may_work": may(viewer, Permission.WORK_ALERTS),
        "may_unmask": may(viewer, Permission.UNMASK),
        "file": queries.file_of_person(viewer, row.person_id),
        "open_to_entry": row.state == FollowUp.State.OPEN or row.result == Result.NOT_REACHED,
    }
    return render(request, "care/follow_up.html", context, status=422 if error else 200)

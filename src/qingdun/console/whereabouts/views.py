"""The panel as a part of a page: parse, one call, render."""

from __future__ import annotations

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from qingdun.console.alerts import queries as alerts
from qingdun.console.kernel.viewer import viewer_of
from qingdun.console.whereabouts import actions, queries
from qingdun.errors import IllegalMove, InputError


@never_cache
@require_http_methods(["GET", "POST"])
@login_required
def panel(request: HttpRequest, task_id: int) -> HttpResponse:
    """The panel, or the question for what purpose; sent a purpose, the panel after it is on record."""
    viewer, error = viewer_of(request), ""
    if request.method == "POST":
        try:
            actions.look(viewer, task_id, request.POST.get("purpose", ""))
        except (InputError, IllegalMove) as refused:
            error = str(refused)
    task = alerts.task(viewer, task_id)
    context = {
        "task": task,
        "panel": queries.panel(viewer, task),
        "open": queries.may_look(viewer, task),
        "error": error,
    }
    answer = render(request, "whereabouts/_panel.html", context, status=422 if error else 200)
    answer["Cache-Control"] = "no-store"
    return answer

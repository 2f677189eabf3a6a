"""The next task for the viewer: on the desk and on the phone."""

from __future__ import annotations

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_safe

from qingdun.console.alerts import actions
from qingdun.console.kernel.viewer import viewer_of
from qingdun.console.offers import queries as offers


@require_safe
@login_required
def desk(request: HttpRequest) -> HttpResponse:
    """The desk, filtered as before, with the task that is given to the viewer now."""
    found = actions.take_next(viewer_of(request))
    query = request.GET.copy()
    query.pop("task", None)
    if found is not None:
        query["task"] = str(found.pk)
    return redirect(f"{reverse('alerts:desk')}?{query.urlencode()}")


@require_safe
@login_required
def phone(request: HttpRequest) -> HttpResponse:
    """What is offered to the viewer; else the phone page of that task; if none waits, a page that says so and
    asks again by itself.
    """
    viewer = viewer_of(request)
    offered = offers.mine(viewer).exists()
    found = None if offered else actions.take_next(viewer)
    if found is not None:
        return redirect("alerts:visit", found.pk)
    return render(request, "alerts/next.html", {"offered": offered})

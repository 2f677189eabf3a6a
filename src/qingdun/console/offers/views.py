"""Answers to offers from the phone: parse, one call, redirect."""

from __future__ import annotations

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.views.decorators.http import require_POST

from qingdun.console.kernel.viewer import viewer_of
from qingdun.console.offers import actions
from qingdun.errors import IllegalMove


@require_POST
@login_required
def take(request: HttpRequest, offer_id: int) -> HttpResponse:
    """The task is the officer's: on to its phone page; if somebody was faster, back with who it was."""
    try:
        offer = actions.take(viewer_of(request), offer_id)
    except IllegalMove as refused:
        messages.error(request, str(refused))
        return redirect("alerts:next_visit")
    return redirect("alerts:visit", offer.task_id)


@require_POST
@login_required
def decline(request: HttpRequest, offer_id: int) -> HttpResponse:
    """The officer cannot go."""
    try:
        actions.decline(viewer_of(request), offer_id)
    except IllegalMove as refused:
        messages.error(request, str(refused))
    return redirect("alerts:next_visit")

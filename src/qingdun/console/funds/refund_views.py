"""Pages of refunds: parse, one call, render."""

from __future__ import annotations

import uuid
from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from qingdun.console.funds import queries, refunding, tables
from qingdun.console.funds.freeze_views import noticed, numbers, papers
from qingdun.console.funds.moves import DocumentKind, RefundWay
from qingdun.console.funds.refunding import Plan
from qingdun.console.kernel.entry import whole
from qingdun.console.kernel.roles import Permission, may, require
from qingdun.console.kernel.table_pages import table_page
from qingdun.console.kernel.viewer import viewer_of
from qingdun.errors import IllegalMove, InputError

PAPERS = (DocumentKind.NOTICE, DocumentKind.REFUND)


@require_safe
@login_required
def refunds(request: HttpRequest) -> HttpResponse:
    """Refunds of the region picked, the latest first."""
    viewer = viewer_of(request)
    require(viewer, Permission.TRACE_FUNDS)
    page = table_page(request, tables.REFUNDS, "funds.refunds")
    context = {**page.context, "notices": noticed(request)}
    return render(request, "funds/refunds.html", context, status=page.status)


@require_http_methods(["GET", "HEAD", "POST"])
@login_required
def enter(request: HttpRequest) -> HttpResponse:
    """The form of one refund, about `?freeze=ID`, with the shares of the incidents typed."""
    viewer = viewer_of(request)
    require(viewer, Permission.REVIEW_ALERTS)
    asked = request.POST if request.method == "POST" else request.GET
    freeze_id = whole(asked.get("freeze", ""))
    if freeze_id is None:
        return redirect("funds:freezes")
    about = queries.freeze(viewer, freeze_id)
    known = ", ".join(str(one) for one in about.parts.values_list("incident", flat=True))
    typed = asked.get("incidents", known)
    incidents = numbers(typed)
    error, found = "", None
    try:
        if request.method == "POST":
            made = refunding.prepare_refund(
                viewer, (request.POST.get("key") or uuid.uuid4().hex)[:64], freeze_id, incidents
            )
            return redirect("funds:refund", made.pk)
        found = refunding.plan(viewer, freeze_id, incidents)
    except (InputError, IllegalMove) as refused:
        error = str(refused)
    context = {
        "freeze": about,
        "also": sorted(set(queries.incidents_naming(viewer, about.account)) - set(incidents)),
        "typed": typed,
        "plan": found,
        "way": RefundWay(found.way).label if found else "",
        "lines": _lines(found),
        "error": error,
        "key": request.POST.get("key") or uuid.uuid4().hex,
    }
    return render(request, "funds/enter_refund.html", context, status=422 if error else 200)


@require_safe
@login_required
def refund(request: HttpRequest, refund_id: int) -> HttpResponse:
    """One refund with its shares, objections, documents and what may be done."""
    viewer = viewer_of(request)
    about = queries.refund(viewer, refund_id)
    context: dict[str, Any] = {
        "refund": about,
        "moves": queries.refund_moves(viewer, about),
        "documents": [
            one
            for one in papers(request, freeze=about.freeze_id, at__gte=about.prepared_at, kind__in=PAPERS)
            # A refund before this one, or after it, has documents of its own.
            if about.ended_at is None or one["row"].at <= about.ended_at
        ],
        "may_answer": may(viewer, Permission.REVIEW_ALERTS),
    }
    return render(request, "funds/refund.html", context)


@require_POST
@login_required
def act(request: HttpRequest, refund_id: int, verb: str) -> HttpResponse:
    """One move of the table, `object`, or `answer`."""
    viewer, note = viewer_of(request), request.POST.get("note", "")
    try:
        if verb == "object":
            refunding.object_to(viewer, refund_id, note)
        elif verb == "answer":
            refunding.answer(viewer, refund_id, whole(request.POST.get("objection", "")) or 0, note)
        else:
            refunding.move_refund(viewer, refund_id, verb, note)
    except (InputError, IllegalMove) as refused:
        messages.error(request, str(refused))
    return redirect("funds:refund", refund_id)


def _lines(found: Plan | None) -> list[tuple[int, int, int]]:
    return [(one, found.losses[one], fen) for one, fen in found.shares.items()] if found else []

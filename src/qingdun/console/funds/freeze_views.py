"""Pages of freezes, of legal documents and of files to and from banks: parse, one call, render."""

from __future__ import annotations

import re
import uuid
from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from qingdun.console.funds import documenting, exchange, freezing, orders, queries, rules, tables
from qingdun.console.funds.freezing import FreezeForm, Room
from qingdun.console.funds.lapses import NoticeKind
from qingdun.console.funds.moves import OPEN_REFUNDS, FreezeState
from qingdun.console.kernel import printing
from qingdun.console.kernel.entry import amount_fen, local_time, whole
from qingdun.console.kernel.roles import Permission, may, require
from qingdun.console.kernel.spreadsheets import CSV
from qingdun.console.kernel.table_pages import table_page
from qingdun.console.kernel.viewer import viewer_of
from qingdun.errors import IllegalMove, InputError, UnreadableFile

MOST_INCIDENTS = 100
MOST_NOTICES = 20
WORD = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"


@require_safe
@login_required
def freezes(request: HttpRequest) -> HttpResponse:
    """Freezes of the region picked, the latest first."""
    viewer = viewer_of(request)
    require(viewer, Permission.TRACE_FUNDS)
    page = table_page(request, tables.FREEZES, "funds.freezes")
    context = {**page.context, "notices": noticed(request)}
    return render(request, "funds/freezes.html", context, status=page.status)


@require_http_methods(["GET", "HEAD", "POST"])
@login_required
def enter(request: HttpRequest) -> HttpResponse:
    """The form of one freeze: `?incident=ID&movement=ID`, with what the trace leaves to freeze there."""
    viewer = viewer_of(request)
    require(viewer, Permission.TRACE_FUNDS)
    asked = request.POST if request.method == "POST" else request.GET
    incident, movement = whole(asked.get("incident", "")), whole(asked.get("movement", ""))
    if incident is None or movement is None:
        return redirect("funds:trace")
    typed = asked.get("others", "")[:600]
    others = tuple(numbers(typed))
    error = ""
    if request.method == "POST":
        try:
            amount = amount_fen(request.POST.get("amount", "")) or 0
            key = (request.POST.get("key") or uuid.uuid4().hex)[:64]
            made = freezing.request_freeze(viewer, FreezeForm(key, incident, movement, amount, others))
            return redirect("funds:freeze", made.pk)
        except (InputError, IllegalMove) as refused:
            error = str(refused)
    free: Room | None = None
    try:
        free = freezing.room(viewer, [incident, *others], movement)
    except InputError as refused:
        error = error or str(refused)
    about = queries.movement(viewer, movement)
    named = set(queries.incidents_naming(viewer, about.payee))
    context = {
        "incident": incident,
        "movement": about,
        "also": sorted(named - {incident, *others}),
        "typed": typed,
        "error": error,
        "room": free,
        "lines": [(one, fen, free.left[one]) for one, fen in free.traced.items()] if free else [],
        "key": request.POST.get("key") or uuid.uuid4().hex,
    }
    return render(request, "funds/enter_freeze.html", context, status=422 if error else 200)


@require_safe
@login_required
def freeze(request: HttpRequest, freeze_id: int) -> HttpResponse:
    """One freeze, masked, with its documents and what may be done."""
    viewer = viewer_of(request)
    about = queries.freeze(viewer, freeze_id)
    return render(request, "funds/freeze.html", _shown(request, about.pk))


@require_POST
@login_required
def act(request: HttpRequest, freeze_id: int, verb: str) -> HttpResponse:
    """One move of the table, or `unmask`."""
    viewer, note = viewer_of(request), request.POST.get("note", "")
    try:
        if verb == "unmask":
            freezing.unmask_freeze(viewer, freeze_id, note)
            answer = render(request, "funds/freeze.html", {**_shown(request, freeze_id), "unmasked": True})
            answer["Cache-Control"] = "no-store"
            return answer
        freezing.move_freeze(viewer, freeze_id, verb, note, local_time(request.POST.get("at", "")))
    except (InputError, IllegalMove) as refused:
        messages.error(request, str(refused))
    return redirect("funds:freeze", freeze_id)


@require_POST
@login_required
def document(request: HttpRequest, document_id: int) -> HttpResponse:
    """A legal document as Word or PDF; that it was taken away is on record."""
    viewer = viewer_of(request)
    form = "pdf" if request.POST.get("form") == "pdf" else "docx"
    paper = documenting.take_document(viewer, document_id, form)
    body = printing.as_pdf(paper) if form == "pdf" else printing.as_docx(paper)
    answer = HttpResponse(body, content_type="application/pdf" if form == "pdf" else WORD)
    answer["Content-Disposition"] = f'attachment; filename="document-{document_id}.{form}"'
    answer["Cache-Control"] = "no-store"
    return answer


@require_http_methods(["GET", "HEAD", "POST"])
@login_required
def exchanged(request: HttpRequest) -> HttpResponse:
    """Orders that wait for each bank, and the form that takes its reply."""
    viewer = viewer_of(request)
    require(viewer, Permission.WORK_ALERTS)
    context: dict[str, Any] = {"may_send": may(viewer, Permission.UNMASK)}
    status = 200
    if request.method == "POST":
        file = request.FILES.get("file")
        try:
            data = file.read(exchange.MOST_BYTES + 1) if file else b""
            context["taken"] = exchange.take_reply(viewer, (file.name or "") if file else "", data)
        except (InputError, UnreadableFile) as error:
            context["error"], status = str(error), 422
    context["waiting"] = [
        (bank, {one.name.lower(): count for one, count in counts.items()})
        for bank, counts in sorted(orders.counts(viewer).items())
    ]
    context["told_days"] = rules.limit("told_days")
    return render(request, "funds/exchange.html", context, status=status)


@require_POST
@login_required
def sent(request: HttpRequest) -> HttpResponse:
    """The orders that wait for a bank as one file; on record."""
    viewer = viewer_of(request)
    form = "csv" if request.POST.get("form") == "csv" else "xml"
    try:
        body, _count = exchange.export_orders(viewer, request.POST.get("bank", "")[:64], form)
    except InputError as error:
        messages.error(request, str(error))
        return redirect("funds:exchange")
    answer = HttpResponse(body, content_type=CSV if form == "csv" else "application/xml; charset=utf-8")
    name = f"orders-{timezone.localtime():%Y%m%d-%H%M%S}.{form}"
    answer["Content-Disposition"] = f'attachment; filename="{name}"'
    answer["Cache-Control"] = "no-store"
    return answer


def numbers(typed: str) -> list[int]:
    """Numbers of incidents as somebody types them, by any comma or blank."""
    parts = re.split(r"[\s,，、;；]+", typed)
    return [one for one in map(whole, parts) if one is not None][:MOST_INCIDENTS]


def noticed(request: HttpRequest) -> list[dict[str, Any]]:
    """What the viewer is to be told, each with its page."""
    pages = {
        NoticeKind.LATE: lambda one: f"{reverse('funds:enter')}?incident={one}",
        NoticeKind.STOP_ENDS: lambda one: reverse("funds:stop", args=[one]),
        NoticeKind.FREEZE_ENDS: lambda one: reverse("funds:freeze", args=[one]),
    }
    found = queries.notices(viewer_of(request))[:MOST_NOTICES]
    return [{"row": one, "url": pages[NoticeKind(one.kind)](one.subject_id)} for one in found]


def _shown(request: HttpRequest, freeze_id: int) -> dict[str, Any]:
    viewer = viewer_of(request)
    about = queries.freeze(viewer, freeze_id)
    return {
        "freeze": about,
        "parts": about.parts.all(),
        "refunds": about.refunds.all(),
        "moves": queries.freeze_moves(viewer, about),
        "documents": papers(request, freeze=about.pk),
        "may_unmask": may(viewer, Permission.UNMASK),
        "may_refund": about.state == FreezeState.FROZEN
        and may(viewer, Permission.REVIEW_ALERTS)
        and not about.refunds.filter(state__in=OPEN_REFUNDS).exists(),
        "now": f"{timezone.localtime():%Y-%m-%dT%H:%M}",
    }


def papers(request: HttpRequest, **about: Any) -> list[dict[str, Any]]:
    """The documents of an order with their numbers."""
    found = queries.documents(viewer_of(request)).filter(**about)
    return [{"row": one, "number": documenting.number_of(one)} for one in found]

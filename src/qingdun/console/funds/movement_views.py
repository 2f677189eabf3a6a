"""Pages of banks' replies and of their movements: parse, one call, render."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.paginator import Paginator
from django.http import FileResponse, HttpRequest, HttpResponse, QueryDict, StreamingHttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from qingdun.console.funds import exports, queries, rules, statements
from qingdun.console.funds.columns import FIELDS, REQUIRED, Reading, account_of
from qingdun.console.funds.models import Statement, StatementState
from qingdun.console.funds.queries import Filters
from qingdun.console.kernel.entry import amount_fen, calendar_day, whole
from qingdun.console.kernel.masking import mask_text
from qingdun.console.kernel.models import User
from qingdun.console.kernel.queries import saved_filters
from qingdun.console.kernel.roles import Permission, may, require
from qingdun.console.kernel.sheets import Fault
from qingdun.console.kernel.spreadsheets import CSV, XLSX, as_xlsx, csv_lines
from qingdun.console.kernel.viewer import viewer_of
from qingdun.errors import InputError, QingdunError

PAGE_ROWS = 50
PREVIEWED = 5
SORTS = {
    "newest": gettext_lazy("Newest first"),
    "oldest": gettext_lazy("Oldest first"),
    "largest": gettext_lazy("Largest first"),
}


@require_http_methods(["GET", "HEAD", "POST"])
@login_required
def replies(request: HttpRequest) -> HttpResponse:
    """Banks' replies, and the form that takes another; `?incident=ID` says what it is about."""
    viewer = viewer_of(request)
    require(viewer, Permission.TRACE_FUNDS)
    incident = whole(request.POST.get("incident", "") or request.GET.get("incident", ""))
    status = 200
    if request.method == "POST":
        file = request.FILES.get("file")
        try:
            data = file.read(rules.limit("most_bytes") + 1) if file else b""
            name = (file.name or "") if file else ""
            received = statements.receive(viewer, request.POST.get("bank", ""), name, data, incident)
            return redirect("funds:reply", received.pk)
        except QingdunError as error:
            messages.error(request, str(error))
            status = 422
    found = queries.statements(viewer, request.GET.get("region", "")[:12])
    context = {
        "page": Paginator(found, PAGE_ROWS).get_page(request.GET.get("page")),
        "banks": sorted(set(queries.statements(viewer).values_list("bank", flat=True))),
        "bank": request.POST.get("bank", ""),
        "incident": incident,
        "most": f"{rules.limit('most_rows'):,}",
    }
    return render(request, "funds/replies.html", context, status=status)


@require_safe
@login_required
def reply(request: HttpRequest, statement_id: int) -> HttpResponse:
    """One reply: its columns and a preview before it is taken in, its progress and faults after."""
    viewer = viewer_of(request)
    received = queries.statement(viewer, statement_id)
    context: dict[str, Any] = {"reply": received}
    if received.state == StatementState.READ:
        context |= _columns(viewer, received)
    elif received.state == StatementState.DONE:
        refused = queries.statement_rows(viewer, received).filter(refused=True)
        context["page"] = Paginator(refused, PAGE_ROWS).get_page(request.GET.get("page"))
    return render(request, "funds/reply.html", context)


@require_POST
@login_required
def columns(request: HttpRequest, statement_id: int) -> HttpResponse:
    """The columns are as the form says; with `begin`, the rows are being taken in."""
    viewer, form = viewer_of(request), request.POST
    try:
        statements.read_as(viewer, statement_id, {f: form.get(f"column-{f}", "") for f in FIELDS})
        if "begin" in form:
            statements.begin(viewer, statement_id)
    except QingdunError as error:
        messages.error(request, str(error))
    return redirect("funds:reply", statement_id)


@require_safe
@login_required
def progress(request: HttpRequest, statement_id: int) -> HttpResponse:
    """How far the reply is, alone; once it is done, the page is to be loaded anew."""
    received = queries.statement(viewer_of(request), statement_id)
    answer = render(request, "funds/_progress.html", {"reply": received})
    if received.state == StatementState.DONE:
        answer["HX-Refresh"] = "true"
    return answer


@require_safe
@login_required
def faults(request: HttpRequest, statement_id: int) -> StreamingHttpResponse:
    """Every refused row with line, column, found and expected, as CSV."""
    viewer = viewer_of(request)
    refused = queries.statement_rows(viewer, queries.statement(viewer, statement_id)).filter(refused=True)
    head = [_("Line"), _("Column"), _("What was found"), _("Expected")]
    values = refused.values_list("line", "column", "found", "expected").iterator(chunk_size=2000)
    lines = ([line, column, mask_text(found), expected] for line, column, found, expected in values)
    answer = StreamingHttpResponse(
        csv_lines(line for part in ([head], lines) for line in part), content_type=CSV
    )
    answer["Content-Disposition"] = f'attachment; filename="refused-{statement_id}.csv"'
    return answer


@require_http_methods(["GET", "HEAD", "POST"])
@login_required
def movements(request: HttpRequest) -> HttpResponse:
    """Movements, filtered and masked. A whole account is looked for by POST, so that no address holds it."""
    viewer = viewer_of(request)
    require(viewer, Permission.TRACE_FUNDS)
    filters = filters_of(request)
    context = {
        "page": Paginator(queries.movements(viewer, filters), PAGE_ROWS).get_page(request.GET.get("page")),
        "filters": filters,
        "sorts": SORTS.items(),
        "replies": queries.statements(viewer)[:PAGE_ROWS],
        "saved": saved_filters(viewer, "movements"),
        "may_unmask": may(viewer, Permission.UNMASK),
    }
    answer = render(request, "funds/movements.html", context)
    if filters.account:
        answer["Cache-Control"] = "no-store"
    return answer


@require_POST
@login_required
def file(request: HttpRequest) -> HttpResponseBase:
    """The movements of the filters as a file: masked, or legible for a purpose; on record either way."""
    viewer = viewer_of(request)
    kind = "csv" if request.POST.get("form") == "csv" else "xlsx"
    try:
        purpose = request.POST.get("purpose", "") if "legible" in request.POST else None
        lines = exports.movement_lines(viewer, filters_of(request), kind, purpose)
    except InputError as error:
        messages.error(request, str(error))
        return redirect("funds:movements")
    name = f"movements-{timezone.localtime():%Y%m%d-%H%M}.{kind}"
    if kind == "csv":
        answer = StreamingHttpResponse(csv_lines(lines), content_type=CSV)
        answer["Content-Disposition"] = f'attachment; filename="{name}"'
        return answer
    return FileResponse(as_xlsx(lines), as_attachment=True, filename=name, content_type=XLSX)


def filters_of(request: HttpRequest) -> Filters:
    """What the address asks for, and the account of the form."""
    asked: QueryDict = request.GET
    return Filters(
        region=asked.get("region", "")[:12],
        statement=whole(asked.get("reply", "")),
        account=account_of(request.POST.get("account", "")) or "",
        since=calendar_day(asked.get("since", "")),
        until=calendar_day(asked.get("until", "")),
        least_fen=amount_fen(asked.get("least", "")),
        sort=asked.get("sort", "newest"),
    )


def _columns(viewer: User, received: Statement) -> dict[str, Any]:
    fields = [(f, word, received.columns.get(f, ""), f in REQUIRED) for f, word in FIELDS.items()]
    ready = set(REQUIRED) <= set(received.columns)
    context: dict[str, Any] = {"fields": fields, "ready": ready, "lines": [], "faults": []}
    if ready:
        reading = Reading(received.headings, received.columns, timezone.now())
        for row in queries.statement_rows(viewer, received)[:PREVIEWED]:
            try:
                context["lines"].append((row.line, reading.line(row.cells)))
            except Fault as fault:
                context["faults"].append((row.line, fault))
    return context

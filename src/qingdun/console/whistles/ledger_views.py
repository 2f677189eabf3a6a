"""The page of ledgers, and their files."""

from __future__ import annotations

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import FileResponse, HttpRequest, StreamingHttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_POST, require_safe

from qingdun.console.kernel.entry import calendar_day
from qingdun.console.kernel.roles import Permission, may, require
from qingdun.console.kernel.scope import narrowed
from qingdun.console.kernel.spreadsheets import CSV, XLSX, as_xlsx, csv_lines
from qingdun.console.kernel.viewer import viewer_of
from qingdun.console.whistles import export, ledgers
from qingdun.console.whistles.ledgers import Span
from qingdun.errors import InputError

MANY = 10_000
"""Lines from which on writing a workbook takes longer than two seconds."""


@require_safe
@login_required
def page(request: HttpRequest) -> HttpResponseBase:
    """Every ledger with the number of its lines in the period and region picked."""
    viewer = viewer_of(request)
    require(viewer, Permission.SEE_ALERTS)
    span = _span(request.GET.get("region", ""), request.GET.get("since", ""), request.GET.get("until", ""))
    if span.until < span.since:
        span = span._replace(until=span.since)
    context = {
        "span": span,
        "place": narrowed(viewer, span.region),
        "ledgers": [(one, ledgers.rows(viewer, one.code, span).count()) for one in ledgers.LEDGERS.values()],
        "many": MANY,
        "may_unmask": may(viewer, Permission.UNMASK),
    }
    return render(request, "whistles/ledgers.html", context)


@require_POST
@login_required
def file(request: HttpRequest, code: str) -> HttpResponseBase:
    """One ledger as a file; every file is on record, and an unmasked one needs a purpose."""
    viewer, form = viewer_of(request), request.POST
    span = _span(form.get("region", ""), form.get("since", ""), form.get("until", ""))
    kind = form.get("form", "")
    if kind not in export.FORMATS:
        kind = export.FORMATS[0]
    try:
        made = export.export_ledger(viewer, code, span, kind, "unmask" in form, form.get("purpose", ""))
    except InputError as error:
        messages.error(request, str(error))
        return redirect("whistles:ledgers")
    name = f"{made.name}.{kind}"
    if kind == "csv":
        answer = StreamingHttpResponse(csv_lines(made.lines()), content_type=CSV)
        answer["Content-Disposition"] = f'attachment; filename="{name}"'
        return answer
    return FileResponse(as_xlsx(made.lines()), as_attachment=True, filename=name, content_type=XLSX)


def _span(region: str, since: str, until: str) -> Span:
    """What the address asks for; without dates, this month so far."""
    today = timezone.localdate()
    return Span(region[:12], calendar_day(since) or today.replace(day=1), calendar_day(until) or today)

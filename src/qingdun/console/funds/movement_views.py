"""Pages of the movements that banks replied with: parse, one call, render."""

from __future__ import annotations

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.paginator import Paginator
from django.http import FileResponse, HttpRequest, HttpResponse, QueryDict, StreamingHttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_POST

from qingdun.console.funds import exports, queries
from qingdun.console.funds.columns import account_of
from qingdun.console.funds.queries import Filters
from qingdun.console.funds.statements import KIND
from qingdun.console.kernel.entry import amount_fen, calendar_day, whole
from qingdun.console.kernel.imports import queries as imported
from qingdun.console.kernel.queries import saved_filters
from qingdun.console.kernel.roles import Permission, may, require
from qingdun.console.kernel.spreadsheets import CSV, XLSX, as_xlsx, csv_lines
from qingdun.console.kernel.viewer import viewer_of
from qingdun.errors import InputError

PAGE_ROWS = 50
SORTS = {
    "newest": gettext_lazy("Newest first"),
    "oldest": gettext_lazy("Oldest first"),
    "largest": gettext_lazy("Largest first"),
}


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
        "replies": imported.imports(viewer, [KIND])[:PAGE_ROWS],
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

"""Pages of the lists that others send: upload, columns with a preview, progress, faults."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse, StreamingHttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from qingdun.console.alerts.codes import Level, scam_type_label
from qingdun.console.kernel.masking import mask_number, mask_text
from qingdun.console.kernel.models import User
from qingdun.console.kernel.roles import Permission, require
from qingdun.console.kernel.sheets import Fault
from qingdun.console.kernel.spreadsheets import CSV, csv_lines
from qingdun.console.kernel.viewer import viewer_of
from qingdun.console.whistles import listing, queries, rules
from qingdun.console.whistles.columns import FIELDS, Reading
from qingdun.console.whistles.models import AlertList, ListState, RowOutcome
from qingdun.errors import QingdunError

PAGE_ROWS = 50
PREVIEWED = 5
MOST_WORDS = 20


@require_http_methods(["GET", "HEAD", "POST"])
@login_required
def lists(request: HttpRequest) -> HttpResponse:
    """Lists that were sent, and the form that takes another."""
    viewer = viewer_of(request)
    require(viewer, Permission.DISPATCH_CITY)
    if request.method == "POST":
        file = request.FILES.get("file")
        try:
            data = file.read(rules.limit("most_bytes") + 1) if file else b""
            name = (file.name or "") if file else ""
            received = listing.receive_list(viewer, request.POST.get("source", ""), name, data)
            return redirect("whistles:list", received.pk)
        except QingdunError as error:
            messages.error(request, str(error))
    context = {
        "page": Paginator(queries.lists(viewer), PAGE_ROWS).get_page(request.GET.get("page")),
        "sources": queries.sources(viewer),
        "source": request.POST.get("source", ""),
        "most": f"{rules.limit('most_rows'):,}",
    }
    return render(request, "whistles/lists.html", context, status=200 if request.method != "POST" else 422)


@require_safe
@login_required
def one_list(request: HttpRequest, list_id: int) -> HttpResponse:
    """One list: its columns and a preview before it is taken in, its progress and faults after."""
    viewer = viewer_of(request)
    return _shown(request, viewer, queries.alert_list(viewer, list_id))


@require_POST
@login_required
def columns(request: HttpRequest, list_id: int) -> HttpResponse:
    """The columns are as the form says; with `begin`, the rows are being taken in."""
    viewer, form = viewer_of(request), request.POST
    chosen = {field: form.get(f"column-{field}", "") for field in FIELDS}
    words, meant = form.getlist("word"), form.getlist("means")
    try:
        listing.read_as(viewer, list_id, chosen, dict(zip(words, meant, strict=False)))
        if "begin" in form:
            listing.begin_list(viewer, list_id)
    except QingdunError as error:
        messages.error(request, str(error))
    return redirect("whistles:list", list_id)


@require_safe
@login_required
def progress(request: HttpRequest, list_id: int) -> HttpResponse:
    """How far the list is, alone; once it is done, the page is to be loaded anew."""
    viewer = viewer_of(request)
    received = queries.alert_list(viewer, list_id)
    answer = render(request, "whistles/_progress.html", _progress(viewer, received))
    if received.state == ListState.DONE:
        answer["HX-Refresh"] = "true"
    return answer


@require_safe
@login_required
def faults(request: HttpRequest, list_id: int) -> StreamingHttpResponse:
    """Every refused row with line, column, found and expected, as CSV. Numbers are masked: a column that was
    chosen wrongly would bring a list of them.
    """
    viewer = viewer_of(request)
    received = queries.alert_list(viewer, list_id)
    refused = queries.list_rows(viewer, received).filter(outcome=RowOutcome.REFUSED)
    head = [_("Line"), _("Column"), _("What was found"), _("Expected")]
    values = refused.values_list("line", "column", "found", "expected").iterator(chunk_size=2000)
    lines = ([line, column, mask_text(found), expected] for line, column, found, expected in values)
    answer = StreamingHttpResponse(
        csv_lines(line for part in ([head], lines) for line in part), content_type=CSV
    )
    answer["Content-Disposition"] = f'attachment; filename="refused-{received.pk}.csv"'
    return answer


def _shown(request: HttpRequest, viewer: User, received: AlertList) -> HttpResponse:
    context: dict[str, Any] = _progress(viewer, received)
    if received.state == ListState.READ:
        context |= _columns(viewer, received)
    elif received.state == ListState.DONE:
        refused = queries.list_rows(viewer, received).filter(outcome=RowOutcome.REFUSED)
        context["page"] = Paginator(refused, PAGE_ROWS).get_page(request.GET.get("page"))
    return render(request, "whistles/list.html", context)


def _progress(viewer: User, received: AlertList) -> dict[str, Any]:
    counts = queries.progress(viewer, received)
    done = received.rows_total - counts[RowOutcome.WAITING]
    return {"list": received, "counts": counts, "done": done}


def _columns(viewer: User, received: AlertList) -> dict[str, Any]:
    fields = [(field, word, received.columns.get(field, "")) for field, word in FIELDS.items()]
    words = [(word, received.levels.get(word, "")) for word in _words(viewer, received)]
    return {
        "fields": fields,
        "words": words,
        "blank_means": received.levels.get("", ""),
        "levels": Level.choices,
        "preview": _preview(viewer, received),
        "ready": "number" in received.columns,
    }


def _words(viewer: User, received: AlertList) -> list[str]:
    """The words of the column of levels, so that each may be given a level."""
    name = received.columns.get("level")
    if name is None:
        return []
    place = received.headings.index(name)
    cells = queries.list_rows(viewer, received).values_list("cells", flat=True).iterator(chunk_size=2000)
    found = dict.fromkeys(row[place] for row in cells if row[place])
    return list(found)[:MOST_WORDS]


def _preview(viewer: User, received: AlertList) -> dict[str, list[dict[str, Any]]]:
    """The first rows as they read, those that would be taken apart from those that would be refused."""
    if "number" not in received.columns:
        return {}
    reading = listing.reading_of(received, timezone.now())
    first = queries.list_rows(viewer, received)[:PREVIEWED]
    read = [_previewed(reading, row.line, row.cells) for row in first]
    return {
        "lines": [row for row in read if "fault" not in row],
        "faults": [row for row in read if "fault" in row],
    }


def _previewed(reading: Reading, line: int, cells: list[str]) -> dict[str, Any]:
    try:
        said = reading.line(cells)
    except Fault as fault:
        return {"line": line, "fault": fault}
    return {
        "line": line,
        "number": mask_number(said.number),
        "level": said.level,
        "type": scam_type_label(said.scam_type) if said.scam_type else "",
        "at": said.raised_at,
        "region": said.region,
        "note": said.note,
    }

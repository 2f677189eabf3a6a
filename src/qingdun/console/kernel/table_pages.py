"""A ledger as a page and as a file: what a view needs besides its rights."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any, NamedTuple

from django.core.paginator import Paginator
from django.http import FileResponse, HttpRequest, StreamingHttpResponse
from django.http.response import HttpResponseBase
from django.urls import reverse
from django.utils import timezone

from qingdun.console.kernel import queries
from qingdun.console.kernel.spreadsheets import CSV, XLSX, as_xlsx, csv_lines
from qingdun.console.kernel.tables import Ask, Table, export_rows
from qingdun.console.kernel.viewer import viewer_of
from qingdun.errors import InputError

PAGE_ROWS = 50


class Shown(NamedTuple):
    """A page of a table: what `kernel/table_body.html` prints, and the status of the answer."""

    context: dict[str, Any]
    status: int


def table_page(
    request: HttpRequest, table: Table, page_name: str, address: Callable[[Any], str] | None = None
) -> Shown:
    """The table's filters, and a page of the rows that the address asks for. `page_name` is where its filters
    are saved, `address` gives the page of a row, '' for none.
    """
    viewer, asked = viewer_of(request), request.GET
    ask, sort = table.ask(asked), asked.get("sort", "")[:30]
    error = ""
    try:
        found = table.rows(viewer, ask, sort)
    except InputError as mistaken:
        error, found = str(mistaken), table.rows(viewer, Ask(region=ask.region))
    page = Paginator(found, PAGE_ROWS).get_page(asked.get("page"))
    url_of = address or (lambda row: reverse(table.address, args=[row.pk]) if table.address else "")
    context = {
        "table": table,
        "table_page": page_name,
        "columns": table.shown(),
        "filters": [(one, one.offered(viewer), ask.picks.get(one.name, "")) for one in table.filters],
        "page": page,
        "lines": [table.line(row, url_of(row)) for row in page.object_list],
        "sort": sort,
        "ask": ask,
        "error": error,
        "saved": queries.saved_filters(viewer, page_name),
        "query": asked.urlencode(),
    }
    return Shown(context, 422 if error else 200)


def table_file(request: HttpRequest, table: Table, kind: str) -> HttpResponseBase:
    """The rows that the address asks for as CSV or XLSX, masked; that they left is on record as `kind`."""
    ask = table.ask(request.GET)
    lines = export_rows(viewer_of(request), table, kind, ask, request.GET.urlencode())
    return sheet_file(lines, f"{table.code}-{timezone.localdate():%Y%m%d}", request.POST.get("form", ""))


def sheet_file(lines: Iterator[list[Any]], name: str, form: str) -> HttpResponseBase:
    """The lines as a file of that name: as CSV, line by line, or as XLSX."""
    if form == "csv":
        answer = StreamingHttpResponse(csv_lines(lines), content_type=CSV)
        answer["Content-Disposition"] = f'attachment; filename="{name}.csv"'
        return answer
    return FileResponse(as_xlsx(lines), as_attachment=True, filename=f"{name}.xlsx", content_type=XLSX)

"""Pages of files: upload, columns with a preview, progress, faults."""

from __future__ import annotations

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods, require_safe

from qingdun.console.cases import imports, queries
from qingdun.console.cases.case_views import tabs
from qingdun.console.cases.kinds import KINDS
from qingdun.console.cases.models import ImportState
from qingdun.console.kernel.masking import mask_text
from qingdun.console.kernel.roles import Permission, require
from qingdun.console.kernel.viewer import viewer_of
from qingdun.errors import QingdunError

PAGE_ROWS = 50
PREVIEWED = 5


@require_http_methods(["GET", "HEAD", "POST"])
@login_required
def files(request: HttpRequest) -> HttpResponse:
    """Files that were brought, and the form that takes another."""
    viewer = viewer_of(request)
    require(viewer, Permission.WORK_CASES)
    error = ""
    if request.method == "POST":
        file = request.FILES.get("file")
        try:
            data = file.read(imports.MOST_BYTES + 1) if file else b""
            made = imports.receive(
                viewer, request.POST.get("kind", ""), (file.name or "") if file else "", data
            )
            return redirect("cases:import", made.pk)
        except QingdunError as refused:
            error = str(refused)
    page = Paginator(queries.imports(viewer), PAGE_ROWS).get_page(request.GET.get("page"))
    context = {"page": page, "kinds": KINDS.values(), "error": error, **tabs(viewer, "files")}
    return render(request, "cases/imports.html", context, status=422 if error else 200)


@require_http_methods(["GET", "HEAD", "POST"])
@login_required
def one_file(request: HttpRequest, file_id: int) -> HttpResponse:
    """One file: its columns and a preview before it is taken in; how far it is, and its faults, after."""
    viewer = viewer_of(request)
    received = queries.imported(viewer, file_id)
    kind = KINDS[received.kind]
    if request.method == "POST":
        chosen = {one.name: request.POST.get(f"column-{one.name}", "") for one in kind.fields}
        try:
            imports.read_as(viewer, file_id, chosen, "begin" in request.POST)
        except QingdunError as refused:
            messages.error(request, str(refused))
        return redirect("cases:import", file_id)
    rows = queries.import_rows(viewer, received)
    shown = imports.preview(received, list(rows[:PREVIEWED])) if received.state == ImportState.READ else []
    context = {
        "file": received,
        "kind": kind,
        "fields": [(one, received.columns.get(one.name, "")) for one in kind.fields],
        "preview": [(line, [mask_text(cell) for cell in cells], fault) for line, cells, fault in shown],
        "page": Paginator(rows.filter(refused=True), PAGE_ROWS).get_page(request.GET.get("page")),
    }
    return render(request, "cases/import.html", context)


@require_safe
@login_required
def progress(request: HttpRequest, file_id: int) -> HttpResponse:
    """How far the file is, alone; once it is done, the page is to be loaded anew."""
    viewer = viewer_of(request)
    received = queries.imported(viewer, file_id)
    answer = render(request, "cases/_progress.html", {"file": received})
    if received.state == ImportState.DONE:
        answer["HX-Refresh"] = "true"
    return answer

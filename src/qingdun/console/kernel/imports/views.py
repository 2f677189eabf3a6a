"""Pages of imported files, for every module alike: upload, columns with a preview, progress, faults."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse, StreamingHttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from qingdun.console.kernel.answers import telling
from qingdun.console.kernel.entry import whole
from qingdun.console.kernel.imports import actions, queries
from qingdun.console.kernel.imports.kinds import Batch, Group, Kind
from qingdun.console.kernel.imports.models import Import, State
from qingdun.console.kernel.imports.reading import cells_of, read_rows, stored_fault
from qingdun.console.kernel.masking import mask_text
from qingdun.console.kernel.models import User
from qingdun.console.kernel.roles import may, require
from qingdun.console.kernel.scope import out_of_reach
from qingdun.console.kernel.spreadsheets import CSV, csv_lines
from qingdun.console.kernel.viewer import viewer_of
from qingdun.errors import QingdunError

PAGE_ROWS = 50
PREVIEWED = 5
MOST_WORDS = 20


@require_http_methods(["GET", "HEAD", "POST"])
@login_required
def files(request: HttpRequest, group: Group) -> HttpResponse:
    """Files that were brought, and the form that takes another."""
    viewer = viewer_of(request)
    kinds = [kind for kind in group.kinds if may(viewer, kind.permission) and kind.offered(viewer)]
    if not kinds:
        require(viewer, group.kinds[0].permission)
    asked = request.POST.get("kind", "") or request.GET.get("kind", "")
    picked = next((kind for kind in kinds if kind.code == asked), kinds[0])
    about = whole(request.POST.get(picked.about_name, "") or request.GET.get(picked.about_name, ""))
    status = 200
    if request.method == "POST":
        try:
            received = _received(request, viewer, picked.code, about)
            return redirect(_address(request, group, "file", received.pk))
        except QingdunError as refused:
            messages.error(request, str(refused))
            status = 422
    found = queries.imports(viewer, [kind.code for kind in kinds])
    page = Paginator(found, PAGE_ROWS).get_page(request.GET.get("page"))
    words = {kind.code: kind.word for kind in kinds}
    context = {
        "page": page,
        "lines": [(one, words[one.kind]) for one in page],
        "group": group,
        "kinds": kinds,
        "picked": picked,
        "origins": queries.origins(viewer, [kind.code for kind in kinds]),
        "origin": request.POST.get("origin", "")[:60],
        "about": about if picked.about else None,
        "most": f"{max(kind.most_rows for kind in kinds):,}",
        **group.around(viewer),
    }
    return render(request, "imports/files.html", context, status=status)


@require_safe
@login_required
def one_file(request: HttpRequest, group: Group, file_id: int) -> HttpResponse:
    """One file: its columns and a preview before it is taken in, its progress and faults after."""
    viewer = viewer_of(request)
    received, kind = _found(viewer, group, file_id)
    context: dict[str, Any] = {"file": received, "kind": kind, "group": group}
    if received.state == State.READ:
        context |= _columns(viewer, received, kind)
    else:
        refused = queries.faults(viewer, received)
        context["page"] = Paginator(refused, PAGE_ROWS).get_page(request.GET.get("page"))
        context["rows_at"] = kind.rows_at(received) if kind.rows_at else ""
    return render(request, "imports/file.html", context)


@require_POST
@login_required
def columns(request: HttpRequest, group: Group, file_id: int) -> HttpResponse:
    """The columns are as the form says; with `begin`, the rows are being taken in."""
    viewer, form = viewer_of(request), request.POST
    _received, kind = _found(viewer, group, file_id)
    chosen = {name: form.get(f"column-{name}", "") for name in kind.names}
    meant = dict(zip(form.getlist("word"), form.getlist("means"), strict=False))
    with telling(request):
        actions.read_as(viewer, file_id, chosen, meant if "word" in form else None)
        if "begin" in form:
            actions.begin(viewer, file_id)
    return redirect(_address(request, group, "file", file_id))


@require_safe
@login_required
def progress(request: HttpRequest, group: Group, file_id: int) -> HttpResponse:
    """How far the file is read or taken in; once it goes no further, the page is to be loaded anew."""
    received, kind = _found(viewer_of(request), group, file_id)
    answer = render(request, "imports/_progress.html", {"file": received, "kind": kind})
    if received.state not in (State.RUNNING, State.READING):
        answer["HX-Refresh"] = "true"
    return answer


@require_POST
@login_required
def retry(request: HttpRequest, group: Group, file_id: int) -> HttpResponse:
    """The rest of a file that failed or was stopped is being taken in again."""
    viewer = viewer_of(request)
    _found(viewer, group, file_id)
    with telling(request):
        actions.retry(viewer, file_id)
    return redirect(_address(request, group, "file", file_id))


@require_safe
@login_required
def faults(request: HttpRequest, group: Group, file_id: int) -> StreamingHttpResponse:
    """Every refused row with line, column, found and expected, as CSV. Numbers are masked: a column that was
    chosen wrongly would bring a list of them.
    """
    viewer = viewer_of(request)
    received, _kind = _found(viewer, group, file_id)
    head = [_("Line"), _("Column"), _("What was found"), _("Expected")]
    values = queries.faults(viewer, received).values_list("line", "column", "found", "expected")
    lines = (
        [line, column, mask_text(found), wanted] for line, column, found, wanted in values.iterator(2000)
    )
    answer = StreamingHttpResponse(
        csv_lines(line for part in ([head], lines) for line in part), content_type=CSV
    )
    answer["Content-Disposition"] = f'attachment; filename="refused-{file_id}.csv"'
    return answer


def _received(request: HttpRequest, viewer: User, kind: str, about: int | None) -> Import:
    file = request.FILES.get("file")
    most = max(one.most_bytes for one in queries.usable_kinds(viewer).values())
    data = file.read(most + 1) if file else b""
    name = (file.name or "") if file else ""
    return actions.receive(viewer, kind, name, data, request.POST.get("origin", ""), about)


def _found(viewer: User, group: Group, file_id: int) -> tuple[Import, Kind[Any]]:
    """The file and its kind, if it is of the group. Errors: NotPermitted."""
    received = queries.imported(viewer, file_id)
    kind = group.kind(received.kind)
    if kind is None:
        raise out_of_reach()
    return received, kind


def _address(request: HttpRequest, group: Group, what: str, file_id: int) -> str:
    match = request.resolver_match
    inside = f"{match.namespace}:" if match and match.namespace else ""
    return reverse(f"{inside}{group.code}_{what}", args=[file_id])


def _columns(viewer: User, received: Import, kind: Kind[Any]) -> dict[str, Any]:
    ready = all(column.name in received.columns for column in kind.needed)
    return {
        "fields": [(column, received.columns.get(column.name, "")) for column in kind.columns],
        "meanings": kind.meanings,
        "words": [(w, received.meanings.get(w, "")) for w in _words(viewer, received, kind)],
        "blank_means": received.meanings.get("", ""),
        "ready": ready,
        "shown": [column for column in kind.columns if column.name in received.columns],
        **(_preview(viewer, received, kind) if ready else {}),
    }


def _words(viewer: User, received: Import, kind: Kind[Any]) -> list[str]:
    """The words of the column that are given meanings."""
    name = received.columns.get(kind.meanings.column) if kind.meanings else None
    if name is None:
        return []
    place = received.headings.index(name)
    found: dict[str, None] = {}
    for part in queries.parts(viewer, received).iterator(10):
        found |= dict.fromkeys(row[place] for _line, row in part.rows if row[place])
    return list(found)[:MOST_WORDS]


def _preview(viewer: User, received: Import, kind: Kind[Any]) -> dict[str, Any]:
    """The first rows, masked, as they read, and what is wrong with the others of them."""
    part = queries.parts(viewer, received).first()
    rows = part.rows[:PREVIEWED] if part else []
    fresh, wrong, _plain = read_rows(kind, Batch(received, viewer, timezone.now()), rows)
    told, cells = {one.line: kind.show(one.row) if kind.show else {} for one in fresh}, cells_of(received)
    columns = [(name, column.mask) for name, column in kind.names.items() if name in received.columns]
    lines = []
    for line, row in rows:
        if line in told:
            texts = cells(row)
            lines.append((line, [told[line].get(name, mask(texts[name])) for name, mask in columns]))
    return {"lines": lines, "wrong": [stored_fault(received, line, fault) for line, fault in wrong.items()]}

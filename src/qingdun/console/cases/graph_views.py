"""Pages of the gang graph: the page, its data, and graphs kept as evidence."""

from __future__ import annotations

import json
from typing import Any
from urllib.parse import urlencode

from django.contrib.auth.decorators import login_required
from django.http import FileResponse, HttpRequest, HttpResponse, JsonResponse
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_POST, require_safe

from qingdun.console.cases import graph, graphing, queries, ties
from qingdun.console.cases.case_views import tabs
from qingdun.console.cases.words import EDGE_WORDS, KIND_WORDS
from qingdun.console.kernel.actions import record_export
from qingdun.console.kernel.roles import Permission, require
from qingdun.console.kernel.scope import out_of_reach
from qingdun.console.kernel.spreadsheets import CSV, XLSX, as_xlsx, csv_lines
from qingdun.console.kernel.viewer import viewer_of
from qingdun.errors import QingdunError


@require_safe
@login_required
def page(request: HttpRequest) -> HttpResponse:
    """The frame of the graph; the graph itself is fetched as data."""
    viewer = viewer_of(request)
    require(viewer, Permission.WORK_CASES)
    asked = {"region": request.GET.get("region", "")[:12], "record": request.GET.get("record", "")[:18]}
    query = urlencode({name: value for name, value in asked.items() if value})
    context = {
        "kinds": KIND_WORDS.items(),
        "region": asked["region"],
        "query": f"?{query}" if query else "",
        "pages": json.dumps({page: graph.address(page, 0) for page in graph.PAGES}),
        "words": json.dumps(
            {**{k: str(v) for k, v in KIND_WORDS.items()}, **{k: str(v) for k, v in EDGE_WORDS.items()}}
        ),
        "records": queries.graph_records(viewer)[:20],
        **tabs(viewer, "graph"),
    }
    return render(request, "cases/graph.html", context)


@require_safe
@login_required
def data(request: HttpRequest) -> JsonResponse:
    """Nodes with their places, edges with their source rows; with `record`, what was kept about them."""
    viewer, asked = viewer_of(request), request.GET
    answer: dict[str, Any] = graph.drawn(ties.graph(viewer, asked.get("region", "")[:12]))
    if asked.get("record", "").isdecimal():
        answer["view"] = queries.graph_record(viewer, int(asked["record"][:18])).view
    return JsonResponse(answer, json_dumps_params={"ensure_ascii": False, "separators": (",", ":")})


@require_POST
@login_required
def save(request: HttpRequest) -> JsonResponse:
    """The graph as it is shown is kept as evidence."""
    viewer, form = viewer_of(request), request.POST
    file = request.FILES.get("picture")
    picture = file.read(graphing.MOST_PICTURE + 1) if file else None
    try:
        view = json.loads(form.get("view", "{}"))
        region = form.get("region", "")[:12]
        made = graphing.save_graph(
            viewer, form.get("title", ""), view if isinstance(view, dict) else {}, picture, region
        )
    except (QingdunError, ValueError, RecursionError) as refused:
        return JsonResponse({"message": str(refused)}, status=422)
    return JsonResponse({"id": made.pk, "title": made.title, "digest": made.digest})


@require_POST
@login_required
def tie_file(request: HttpRequest) -> HttpResponseBase:
    """The ties between the nodes shown as CSV or XLSX, masked; that they left is on record."""
    viewer, form = viewer_of(request), request.POST
    require(viewer, Permission.WORK_CASES)
    try:
        shown = json.loads(form.get("shown", "[]"))
    except (ValueError, RecursionError):
        shown = []
    lines = graphing.export_ties(viewer, shown, form.get("region", "")[:12])
    name = f"graph-{timezone.localdate():%Y%m%d}"
    if form.get("form") == "csv":
        answer = HttpResponse("".join(csv_lines(lines)), content_type=CSV)
        answer["Content-Disposition"] = f'attachment; filename="{name}.csv"'
        return answer
    return FileResponse(as_xlsx(lines), as_attachment=True, filename=f"{name}.xlsx", content_type=XLSX)


@require_safe
@login_required
def record_file(request: HttpRequest, record_id: int, form: str) -> HttpResponse:
    """A kept graph as GraphML or PNG; that it left is on record."""
    viewer = viewer_of(request)
    found = queries.graph_record(viewer, record_id)
    if form not in ("graphml", "png") or (form == "png" and found.picture is None):
        raise out_of_reach()
    record_export(viewer, f"graph.{form}", f"record={found.pk}", len(found.view["shown"]))
    if form == "png":
        answer = HttpResponse(bytes(found.picture or b""), content_type="image/png")
    else:
        answer = HttpResponse(found.graphml, content_type="application/graphml+xml; charset=utf-8")
    answer["Content-Disposition"] = f'attachment; filename="graph-{found.pk}.{form}"'
    return answer

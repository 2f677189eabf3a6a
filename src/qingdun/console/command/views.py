"""Pages of command: parse, one call, render."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from qingdun.console.command import overdue, queries
from qingdun.console.command.behind import BEHIND, OPENED_BY
from qingdun.console.command.forms import BACK, FORMS
from qingdun.console.command.overdue import ORDERS, SPANS, Wanted
from qingdun.console.command.sources import BY_CODE
from qingdun.console.command.tables import ADDRESSES, TABLES, TABS
from qingdun.console.kernel.actions import record_export
from qingdun.console.kernel.form_pages import form_page
from qingdun.console.kernel.localtime import written
from qingdun.console.kernel.models import User
from qingdun.console.kernel.paging import Bounded
from qingdun.console.kernel.places import place_name
from qingdun.console.kernel.roles import Permission, may, require
from qingdun.console.kernel.scope import narrowed, out_of_reach
from qingdun.console.kernel.table_pages import PAGE_ROWS, sheet_file, table_file, table_page
from qingdun.console.kernel.viewer import viewer_of

MOST_EXPORTED = 20_000
"""Rows of the page of what is overdue that leave in one file."""


ROWS = {**TABLES, **BEHIND}
"""Every table whose rows are shown: the ledgers, and what stands behind figures."""


@require_safe
@login_required
def overdue_page(request: HttpRequest) -> HttpResponse:
    """Everything overdue in the region picked, over all modules the viewer may read."""
    viewer = viewer_of(request)
    wanted = _wanted(request)
    counts = overdue.counts(viewer, wanted)
    found = counts.get(wanted.source, 0) if wanted.source else sum(counts.values())
    page = Bounded(overdue.keys(viewer, wanted), PAGE_ROWS, found=found).get_page(request.GET.get("page"))
    context = {
        "items": overdue.items(viewer, list(page.object_list)),
        "page": page,
        "wanted": wanted,
        "sources": [(BY_CODE[code], count) for code, count in counts.items()],
        "all": sum(counts.values()),
        "spans": [(code, word) for code, (word, _span) in SPANS.items()],
        "place": narrowed(viewer, wanted.region),
        "query": request.GET.urlencode(),
        **tabs("overdue"),
    }
    return render(request, "command/overdue.html", context)


@require_POST
@login_required
def overdue_file(request: HttpRequest) -> HttpResponseBase:
    """The same rows as CSV or XLSX; that they left is on record."""
    viewer = viewer_of(request)
    listed = list(overdue.keys(viewer, _wanted(request))[:MOST_EXPORTED])
    record_export(viewer, "command.overdue", request.GET.urlencode(), len(listed))

    def lines() -> Iterator[list[Any]]:
        yield [_("Due"), _("What falls due"), _("About"), _("Place"), _("Answers for it")]
        for start in range(0, len(listed), PAGE_ROWS * 10):
            for one in overdue.items(viewer, listed[start : start + PAGE_ROWS * 10]):
                due = f"{one.due_on}" if one.source.day else written(one.due_at)
                who = f"{one.answers.post.title} {one.answers.name}" if one.answers else ""
                yield [due, str(one.source.word), one.told, place_name(one.path), who]

    return sheet_file(lines(), f"overdue-{timezone.localdate():%Y%m%d}", request.POST.get("form", ""))


@require_safe
@login_required
def table(request: HttpRequest, code: str) -> HttpResponse:
    """One ledger: its filters, its rows, sorted, a page at a time."""
    viewer, shown = viewer_of(request), ROWS.get(code)
    require(viewer, Permission.SEE_COMMAND)
    if shown is None:
        raise out_of_reach()
    page = table_page(request, shown, f"command.{code}", _opens(viewer, code))
    context = {**page.context, "may_work": may(viewer, Permission.WORK_COMMAND), **tabs(code)}
    return render(request, "command/table.html", context, status=page.status)


@require_POST
@login_required
def file(request: HttpRequest, code: str) -> HttpResponseBase:
    """The rows of the ledger as CSV or XLSX; that they left is on record."""
    require(viewer_of(request), Permission.SEE_COMMAND)
    if code not in ROWS:
        raise out_of_reach()
    return table_file(request, ROWS[code], f"command.{code}")


@require_http_methods(["GET", "HEAD", "POST"])
@login_required
def enter(request: HttpRequest, code: str, parent: int = 0) -> HttpResponse:
    """One form of the module."""
    viewer, form = viewer_of(request), FORMS.get(code)
    require(viewer, Permission.WORK_COMMAND)
    if form is None or bool(form.parent) != bool(parent):
        raise out_of_reach()
    back = reverse("command:table", args=[BACK[code]]) if code in BACK else reverse("command:provisions")
    if form.parent:
        back = reverse(form.parent, args=[parent])
    return form_page(request, form, parent, back, lambda kind: _choices(viewer, kind))


def tabs(here: str) -> dict[str, Any]:
    """The tabs of the module, and which is shown."""
    return {"tabs": [(code, TABLES[code].word) for code in TABS], "tab": here}


def _opens(viewer: User, code: str) -> Callable[[Any], str] | None:
    """What opens a row of the table: the page of the module it is from, if the viewer may open that."""
    if code in ADDRESSES:
        return ADDRESSES[code]
    may_open = code in OPENED_BY and may(viewer, OPENED_BY[code])
    return None if may_open else lambda _row: ""


def _choices(viewer: User, kind: str) -> list[tuple[str, str]]:
    """What can be chosen for a field of that kind among the rows the viewer sees."""
    return [(f"{one.pk}", f"{one}") for one in queries.provisions(viewer)] if kind == "provision" else []


def _wanted(request: HttpRequest) -> Wanted:
    asked = request.GET
    source, span, order = asked.get("source", ""), asked.get("span", ""), asked.get("sort", "")
    return Wanted(
        asked.get("region", "")[:12],
        source if source in BY_CODE else "",
        span if span in SPANS else "late",
        order if order in ORDERS else "due",
    )

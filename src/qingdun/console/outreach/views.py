"""Pages of registrations, and of every ledger and form of the module: parse, one call, render."""

from __future__ import annotations

import json
from typing import Any

from django.contrib.auth.decorators import login_required
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from qingdun.console.kernel import queries as kernel_queries
from qingdun.console.kernel.answers import telling
from qingdun.console.kernel.figure_pages import figure_page
from qingdun.console.kernel.form_pages import form_page
from qingdun.console.kernel.maps import map_words
from qingdun.console.kernel.models import Region, User
from qingdun.console.kernel.roles import Permission, may, require
from qingdun.console.kernel.scope import out_of_reach
from qingdun.console.kernel.table_pages import table_file, table_page
from qingdun.console.kernel.tables import Ask, Table
from qingdun.console.kernel.viewer import viewer_of
from qingdun.console.outreach import figures, queries, quiz, registering, standing
from qingdun.console.outreach.codes import Count, PartnerKind, WonAt
from qingdun.console.outreach.entering import FORMS
from qingdun.console.outreach.facts import page_of
from qingdun.console.outreach.ledgers import TABLES
from qingdun.console.outreach.places import short_name

PLACES_A_PAGE = 100
TABS = (
    ("counts", "targets", "ranks"), ("mailings",), ("grids", "doors"),
    ("units", "ambassadors", "venues", "partners"), ("events", "pledges", "commendations"),
    ("materials", "sheets"),
)  # fmt: skip
"""Every ledger by its code, in groups of what is looked at together."""


@require_safe
@login_required
def board(request: HttpRequest) -> HttpResponse:
    """How registrations stand: by place, by where they were won, week by week, and against targets."""
    viewer, asked = viewer_of(request), request.GET
    require(viewer, Permission.SEE_OUTREACH)
    count = asked.get("count", "")
    count = count if count in Count.values else Count.INSTALLED.value
    found = standing.board(viewer, asked.get("region", "")[:12], count, asked.get("level", ""))
    won = sum(new for _code, new in found.won)
    context = {
        "board": found,
        "count": Count(count),
        "counts": [
            (Count(code), found.whole.counts[code], found.whole.rate(code)) for code in Count.values
        ] if found.whole else [],
        "levels": [(code, LEVEL_WORDS[code]) for code in standing.levels_below(found.region)]
        if found.region else [],
        "page": Paginator(
            [(place, place.rate(count)) for place in found.places], PLACES_A_PAGE
        ).get_page(asked.get("page")),
        "won": [(WonAt(code), new, 100 * new / won) for code, new in found.won],
        "ranks": _latest_ranks(viewer),
        "trend": json.dumps(_trend(found)),
        "map": json.dumps(_map(found, count)) if found.level == Region.Level.COUNTY else "",
        "may_work": may(viewer, Permission.WORK_OUTREACH),
        **map_words(),
        **tabs("board"),
    }  # fmt: skip
    return render(request, "outreach/board.html", context)


@require_safe
@login_required
def table(request: HttpRequest, code: str) -> HttpResponse:
    """One ledger: its filters, its rows, sorted, a page at a time."""
    viewer, shown = viewer_of(request), TABLES.get(code)
    if shown is None:
        raise out_of_reach()
    require(viewer, Permission.SEE_OUTREACH)
    may_work = may(viewer, Permission.WORK_OUTREACH)
    page = table_page(request, shown, f"outreach.{code}", lambda row: page_of(code, row.pk))
    context = {
        **page.context,
        "about": _about(viewer, request, shown),
        "understood": _understood(viewer, request, shown) if code == "sheets" and page.status == 200 else [],
        "form_word": FORMS[code].word if code in FORMS and may_work else "",
        "brought": BROUGHT.get(code, "") if may_work else "",
        "may_work": may_work,
        **tabs(code),
    }
    return render(request, "outreach/table.html", context, status=page.status)


@require_POST
@login_required
def file(request: HttpRequest, code: str) -> HttpResponseBase:
    """The rows of the ledger as CSV or XLSX; that they left is on record."""
    require(viewer_of(request), Permission.SEE_OUTREACH)
    if code not in TABLES:
        raise out_of_reach()
    return table_file(request, TABLES[code], f"outreach.{code}")


@require_http_methods(["GET", "HEAD", "POST"])
@login_required
def enter(request: HttpRequest, code: str, parent: int = 0) -> HttpResponse:
    """One form of the table."""
    viewer, form = viewer_of(request), FORMS.get(code)
    require(viewer, Permission.WORK_OUTREACH)
    if form is None or bool(form.parent) != bool(parent):
        raise out_of_reach()
    here = reverse(form.parent, args=[parent]) if form.parent else reverse("outreach:table", args=[code])
    return form_page(request, form, parent, here, lambda kind: options(viewer, kind))


@require_POST
@login_required
def drop_target(request: HttpRequest, target_id: int) -> HttpResponse:
    """The target no longer holds."""
    with telling(request):
        registering.drop_target(viewer_of(request), target_id, request.POST.get("reason", ""))
    return redirect("outreach:board")


@require_safe
@login_required
def all_figures(request: HttpRequest) -> HttpResponse:
    """Every figure in a place and period; each number leads to its rows."""
    require(viewer_of(request), Permission.SEE_OUTREACH)
    return figure_page(request, figures.parted, "outreach/figures.html", tabs("figures"))


BROUGHT = {"counts": "app_counts"} | {
    code: f"outreach_{code}" for code in TABLES if code not in ("counts", "mailings")
}
"""The kind of file by which rows of a ledger come; mailings are prepared here alone."""
LEVEL_WORDS = {**dict(Region.Level.choices), standing.GRID: TABLES["grids"].columns[1].heading}


def tabs(here: str) -> dict[str, Any]:
    """The tabs of the module, and which is shown."""
    return {"tabs": [[(code, TABLES[code].word) for code in group] for group in TABS], "tab": here}


def _latest_ranks(viewer: User) -> dict[str, Any]:
    """The latest rank of each count."""
    found: dict[str, Any] = {}
    for one in queries.ranks(viewer).order_by("day", "pk"):
        found[one.count] = one
    return found


def _trend(found: standing.Board) -> dict[str, Any]:
    return {
        "weeks": [[f"{week.until}", week.new, week.total] for week in reversed(found.weeks)],
        "band": [[f"{day}", round(low), round(mean), round(high)] for day, low, mean, high in found.band],
        "targets": [
            [f"{one.target.due_on}", one.target.goal]
            for one in found.outlooks
            if found.region and one.target.region_path == found.region.path
            and one.target.count == found.count
        ],
    }  # fmt: skip


def _map(found: standing.Board, count: str) -> list[dict[str, Any]]:
    """By the register's name, which the shapes of the map bear: rate, and the word to print."""
    names = dict(Region.objects.filter(level=Region.Level.COUNTY).values_list("code", "name"))
    return [
        {"name": names[place.code], "word": short_name(place.code), "value": round(place.rate(count) or 0, 1),
         "count": place.counts[count], "residents": place.residents}
        for place in found.places
    ]  # fmt: skip


def _understood(viewer: User, request: HttpRequest, shown: Table) -> list[Any]:
    """What the sheets that the page asks for say of each question."""
    return quiz.understood(shown.rows(viewer, shown.ask(request.GET)))


def _about(viewer: User, request: HttpRequest, shown: Table) -> list[tuple[Any, str, str]]:
    """Of which unit, venue and so on the rows are, as a link narrowed them; and the address of all."""
    found = []
    for one in shown.filters:
        pick = request.GET.get(one.name, "")
        if not one.ids or not pick.isdecimal():
            continue
        rest = request.GET.copy()
        for name in (one.name, "page"):
            rest.pop(name, None)
        row = TABLES[f"{one.name}s"].read(viewer, Ask()).filter(pk=pick[:18]).first()
        found.append((one.word, str(row or "–"), f"?{rest.urlencode()}"))
    return found


def options(viewer: User, kind: str) -> list[tuple[str, str]]:
    """What can be chosen among the rows the viewer sees; of too many, none is offered."""
    if kind == "region":
        found = kernel_queries.regions(viewer).exclude(level=Region.Level.VILLAGE)
        return [(place.code, str(place)) for place in found]
    if kind not in OFFERED:
        return []
    code, narrowing = OFFERED[kind]
    names = (
        TABLES[code].read(viewer, Ask()).filter(**narrowing).order_by("name").values_list("name", flat=True)
    )
    offered = list(names[: MOST_OFFERED + 1])
    return [(name, name) for name in offered] if len(offered) <= MOST_OFFERED else []


MOST_OFFERED = 300
OFFERED: dict[str, tuple[str, dict[str, str]]] = {
    "unit": ("units", {}), "venue": ("venues", {}), "partner": ("partners", {}),
    "enterprise": ("partners", {"kind": PartnerKind.ENTERPRISE.value}),
}  # fmt: skip
"""Which names are offered for a kind of field: the ledger they stand in, and what narrows it."""

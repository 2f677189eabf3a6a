"""Pages of rounds, ledgers and forms: parse, one call, render."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from qingdun.console.kernel.answers import telling
from qingdun.console.kernel.figure_pages import figure_page
from qingdun.console.kernel.form_pages import form_page
from qingdun.console.kernel.models import Region, User
from qingdun.console.kernel.roles import Permission, may, require
from qingdun.console.kernel.scope import out_of_reach
from qingdun.console.kernel.standing import Standing
from qingdun.console.kernel.table_pages import table_file, table_page
from qingdun.console.kernel.viewer import viewer_of
from qingdun.console.supervision import actions, figures, queries, standing
from qingdun.console.supervision.entering import END, FORMS, REASSIGN
from qingdun.console.supervision.models import Round
from qingdun.console.supervision.moves import RoundState
from qingdun.console.supervision.planning import in_office, latest_ranking
from qingdun.console.supervision.rules import rule_named
from qingdun.console.supervision.tables import TABLES
from qingdun.errors import QingdunError

MOST_OFFERED = 300


@require_safe
@login_required
def board(request: HttpRequest) -> HttpResponse:
    """The round that is in force; before there is one, the draft."""
    viewer = viewer_of(request)
    require(viewer, Permission.SEE_SUPERVISION)
    found = queries.rounds(viewer)
    return _page(request, viewer, found.filter(state=RoundState.CONFIRMED).first() or found.first())


@require_safe
@login_required
def round_page(request: HttpRequest, round_id: int) -> HttpResponse:
    """One round, whatever its state."""
    viewer = viewer_of(request)
    require(viewer, Permission.SEE_SUPERVISION)
    return _page(request, viewer, queries.one_round(viewer, round_id))


@require_POST
@login_required
def draw(request: HttpRequest) -> HttpResponse:
    """A draft over what is known today."""
    try:
        made = actions.draw_round(viewer_of(request))
    except QingdunError as refused:
        messages.error(request, str(refused))
        return redirect("supervision:board")
    return redirect("supervision:round", made.pk)


@require_POST
@login_required
def confirm(request: HttpRequest, round_id: int) -> HttpResponse:
    """The draft is in force."""
    with telling(request):
        actions.confirm_round(viewer_of(request), round_id)
    return redirect("supervision:round", round_id)


@require_http_methods(["GET", "HEAD", "POST"])
@login_required
def reassign(request: HttpRequest, charge_id: int) -> HttpResponse:
    """The form that gives a charge to another or changes its form."""
    viewer = viewer_of(request)
    require(viewer, Permission.WORK_SUPERVISION)
    found = queries.charge(viewer, charge_id)
    stands = Standing(found, lambda one: {"commissioner": one.commissioner.user.username, "form": one.form})
    back = reverse("supervision:round", args=[found.round_id])
    return form_page(request, REASSIGN, charge_id, back, lambda _kind: [], stands)


@require_safe
@login_required
def table(request: HttpRequest, code: str) -> HttpResponse:
    """One ledger: its filters, its rows, sorted, a page at a time."""
    viewer, shown = viewer_of(request), TABLES.get(code)
    require(viewer, Permission.SEE_SUPERVISION)
    if shown is None:
        raise out_of_reach()
    page = table_page(request, shown, f"supervision.{code}")
    may_work = may(viewer, Permission.WORK_SUPERVISION)
    context = {
        **page.context,
        "form_word": FORMS[code].word if code in FORMS and may_work else "",
        "may_bring": may_work and code in BROUGHT,
        **tabs(viewer, code),
    }
    return render(request, "supervision/table.html", context, status=page.status)


BROUGHT = ("staff", "enterprises", "visits", "findings")
"""Ledgers whose rows come from files as well."""


@require_POST
@login_required
def file(request: HttpRequest, code: str) -> HttpResponseBase:
    """The rows of the ledger as CSV or XLSX; that they left is on record."""
    require(viewer_of(request), Permission.SEE_SUPERVISION)
    if code not in TABLES:
        raise out_of_reach()
    return table_file(request, TABLES[code], f"supervision.{code}")


@require_http_methods(["GET", "HEAD", "POST"])
@login_required
def enter(request: HttpRequest, code: str) -> HttpResponse:
    """One form of the module."""
    viewer = viewer_of(request)
    require(viewer, Permission.WORK_SUPERVISION)
    if code not in FORMS:
        raise out_of_reach()
    names = [str(one) for one in queries.enterprises(viewer)[:MOST_OFFERED]] if code == "staff" else []
    offered = [(name, name) for name in names]
    back = reverse("supervision:table", args=[code])
    return form_page(request, FORMS[code], 0, back, lambda kind: offered if kind == "text" else [])


@require_http_methods(["GET", "HEAD", "POST"])
@login_required
def end(request: HttpRequest, commissioner_id: int) -> HttpResponse:
    """The form that ends an appointment."""
    viewer = viewer_of(request)
    require(viewer, Permission.WORK_SUPERVISION)
    if not queries.commissioners(viewer).filter(pk=commissioner_id).exists():
        raise out_of_reach()
    back = reverse("supervision:commissioner", args=[commissioner_id])
    return form_page(request, END, commissioner_id, back, lambda _kind: [])


@require_safe
@login_required
def all_figures(request: HttpRequest) -> HttpResponse:
    """Every figure in a place and period; each number leads to its rows."""
    viewer = viewer_of(request)
    require(viewer, Permission.SEE_SUPERVISION)
    return figure_page(request, figures.counted, "supervision/figures.html", tabs(viewer, "figures"))


def tabs(viewer: User, here: str) -> dict[str, Any]:
    """The tabs the viewer may use, and which is shown."""
    return {
        "tabs": [(code, TABLES[code].word) for code in TABLES],
        "tab": here,
        "may_bring_files": may(viewer, Permission.WORK_SUPERVISION),
        "may_visit": may(viewer, Permission.SUPERVISE),
    }


def _page(request: HttpRequest, viewer: User, about: Round | None) -> HttpResponse:
    whole = viewer.region is not None and viewer.region.level == Region.Level.CITY
    may_work = whole and may(viewer, Permission.WORK_SUPERVISION)
    context = {
        "round": about,
        "board": standing.board(viewer, about, request.GET.get("region", "")[:12]) if about else None,
        "rule": rule_named(about.rules) if about else None,
        "draft": queries.rounds(viewer).filter(state=RoundState.DRAFT).first() if may_work else None,
        "may_work": may_work,
        "officers": len(in_office()) if may_work else 0,
        "newer": _newer(viewer, about) if may_work else None,
        **tabs(viewer, "board"),
    }
    return render(request, "supervision/board.html", context)


def _newer(viewer: User, about: Round | None) -> Any:
    """The ranking that was published since the round was drawn and that no round rests on."""
    latest = latest_ranking()
    if latest is None or about is None:
        return latest
    return None if queries.rounds(viewer).filter(ranking=latest).exists() else latest

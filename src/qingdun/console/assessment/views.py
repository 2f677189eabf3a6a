"""Pages of rankings and of the ledgers of the module: parse, one call, render."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from qingdun.console.assessment import actions, figures, queries, recomputing
from qingdun.console.assessment.codes import Ranked, Span
from qingdun.console.assessment.models import Line, Ranking
from qingdun.console.assessment.moves import RankingState
from qingdun.console.assessment.periods import last_over
from qingdun.console.assessment.proposing import withheld
from qingdun.console.assessment.rules import rule_named
from qingdun.console.assessment.tables import TABLES, TABS
from qingdun.console.kernel.answers import telling
from qingdun.console.kernel.entry import calendar_day
from qingdun.console.kernel.figure_pages import figure_page
from qingdun.console.kernel.models import Region, User
from qingdun.console.kernel.roles import Permission, may, require
from qingdun.console.kernel.scope import out_of_reach
from qingdun.console.kernel.table_pages import table_file, table_page
from qingdun.console.kernel.viewer import viewer_of
from qingdun.errors import QingdunError

LINES_A_PAGE = 100
NAMED = 6
"""Places above the city that a sentence names."""


@require_safe
@login_required
def board(request: HttpRequest) -> HttpResponse:
    """The latest ranking of towns, or of villages, that the viewer may see."""
    viewer = viewer_of(request)
    require(viewer, Permission.SEE_ASSESSMENT)
    level = request.GET.get("level", "")
    level = level if level in Ranked.values else Ranked.TOWN.value
    seen = queries.rankings(viewer, level)
    latest = seen.filter(state=RankingState.PUBLISHED).first() or seen.first()
    return _page(request, viewer, level, latest)


@require_safe
@login_required
def ranking(request: HttpRequest, ranking_id: int) -> HttpResponse:
    """One ranking, of whatever version."""
    viewer = viewer_of(request)
    require(viewer, Permission.SEE_ASSESSMENT)
    about = queries.ranking(viewer, ranking_id)
    return _page(request, viewer, about.level, about)


@require_POST
@login_required
def reckon(request: HttpRequest) -> HttpResponse:
    """A draft of the period in which the day lies."""
    form = request.POST
    level = form.get("level", "")
    try:
        day = calendar_day(form.get("day", "")) or last_over(level, timezone.localdate()).since
        made = actions.reckon(viewer_of(request), level, day)
    except QingdunError as refused:
        messages.error(request, str(refused))
        return redirect("assessment:board")
    return redirect("assessment:ranking", made.pk)


@require_POST
@login_required
def publish(request: HttpRequest, ranking_id: int) -> HttpResponse:
    """The draft is published."""
    with telling(request):
        actions.publish_ranking(viewer_of(request), ranking_id, request.POST.get("reason", ""))
    return redirect("assessment:ranking", ranking_id)


@require_POST
@login_required
def verify(request: HttpRequest, ranking_id: int) -> HttpResponse:
    """The ranking is recomputed from what it kept, and compared with the ledger of today."""
    viewer = viewer_of(request)
    require(viewer, Permission.SEE_ASSESSMENT)
    about = queries.ranking(viewer, ranking_id)
    wrong = recomputing.recompute(about)
    if wrong:
        said = _("%(count)d values do not come out again, the first %(value)s of %(place)s.")
        messages.error(
            request, said % {"count": len(wrong), "value": wrong[0].value, "place": wrong[0].place}
        )
    else:
        messages.success(request, _("Recomputed from the rows it kept: every digit the same."))
    if may(viewer, Permission.WORK_ASSESSMENT):
        changed = recomputing.drift(about)
        said = _("The ledger of today differs in %(count)d rows: reckon a correction.")
        if changed:
            messages.warning(request, said % {"count": len(changed)})
        else:
            messages.success(request, _("The ledger of today still says the same."))
    return redirect("assessment:ranking", ranking_id)


@require_safe
@login_required
def table(request: HttpRequest, code: str) -> HttpResponse:
    """One ledger: its filters, its rows, sorted, a page at a time."""
    viewer, shown = viewer_of(request), TABLES.get(code)
    require(viewer, Permission.SEE_ASSESSMENT)
    if shown is None:
        raise out_of_reach()
    page = table_page(request, shown, f"assessment.{code}")
    context = {**page.context, "may_work": may(viewer, Permission.WORK_ASSESSMENT), **tabs(viewer, code)}
    return render(request, "assessment/table.html", context, status=page.status)


@require_POST
@login_required
def file(request: HttpRequest, code: str) -> HttpResponseBase:
    """The rows of the ledger as CSV or XLSX; that they left is on record."""
    require(viewer_of(request), Permission.SEE_ASSESSMENT)
    if code not in TABLES:
        raise out_of_reach()
    return table_file(request, TABLES[code], f"assessment.{code}")


@require_safe
@login_required
def all_figures(request: HttpRequest) -> HttpResponse:
    """Every figure in a place and period; each number leads to its rows."""
    viewer = viewer_of(request)
    require(viewer, Permission.SEE_ASSESSMENT)
    return figure_page(request, figures.counted, "assessment/figures.html", tabs(viewer, "figures"))


def tabs(viewer: User, here: str) -> dict[str, Any]:
    """The tabs the viewer may use, and which is shown."""
    codes = [code for code in TABS if code != "accountability" or may(viewer, Permission.SEE_ALERTS)]
    return {
        "tabs": [(code, TABLES[code].word) for code in codes],
        "tab": here,
        "may_bring": may(viewer, Permission.WORK_ASSESSMENT),
    }


def _page(request: HttpRequest, viewer: User, level: str, about: Ranking | None) -> HttpResponse:
    region = request.GET.get("region", "")[:12]
    found = list(queries.lines(viewer, about, region)) if about else []
    whole = viewer.region is not None and viewer.region.level == Region.Level.CITY
    context = {
        "ranking": about,
        "level": level,
        "levels": Ranked.choices,
        "page": Paginator(found, LINES_A_PAGE).get_page(request.GET.get("page")),
        "most": _most(found),
        "marks": _marks(viewer),
        "others": queries.rankings(viewer, level)[:24],
        "may_work": whole and may(viewer, Permission.WORK_ASSESSMENT),
        "next_day": last_over(level, timezone.localdate()).since,
        "spans": {span.value: span.label for span in Span},
        **tabs(viewer, level),
    }
    if about is not None:
        context |= {
            "rule": rule_named(about.rules),
            "withheld": withheld(about, rule_named(about.rules)),
            "told": _told(about, found),
            "difference": recomputing.difference(about) if about.replaces_id else None,
        }
    return render(request, "assessment/board.html", context)


def _told(about: Ranking, found: list[Line]) -> dict[str, Any]:
    """What the ranking says in a few words, of the lines the viewer reads."""
    above = sorted((line for line in found if line.differs == "above"), key=lambda line: -line.raw)
    return {
        "city": 10_000 * about.cases / about.residents if about.residents else 0.0,
        "cases": sum(line.cases for line in found),
        "before": sum(line.cases_before for line in found),
        "year": sum(line.cases_year for line in found),
        "above": above[:NAMED],
        "more": max(0, len(above) - NAMED),
        "below": sum(line.differs == "below" for line in found),
        "estimated": sum(line.estimated for line in found),
    }


def _most(found: list[Line]) -> float:
    """How far the pictures of intervals reach: those of a village of a hundred would dwarf all others."""
    return 1.4 * max((line.raw for line in found), default=0.0)


def _marks(viewer: User) -> dict[str, str]:
    """By path, the heaviest ruling in force: listing before red before yellow."""
    order = {"yellow": 0, "red": 1, "listing": 2}
    marks: dict[str, str] = {}
    standing = queries.rulings(viewer).filter(kind__in=order, state="confirmed")
    for one in sorted(standing, key=lambda ruling: order[ruling.kind]):
        marks[one.region_path] = one.kind
    return marks

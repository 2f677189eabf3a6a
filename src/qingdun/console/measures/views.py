"""Pages of measures: parse, one call, render."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any
from urllib.parse import urlencode

from django.contrib.auth.decorators import login_required
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_POST, require_safe

from qingdun.console.alerts import queries as alerts
from qingdun.console.kernel.models import User
from qingdun.console.kernel.roles import Permission, require
from qingdun.console.kernel.scope import narrowed
from qingdun.console.kernel.spreadsheets import CSV, csv_lines
from qingdun.console.kernel.viewer import viewer_of
from qingdun.console.measures import export, queries, weekly
from qingdun.console.measures.definitions import FIGURES, SHARES, figure_of
from qingdun.console.measures.periods import Period, period_of, presets
from qingdun.console.measures.queries import Ask, Report

PAGE_ROWS = 50
XLSX_TYPE = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
SPLITS = tuple(sorted({name for figure in FIGURES.values() for name in figure.split}))


@require_safe
@login_required
def page(request: HttpRequest) -> HttpResponse:
    """Every measure of the region and period picked."""
    viewer, asked = viewer_of(request), request.GET
    require(viewer, Permission.SEE_ALERTS)
    ask = _ask(request)
    made = queries.report(viewer, ask)
    share = next((one for one in SHARES if one.code == asked.get("measure")), SHARES[0])
    place = made.region.code if made.region else ""
    context = {
        "made": made,
        "period": ask.period,
        "place": place,
        "presets": [
            (word, one, one == ask.period) for word, one in presets(timezone.localdate())
        ],
        "shares": SHARES,
        "share": share,
        "trend": _trend(made, share.code, place),
        "clocks": [(clock, _by_level(made, clock)) for clock in queries.CLOCKS],
        "levels": queries.LEVELS,
        "contacts": [
            (result, made.contacts[("contacts", result)], made.contacts_before[("contacts", result)])
            for result in queries.RESULTS
        ],
        "formats": export.FORMATS,
    }  # fmt: skip
    return render(request, "measures/page.html", context)


@require_safe
@login_required
def week(request: HttpRequest) -> HttpResponse:
    """The part of the desk's strip that holds measures, each figure leading to its rows."""
    viewer = viewer_of(request)
    require(viewer, Permission.SEE_ALERTS)
    made = weekly.latest(viewer)
    place = viewer.region.code if viewer.region else ""
    context = {"period": made.period, "counts": made.counts, "place": place, "shares": made.shares}
    return render(request, "measures/_week.html", context)


@require_safe
@login_required
def rows(request: HttpRequest, code: str) -> HttpResponse:
    """The rows behind one figure."""
    viewer, ask = viewer_of(request), _ask(request)
    require(viewer, Permission.SEE_ALERTS)
    if code not in FIGURES:
        raise Http404
    figure = figure_of(code)
    ask = replace(ask, split={name: value for name, value in ask.split.items() if name in figure.split})
    listed = Paginator(queries.rows(viewer, code, ask), PAGE_ROWS).get_page(request.GET.get("page"))
    context = {
        "figure": figure,
        "page": listed,
        "lines": _lines(viewer, list(listed.object_list), figure.rows),
        "period": ask.period,
        "ask": ask,
        "region": narrowed(viewer, ask.region),
        "back": f"{reverse('measures:page')}?{_query(ask.region, ask.period)}",
    }
    return render(request, "measures/rows.html", context)


@require_POST
@login_required
def file(request: HttpRequest) -> HttpResponse:
    """The table as a file; every file is on record."""
    form = request.POST
    ask = Ask(form.get("region", "")[:12], period_of(form.get("since", ""), form.get("until", "")))
    kind = form.get("form", "")
    kind = kind if kind in export.FORMATS else export.FORMATS[0]
    made = export.export_measures(viewer_of(request), ask, kind)
    if kind == "csv":
        answer = HttpResponse(csv_lines(export.lines(made)), content_type=CSV)
    else:
        answer = HttpResponse(export.as_xlsx(made), content_type=XLSX_TYPE)
    place = made.region.code if made.region else ""
    name = f"measures-{place}-{ask.period.since:%Y%m%d}-{ask.period.until:%Y%m%d}.{kind}"
    answer["Content-Disposition"] = f'attachment; filename="{name}"'
    return answer


def _by_level(made: Report, clock: str) -> list[tuple[str, int, int]]:
    """For each level, how many of the clocks of that name were kept, and how many ran."""
    counts = made.clocks
    return [
        (level, counts[("clocks_kept", clock, level)], counts[("clocks", clock, level)])
        for level in queries.LEVELS
    ]


def _ask(request: HttpRequest) -> Ask:
    asked = request.GET
    split = {name: asked.get(name, "")[:20] for name in SPLITS if asked.get(name)}
    period = period_of(asked.get("since", ""), asked.get("until", ""))
    return Ask(asked.get("region", "")[:12], period, asked.get("here") == "1", split)


def _query(region: str, period: Period, **more: str) -> str:
    return urlencode({"region": region, "since": period.since, "until": period.until, **more})


def _trend(made: Report, code: str, place: str) -> dict[str, Any]:
    """The points of one share, for the chart and for the table beside it."""
    points = []
    for line in made.parts:
        assert line.period is not None
        rate = next(one for one in line.rates if one.share.code == code)
        points.append((line.period, rate, _query(place, line.period)))
    drawn = [
        [f"{days.since:%m-%d}", rate.percent, *(rate.interval or (None, None)), rate.part, rate.whole]
        for days, rate, _query_of in points
    ]
    return {
        "points": points,
        "json": json.dumps(drawn),
        "any": any(rate.whole for _days, rate, _query_of in points),
    }


def _lines(viewer: User, keys: list[dict[str, Any]], kind: str) -> list[dict[str, Any]]:
    """Each row with its task as the viewer may read it, and the clock or call it is about."""
    wanted = alerts.tasks(viewer, alerts.Filters(state="all")).filter(pk__in=[key["pk"] for key in keys])
    relation = kind.removesuffix("__pk") if kind != "pk" else ""
    if relation:
        wanted = wanted.prefetch_related(relation)
    seen = {row.task.pk: row for row in alerts.rows(viewer, wanted)}
    found = []
    for key in keys:
        row = seen.get(key["pk"])
        if row is None:
            continue
        items = getattr(row.task, relation).all() if relation else ()
        item = next((one for one in items if one.pk == key[kind]), None)
        found.append({"row": row, "item": item})
    return found

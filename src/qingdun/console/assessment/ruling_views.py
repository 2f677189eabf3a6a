"""Pages of places, rulings and files of accountability: parse, one call, render."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_POST, require_safe

from qingdun.console.assessment import closing, collecting, deciding, letters, objecting, proposing, queries
from qingdun.console.assessment.areas import area_lines
from qingdun.console.assessment.breakdown import broken_down
from qingdun.console.assessment.codes import OF_AREAS, REASONS
from qingdun.console.assessment.moves import RulingState
from qingdun.console.assessment.rules import rule_named
from qingdun.console.assessment.views import tabs
from qingdun.console.kernel import printing
from qingdun.console.kernel.answers import telling
from qingdun.console.kernel.entry import given_day
from qingdun.console.kernel.models import Region, User
from qingdun.console.kernel.roles import Permission, may, require
from qingdun.console.kernel.scope import covers, out_of_reach
from qingdun.console.kernel.viewer import viewer_of
from qingdun.console.supervision import queries as supervision

DOCX = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"
PERIODS = 13
"""A year and the month it began with."""


@require_safe
@login_required
def place(request: HttpRequest, code: str) -> HttpResponse:
    """One town or village: how its rank came about, its months, what was decided about it."""
    viewer, asked = viewer_of(request), request.GET.get("ranking", "")
    require(viewer, Permission.SEE_ASSESSMENT)
    about = Region.objects.filter(code=code, level__in=[Region.Level.TOWN, Region.Level.VILLAGE]).first()
    found = list(queries.lines_of(viewer, about.path)[:PERIODS]) if about else []
    own = about is not None and covers(viewer, about.path)
    if about is None or not (found or own):
        raise out_of_reach()
    line = next((one for one in found if f"{one.ranking_id}" == asked), found[0] if found else None)
    rule = rule_named(line.ranking.rules) if line else None
    standing = queries.rulings(viewer).filter(region_path=about.path)
    held = queries.schemes(viewer).filter(region_path=about.path)
    scheme = held.filter(valid_from__lte=line.ranking.since).first() if line else None
    context = {
        "place": about,
        "coming": held.first(),
        "own": own,
        "line": line,
        "rule": rule,
        "withheld": line is not None and rule is not None and proposing.withheld(line.ranking, rule),
        "parts": broken_down(line, rule) if line and rule else [],
        "history": found,
        "around": _around(viewer, line) if line else [],
        "rulings": standing,
        "listing": standing.filter(kind="listing", state=RulingState.CONFIRMED).first(),
        "inspections": queries.inspections(viewer).filter(region_path=about.path),
        "scheme": scheme,
        "areas": area_lines(scheme, line.ranking) if scheme and line else [],
        "may_scheme": viewer.region_id == about.code and may(viewer, Permission.ANSWER_ASSESSMENT),
        "figure": queries.figures(viewer).filter(region_path=about.path).first(),
        "supervision": supervision.town_file(viewer, about.path) if own else None,
        **tabs(viewer, about.level),
    }
    return render(request, "assessment/place.html", context)


@require_safe
@login_required
def ruling(request: HttpRequest, ruling_id: int) -> HttpResponse:
    """One ruling: what it rests on, its deadlines, report, objection and answer, and what may be done."""
    viewer = viewer_of(request)
    about = queries.ruling(viewer, ruling_id)
    objection = queries.objections(viewer).filter(ruling=about).first()
    line = (
        queries.lines(viewer, about.ranking).filter(region_path=about.region_path).first()
        if about.ranking
        else None
    )
    context = {
        "ruling": about,
        "line": line,
        "parts": broken_down(line, rule_named(line.ranking.rules)) if line else [],
        "reasons": [REASONS[one] for one in about.reasons],
        "objection": objection,
        "number": letters.number_of(about) if about.state in letters.WRITTEN else "",
        "inspections": about.inspections.all() if about.kind == "listing" else [],
        "supported": proposing.supported(about),
        "today": timezone.localdate(),
        **_may(viewer, about, objection),
        **tabs(viewer, "rulings"),
    }
    return render(request, "assessment/ruling.html", context)


@require_POST
@login_required
def act(request: HttpRequest, ruling_id: int, verb: str) -> HttpResponse:
    """Something is done about the ruling."""
    viewer, form = viewer_of(request), request.POST
    text = form.get("text", "")

    def inspect() -> object:
        on = given_day(form.get("on", ""))
        return deciding.record_inspection(viewer, ruling_id, on, form.get("passed") == "1", text)

    acts: dict[str, Callable[[], object]] = {
        "confirm": lambda: deciding.decide_ruling(viewer, ruling_id, "confirm_ruling", text),
        "refuse": lambda: deciding.decide_ruling(viewer, ruling_id, "refuse_ruling", text),
        "report": lambda: deciding.report_on_ruling(viewer, ruling_id, text),
        "end": lambda: deciding.end_ruling(viewer, ruling_id, text),
        "object": lambda: objecting.object_to(viewer, ruling_id, text),
        "inspect": inspect,
    }
    if verb not in acts:
        raise out_of_reach()
    with telling(request):
        acts[verb]()
    return redirect("assessment:ruling", ruling_id)


@require_POST
@login_required
def answer(request: HttpRequest, objection_id: int) -> HttpResponse:
    """The objection is upheld or dismissed, in words."""
    viewer, form = viewer_of(request), request.POST
    about = queries.objections(viewer).filter(pk=objection_id).first()
    if about is None:
        raise out_of_reach()
    with telling(request):
        objecting.answer_to(viewer, objection_id, form.get("verb", ""), form.get("text", ""))
    return redirect("assessment:ruling", about.ruling_id)


@require_POST
@login_required
def letter(request: HttpRequest, ruling_id: int) -> HttpResponse:
    """The letter about the ruling as Word or PDF; on record."""
    form = "pdf" if request.POST.get("form") == "pdf" else "docx"
    paper = letters.take_letter(viewer_of(request), ruling_id, form)
    body = printing.as_pdf(paper) if form == "pdf" else printing.as_docx(paper)
    made = HttpResponse(body, content_type="application/pdf" if form == "pdf" else DOCX)
    made["Content-Disposition"] = f'attachment; filename="ruling-{ruling_id}.{form}"'
    made["Cache-Control"] = "no-store"
    return made


@require_safe
@login_required
def accountability(request: HttpRequest, file_id: int) -> HttpResponse:
    """One case looked at backwards: everything that touched it, in order of time."""
    viewer = viewer_of(request)
    about = queries.accountability(viewer, file_id)
    found = collecting.touches(viewer, about)
    kinds: dict[str, int] = {}
    for one in found:
        kinds[one.kind] = kinds.get(one.kind, 0) + 1
    context = {
        "file": about,
        "touches": found,
        "kinds": kinds,
        "late": sum(one.late for one in found),
        "may_close": may(viewer, Permission.WORK_ASSESSMENT) and about.state == "open",
        **tabs(viewer, "accountability"),
    }
    return render(request, "assessment/accountability.html", context)


@require_POST
@login_required
def close(request: HttpRequest, file_id: int) -> HttpResponse:
    """The file is closed with what was found."""
    with telling(request):
        closing.close_accountability(viewer_of(request), file_id, request.POST.get("text", ""))
    return redirect("assessment:accountability", file_id)


def _may(viewer: User, about: Any, objection: Any) -> dict[str, bool]:
    """What the viewer may do with the ruling now."""
    whole = viewer.region is not None and viewer.region.level == Region.Level.CITY
    works = whole and may(viewer, Permission.WORK_ASSESSMENT)
    answers = may(viewer, Permission.ANSWER_ASSESSMENT)
    force = about.state == RulingState.CONFIRMED
    reports = force and about.kind in deciding.ANSWERED
    in_time = about.object_until is not None and timezone.localdate() <= about.object_until
    interview, of_area = about.kind == "interview", about.kind in OF_AREAS
    return {
        "may_decide": about.state == RulingState.PROPOSED and (answers if of_area else works),
        "may_report": reports and (works if interview else answers),
        "may_end": works and force and about.kind != "listing" and not of_area
        and (bool(about.report) or not reports),
        "may_inspect": works and force and about.kind == "listing",
        "may_object": answers and force and objection is None and in_time
        and about.kind in objecting.OPEN_TO_OBJECTION,
        "may_answer": works and objection is not None and objection.state == "filed"
        and about.decided_by_id != viewer.pk,
        "own_decision": works and objection is not None and objection.state == "filed"
        and about.decided_by_id == viewer.pk,
    }  # fmt: skip


def _around(viewer: User, line: Any) -> list[Any]:
    """The lines next above and below in the ranking, with it in the middle."""
    near = queries.lines(viewer, line.ranking).filter(rank__gte=line.rank - 3, rank__lte=line.rank + 3)
    return list(near.order_by("rank", "region_path")[:9])

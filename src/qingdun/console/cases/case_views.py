"""Pages of the crackdown: tables with their files, forms, figures; cases, persons, gangs, campaigns."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.db.models import Count, Sum
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from qingdun.console.cases import casework, correcting, crackdown, figures, queries, retracting, tables
from qingdun.console.cases.entering import CORRECTIONS, FORMS
from qingdun.console.cases.models import numbers_of
from qingdun.console.cases.tables import TABLES
from qingdun.console.funds import queries as funds
from qingdun.console.kernel import queries as kernel_queries
from qingdun.console.kernel.answers import telling
from qingdun.console.kernel.entry import calendar_day, whole
from qingdun.console.kernel.figure_pages import figure_page, this_year
from qingdun.console.kernel.form_pages import form_page
from qingdun.console.kernel.models import Region, User
from qingdun.console.kernel.roles import Permission, may, require
from qingdun.console.kernel.scope import out_of_reach
from qingdun.console.kernel.standing import Standing
from qingdun.console.kernel.table_pages import table_file, table_page
from qingdun.console.kernel.viewer import viewer_of
from qingdun.errors import IllegalMove, InputError

MOST_LISTED = 200
"""Rows of one kind on the page of what they belong to; how many there are stands beside, and leads to all."""
TABS = ("incidents", "cases", "persons", "gangs", "seizures", "measures", "insiders", "campaigns", "trips")


@require_safe
@login_required
def table(request: HttpRequest, code: str) -> HttpResponse:
    """One table: its filters, its rows, sorted, a page at a time."""
    viewer, shown = viewer_of(request), TABLES.get(code)
    if shown is None:
        raise out_of_reach()
    require(viewer, Permission.SEE_ALERTS if code == "incidents" else Permission.WORK_CASES)
    page = table_page(request, shown, f"cases.{code}", lambda row: tables.address(code, row))
    context = {
        **page.context,
        "may_work": may(viewer, Permission.WORK_CASES),
        "may_enter": may(viewer, Permission.WORK_ALERTS),
        "waiting": _waiting(viewer) if code == "incidents" else 0,
        **tabs(viewer, code),
    }
    return render(request, "cases/table.html", context, status=page.status)


def _waiting(viewer: User) -> int:
    """How many incidents somebody else asks the viewer to take back with them."""
    asked = queries.retractions(viewer).filter(incident__taken_back_at=None)
    return asked.exclude(by=viewer).order_by().count()


@require_POST
@login_required
def file(request: HttpRequest, code: str) -> HttpResponseBase:
    """The rows of the table as CSV or XLSX, masked; that they left is on record."""
    require(viewer_of(request), Permission.SEE_ALERTS if code == "incidents" else Permission.WORK_CASES)
    return table_file(request, tables.table_of(code), f"cases.{code}")


@require_safe
@login_required
def all_figures(request: HttpRequest) -> HttpResponse:
    """Every figure in a place and period; each number leads to its rows."""
    viewer = viewer_of(request)
    require(viewer, Permission.WORK_CASES)
    return figure_page(request, figures.counted, "cases/figures.html", tabs(viewer, "figures"), this_year())


@require_http_methods(["GET", "HEAD", "POST"])
@login_required
def enter(request: HttpRequest, code: str, parent: int = 0) -> HttpResponse:
    """One form of the table."""
    viewer = viewer_of(request)
    require(viewer, Permission.WORK_CASES)
    form = FORMS.get(code)
    if form is None or bool(form.parent) != bool(parent):
        raise out_of_reach()
    back = reverse(form.parent, args=[parent]) if form.parent else reverse("cases:table", args=["cases"])
    return form_page(request, form, parent, back, lambda kind: _options(viewer, kind, parent))


@require_http_methods(["GET", "HEAD", "POST"])
@login_required
def correct(request: HttpRequest, kind: str, pk: int) -> HttpResponse:
    """What a case, a person of cases or an incident says, to be corrected. Whose name is to be corrected is
    typed anew: it is not shown.
    """
    viewer, form = viewer_of(request), CORRECTIONS.get(kind)
    require(viewer, Permission.WORK_CASES)
    if form is None:
        raise out_of_reach()
    return form_page(
        request, form, pk, reverse(form.parent, args=[pk]), lambda of: _options(viewer, of, pk),
        _standing(viewer, kind, pk),
    )  # fmt: skip


def _standing(viewer: User, kind: str, pk: int) -> Standing:
    """What the fields of such a form say of the row."""
    if kind == "person":
        return Standing(queries.person_of_cases(viewer, pk), lambda one: {"name": one.name}, blind=("name",))
    if kind == "incident":
        return Standing(queries.incident(viewer, pk), correcting.incident_said)
    return Standing(queries.case(viewer, pk), correcting.case_said)


@require_safe
@login_required
def case(request: HttpRequest, case_id: int) -> HttpResponse:
    """A case with its incidents, persons and what was done to them, seizures and gangs."""
    viewer = viewer_of(request)
    found = queries.case(viewer, case_id)
    incidents = queries.incidents(viewer).filter(cases=found)
    lost = incidents.order_by().aggregate(count=Count("pk"), fen=Sum("loss_fen"))
    context = {
        "case": found,
        "moves": queries.case_moves(viewer, found),
        "incidents": queries.rows(viewer, incidents[:MOST_LISTED]),
        "incident_count": lost["count"],
        "loss_fen": lost["fen"] or 0,
        "parts": queries.parts(viewer).filter(case=found),
        "measures": queries.measures(viewer).filter(case=found),
        "seizures": queries.seizures(viewer).filter(case=found),
        "gangs": queries.gangs(viewer).filter(cases=found),
        "former_names": found.former_names.select_related("by"),
    }
    return render(request, "cases/case.html", context)


@require_safe
@login_required
def incident(request: HttpRequest, incident_id: int) -> HttpResponse:
    """One incident, with the cases it belongs to; one that was taken back says so."""
    viewer = viewer_of(request)
    found = queries.reported(viewer, incident_id)
    context = {
        "retraction": queries.retractions(viewer).filter(incident=found).first(),
        "row": queries.rows(viewer, [found])[0],
        "cases": queries.cases(viewer).filter(incidents=found),
        "stops": funds.orders_of(viewer, found),
        "freezes": funds.freezes(viewer).filter(parts__incident=found),
        "may_trace": may(viewer, Permission.TRACE_FUNDS),
        "may_enter": may(viewer, Permission.WORK_ALERTS),
        "may_work": may(viewer, Permission.WORK_CASES),
    }
    return render(request, "cases/incident.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
@login_required
def person(request: HttpRequest, person_id: int) -> HttpResponse:
    """A person of cases, masked; unmasked for a purpose that goes on record."""
    viewer = viewer_of(request)
    error, unmasked = "", False
    if request.method == "POST":
        try:
            casework.unmask_person(viewer, person_id, request.POST.get("purpose", ""))
            unmasked = True
        except InputError as mistaken:
            error = str(mistaken)
    found = casework.record_look(viewer, person_id)
    parts = list(queries.parts(viewer).filter(person=found))
    context = {
        "person": found,
        "unmasked": unmasked,
        "error": error,
        "may_unmask": may(viewer, Permission.UNMASK),
        "numbers": numbers_of(parts),
        "parts": parts,
        "measures": queries.measures(viewer).filter(person=found),
        "members": queries.members(viewer).filter(person=found),
        "former_names": found.former_names.select_related("by"),
    }
    return render(request, "cases/person.html", context, status=422 if error else 200)


@require_safe
@login_required
def gang(request: HttpRequest, gang_id: int) -> HttpResponse:
    """A gang with its members and cases."""
    viewer = viewer_of(request)
    found = queries.gang(viewer, gang_id)
    context = {
        "gang": found,
        "moves": queries.gang_moves(viewer, found),
        "members": queries.members(viewer).filter(gang=found),
        "cases": queries.cases(viewer).filter(gangs=found),
        "today": f"{timezone.localdate()}",
    }
    return render(request, "cases/gang.html", context)


@require_safe
@login_required
def campaign(request: HttpRequest, campaign_id: int) -> HttpResponse:
    """A campaign: teams, journeys, cases, and what came of it."""
    viewer = viewer_of(request)
    found = queries.campaign(viewer, campaign_id)
    context = {
        "campaign": found,
        "moves": queries.campaign_moves(viewer, found),
        "teams": queries.teams(viewer).filter(campaign=found),
        "trips": queries.trips(viewer).filter(team__campaign=found),
        "cases": queries.cases(viewer).filter(campaign=found)[:MOST_LISTED],
        "results": figures.of_campaign(viewer, found.pk),
    }
    return render(request, "cases/campaign.html", context)


@require_POST
@login_required
def move(request: HttpRequest, kind: str, pk: int) -> HttpResponse:
    """A case, gang or campaign makes a move of its table."""
    viewer, form = viewer_of(request), request.POST
    verb, note = form.get("verb", ""), form.get("note", "")
    with telling(request):
        if kind == "gang":
            crackdown.move_gang(viewer, pk, verb, calendar_day(form.get("on", "")), note)
        elif kind == "campaign":
            crackdown.move_campaign(viewer, pk, verb)
        else:
            casework.move_case(viewer, pk, verb, note)
    return redirect(f"cases:{kind}", pk)


@require_POST
@login_required
def part(request: HttpRequest, case_id: int, incident_id: int) -> HttpResponse:
    """An incident is taken out of a case."""
    viewer = viewer_of(request)
    try:
        casework.part_incident(viewer, case_id, incident_id, request.POST.get("reason", ""))
    except (IllegalMove, InputError) as refused:
        messages.error(request, str(refused))
    return redirect("cases:case", case_id)


@require_POST
@login_required
def take_back(request: HttpRequest, kind: str, pk: int) -> HttpResponse:
    """A part, a measure or a seizure that was entered by mistake is taken back."""
    viewer, back = viewer_of(request), whole(request.POST.get("case", ""))
    try:
        return redirect(
            "cases:case", retracting.take_back(viewer, kind, pk, request.POST.get("reason", "")).pk
        )
    except (IllegalMove, InputError) as refused:
        messages.error(request, str(refused))
    return redirect("cases:case", back) if back is not None else redirect("cases:table", "cases")


def tabs(viewer: User, here: str) -> dict[str, Any]:
    """The tabs of the crackdown that the viewer may use, and which is shown."""
    codes = TABS if may(viewer, Permission.WORK_CASES) else TABS[:1]
    return {"tabs": [(code, TABLES[code].word) for code in codes], "tab": here}


def _options(viewer: User, kind: str, parent: int) -> list[tuple[str, str]]:
    """What can be chosen among the rows the viewer sees."""
    if kind == "region":
        found = kernel_queries.regions(viewer).exclude(level=Region.Level.VILLAGE)
        return [(place.code, str(place)) for place in found]
    if kind == "campaign":
        return [(f"{one.pk}", one.name) for one in queries.campaigns(viewer)[:50]]
    if kind == "part":
        parts = queries.parts(viewer).filter(case=parent)
        return [(f"{one.person_id}", tables.person_word(one)) for one in parts]
    return []

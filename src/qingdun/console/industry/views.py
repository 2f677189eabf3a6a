"""Pages of the module: parse, one call, render."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from qingdun.console.industry import (
    actions,
    answering,
    deciding,
    figures,
    queries,
    registers,
    rules,
    tables,
    waiting,
)
from qingdun.console.industry.answering import Answer
from qingdun.console.industry.codes import NoticeWay
from qingdun.console.industry.entering import FORMS
from qingdun.console.industry.models import Restriction
from qingdun.console.industry.moves import State, sources
from qingdun.console.industry.tables import TABLES
from qingdun.console.kernel import queries as kernel_queries
from qingdun.console.kernel.answers import telling
from qingdun.console.kernel.entry import whole
from qingdun.console.kernel.figure_pages import figure_page, this_year
from qingdun.console.kernel.figures import Counted
from qingdun.console.kernel.form_pages import form_page
from qingdun.console.kernel.forms import Choices
from qingdun.console.kernel.models import Organisation, Region, User
from qingdun.console.kernel.roles import Permission, may
from qingdun.console.kernel.scope import out_of_reach
from qingdun.console.kernel.table_pages import sheet_file, table_file, table_page
from qingdun.console.kernel.tables import Ask
from qingdun.console.kernel.viewer import viewer_of
from qingdun.console.lists import queries as lists
from qingdun.contract.codes import EntityKind
from qingdun.errors import NotPermitted

PAGE_ROWS = 100
HOME = "assignments"
TABS = ("assignments", "restrictions", "appeals", "findings", "checks", "breaches")
POLICE_TABS, PARTY_TABS = ("blacklist", "punishments", "interviews"), ("interviews",)
NEW: dict[str, str] = {
    "assignments": "assignment", "checks": "check", "blacklist": "blacklist", "punishments": "punishment",
    "interviews": "interview", "findings": "finding",
}  # fmt: skip
"""The form that makes rows of a table."""
BROUGHT: dict[str, dict[Permission, str]] = {
    "findings": {Permission.ANSWER_LISTS: "industry_findings"},
    "checks": {
        Permission.ANSWER_LISTS: "industry_own_cards",
        Permission.PROPOSE_RESTRICTIONS: "industry_cards",
    },
    "blacklist": {Permission.CONFIRM_RESTRICTIONS: "industry_blacklist"},
    "punishments": {Permission.PROPOSE_RESTRICTIONS: "industry_punishments"},
    "interviews": {Permission.PROPOSE_RESTRICTIONS: "industry_interviews"},
}
"""The kind of file by which rows of a table come, by who brings it."""
OF_PARTIES, OF_PARTIES_ALONE = ("check", "appeal"), ("finding",)
"""Forms that a party fills in as well, and those that nobody else does."""


@require_safe
@login_required
def table(request: HttpRequest, code: str = HOME) -> HttpResponse:
    """One table: its filters, its rows, sorted, a page at a time."""
    viewer = user_of(request)
    shown = tables.table_of(code)
    page = table_page(request, shown, f"industry.{code}", lambda row: tables.address(code, row))
    context = {
        **page.context,
        **tabs(viewer, code),
        "new": FORMS.get(NEW.get(code, "")) if _may_enter(viewer, NEW.get(code, "")) else None,
        "brought": next((kind for right, kind in BROUGHT.get(code, {}).items() if may(viewer, right)), ""),
        "may_take": code == "checks" and may(viewer, Permission.ANSWER_LISTS) and not _is_bank(viewer),
        "waiting": waiting.waiting(viewer, request.GET.get("region", "")[:12]) if code == HOME else None,
        "seconds": registers.blacklist_waits(viewer) if code == "blacklist" else [],
    }
    return render(request, "industry/table.html", context, status=page.status)


@require_POST
@login_required
def file(request: HttpRequest, code: str) -> HttpResponseBase:
    """The rows of the table as CSV or XLSX, masked; that they left is on record."""
    user_of(request)
    return table_file(request, tables.table_of(code), f"industry.{code}")


@require_safe
@login_required
def all_figures(request: HttpRequest) -> HttpResponse:
    """Every figure in a place and period; each number leads to its rows."""
    viewer = user_of(request)
    more = {"budget": queries.budget(viewer), "runs": queries.runs(viewer)[:5], **tabs(viewer, "figures")}
    return figure_page(request, _own_figures, "industry/figures.html", more, this_year())


def _own_figures(viewer: User, ask: Ask) -> list[Counted]:
    """A bank has no blacklist and no numbers: what is nothing of its own is left out."""
    is_party = may(viewer, Permission.ANSWER_LISTS)
    return [one for one in figures.counted(viewer, ask) if one.value or not is_party]


@require_http_methods(["GET", "HEAD", "POST"])
@login_required
def enter(request: HttpRequest, code: str, parent: int = 0) -> HttpResponse:
    """One form of the table."""
    viewer = user_of(request)
    form = FORMS.get(code)
    if form is None or bool(form.parent) != bool(parent):
        raise out_of_reach()
    if parent:
        queries.restriction(viewer, parent)
    elif not _may_enter(viewer, code):
        raise NotPermitted(_("That is not for you to enter."))
    home = next((reverse("industry:table", args=[table]) for table, made in NEW.items() if made == code), "")
    back = reverse(form.parent, args=[parent]) if form.parent else home or reverse("industry:home")
    return form_page(request, form, parent, back, lambda kind: _options(viewer, kind))


@require_safe
@login_required
def assignment(request: HttpRequest, assignment_id: int) -> HttpResponse:
    """A list with its rows, and what may be done with it; to its party, legible, which goes on record."""
    viewer = user_of(request)
    about = queries.assignment(viewer, assignment_id)
    is_party = may(viewer, Permission.ANSWER_LISTS)
    if is_party:
        answering.record_look(viewer, about.pk)
    found = queries.restrictions(viewer).filter(assignment=about).order_by("row")
    state, counts = request.GET.get("state", ""), queries.answer_counts(viewer, about)
    found = found.filter(state=state) if state in State.values else found
    context = {
        "assignment": about,
        "basis": dict(rules.bases()).get(about.basis, about.basis),
        "moves": queries.assignment_moves(viewer, about),
        "page": Paginator(found, PAGE_ROWS).get_page(request.GET.get("page")),
        "counts": counts,
        "waits": State.ORDERED in counts,
        "state": state,
        "is_party": is_party,
        "ways": NoticeWay.choices,
        **tabs(viewer, "assignments"),
    }
    return render(request, "industry/assignment.html", context)


@require_POST
@login_required
def act(request: HttpRequest, assignment_id: int) -> HttpResponse:
    """The list makes a move of its table, or some of its lines are not confirmed."""
    viewer, form = user_of(request), request.POST
    with telling(request):
        if form.get("verb") == "refuse":
            count = actions.refuse_lines(viewer, assignment_id, _picked(request), form.get("note", ""))
            messages.success(request, _("%(count)d rows were not confirmed.") % {"count": count})
        else:
            seen = whole(form.get("rows", "")) or 0
            actions.move_assignment(viewer, assignment_id, form.get("verb", ""), form.get("note", ""), seen)
    return redirect("industry:assignment", assignment_id)


@require_POST
@login_required
def answer(request: HttpRequest, assignment_id: int) -> HttpResponse:
    """The party answers the rows it ticked."""
    viewer, form = user_of(request), request.POST
    verb, note, way = form.get("verb", ""), form.get("note", ""), form.get("notice_way", NoticeWay.SMS)
    if "all" in form:
        waiting_rows = queries.restrictions(viewer).filter(assignment=assignment_id, state__in=sources(verb))
        picked = list(waiting_rows.order_by("row").values_list("pk", flat=True)[: rules.limit("most_rows")])
    else:
        picked = _picked(request)
    answers = [Answer(row, verb, note, way) for row in picked]
    if not answers:
        messages.error(request, _("Tick the rows first."))
        return redirect("industry:assignment", assignment_id)
    told = answering.answer(viewer, answers)
    kept = sum(one.ok for one in told)
    if kept:
        messages.success(request, _("%(count)d rows answered.") % {"count": kept})
    for words in dict.fromkeys(one.message for one in told if not one.ok):
        messages.error(request, words)
    return redirect("industry:assignment", assignment_id)


@require_POST
@login_required
def take(request: HttpRequest, assignment_id: int) -> HttpResponseBase:
    """The list as CSV or XLSX for its party to work off, legible; that it was taken is on record."""
    form = "csv" if request.POST.get("form") == "csv" else "xlsx"
    lines = answering.take_list(user_of(request), assignment_id, form)
    return sheet_file(lines, f"list-{assignment_id}", form)


@require_POST
@login_required
def take_checks(request: HttpRequest) -> HttpResponseBase:
    """Checks of the party's cards as CSV or XLSX to work off, legible; that they were taken is on record."""
    form = "csv" if request.POST.get("form") == "csv" else "xlsx"
    return sheet_file(answering.take_checks(user_of(request), form), "checks", form)


@require_safe
@login_required
def restriction(request: HttpRequest, restriction_id: int) -> HttpResponse:
    """One restriction with its grounds, its way, its appeals, and what may be done: masked; to its party
    legible, which goes on record.
    """
    viewer = user_of(request)
    about = queries.restriction(viewer, restriction_id)
    context = _face(viewer, about)
    if may(viewer, Permission.ANSWER_LISTS):
        answering.record_row_look(viewer, about.pk)
        context["unmasked"] = True
    return render(request, "industry/restriction.html", context)


@require_POST
@login_required
def decide(request: HttpRequest, restriction_id: int) -> HttpResponse:
    """The restriction makes a move of its table, is answered by its party, or is unmasked."""
    viewer, form = user_of(request), request.POST
    verb, note = form.get("verb", ""), form.get("note", "")
    with telling(request):
        if verb == "unmask":
            about = deciding.unmask(viewer, restriction_id, note)
            page = render(request, "industry/restriction.html", {**_face(viewer, about), "unmasked": True})
            page["Cache-Control"] = "no-store"
            return page
        if verb in answering.VERBS:
            way = form.get("notice_way", NoticeWay.SMS)
            (told,) = answering.answer(viewer, [Answer(restriction_id, verb, note, way)])
            if not told.ok:
                messages.error(request, told.message)
        else:
            deciding.decide(viewer, restriction_id, verb, note, "unfounded" in form)
    return redirect("industry:restriction", restriction_id)


@require_safe
@login_required
def appeal(request: HttpRequest, appeal_id: int) -> HttpResponse:
    """What an appeal is against: the page of the restriction; of a site that is blocked, one of its own."""
    viewer = user_of(request)
    about = queries.appeal(viewer, appeal_id)
    if about.restriction_id is not None:
        return redirect("industry:restriction", about.restriction_id)
    sees_lists = may(viewer, Permission.SEE_PERSONS)
    context = {
        "appeal": about,
        "steps": queries.appeal_moves(viewer, about),
        "entries": lists.of_entity(viewer, EntityKind.HOST, about.host) if sees_lists else [],
        **tabs(viewer, "appeals"),
    }
    return render(request, "industry/appeal.html", context)


@require_POST
@login_required
def decide_appeal(request: HttpRequest, appeal_id: int) -> HttpResponse:
    """The appeal is decided."""
    viewer, form = user_of(request), request.POST
    about = queries.appeal(viewer, appeal_id)
    with telling(request):
        deciding.decide_appeal(viewer, appeal_id, form.get("verb", ""), form.get("note", ""))
    return redirect("industry:appeal", about.pk)


def tabs(viewer: User, here: str) -> dict[str, Any]:
    """The tabs of the module, and which is shown."""
    police = may(viewer, Permission.SEE_INDUSTRY)
    shown = [code for code in TABS if code != "checks" or not _is_bank(viewer)]
    return {
        "tabs": [(code, TABLES[code].word) for code in (*shown, *(POLICE_TABS if police else PARTY_TABS))],
        "tab": here,
        "may_propose": may(viewer, Permission.PROPOSE_RESTRICTIONS),
        "may_confirm": may(viewer, Permission.CONFIRM_RESTRICTIONS),
    }


def _may_enter(viewer: User, code: str) -> bool:
    """Whether the form of that code is the viewer's to fill in."""
    if may(viewer, Permission.ANSWER_LISTS):
        return code in (*OF_PARTIES, *OF_PARTIES_ALONE) and not (code == "check" and _is_bank(viewer))
    return code not in OF_PARTIES_ALONE and may(viewer, Permission.PROPOSE_RESTRICTIONS)


def _is_bank(viewer: User) -> bool:
    """Whether the viewer is of a bank, which has no phone cards to check."""
    return viewer.organisation is not None and viewer.organisation.kind == Organisation.Kind.BANK


def _face(viewer: User, about: Restriction) -> dict[str, Any]:
    """What the page of a restriction needs."""
    appeals = [(one, queries.appeal_moves(viewer, one)) for one in queries.appeals(viewer)
               .filter(restriction=about)]  # fmt: skip
    here = answering.VERBS if may(viewer, Permission.ANSWER_LISTS) else deciding.DECISIONS
    return {
        "restriction": about,
        "basis": dict(rules.bases()).get(about.basis, about.basis),
        "moves": [move for move in queries.restriction_moves(viewer, about) if move.verb in here],
        "appeals": appeals,
        "may_appeal": about.state == State.IN_FORCE and not any(one.state == "filed" for one, _ in appeals),
        "ways": NoticeWay.choices,
        "may_unmask": may(viewer, Permission.UNMASK) or may(viewer, Permission.ANSWER_LISTS),
        **tabs(viewer, "restrictions"),
    }


def user_of(request: HttpRequest) -> User:
    """The viewer, who may see industry governance or answer lists. Errors: NotPermitted."""
    viewer = viewer_of(request)
    if not may(viewer, Permission.ANSWER_LISTS) and not may(viewer, Permission.SEE_INDUSTRY):
        raise NotPermitted(_("Industry governance is not yours to see."))
    return viewer


def _picked(request: HttpRequest) -> list[int]:
    found = (whole(text) for text in request.POST.getlist("row"))
    return [number for number in found if number is not None]


def _options(viewer: User, kind: str) -> Choices:
    if kind in ("party", "operator"):
        return tables.party_choices(viewer, Organisation.Kind.OPERATOR if kind == "operator" else "")
    if kind == "region":
        found = kernel_queries.regions(viewer).exclude(level=Region.Level.VILLAGE)
        return [(place.code, str(place)) for place in found]
    return []

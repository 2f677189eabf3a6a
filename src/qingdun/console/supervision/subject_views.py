"""Pages of one visit, finding, enterprise or commissioner: parse, one call, render."""

from __future__ import annotations

from collections.abc import Callable

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_POST, require_safe

from qingdun.console.kernel.answers import telling
from qingdun.console.kernel.entry import given_day
from qingdun.console.kernel.roles import Permission, may, require
from qingdun.console.kernel.scope import out_of_reach
from qingdun.console.kernel.viewer import viewer_of
from qingdun.console.supervision import following, queries
from qingdun.console.supervision.moves import UNSETTLED, RoundState, ShortcomingState
from qingdun.console.supervision.views import tabs


@require_safe
@login_required
def visit(request: HttpRequest, visit_id: int) -> HttpResponse:
    """One visit: what was looked at, found and inspected again, with its photos."""
    viewer = viewer_of(request)
    found = queries.visit(viewer, visit_id)
    context = {
        "visit": found,
        "shortcomings": queries.shortcomings(viewer).filter(visit=found),
        "rechecks": queries.rechecks(viewer).filter(visit=found),
        "photos": found.photos.defer("picture"),
        **tabs(viewer, "visits"),
    }
    return render(request, "supervision/visit.html", context)


@require_safe
@login_required
def photo(request: HttpRequest, photo_id: int) -> HttpResponse:
    """One photo."""
    found = queries.photo(viewer_of(request), photo_id)
    response = HttpResponse(bytes(found.picture), content_type="image/jpeg")
    response["Cache-Control"] = "private, max-age=3600"
    return response


@require_safe
@login_required
def finding(request: HttpRequest, shortcoming_id: int) -> HttpResponse:
    """One finding: its deadline, what the place reports, its re-inspections, and what may be done."""
    viewer = viewer_of(request)
    found = queries.shortcoming(viewer, shortcoming_id)
    context = {
        "finding": found,
        "photos": found.visit.photos.defer("picture"),
        "rechecks": queries.rechecks(viewer).filter(shortcoming=found).order_by("at", "pk"),
        "escalations": queries.escalations(viewer).filter(shortcoming=found).order_by("at", "pk"),
        "today": timezone.localdate(),
        "unsettled": found.state in UNSETTLED,
        "may_answer": found.state == ShortcomingState.OPEN and following.may_answer(viewer, found),
        "may_work": found.state in UNSETTLED and may(viewer, Permission.WORK_SUPERVISION),
        **tabs(viewer, "findings"),
    }
    return render(request, "supervision/finding.html", context)


@require_POST
@login_required
def act(request: HttpRequest, shortcoming_id: int, verb: str) -> HttpResponse:
    """Something is done about the finding."""
    viewer, form = viewer_of(request), request.POST
    text = form.get("text", "")

    acts: dict[str, Callable[[], object]] = {
        "answer": lambda: following.answer_shortcoming(viewer, shortcoming_id, text),
        "extend": lambda: following.extend_shortcoming(
            viewer, shortcoming_id, given_day(form.get("on", "")), text
        ),
        "drop": lambda: following.drop_shortcoming(viewer, shortcoming_id, text),
    }
    if verb not in acts:
        raise out_of_reach()
    with telling(request):
        acts[verb]()
    return redirect("supervision:finding", shortcoming_id)


@require_safe
@login_required
def enterprise(request: HttpRequest, partner_id: int) -> HttpResponse:
    """One enterprise: its staff, who supervises it, visits and findings."""
    viewer = viewer_of(request)
    require(viewer, Permission.SEE_SUPERVISION)
    about = queries.enterprise(viewer, partner_id)
    context = {
        "enterprise": about,
        "file": queries.enterprise_file(viewer, partner_id),
        "staff": queries.staff(viewer).filter(partner=about),
        "may_outreach": may(viewer, Permission.SEE_OUTREACH),
        **tabs(viewer, "enterprises"),
    }
    return render(request, "supervision/enterprise.html", context)


@require_safe
@login_required
def commissioner(request: HttpRequest, commissioner_id: int) -> HttpResponse:
    """One commissioner: what is theirs now, and the visits."""
    viewer = viewer_of(request)
    about = queries.commissioners(viewer).filter(pk=commissioner_id).first()
    if about is None:
        raise out_of_reach()
    mine = queries.charges(viewer).filter(commissioner=about)
    context = {
        "commissioner": about,
        "charges": mine.filter(round__state=RoundState.CONFIRMED).order_by("-kind", "position"),
        "visits": queries.visits(viewer).filter(charge__commissioner=about)[:20],
        "unsettled": queries.unsettled(viewer).filter(charge__commissioner=about),
        "today": timezone.localdate(),
        "may_work": may(viewer, Permission.WORK_SUPERVISION),
        **tabs(viewer, "commissioners"),
    }
    return render(request, "supervision/commissioner.html", context)

"""Pages of an event with its photos, of a material with its versions, and of the quiz."""

from __future__ import annotations

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from qingdun.console.alerts.codes import scam_type_label
from qingdun.console.kernel.answers import telling
from qingdun.console.kernel.entry import whole
from qingdun.console.kernel.roles import Permission, may, require
from qingdun.console.kernel.scope import covers
from qingdun.console.kernel.submissions import new_key, stamp
from qingdun.console.kernel.viewer import viewer_of
from qingdun.console.outreach import pictures, queries, quiz
from qingdun.console.outreach.fact_views import verbs
from qingdun.console.outreach.facts import seen_page
from qingdun.console.outreach.places import place_name
from qingdun.console.outreach.views import tabs
from qingdun.errors import InputError


@require_safe
@login_required
def event(request: HttpRequest, event_id: int) -> HttpResponse:
    """One event: where, with whom, how many came, its photos and what the quiz found there."""
    viewer = viewer_of(request)
    found = queries.event(viewer, event_id)
    sheets = queries.sheets(viewer).filter(event=found)
    context = {
        "event": found,
        "where": place_name(found.region_path),
        "named": [
            (word, str(row), seen_page(viewer, code, row.pk))
            for word, code, row in (
                (_("Venue"), "venues", found.venue),
                (_("Unit"), "units", found.unit),
                *(
                    (_("School or enterprise"), "partners", one)
                    for one in queries.partners(viewer).filter(events=found)
                ),
                *(
                    (_("Ambassador"), "ambassadors", one)
                    for one in queries.ambassadors(viewer).filter(events=found)
                ),
            )
            if row
        ],
        "code": "events",
        "may": verbs("events") if may(viewer, Permission.WORK_OUTREACH) else set(),
        "photos": found.photos.defer("picture"),
        "sheets": sheets.count(),
        "understood": quiz.understood(sheets),
        "may_work": may(viewer, Permission.WORK_OUTREACH),
        **tabs("events"),
    }
    return render(request, "outreach/event.html", context)


@require_POST
@login_required
def add_photo(request: HttpRequest, event_id: int) -> HttpResponse:
    """The event has one more photo."""
    file = request.FILES.get("photo")
    with telling(request):
        data = file.read() if file and file.size is not None else b""
        pictures.add_photo(viewer_of(request), event_id, data, (file.content_type if file else "") or "")
    return redirect("outreach:event", event_id)


@require_safe
@login_required
def photo(request: HttpRequest, photo_id: int) -> HttpResponse:
    """The picture."""
    found = queries.photo(viewer_of(request), photo_id)
    return HttpResponse(bytes(found.picture), content_type="image/jpeg")


@require_POST
@login_required
def remove_photo(request: HttpRequest, photo_id: int) -> HttpResponse:
    """The event has the photo no more."""
    return redirect("outreach:event", pictures.remove_photo(viewer_of(request), photo_id))


@require_safe
@login_required
def material(request: HttpRequest, material_id: int) -> HttpResponse:
    """One material with every version of its words."""
    viewer = viewer_of(request)
    require(viewer, Permission.SEE_OUTREACH)
    found = queries.material(viewer, material_id)
    may_work = may(viewer, Permission.WORK_OUTREACH) and covers(viewer, found.region_path)
    context = {
        "material": found,
        "scam_type": scam_type_label(found.scam_type) if found.scam_type else "",
        "versions": found.versions.select_related("by"),
        "may_work": may_work,
        "code": "materials",
        "may": verbs("materials") if may_work else set(),
        **tabs("materials"),
    }
    return render(request, "outreach/material.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
@login_required
def take_quiz(request: HttpRequest) -> HttpResponse:
    """The quiz for whoever stands before the screen; afterwards how many were right, and which."""
    viewer = viewer_of(request)
    require(viewer, Permission.VISIT_DOORS)
    asked = request.POST if request.method == "POST" else request.GET
    event_id = whole(asked.get("event", ""))
    version, questions = quiz.quiz()
    sheet, error = None, ""
    if request.method == "POST":
        answers = {one.words.code: request.POST.get(one.words.code, "") for one in questions}
        try:
            # Whoever goes back and hands the phone to the next person has filled in another sheet.
            key = stamp(request.POST.get("key", "") or new_key(), answers)
            sheet = quiz.fill_in(viewer, key, answers, event_id)
        except InputError as mistaken:
            error = str(mistaken)
    context = {
        "questions": questions,
        "version": version,
        "sheet": sheet,
        "error": error,
        "event": queries.event(viewer, event_id) if event_id is not None else None,
        "answers": sheet.answers if sheet else request.POST,
        "key": (request.POST.get("key") if error else None) or new_key(),
    }
    return render(request, "outreach/quiz.html", context, status=422 if error else 200)

"""What the phone page needs besides itself."""

from __future__ import annotations

from pathlib import Path

from django.contrib.auth.decorators import login_required
from django.contrib.staticfiles import finders
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from qingdun.console.alerts import queries as alerts
from qingdun.console.kernel.viewer import viewer_of
from qingdun.console.visits import actions
from qingdun.errors import InputError


@require_safe
def worker(_request: HttpRequest) -> HttpResponse:
    """The service worker of the phone pages. It is served from their folder, because a worker may answer only
    for what lies beneath its own address; it holds no personal data and needs no log-in.
    """
    found = finders.find("built/visit-worker.js")
    if not isinstance(found, str):
        raise Http404("the front end is not built")
    response = HttpResponse(Path(found).read_bytes(), content_type="text/javascript; charset=utf-8")
    response["Cache-Control"] = "no-cache"
    return response


@require_safe
@login_required
def record(request: HttpRequest, task_id: int) -> HttpResponse:
    """What is kept of the visit, as a part of the phone page."""
    return render(request, "visits/record.html", {"task": alerts.task(viewer_of(request), task_id)})


@require_http_methods(["GET", "HEAD", "POST"])
@login_required
def photo(request: HttpRequest, photo_id: int) -> HttpResponse:
    """One photo; the audit says who looked at it. Of a task that has ended the purpose is asked for first."""
    try:
        data = actions.see_photo(viewer_of(request), photo_id, request.POST.get("purpose", ""))
    except InputError as error:
        return _why(request, _("Photo"), error)
    response = HttpResponse(data, content_type="image/jpeg")
    response["Content-Disposition"] = f'inline; filename="photo-{photo_id}.jpg"'
    return response


@require_http_methods(["GET", "HEAD", "POST"])
@login_required
def receipt(request: HttpRequest, receipt_id: int) -> HttpResponse:
    """A receipt as PDF; the audit says who opened it. Of a task that has ended the purpose is asked for
    first.
    """
    try:
        found, pdf = actions.open_receipt(viewer_of(request), receipt_id, request.POST.get("purpose", ""))
    except InputError as error:
        return _why(request, _("Receipt"), error)
    response = HttpResponse(pdf, content_type="application/pdf")
    response["Content-Disposition"] = f'inline; filename="receipt-{found.number}.pdf"'
    return response


def _why(request: HttpRequest, title: str, error: InputError) -> HttpResponse:
    """The page that asks why; what was wrong with an answer is said once one was given."""
    said = str(error) if request.method == "POST" else ""
    return render(
        request, "visits/purpose.html", {"title": title, "error": said}, status=422 if said else 200
    )

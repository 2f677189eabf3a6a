"""What the phone page needs besides itself."""

from __future__ import annotations

from pathlib import Path

from django.contrib.staticfiles import finders
from django.http import Http404, HttpRequest, HttpResponse
from django.views.decorators.http import require_safe


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

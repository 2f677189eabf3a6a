"""Pages for what went wrong: what, why, what to do, and an id to quote."""

from __future__ import annotations

import logging

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.template.context_processors import csrf
from django.template.loader import render_to_string
from django.utils.translation import gettext as _

from qingdun.console.kernel.looks import looks
from qingdun.console.kernel.origin import current_request_id
from qingdun.errors import NotPermitted

_log = logging.getLogger("qingdun.console")


def refused(request: HttpRequest, error: Exception) -> HttpResponse:
    """403 for what the role or region forbids, 409 for what the state forbids; the error's own words on
    it.
    """
    status = 403 if isinstance(error, NotPermitted) else 409
    return _page(request, status, _("That is not allowed now"), str(error))


def malformed(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    """400."""
    return _page(
        request,
        400,
        _("This cannot be read"),
        _("Something sent is no text, or not in the form expected. Go back and type it anew."),
    )


def too_large(request: HttpRequest) -> HttpResponse:
    """413."""
    return _page(
        request,
        413,
        _("This is too large"),
        _("No file that is taken anywhere here has more than %(most)d MB. Split it, and send the parts.")
        % {"most": settings.MOST_BODY // 1_000_000},
    )


def forbidden(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    """403."""
    return _page(request, 403, _("This page is not yours to see"), str(exception or ""))


def csrf_failure(request: HttpRequest, reason: str = "") -> HttpResponse:
    """403 for a form whose token is missing or old."""
    return _page(
        request, 403, _("This form has expired"), _("Go back, load the page again and send it once more.")
    )


def not_found(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    """404; also for what exists outside the viewer's region, so that nobody learns that it does."""
    return _page(
        request,
        404,
        _("There is nothing here"),
        _("The address is wrong, or the thing is outside your region."),
    )


def failed(request: HttpRequest) -> HttpResponse:
    """500: our fault; the log has the trace under the id."""
    _log.error("request %s failed: %s %s", current_request_id.get(), request.method, request.path)
    return _page(
        request,
        500,
        _("Something broke on our side"),
        _("Nothing was saved. Try again; if it happens twice, quote the id."),
    )


def _page(request: HttpRequest, status: int, title: str, reason: str) -> HttpResponse:
    context = {"status": status, "title": title, "reason": reason, "request_id": current_request_id.get()}
    # Without the context of other pages: what cannot be read is often why this page is shown.
    text = render_to_string("kernel/error.html", looks(request) | csrf(request) | context)
    return HttpResponse(text, status=status)

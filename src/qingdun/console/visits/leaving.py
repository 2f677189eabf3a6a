"""Whoever logs out leaves nothing on the phone."""

from __future__ import annotations

from collections.abc import Callable

from django.http import HttpRequest, HttpResponse
from django.urls import reverse

Answer = Callable[[HttpRequest], HttpResponse]


def leave_nothing(answer: Answer) -> Answer:
    """A log-out tells the browser to drop kept pages, drafts and the service worker.

    A session that ends by itself keeps the drafts: what an officer typed in a dead spot must not be lost, and
    only the same user is shown it again.
    """

    def around(request: HttpRequest) -> HttpResponse:
        response = answer(request)
        if request.method == "POST" and request.path == reverse("account_logout"):
            response["Clear-Site-Data"] = '"storage"'
        return response

    return around

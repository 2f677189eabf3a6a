"""How the endpoints answer: media types, headers, and errors in the form of TAXII 2.1."""

from __future__ import annotations

import datetime as dt
import functools
import json
from collections.abc import Callable
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.views.decorators.csrf import csrf_exempt

from qingdun.console.exchange.models import Peer
from qingdun.console.exchange.taxii import keys
from qingdun.errors import InputError, TooOften

MEDIA = "application/taxii+json"
MEDIA_TYPE = f"{MEDIA};version=2.1"
METHODS = ("GET", "HEAD", "POST", "DELETE", "PUT", "PATCH", "OPTIONS")


class TaxiiError(Exception):
    """What is answered instead: the status of HTTP, and a title that a person can act on."""

    def __init__(self, status: int, title: str, **headers: str) -> None:
        super().__init__(title)
        self.status = status
        self.title = title
        self.headers = {name.replace("_", "-"): value for name, value in headers.items()}


View = Callable[..., HttpResponse]


def endpoint(*methods: str) -> Callable[[View], View]:
    """A view of a peer that is logged in: `view(request, peer, …)`, for those methods of HTTP."""

    def around(view: View) -> View:
        @csrf_exempt
        @functools.wraps(view)
        def answer(request: HttpRequest, *args: Any, **named: Any) -> HttpResponse:
            try:
                _check_accept(request)
                peer = _logged_in(request)
                allowed = ("HEAD", *methods) if "GET" in methods else methods
                if request.method not in allowed:
                    raise TaxiiError(405, f"{request.method} is not allowed here", Allow=", ".join(allowed))
                return view(request, peer, *args, **named)
            except TaxiiError as error:
                return _error(error)
            except InputError as error:
                return _error(TaxiiError(400, str(error)))

        return answer

    return around


def resource(found: Any, status: int = 200) -> HttpResponse:
    """The resource in the media type of TAXII."""
    text = json.dumps(found, ensure_ascii=False, separators=(",", ":"))
    return HttpResponse(text, status=status, content_type=MEDIA_TYPE)


def stamp(at: dt.datetime) -> str:
    """A moment as TAXII writes it, to the millionth of a second, so that nothing was added at the same one.

    >>> stamp(dt.datetime(2026, 11, 29, 1, 2, 3, 400, dt.UTC))
    '2026-11-29T01:02:03.000400Z'
    """
    return f"{at.astimezone(dt.UTC):%Y-%m-%dT%H:%M:%S.%f}Z"


def check_content_type(request: HttpRequest) -> None:
    """Nothing happens if what is sent is TAXII's. Errors: TaxiiError 415."""
    if not _is_ours(request.headers.get("Content-Type", "")):
        raise TaxiiError(415, f"Content-Type: found “{request.content_type}”, expected {MEDIA_TYPE}")


def _check_accept(request: HttpRequest) -> None:
    """Nothing happens if the client takes what is answered; one that does not say takes anything."""
    asked = request.headers.get("Accept", "*/*")
    for one in asked.split(","):
        kind = one.partition(";")[0].strip().lower()
        if kind in ("*/*", "application/*") or _is_ours(one):
            return
    raise TaxiiError(406, f"Accept: found “{asked[:100]}”, expected {MEDIA_TYPE}")


def _is_ours(text: str) -> bool:
    kind, *rest = (part.strip().lower() for part in text.split(";"))
    said = [part for part in rest if part.startswith("version=")]
    return kind == MEDIA and said in ([], ["version=2.1"])


def _logged_in(request: HttpRequest) -> Peer:
    try:
        peer = keys.peer_of(request)
    except TooOften as often:
        raise TaxiiError(429, "Too many wrong keys; wait", Retry_After=str(often.wait_s)) from often
    if peer is None:
        challenge = 'Basic realm="Qingdun", charset="UTF-8"'
        raise TaxiiError(401, "Log in with the name and the key of your account", WWW_Authenticate=challenge)
    return peer


def _error(error: TaxiiError) -> HttpResponse:
    answer = resource({"title": error.title, "http_status": str(error.status)}, error.status)
    for name, value in error.headers.items():
        answer[name] = value
    return answer

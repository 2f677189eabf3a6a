"""What happens around every page: an id, headers, language, idle timeout, second factor, refusals."""

from __future__ import annotations

import secrets
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from urllib.parse import urlsplit

from django.conf import settings
from django.contrib import messages
from django.contrib.auth import logout
from django.http import (
    FileResponse,
    HttpRequest,
    HttpResponse,
    HttpResponseBase,
    StreamingHttpResponse,
    UnreadablePostError,
)
from django.shortcuts import redirect
from django.utils import timezone, translation
from django.utils.translation import gettext as _

from qingdun.console.kernel import second_factor as factors
from qingdun.console.kernel.errors import malformed, refused, too_large
from qingdun.console.kernel.events import newest_id
from qingdun.console.kernel.origin import client_ip, current_ip, current_request_id
from qingdun.console.kernel.plain_text import is_plain
from qingdun.errors import RefusedError

Answer = Callable[[HttpRequest], HttpResponse]

SEEN_AT = "seen_at"
"""Session key: when the user last did something, seconds since 1970."""
BACKGROUND_HEADER = "X-Background"
"""Pages send it with what they fetch by themselves, so that an open page does not keep a session alive."""
_TOUCH_S = 60


def request_id(answer: Answer) -> Answer:
    """Every answer carries an id; actions below know the client's address."""

    def around(request: HttpRequest) -> HttpResponse:
        ident = secrets.token_hex(4)
        ip_token = current_ip.set(client_ip(request))
        id_token = current_request_id.set(ident)
        try:
            response = answer(request)
            response["X-Request-Id"] = ident
            return response
        finally:
            current_ip.reset(ip_token)
            current_request_id.reset(id_token)

    return around


def content_security_policy(answer: Answer) -> Answer:
    """Scripts come from files of ours alone: none inline, none evaluated.

    The back office is the exception: its package writes scripts into its pages.
    """

    def around(request: HttpRequest) -> HttpResponse:
        response = answer(request)
        scripts = "'self'"
        styles = "'self'"
        if request.path.startswith("/backoffice/"):
            scripts += " 'unsafe-inline' 'unsafe-eval'"
            styles += " 'unsafe-inline'"
        response.headers.setdefault(
            "Content-Security-Policy",
            f"default-src 'self'; script-src {scripts}; style-src {styles}; style-src-attr 'unsafe-inline'; "
            f"img-src 'self' data: blob:; connect-src 'self' {events_origin(request)}; worker-src 'self'; "
            "object-src 'none'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'",
        )
        response.headers.setdefault(
            "Permissions-Policy", "camera=(self), geolocation=(self), microphone=(self)"
        )
        return response

    return around


def events_address(request: HttpRequest) -> str:
    """Where this page finds the event stream: QINGDUN_EVENTS_URL on the host the page was asked from."""
    address: str = settings.EVENTS_URL
    if address.startswith(":"):
        host = request.get_host().rsplit(":", 1)[0]
        return f"{request.scheme}://{host}{address}"
    return address


def events_origin(request: HttpRequest) -> str:
    """The origin of the event stream, for the policy; empty if it is the page's own."""
    parts = urlsplit(events_address(request))
    return f"{parts.scheme}://{parts.netloc}" if parts.netloc else ""


def not_too_large(answer: Answer) -> Answer:
    """What is larger than anything that is taken here is refused before a byte of it is read: a form is read,
    and its files are written to disk, before anybody knows who sends it.
    """

    def around(request: HttpRequest) -> HttpResponse:
        length = request.META.get("CONTENT_LENGTH") or "0"
        if length.isdecimal() and len(length) < 19 and int(length) <= settings.MOST_BODY:
            return answer(request)
        with _chosen_language(request):
            return too_large(request)

    return around


def plain_text(answer: Answer) -> Answer:
    """What holds a NUL character or half a surrogate pair is refused before anything reads it."""

    def around(request: HttpRequest) -> HttpResponse:
        try:
            fit = is_plain(request)
        except UnreadablePostError:
            fit = False
        if fit:
            return answer(request)
        with _chosen_language(request):
            return malformed(request)

    return around


def _chosen_language(request: HttpRequest) -> AbstractContextManager[None]:
    """The language that this browser has chosen, for pages that are shown before anybody is known."""
    chosen = request.COOKIES.get(settings.LANGUAGE_COOKIE_NAME)
    return translation.override(chosen if chosen in dict(settings.LANGUAGES) else settings.LANGUAGE_CODE)


def no_store(answer: Answer) -> Answer:
    """No browser and no proxy keeps what a logged-in user was shown."""

    def around(request: HttpRequest) -> HttpResponse:
        known = request.user.is_authenticated
        response = answer(request)
        if (known or request.user.is_authenticated) and not request.path.startswith(settings.STATIC_URL):
            response["Cache-Control"] = "no-store"
        return response

    return around


def language(answer: Answer) -> Answer:
    """Chinese, unless this browser or this user has chosen otherwise; the browser's own wish does not
    count.
    """
    known = {code for code, _name in settings.LANGUAGES}

    def around(request: HttpRequest) -> HttpResponse:
        chosen = request.COOKIES.get(settings.LANGUAGE_COOKIE_NAME) or getattr(request.user, "language", "")
        with translation.override(chosen if chosen in known else settings.LANGUAGE_CODE):
            request.LANGUAGE_CODE = translation.get_language()
            response = answer(request)
            response.headers.setdefault("Content-Language", translation.get_language() or "")
        _keep_language(response, request.LANGUAGE_CODE)
        return response

    return around


def _keep_language(response: HttpResponseBase, code: str | None) -> None:
    """What is sent in parts is in that language too: a long export is made after its view has returned."""
    if isinstance(response, StreamingHttpResponse) and not isinstance(response, FileResponse):
        response.streaming_content = _in_language(iter(response), code)


def _in_language(parts: Iterator[bytes], code: str | None) -> Iterator[bytes]:
    while True:
        with translation.override(code):
            part = next(parts, None)
        if part is None:
            return
        yield part


def idle_timeout(answer: Answer) -> Answer:
    """A session ends after QINGDUN_IDLE_MINUTES without an act of its user."""

    def around(request: HttpRequest) -> HttpResponse:
        if not request.user.is_authenticated:
            return answer(request)
        now = int(timezone.now().timestamp())
        seen = request.session.get(SEEN_AT, now)
        if now - seen > settings.IDLE.total_seconds():
            logout(request)
            messages.info(request, _("You were logged out because nothing was done for a while."))
            return answer(request)
        # Written once a minute at most: a write for each page would make every reader a writer.
        if SEEN_AT not in request.session or (
            now - seen >= _TOUCH_S and BACKGROUND_HEADER not in request.headers
        ):
            request.session[SEEN_AT] = now
        return answer(request)

    return around


NEWEST_EVENT = "qingdun.newest_event"
"""Key of `request.META`: the event that was the newest before anything of the page was read."""


def newest_event(answer: Answer) -> Answer:
    """A page knows behind which event its stream must begin, or it would miss what happens while it loads."""

    def around(request: HttpRequest) -> HttpResponse:
        part = "HX-Request" in request.headers or BACKGROUND_HEADER in request.headers
        if request.user.is_authenticated and not part:
            request.META[NEWEST_EVENT] = newest_id()
        return answer(request)

    return around


_FREE_OF_FACTOR = ("/accounts/", "/static/", "/i18n/")
_HEALTH_OF_MACHINES = "/health"


def second_factor(answer: Answer) -> Answer:
    """Whoever has no second factor gets to the page that sets one up, and nowhere else; not in demo mode."""

    def around(request: HttpRequest) -> HttpResponse:
        user = request.user
        if (
            not user.is_authenticated
            or request.path.startswith(_FREE_OF_FACTOR)
            or request.path == _HEALTH_OF_MACHINES
            or not factors.is_missing(user)
        ):
            return answer(request)
        if "HX-Request" in request.headers:
            response = HttpResponse(status=204)
            response["HX-Redirect"] = "/accounts/2fa/"
            return response
        messages.warning(request, _("Set up a second factor first: an authenticator app or a passkey."))
        return redirect("mfa_index")

    return around


def own_password(answer: Answer) -> Answer:
    """Whoever's password was chosen by somebody else gets to the page that changes it, and nowhere else."""

    def around(request: HttpRequest) -> HttpResponse:
        user = request.user
        if (
            not user.is_authenticated
            or request.path.startswith(_FREE_OF_FACTOR)
            or request.path == _HEALTH_OF_MACHINES
            or not user.must_change_password
        ):
            return answer(request)
        if "HX-Request" in request.headers:
            response = HttpResponse(status=204)
            response["HX-Redirect"] = "/accounts/password/change/"
            return response
        messages.warning(request, _("Somebody else has chosen your password: choose your own first."))
        return redirect("account_change_password")

    return around


class Refusals:
    """What an action refuses becomes a page that says why, not a server error."""

    def __init__(self, answer: Answer) -> None:
        self.answer = answer

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """The answer as it is."""
        return self.answer(request)

    def process_exception(self, request: HttpRequest, exception: Exception) -> HttpResponse | None:
        """The page for a refusal; None for everything else."""
        return refused(request, exception) if isinstance(exception, RefusedError) else None


refusals = Refusals

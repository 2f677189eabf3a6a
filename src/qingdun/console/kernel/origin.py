"""Where the request being served comes from: kept beside it, so that audit rows written deep in an action
know it.
"""

from __future__ import annotations

from contextvars import ContextVar

from django.conf import settings
from django.http import HttpRequest

current_ip: ContextVar[str] = ContextVar("current_ip", default="")
"""Address of the client; empty outside a request."""

current_request_id: ContextVar[str] = ContextVar("current_request_id", default="")
"""Id printed on error pages and in the log; empty outside a request."""


def client_ip(request: HttpRequest) -> str:
    """The client's address: the peer's, or what the trusted proxies say (QINGDUN_PROXIES of them)."""
    peer: str = request.META.get("REMOTE_ADDR", "") or "127.0.0.1"
    if not settings.PROXIES:
        return peer
    hops = [hop.strip() for hop in request.META.get("HTTP_X_FORWARDED_FOR", "").split(",") if hop.strip()]
    return hops[-settings.PROXIES] if len(hops) >= settings.PROXIES else peer

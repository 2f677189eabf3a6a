"""What the frame of every page needs: the rail, the region picked, the demo bar, where events come from."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any
from urllib.parse import urlencode

from django.conf import settings
from django.http import HttpRequest
from django.urls import reverse

from qingdun.console.kernel import queries
from qingdun.console.kernel.demo import doors
from qingdun.console.kernel.looks import looks
from qingdun.console.kernel.middleware import events_address
from qingdun.console.kernel.models import Region, User
from qingdun.console.kernel.roles import may
from qingdun.console.kernel.scope import narrowed
from qingdun.console.wiring import SYSTEMS, TOOLS, Entry


def frame(request: HttpRequest) -> dict[str, Any]:
    """Context of the base template; a page without a user gets the part that needs none."""
    context = looks(request)
    user = getattr(request, "user", None)
    if isinstance(user, User) and user.is_authenticated:
        context |= {
            "systems": _usable(user, request, SYSTEMS),
            "tools": _usable(user, request, TOOLS),
            "scope": narrowed(user, request.GET.get("region")),
            "scope_query": f"?{urlencode({'region': request.GET['region']})}"
            if request.GET.get("region")
            else "",
            "scope_regions": _tree(user),
            "events_url": events_address(request),
        }
    elif settings.DEMO:
        context["demo_accounts"] = doors()
    return context


def _usable(user: User, request: HttpRequest, entries: Sequence[Entry]) -> list[dict[str, Any]]:
    """The entries the user may use, with their addresses and whether the page shown is theirs."""
    usable = []
    for entry in entries:
        if may(user, entry.permission):
            url = reverse(entry.url_name)
            usable.append(entry._asdict() | {"url": url, "here": request.path.startswith(url)})
    return usable


def _tree(user: User) -> list[Region]:
    """City, counties and towns the viewer may pick; villages are too many for a picker."""
    return list(queries.regions(user).exclude(level=Region.Level.VILLAGE))

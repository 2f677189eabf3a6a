"""What the frame of every page needs: the rail, the region picked, the demo bar, where events come from."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from typing import Any
from urllib.parse import urlencode

from django.conf import settings
from django.http import HttpRequest
from django.urls import reverse
from django.utils.functional import SimpleLazyObject
from django.utils.html import format_html_join
from django.utils.safestring import SafeString, mark_safe

from qingdun.console.kernel import queries
from qingdun.console.kernel.demo import doors
from qingdun.console.kernel.looks import looks
from qingdun.console.kernel.middleware import NEWEST_EVENT, events_address
from qingdun.console.kernel.models import Region, User, region_name
from qingdun.console.kernel.roles import may
from qingdun.console.kernel.scope import narrowed
from qingdun.console.wiring import SYSTEMS, TOOLS, Entry

ENTRIES = Counter(name.partition(":")[0] for name in {entry.url_name for entry in (*SYSTEMS, *TOOLS)})
"""How many entries of the rail a module has."""
SELECTED = mark_safe(" selected")
INDENT = {Region.Level.COUNTY.value: "\u2003", Region.Level.TOWN.value: "\u2003\u2003"}


def frame(request: HttpRequest) -> dict[str, Any]:
    """Context of the base template; a page without a user gets the part that needs none.

    What has to be asked for is asked for when a template prints it: a part of a page prints no frame.
    """
    context = looks(request)
    user = getattr(request, "user", None)
    if isinstance(user, User) and user.is_authenticated:
        picked = request.GET.get("region")
        scope: Any = SimpleLazyObject(lambda: narrowed(user, picked))
        context |= {
            "systems": SimpleLazyObject(lambda: _usable(user, request, SYSTEMS)),
            "tools": SimpleLazyObject(lambda: _usable(user, request, TOOLS)),
            "scope_query": f"?{urlencode({'region': picked})}" if picked else "",
            "scope": scope,
            "scope_options": SimpleLazyObject(lambda: _options(user, scope)),
            "events_url": events_address(request),
            "newest_event": request.META.get(NEWEST_EVENT, ""),
        }
    elif settings.DEMO:
        context["demo_accounts"] = doors()
    return context


def _usable(user: User, request: HttpRequest, entries: Sequence[Entry]) -> list[dict[str, Any]]:
    """The entries the user may use, with their addresses and whether the page shown is theirs."""
    usable = []
    match = request.resolver_match
    for entry in entries:
        if may(user, entry.permission):
            url, module = reverse(entry.url_name), entry.url_name.partition(":")[0]
            # All pages of a module are those of its only entry; of several, those whose addresses begin so.
            inside = ENTRIES[module] == 1 and match is not None and match.namespace == module
            usable.append(entry._asdict() | {"url": url, "here": inside or request.path.startswith(url)})
    return usable


def _options(user: User, scope: Region | None) -> SafeString:
    """City, counties and towns the viewer may pick; villages are too many for a picker. Drawn here: a
    template takes ten times as long over a hundred lines.
    """
    picked = scope.code if scope else ""
    rows = queries.regions(user).exclude(level=Region.Level.VILLAGE)
    return format_html_join(
        "",
        '<option value="{}"{}>{}{}</option>',
        (
            (code, SELECTED if code == picked else "", INDENT.get(level, ""), region_name(name, name_en))
            for code, level, name, name_en in rows.values_list("code", "level", "name", "name_en")
        ),
    )

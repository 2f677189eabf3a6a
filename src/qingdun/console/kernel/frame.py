"""What the frame of every page needs: the rail, the region picked, the demo bar, where events come from."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.http import HttpRequest

from qingdun.console.kernel import queries
from qingdun.console.kernel.middleware import events_address
from qingdun.console.kernel.models import Region, User
from qingdun.console.kernel.roles import may
from qingdun.console.kernel.scope import narrowed
from qingdun.console.wiring import SYSTEMS, TOOLS

THEMES = ("auto", "light", "dark")


def frame(request: HttpRequest) -> dict[str, Any]:
    """Context of the base template; a page without a user gets the part that needs none."""
    theme = request.COOKIES.get("theme", "auto")
    context: dict[str, Any] = {
        "demo": settings.DEMO,
        "theme": theme if theme in THEMES else "auto",
        "languages": settings.LANGUAGES,
        "city_zone": settings.TIME_ZONE,
    }
    user = getattr(request, "user", None)
    if isinstance(user, User) and user.is_authenticated:
        context |= {
            "systems": [entry for entry in SYSTEMS if may(user, entry.permission)],
            "tools": [entry for entry in TOOLS if may(user, entry.permission)],
            "scope": narrowed(user, request.GET.get("region")),
            "scope_regions": _tree(user),
            "events_url": events_address(request),
        }
    return context


def _tree(user: User) -> list[Region]:
    """City, counties and towns the viewer may pick; villages are too many for a picker."""
    return list(queries.regions(user).exclude(level=Region.Level.VILLAGE))

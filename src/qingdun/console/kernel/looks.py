"""What every page needs and no query is made for: also a page that says the database is gone."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.http import HttpRequest

THEMES = ("auto", "light", "dark")
DENSITIES = ("comfortable", "compact")


def looks(request: HttpRequest) -> dict[str, Any]:
    """Theme, density, languages, zone and the demo bar: from settings and cookies alone."""
    return {
        "demo": settings.DEMO,
        "theme": _chosen(request, "theme", THEMES),
        "density": _chosen(request, "density", DENSITIES),
        "languages": settings.LANGUAGES,
        "city_zone": settings.TIME_ZONE,
    }


def _chosen(request: HttpRequest, cookie: str, values: tuple[str, ...]) -> str:
    value = request.COOKIES.get(cookie, "")
    return value if value in values else values[0]

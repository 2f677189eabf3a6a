"""Names of the places that rows keep as paths."""

from __future__ import annotations

from django.conf import settings
from django.utils.translation import get_language


def place_name(path: str) -> str:
    """The place at the end of the path in the reader's language, after the one above it below the county."""
    codes = path.rstrip("/").split("/")
    return " ".join(_name(code) for code in codes[-2 if len(codes) > 2 else -1 :])


def place_code(path: str) -> str:
    """The code at the end of the path."""
    return path.rstrip("/").rsplit("/", 1)[-1]


def _name(code: str) -> str:
    place = settings.CITY.places.get(code)
    if place is None:
        return code
    return str(place.name_en if get_language() == "en" and place.name_en else place.short_name)

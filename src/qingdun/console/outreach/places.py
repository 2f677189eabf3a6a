"""Names of the places that rows keep as paths."""

from __future__ import annotations

from django.conf import settings
from django.utils.translation import get_language


def place_name(path: str) -> str:
    """The place at the end of the path in the reader's language, below the county after the one above it."""
    codes = path.rstrip("/").split("/")
    return " ".join(_name(code) for code in codes[-2 if len(codes) > 2 else -1 :])


def county_of(path: str) -> str:
    """Code of the county the path lies in; of the city for what lies in none."""
    codes = path.rstrip("/").split("/")
    return codes[1] if len(codes) > 1 else codes[0]


def short_name(code: str) -> str:
    """The place in as few letters as a map has room for."""
    name = _name(code)
    return name.split()[0] if name.isascii() else name


def _name(code: str) -> str:
    place = settings.CITY.places.get(code)
    if place is None:
        return code
    return str(place.name_en if get_language() == "en" and place.name_en else place.short_name)

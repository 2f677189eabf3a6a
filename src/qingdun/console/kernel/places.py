"""Names of the places that rows keep as paths."""

from __future__ import annotations

from django.conf import settings
from django.utils.translation import get_language


def place_name(path: str) -> str:
    """The place at the end of the path in the reader's language, after the one above it below the county."""
    codes = path.rstrip("/").split("/")
    return " ".join(_name(code) for code in codes[-2 if len(codes) > 2 else -1 :])


def place_code(path: str) -> str:
    """The code at the end of the path.

    >>> place_code("441800/441881/441881101/")
    '441881101'
    """
    return path.rstrip("/").rsplit("/", 1)[-1]


def county_path(path: str) -> str:
    """The path of the county the place lies in; its own, if it lies in none.

    >>> county_path("441800/441881/441881101/"), county_path("441800/")
    ('441800/441881/', '441800/')
    """
    return "".join(f"{code}/" for code in path.split("/")[:2] if code)


def _name(code: str) -> str:
    place = settings.CITY.places.get(code)
    if place is None:
        return code
    return str(place.name_en if get_language() == "en" and place.name_en else place.short_name)

"""Names of the places that rows keep as paths."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TypeVar

from django.conf import settings
from django.utils.translation import get_language

T = TypeVar("T")


def nearest(alike: Sequence[tuple[T, str]], path: str) -> T | None:
    """Of things of one name with their paths the only one, else the only one at the path, else the only one
    in it or around it; None if that names none or several.

    >>> nearest([("a", "1/2/"), ("b", "1/3/")], "1/3/4/"), nearest([("a", "1/2/"), ("b", "1/3/")], "1/")
    ('b', None)
    """
    if len(alike) == 1:
        return alike[0][0]
    here = [one for one, its in alike if its == path]
    near = here or [one for one, its in alike if its.startswith(path) or path.startswith(its)]
    return near[0] if len(near) == 1 else None


def place_name(path: str) -> str:
    """The place at the end of the path in the reader's language, below the county after the one above it."""
    return _printed(path, get_language() == "en")


def printed_names(path: str) -> set[str]:
    """The same in either language."""
    return {_printed(path, english) for english in (True, False)}


def _printed(path: str, english: bool) -> str:
    codes = path.rstrip("/").split("/")
    return " ".join(_name(code, english) for code in codes[-2 if len(codes) > 2 else -1 :])


def county_of(path: str) -> str:
    """Code of the county the path lies in; of the city for what lies in none."""
    codes = path.rstrip("/").split("/")
    return codes[1] if len(codes) > 1 else codes[0]


def place_code(path: str) -> str:
    """Code of the place at the end of the path."""
    return path.rstrip("/").rsplit("/", 1)[-1]


def short_name(code: str) -> str:
    """The place in as few letters as a map has room for."""
    name = _name(code, get_language() == "en")
    return name.split()[0] if name.isascii() else name


def _name(code: str, english: bool) -> str:
    place = settings.CITY.places.get(code)
    if place is None:
        return code
    return str(place.name_en if english and place.name_en else place.short_name)

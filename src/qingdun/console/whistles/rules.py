"""The defaults of the module, from `rules.json`: what a warning by a human being weighs, limits, keys, and
the words by which columns and levels of a list are recognised. docs/whistles.md explains each.
"""

from __future__ import annotations

import json
from functools import cache
from importlib import resources
from typing import Any


def bits(level: str) -> float:
    """What a warning of that level by a human being weighs as evidence.

    >>> bits("urgent") > bits("high")
    True
    """
    return float(_rules()["bits"][level])


def stage(level: str) -> str:
    """How far the scam has come at least, if somebody warns at that level."""
    return str(_rules()["stages"][level])


def keys() -> tuple[str, ...]:
    """The scam types on the keys 1 to 9, in this order."""
    return tuple(_rules()["keys"])


def limit(name: str) -> int:
    """One of the numbers of the rules: `join_h`, `token_per_min`, `rows_at_once` …"""
    return int(_rules()[name])


def words() -> dict[str, list[str]]:
    """By field of a list, the headings it goes by; the first that fits is meant."""
    found: dict[str, list[str]] = _rules()["words"]
    return found


def level_of(word: str) -> str | None:
    """The level that a word of a list means, unless its source says otherwise.

    >>> level_of("红色"), level_of(" HIGH "), level_of("?")
    ('urgent', 'high', None)
    """
    plain = word.strip().casefold()
    return next((level for level, known in _rules()["levels"].items() if plain in known), None)


@cache
def _rules() -> dict[str, Any]:
    raw: dict[str, Any] = json.loads(resources.files(__package__).joinpath("rules.json").read_text("utf-8"))
    return raw

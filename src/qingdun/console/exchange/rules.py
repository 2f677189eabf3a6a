"""The numbers of the module, from `rules.json`."""

from __future__ import annotations

import json
from functools import cache
from importlib import resources
from typing import Any

from qingdun.console.exchange.codes import Tlp


def number(name: str) -> int:
    """One of the numbers: `page`, `most_objects`, `max_content_length` …"""
    return int(_rules()[name])


def confidence(proof: str) -> int:
    """How sure we are, of 100, by what speaks for an entry."""
    return int(_rules()["confidence"][proof])


def marking(kind: str, held: bool) -> Tlp:
    """How far an entity of the kind may travel; `held`: a resident of the register holds it.

    >>> marking("host", False).label, marking("number", True).label
    ('TLP:GREEN', 'TLP:AMBER+STRICT')
    """
    return Tlp(_rules()["tlp_held"] if held else _rules()["tlp"][kind])


@cache
def _rules() -> dict[str, Any]:
    raw: dict[str, Any] = json.loads(resources.files(__package__).joinpath("rules.json").read_text("utf-8"))
    return raw

"""The defaults of the module, from `rules.json`: how long an order holds, how many an account may have."""

from __future__ import annotations

import json
from functools import cache
from importlib import resources


def hold_h() -> int:
    """Hours an order holds from the moment the bank has stopped payment."""
    return _rules()["hold_h"]


def most_per_account() -> int:
    """Orders an account may have at most; refused ones do not count."""
    return _rules()["most_per_account"]


@cache
def _rules() -> dict[str, int]:
    raw: dict[str, int] = json.loads(resources.files(__package__).joinpath("rules.json").read_text("utf-8"))
    return raw

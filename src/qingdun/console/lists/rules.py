"""The defaults of the module, from `rules.json`; how many one may approve alone is a setting."""

from __future__ import annotations

import datetime as dt
import json
from functools import cache
from importlib import resources
from typing import Any


def term(list_name: str, kind: str) -> dt.timedelta | None:
    """How long an entry stands if nobody says how long; None for without an end.

    >>> term("black", "host").days, term("never_block", "number")
    (180, None)
    """
    days = _rules()["days"][list_name][kind]
    return None if days is None else dt.timedelta(days=days)


def longest() -> dt.timedelta:
    """The longest term of a black entry, from the day it is given."""
    return dt.timedelta(days=_rules()["longest_days"])


def review_again() -> dt.timedelta:
    """How long a suspect that was refused stays out of the review."""
    return dt.timedelta(days=_rules()["review_again_days"])


def observed_for() -> dt.timedelta:
    """How long an entry is observed before it is proposed for enforcement."""
    return dt.timedelta(hours=_rules()["observe_hours"])


def put_back_within() -> dt.timedelta:
    """How long whoever reversed an entry may put it back."""
    return dt.timedelta(minutes=_rules()["put_back_minutes"])


def most_rows() -> int:
    """How many rows a file may have."""
    return int(_rules()["most_rows"])


def most_evidence() -> int:
    """How many pieces of evidence are copied to an entry, the latest first."""
    return int(_rules()["most_evidence"])


@cache
def _rules() -> dict[str, Any]:
    raw: dict[str, Any] = json.loads(resources.files(__package__).joinpath("rules.json").read_text("utf-8"))
    return raw

"""The defaults of the module, from `rules.json` (field §3; where no public rule exists they are ours)."""

from __future__ import annotations

import datetime as dt
import json
from functools import cache
from importlib import resources
from typing import Any


def follow_up_days() -> tuple[int, ...]:
    """How many days after the verdict the person is asked again.

    >>> follow_up_days()
    (1, 3, 7)
    """
    return tuple(_rules()["follow_up_days"])


def days(name: str) -> dt.timedelta:
    """A span of the file that is given in days."""
    return dt.timedelta(days=_rules()[name])


def remind_every() -> dt.timedelta:
    """How long after a reminder the next one comes."""
    return dt.timedelta(hours=_rules()["remind_every_h"])


def may_text(at: dt.time) -> bool:
    """Whether officers are reminded by message at that time of the local day.

    >>> may_text(dt.time(8, 59)), may_text(dt.time(9)), may_text(dt.time(21))
    (False, True, False)
    """
    first, last = int(_rules()["text_from_h"]), int(_rules()["text_until_h"])
    return first <= at.hour < last


def key_alerts() -> int:
    """How many alerts within the span open a key-person file."""
    return int(_rules()["key_alerts"])


@cache
def _rules() -> dict[str, Any]:
    raw: dict[str, Any] = json.loads(resources.files(__package__).joinpath("rules.json").read_text("utf-8"))
    return raw

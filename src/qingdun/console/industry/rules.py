"""The defaults of the module, from `rules.json`; docs/industry.md says what each means."""

from __future__ import annotations

import datetime as dt
import json
from functools import cache
from importlib import resources
from typing import Any

from django.utils import timezone
from django.utils.translation import get_language

from qingdun.console.kernel.localtime import midnight


def version() -> str:
    """The version of the rules, which is kept with every restriction that rests on them."""
    return str(_rules()["version"])


def hours(name: str) -> dt.timedelta:
    """One of the clocks, by its name, which ends in `_h`."""
    return dt.timedelta(hours=_rules()[name])


def limit(name: str) -> int:
    """One of the whole numbers of the rules."""
    return int(_rules()[name])


def automatic(name: str) -> float:
    """One of the numbers of automatic proposals."""
    return float(_rules()["automatic"][name])


def outside(name: str) -> int:
    """How many appeals of people outside are taken: `of_address` and `of_day` in a day, `of_site` at once."""
    return int(_rules()["outside"][name])


def term_days(kind: str) -> int:
    """How many days a restriction of that kind lasts if nobody says how many.

    >>> term_days("control")
    180
    """
    return int(_rules()["term_days"][kind])


def bases(kind: str = "") -> list[tuple[str, str]]:
    """Code and words, in the language that is active, of the laws a restriction of that kind may rest on.

    >>> [code for code, _words in bases("clear")]
    ['act-17', 'act-18']
    """
    language = "en" if get_language() == "en" else "zh"
    found = _rules()["bases"].items()
    return [(code, one[language]) for code, one in found if not kind or kind in one["kinds"]]


def week_begin(now: dt.datetime) -> dt.datetime:
    """Midnight in the city of the Monday of that moment's week."""
    day = timezone.localtime(now).date()
    return midnight(day - dt.timedelta(days=day.weekday()))


@cache
def _rules() -> dict[str, Any]:
    raw: dict[str, Any] = json.loads(resources.files(__package__).joinpath("rules.json").read_text("utf-8"))
    return raw

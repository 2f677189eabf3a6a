"""The rules of supervision by version, shipped in `rules.json`; docs/supervision.md says what each means.

A city that wants its own copies the file and names it in QINGDUN_SUPERVISION_RULES.
"""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib import resources
from pathlib import Path
from typing import Any

from django.conf import settings

from qingdun.errors import ConfigurationError

FORMS = ("key", "reminder", "oversight")
NUMBERS = ("towns", "enterprises", "worst", "recheck_days", "most_days", "photos", "findings")
OF_A_FORM = ("weight", "visits", "days")


@dataclass(frozen=True, slots=True)
class Rule:
    """One version of the rules."""

    version: str
    valid_from: dt.date
    towns: int
    """How many towns are supervised, by the published ranking."""
    enterprises: int
    """How many enterprises, by staff."""
    worst: int
    """So many of either list get key supervision."""
    forms: Mapping[str, Mapping[str, int]]
    recheck_days: int
    """Days within which what was reported is inspected again."""
    most_days: int
    photos: int
    findings: int

    def weight(self, form: str) -> int:
        """How much of a commissioner's load it is."""
        return self.forms[form]["weight"]

    def visits(self, form: str) -> int:
        """How many visits a round asks for."""
        return self.forms[form]["visits"]

    def days(self, form: str) -> int:
        """Days until a finding is put right, unless the commissioner says another day."""
        return self.forms[form]["days"]


def rule_on(day: dt.date) -> Rule:
    """The version that holds on that day. Errors: ConfigurationError (none does)."""
    for rule in versions():
        if rule.valid_from <= day:
            return rule
    raise ConfigurationError(f"rules of supervision: none holds on {day}")


def rule_named(version: str) -> Rule:
    """That version. Errors: ConfigurationError (there is none)."""
    for rule in versions():
        if rule.version == version:
            return rule
    raise ConfigurationError(f"rules of supervision: there is no version {version}")


def versions() -> tuple[Rule, ...]:
    """Every version, the one that holds from the latest day first."""
    return _read(settings.SUPERVISION_RULES)


@cache
def _read(name: str) -> tuple[Rule, ...]:
    source = Path(name) if name else resources.files(__package__).joinpath("rules.json")
    try:
        raw = json.loads(source.read_text("utf-8"))
        found = [_rule(one) for one in raw["versions"]]
    except (OSError, ValueError, KeyError, TypeError) as wrong:
        what = f"{source}: {type(wrong).__name__}: {wrong}; docs/supervision.md says what is expected"
        raise ConfigurationError(what) from wrong
    return tuple(sorted(found, key=lambda rule: rule.valid_from, reverse=True))


def _rule(raw: Mapping[str, Any]) -> Rule:
    forms = {form: {name: _whole(raw["forms"][form], name) for name in OF_A_FORM} for form in FORMS}
    numbers = {name: _whole(raw, name) for name in NUMBERS}
    return Rule(str(raw["version"]), dt.date.fromisoformat(raw["valid_from"]), forms=forms, **numbers)


def _whole(raw: Mapping[str, Any], name: str) -> int:
    found = raw[name]
    if not isinstance(found, int) or isinstance(found, bool) or not 1 <= found <= 1000:
        raise ValueError(f"{name}: found {found!r}, expected a whole number from 1 to 1000")
    return found

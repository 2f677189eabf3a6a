"""The rules of assessment by version: shipped in `rules.json`, or set by a person from a day on.

docs/assessment.md says what each number means.
"""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib import resources
from typing import Any

from django.utils.translation import gettext as _

from qingdun.console.assessment.models import RuleVersion
from qingdun.errors import ConfigurationError
from qingdun.ranking.cards import Rules
from qingdun.ranking.composite import Weights

FEN = 100


@dataclass(frozen=True, slots=True)
class Rule:
    """One version of the rules."""

    version: str
    valid_from: dt.date
    body: Mapping[str, Any]

    @property
    def weights(self) -> Weights:
        """What each indicator counts."""
        return Weights(self.version, **self.body["weights"])

    @property
    def cards(self) -> Rules:
        """When a card is proposed."""
        numbers = {name: value for name, value in self.body["cards"].items() if name != "rate"}
        return Rules(self.version, **numbers)

    @property
    def counts_shrunk(self) -> bool:
        """Whether cards go by the shrunk rate, and not by the raw one."""
        return bool(self.body["cards"]["rate"] == "shrunk")

    @property
    def major_fen(self) -> tuple[int, int]:
        """From which loss on a case is a major one: the two bounds."""
        low, high = self.body["major_yuan"]
        return low * FEN, high * FEN

    @property
    def accountable_fen(self) -> int:
        """From which loss on a case is looked at backwards."""
        return int(self.body["accountability"]["loss_yuan"]) * FEN

    def village(self, name: str) -> int:
        """One of the numbers about villages."""
        return int(self.body["villages"][name])

    def days(self, name: str) -> dt.timedelta:
        """One of the deadlines."""
        return dt.timedelta(days=int(self.body["days"].get(name, 0)))


def versions() -> list[Rule]:
    """Every version, the one that holds from the latest day first."""
    stored = [Rule(one.version, one.valid_from, one.body) for one in RuleVersion.objects.all()]
    return sorted([*stored, *_shipped()], key=lambda rule: rule.valid_from, reverse=True)


def rule_on(day: dt.date) -> Rule:
    """The version that holds on that day. Errors: ConfigurationError (none does)."""
    for rule in versions():
        if rule.valid_from <= day:
            return rule
    raise ConfigurationError(f"rules of assessment: none holds on {day}")


def rule_named(version: str) -> Rule:
    """That version. Errors: ConfigurationError (there is none)."""
    for rule in versions():
        if rule.version == version:
            return rule
    raise ConfigurationError(_("rules of assessment: there is no version %(found)s") % {"found": version})


def letter(kind: str) -> Mapping[str, str]:
    """Title and body of the letter about such a ruling."""
    found: Mapping[str, str] = _raw()["letters"][kind]
    return found


def laws() -> tuple[str, ...]:
    """The laws a letter cites."""
    return tuple(_raw()["laws"])


@cache
def _shipped() -> tuple[Rule, ...]:
    return tuple(
        Rule(
            one["version"],
            dt.date.fromisoformat(one["valid_from"]),
            {name: part for name, part in one.items() if name not in ("version", "valid_from")},
        )
        for one in _raw()["versions"]
    )


@cache
def _raw() -> dict[str, Any]:
    raw: dict[str, Any] = json.loads(resources.files(__package__).joinpath("rules.json").read_text("utf-8"))
    return raw

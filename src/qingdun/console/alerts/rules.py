"""The defaults of the module, from `rules.json`, `checklist.json` and `false_alarms.json`: clocks, losses,
steps of a visit, reasons of false alarms.
"""

from __future__ import annotations

import datetime as dt
import json
from dataclasses import dataclass
from functools import cache
from importlib import resources
from typing import Any

from qingdun.console.alerts.codes import is_chinese
from qingdun.console.alerts.states import ClockName


@dataclass(frozen=True, slots=True)
class Step:
    """One switch of the on-site checklist."""

    code: str
    zh: str
    en: str

    def __str__(self) -> str:
        """The step in the reader's language."""
        return self.zh if is_chinese() else self.en


@dataclass(frozen=True, slots=True)
class FalseAlarm:
    """One reason why an alert was false; `needs_words` if the officer has to say it in their own."""

    code: str
    zh: str
    en: str
    needs_words: bool = False

    def __str__(self) -> str:
        """The reason in the reader's language."""
        return self.zh if is_chinese() else self.en


@dataclass(frozen=True, slots=True)
class StepGroup:
    """Switches that belong together, in the order of a visit."""

    code: str
    zh: str
    en: str
    steps: tuple[Step, ...]


def clock_length_s(level: str, clock: str, urban: bool) -> int | None:
    """Seconds a task of that level has for that step by default, None if the step has no clock; the rules
    of the city (`clocks`) hold before it.

    >>> clock_length_s("urgent", "meet", urban=False)
    1800
    """
    lengths = _rules()["clocks"][level]
    name = f"meet_{'urban' if urban else 'rural'}_s" if clock == ClockName.MEET else f"{clock}_s"
    length: int | None = lengths[name]
    return length


def expected_loss_fen(scam_type: str) -> int:
    """What a scam of that type takes on average, fen; the price of being too late."""
    return int(_rules()["expected_loss_fen"][scam_type])


def failed_calls_before_search() -> int:
    """How many failed calls send a task to searching."""
    return int(_rules()["failed_calls_before_search"])


def claim_lasts() -> dt.timedelta:
    """How long a task that *next* gave to somebody is nobody else's next."""
    return dt.timedelta(seconds=_rules()["claim_s"])


def raises_to_urgent(result: str) -> bool:
    """Whether that result of a call is itself evidence of a scam in progress."""
    return result in _rules()["raise_to_urgent_on"]


@cache
def checklist() -> tuple[StepGroup, ...]:
    """The on-site checklist in the order of the visit."""
    return tuple(
        StepGroup(g["code"], g["zh"], g["en"], tuple(Step(s["code"], s["zh"], s["en"]) for s in g["steps"]))
        for g in _load("checklist.json")["groups"]
    )


@cache
def checklist_codes() -> frozenset[str]:
    """The codes a visit may tick; of steps that are offered no more too, which drafts and old visits hold."""
    offered = frozenset(step.code for group in checklist() for step in group.steps)
    return offered | frozenset(_load("checklist.json")["retired"])


@cache
def false_alarms() -> dict[str, FalseAlarm]:
    """The reasons of false alarms by code, in the order in which they are offered."""
    return {raw["code"]: FalseAlarm(**raw) for raw in _load("false_alarms.json")["reasons"]}


@cache
def _rules() -> dict[str, Any]:
    return _load("rules.json")


def _load(name: str) -> dict[str, Any]:
    raw: dict[str, Any] = json.loads(resources.files(__package__).joinpath(name).read_text("utf-8"))
    return raw

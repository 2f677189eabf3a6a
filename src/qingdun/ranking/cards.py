"""Yellow and red cards, listing and delisting: what the rules propose; a person decides."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum


class Card(StrEnum):
    """What is proposed to a town for a month."""

    NONE = "none"
    YELLOW = "yellow"
    RED = "red"


@dataclass(frozen=True, slots=True)
class Rules:
    """One version of the rules for cards; a default of ours."""

    version: str = "2026-1"
    times_city: float = 1.5
    p_below: float = 0.05
    red_after: int = 2
    """Yellow months in a row."""
    reds_to_list: int = 2
    within_months: int = 3
    top: int = 10
    top_months: int = 4
    listed_months: int = 3
    listed_at_most: int = 6
    months_below: int = 2
    """Months below the city's mean, in a row, before a delisting may be proposed."""
    estimated_percent: int = 10
    """Of the city's residents so many may be estimates; more, and no place is compared with the city."""


@dataclass(frozen=True, slots=True)
class Standing:
    """One town in one month, as the ranking gave it."""

    rate: float
    city_rate: float
    p_more: float
    rank: int
    estimated: bool
    """Whether the town's population is an estimate: then nothing is proposed."""


@dataclass(frozen=True, slots=True)
class Proposal:
    """What the rules propose for the last month, with the reasons by which they do."""

    card: Card
    listing: bool
    delisting: bool
    """May be proposed once an inspection has been passed."""
    reasons: tuple[str, ...]
    """Codes, such as `rate`, `twice_yellow`, `twice_red`, `top`, `below`, `estimated`."""


def propose(history: Sequence[Standing], rules: Rules | None = None, listed: bool = False) -> Proposal:
    """What is proposed to a town after its last month; `history` is months in a row, oldest first.

    A month with an estimated population proposes nothing, and breaks every row of months.
    """
    rule = rules or Rules()
    if not history or history[-1].estimated:
        return Proposal(Card.NONE, False, False, ("estimated",) if history else ())
    cards = card_history(history, rule)
    reasons: list[str] = []
    if cards[-1] is not Card.NONE:
        reasons.append("rate" if cards[-1] is Card.YELLOW else "twice_yellow")
    reds = cards[-rule.within_months :].count(Card.RED) >= rule.reds_to_list
    tops = history[-rule.top_months :]
    top = len(tops) == rule.top_months and all(s.rank <= rule.top and not s.estimated for s in tops)
    if not listed and reds:
        reasons.append("twice_red")
    if not listed and top:
        reasons.append("top")
    calm = history[-rule.months_below :]
    below = len(calm) == rule.months_below and all(s.rate < s.city_rate and not s.estimated for s in calm)
    if listed and below:
        reasons.append("below")
    return Proposal(cards[-1], not listed and (reds or top), listed and below, tuple(reasons))


def card_history(history: Sequence[Standing], rule: Rules) -> list[Card]:
    """The card of every month: yellow by rate and chance, red when it is the second such month in a row."""
    found: list[Card] = []
    row = 0
    for month in history:
        high = month.rate >= rule.times_city * month.city_rate and month.city_rate > 0
        row = row + 1 if high and month.p_more < rule.p_below and not month.estimated else 0
        found.append(Card.NONE if row == 0 else Card.RED if row >= rule.red_after else Card.YELLOW)
    return found

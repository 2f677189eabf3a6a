"""How often chance alone gives a town a card: simulated years of towns whose risk is known."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from qingdun.ranking.cards import Card, Rules, Standing, card_history
from qingdun.ranking.rates import Counted, Rate, rates

MONTHS = 12


@dataclass(frozen=True, slots=True)
class Town:
    """A town with its true risk, in times the city's."""

    code: str
    county: str
    residents: int
    risk: float


@dataclass(frozen=True, slots=True)
class Carded:
    """What one way of carding did over the years, in shares of towns a year."""

    policy: str
    ordinary: int
    """Town-years of towns whose true risk is below what a card is for."""
    yellow_by_chance: float
    """Share of them with at least one yellow card."""
    red_by_chance: float
    high: int
    """Town-years of towns whose true risk is as high as a card is for."""
    high_found: float
    """Share of them with at least one yellow card."""


def _top_ten(month: Sequence[Rate], _rule: Rules) -> list[bool]:
    worst = sorted(month, key=lambda rate: (-rate.raw, rate.place))[:10]
    named = {rate.place for rate in worst if rate.cases}
    return [rate.place in named for rate in month]


def _threshold(month: Sequence[Rate], rule: Rules) -> list[bool]:
    city = sum(r.cases for r in month) / sum(r.residents for r in month) * 10_000
    return [city > 0 and rate.raw >= rule.times_city * city for rate in month]


def _with_chance(month: Sequence[Rate], rule: Rules) -> list[bool]:
    high = _threshold(month, rule)
    return [over and rate.p_more < rule.p_below for over, rate in zip(high, month, strict=True)]


def _shrunk(month: Sequence[Rate], rule: Rules) -> list[bool]:
    city = sum(r.cases for r in month) / sum(r.residents for r in month) * 10_000
    return [
        city > 0 and rate.shrunk >= rule.times_city * city and rate.p_more < rule.p_below for rate in month
    ]


POLICIES: dict[str, Callable[[Sequence[Rate], Rules], list[bool]]] = {
    "ten worst raw rates": _top_ten,
    "raw rate 1.5 times the city": _threshold,
    "and Poisson p < 0.05 (the rule)": _with_chance,
    "the same of the shrunk rate": _shrunk,
}


def carded_by_chance(
    towns: Sequence[Town], a_year: float, years: int, seed: int, rule: Rules | None = None
) -> list[Carded]:
    """Each policy over the same simulated months; `a_year` is the city's cases per 10,000 residents and year.

    Cases are Poisson around residents · risk. A town is ordinary if its risk is below `rule.times_city`.
    """
    rules = rule or Rules()
    rng = np.random.default_rng(seed)
    people = np.array([town.residents for town in towns], np.float64)
    risk = np.array([town.risk for town in towns])
    mean = people / 10_000 * a_year / MONTHS * risk * people.sum() / (people * risk).sum()
    flagged = {name: np.zeros((years, MONTHS, len(towns)), np.bool_) for name in POLICIES}
    for year in range(years):
        for month in range(MONTHS):
            counts = rng.poisson(mean)
            found = rates(
                [Counted(t.code, t.county, int(c), t.residents) for t, c in zip(towns, counts, strict=True)]
            )
            for name, policy in POLICIES.items():
                flagged[name][year, month] = policy(found, rules)
    return [_judged(name, flags, risk, rules) for name, flags in flagged.items()]


def _judged(name: str, flags: npt.NDArray[np.bool_], risk: npt.NDArray[np.float64], rule: Rules) -> Carded:
    years, _, count = flags.shape
    high = risk >= rule.times_city
    red = np.zeros((years, count), np.bool_)
    for year in range(years):
        for town in range(count):
            history = [Standing(2.0 if f else 0.0, 1.0, 0.0, 1, False) for f in flags[year, :, town]]
            red[year, town] = Card.RED in card_history(history, rule)
    yellow: npt.NDArray[np.bool_] = np.asarray(flags.any(axis=1), np.bool_)
    return Carded(
        name, int((~high).sum()) * years, float(yellow[:, ~high].mean()), float(red[:, ~high].mean()),
        int(high.sum()) * years, float(yellow[:, high].mean()) if high.any() else float("nan"),
    )  # fmt: skip

"""How often chance alone gives a town a card or lists it: simulated years of towns whose risk is known, under
plain ways of ranking and under ours.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from qingdun.contract.progress import Share as Told
from qingdun.contract.progress import unheard
from qingdun.ranking.cards import Card, Rules, Standing, card_history, propose
from qingdun.ranking.composite import Month, Ranked, ranking
from qingdun.ranking.rates import PER
from qingdun.reach.proportions import Interval, wilson
from qingdun.regions.city import City

MONTHS = 12
LOSS_MEAN, LOSS_SPREAD, LOSS_MOST_YUAN = 9.4, 1.3, 1_600_000
"""Of the logarithm of a loss in yuan, and the most that is lost."""
MAJOR_YUAN = 500_000


@dataclass(frozen=True, slots=True)
class Town:
    """A town with its true risk, in times the city's."""

    code: str
    county: str
    residents: int
    risk: float


class Share(NamedTuple):
    """So many of so many town-years, with Wilson's interval."""

    part: int
    whole: int

    @property
    def interval(self) -> Interval | None:
        """95 %; None over nothing."""
        return wilson(self.part, self.whole)

    def with_more(self, other: Share) -> Share:
        """Both together."""
        return Share(self.part + other.part, self.whole + other.whole)

    @property
    def value(self) -> float:
        """The share; not a number over nothing."""
        return self.part / self.whole if self.whole else math.nan


@dataclass(frozen=True, slots=True)
class Carded:
    """What one way of carding did over the years. A town is ordinary if its true risk is below what a card is
    for, and high if not.
    """

    policy: str
    yellow: Share
    """Ordinary town-years with at least one yellow card."""
    red: Share
    """Ordinary town-years with at least one red card."""
    listed: Share
    """Ordinary town-years in which a listing was proposed."""
    found: Share
    """High town-years with at least one yellow card."""

    def with_more(self, other: Carded) -> Carded:
        """Both together, of the same way."""
        return Carded(
            self.policy, self.yellow.with_more(other.yellow), self.red.with_more(other.red),
            self.listed.with_more(other.listed), self.found.with_more(other.found),
        )  # fmt: skip


Policy = Callable[[Sequence[Ranked], Rules], list[Standing]]
_FAR, _NEAR = (2.0, 0.0)


def _plain(month: Sequence[Ranked]) -> dict[str, int]:
    """Ranks by the raw rate, as a plain table has them."""
    worst = sorted(month, key=lambda one: (-one.rate.raw, one.town))
    return {one.town: place for place, one in enumerate(worst, 1)}


def _top_ten(month: Sequence[Ranked], rule: Rules) -> list[Standing]:
    ranks = _plain(month)
    named = {one.town: ranks[one.town] <= rule.top and one.rate.cases > 0 for one in month}
    return [
        Standing(rule.times_city * (_FAR if named[one.town] else _NEAR), 1.0, 0.0, ranks[one.town], False)
        for one in month
    ]


def _threshold(month: Sequence[Ranked], _rule: Rules) -> list[Standing]:
    ranks, city = _plain(month), _city(month)
    return [Standing(one.rate.raw, city, 0.0, ranks[one.town], False) for one in month]


def _with_chance(month: Sequence[Ranked], _rule: Rules) -> list[Standing]:
    ranks, city = _plain(month), _city(month)
    return [Standing(one.rate.raw, city, one.rate.p_more, ranks[one.town], False) for one in month]


def _ours(month: Sequence[Ranked], _rule: Rules) -> list[Standing]:
    city = _city(month)
    return [Standing(one.rate.shrunk, city, one.rate.p_more, one.rank, False) for one in month]


POLICIES: dict[str, Policy] = {
    "the ten worst raw rates": _top_ten,
    "raw rate 1.5 times the city": _threshold,
    "and Poisson p < 0.05": _with_chance,
    "ours: shrunk rate and composite": _ours,
}
"""What stands for a town's month under each way; cards and listings are then the rules' own."""


def towns_of(city: City, spread: float, seed: int) -> list[Town]:
    """The city's towns with their residents, each with a risk drawn log-normally; `spread` 0: all alike."""
    rng = np.random.default_rng(seed)
    return [
        Town(one.code, one.parent or "", one.population, float(math.exp(rng.normal(0.0, spread))))
        for one in city.towns
        if one.population
    ]


def played(
    city: City, spread: float, a_year: float, years: int, seed: int, told: Told = unheard
) -> list[Carded]:
    """Each way over so many years of the city, in each of which the towns' risks are drawn anew."""
    found: list[Carded] = []
    for year in range(years):
        told(year / years)
        fresh = carded_by_chance(towns_of(city, spread, seed + year), a_year, 1, seed + year)
        found = [one.with_more(more) for one, more in zip(found, fresh, strict=True)] if found else fresh
    return found


def carded_by_chance(
    towns: Sequence[Town], a_year: float, years: int, seed: int, rule: Rules | None = None
) -> list[Carded]:
    """Each way over the same simulated months; `a_year` is the city's cases per 10,000 residents and year.

    Cases are Poisson around residents · risk, losses log-normal whatever the town.
    """
    rules = rule or Rules()
    high = [town.risk >= rules.times_city for town in towns]
    counts = {name: _Counts(0, 0, 0, 0) for name in POLICIES}
    for year in _years(towns, a_year, years, seed):
        for name, policy in POLICIES.items():
            months = [policy(month, rules) for month in year]
            for place, town_is_high in enumerate(high):
                history = [month[place] for month in months]
                counts[name] = counts[name].with_year(history, rules, town_is_high)
    ordinary, rest = (high.count(False) * years, high.count(True) * years)
    return [
        Carded(
            name, Share(one.yellow, ordinary), Share(one.red, ordinary), Share(one.listed, ordinary),
            Share(one.found, rest),
        )
        for name, one in counts.items()
    ]  # fmt: skip


class _Counts(NamedTuple):
    yellow: int
    red: int
    listed: int
    found: int

    def with_year(self, history: Sequence[Standing], rule: Rules, high: bool) -> _Counts:
        """With what a year of one town came to."""
        cards = card_history(history, rule)
        carded = any(card is not Card.NONE for card in cards)
        if high:
            return self._replace(found=self.found + carded)
        listed = any(propose(history[:month], rule).listing for month in range(1, len(history) + 1))
        return self._replace(
            yellow=self.yellow + carded, red=self.red + (Card.RED in cards), listed=self.listed + listed
        )


def _years(towns: Sequence[Town], a_year: float, years: int, seed: int) -> Iterator[list[list[Ranked]]]:
    """Year by year its months, ranked, each in the order of the towns."""
    rng = np.random.default_rng(seed)
    people = np.array([town.residents for town in towns], np.float64)
    risk = np.array([town.risk for town in towns])
    mean = people / PER * a_year / MONTHS * risk * people.sum() / (people * risk).sum()
    for _year in range(years):
        year = []
        for _month in range(MONTHS):
            ranked = {one.town: one for one in ranking(list(_month_of(towns, rng.poisson(mean), rng)))}
            year.append([ranked[town.code] for town in towns])
        yield year


def _month_of(towns: Sequence[Town], cases: Sequence[int], rng: np.random.Generator) -> Iterator[Month]:
    for town, count in zip(towns, cases, strict=True):
        losses = np.minimum(rng.lognormal(LOSS_MEAN, LOSS_SPREAD, int(count)), LOSS_MOST_YUAN)
        major = int((losses >= MAJOR_YUAN).sum())
        huge = int((losses >= 2 * MAJOR_YUAN).sum())
        yield Month(
            town.code, town.county, town.residents, int(count), int(losses.sum()) * 100, major, huge
        )  # fmt: skip


def _city(month: Sequence[Ranked]) -> float:
    return month[0].cases.city

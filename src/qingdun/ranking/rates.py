"""Cases per 10,000 residents, raw and shrunk towards the county, with what may be said of the difference."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from qingdun.ranking.poisson import at_least, at_most, gamma_quantile, interval

PER = 10_000
_LEAST_SHAPE, _MOST_SHAPE = 0.1, 10_000.0


@dataclass(frozen=True, slots=True)
class Counted:
    """One place in one period."""

    place: str
    county: str
    cases: int
    residents: int


@dataclass(frozen=True, slots=True)
class Rate:
    """Cases per 10,000 residents of one place, and how far chance goes."""

    place: str
    cases: int
    residents: int
    raw: float
    low: float
    high: float
    """Exact Poisson interval (95 %) of the raw rate."""
    shrunk: float
    """Empirical-Bayes rate: between the county's mean and the raw one, nearer to it the more residents."""
    shrunk_low: float
    shrunk_high: float
    expected: float
    """Cases, had the place the city's rate."""
    p_more: float
    """The chance of as many cases or more at the city's rate."""
    p_fewer: float

    @property
    def differs(self) -> str:
        """`above` or `below` the city at 95 %, or `alike`: the interval holds the city's rate."""
        if self.p_more < 0.025:
            return "above"
        return "below" if self.p_fewer < 0.025 else "alike"


def rates(places: Sequence[Counted]) -> list[Rate]:
    """The rates of all places of a city, in their order. Errors: ValueError where nobody lives.

    Places of a county share a gamma prior with the county's mean; how much places of a county differ is
    estimated over the whole city by the likelihood of all counts (negative binomial), since eight towns alone
    cannot tell it. Source: Marshall 1991, Clayton and Kaldor 1987 (disease mapping).
    """
    empty = [place.place for place in places if place.residents <= 0]
    if empty:
        raise ValueError(f"residents of {', '.join(empty)}: found none, expected a number above 0")
    if not places:
        return []
    city = _mean(places)
    counties = {place.county for place in places}
    means = {county: _mean([p for p in places if p.county == county]) for county in counties}
    shape = prior_shape(places, means)
    return [_rate(place, city, means[place.county], shape) for place in places]


def prior_shape(places: Sequence[Counted], means: Mapping[str, float]) -> float:
    """The shape of the prior: large where places of a county differ no more than chance makes them.

    The maximum of the marginal likelihood by golden section over the logarithm, 0.1 to 10,000.
    """
    low, high = math.log(_LEAST_SHAPE), math.log(_MOST_SHAPE)
    part = (math.sqrt(5.0) - 1.0) / 2.0
    for _ in range(40):
        left, right = high - part * (high - low), low + part * (high - low)
        if _likelihood(places, means, math.exp(left)) < _likelihood(places, means, math.exp(right)):
            low = left
        else:
            high = right
    return math.exp((low + high) / 2.0)


def _likelihood(places: Sequence[Counted], means: Mapping[str, float], shape: float) -> float:
    total = 0.0
    for place in places:
        expected = means[place.county] * place.residents
        if expected == 0.0:
            continue
        total += math.lgamma(shape + place.cases) - math.lgamma(shape)
        total += shape * math.log(shape / (shape + expected))
        total += place.cases * math.log(expected / (shape + expected))
    return total


def _rate(place: Counted, city: float, county: float, shape: float) -> Rate:
    low, high = interval(place.cases)
    scale = PER / place.residents
    shrunk = shrunk_low = shrunk_high = 0.0
    if county:
        weight = shape / county + place.residents
        shrunk = (shape + place.cases) / weight * PER
        shrunk_low, shrunk_high = (
            gamma_quantile(shape + place.cases, share) / weight * PER for share in (0.025, 0.975)
        )
    expected = city * place.residents
    return Rate(
        place.place, place.cases, place.residents, place.cases * scale, low * scale, high * scale,
        shrunk, shrunk_low, shrunk_high, expected,
        at_least(place.cases, expected), at_most(place.cases, expected),
    )  # fmt: skip


def _mean(places: Sequence[Counted]) -> float:
    return sum(place.cases for place in places) / sum(place.residents for place in places)

"""One number out of several, that a town can reckon by hand."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from qingdun.ranking.rates import PER, Counted, Rate, rates


@dataclass(frozen=True, slots=True)
class Weights:
    """What each indicator counts of 100, in which version of the rule; a default of ours."""

    version: str = "2026-1"
    cases: float = 40.0
    mean_loss: float = 30.0
    major: float = 30.0
    cap: float = 2.0
    """At how many times the city's value an indicator has lost all its points."""
    credible_cases: float = 10.0
    """Cases at which a town's own mean loss counts as much as its county's."""


@dataclass(frozen=True, slots=True)
class Month:
    """What the ledgers hold of one town in one period."""

    town: str
    county: str
    residents: int
    cases: int
    loss_fen: int
    major_500k: int
    """Cases of 500,000 yuan and more."""
    major_1m: int
    """Cases of 1,000,000 yuan and more, counted among those of 500,000 too."""


@dataclass(frozen=True, slots=True)
class Indicator:
    """One indicator of one town: its value raw and as it counts, the city's, and the points it gives."""

    raw: float
    used: float
    city: float
    points: float
    of: float


@dataclass(frozen=True, slots=True)
class Ranked:
    """One town: rank 1 is the worst (the ranking is of where fraud is highest), points of 100."""

    town: str
    rank: int
    points: float
    cases: Indicator
    mean_loss: Indicator
    major: Indicator
    rate: Rate


def ranking(months: Sequence[Month], weights: Weights | None = None) -> list[Ranked]:
    """The towns, worst first; equal points share a rank and stand in the order of their codes.

    points = weight · (1 − min(value / city, cap) / cap) for each indicator: 0 cases give all points, the
    city's own value half of them, twice that none. Values are shrunk towards the county, mean losses by
    cases / (cases + credible cases), so that one large case does not brand a small town; raw values stand
    beside. Errors: ValueError where nobody lives.
    """
    rule = weights or Weights()
    counted = rates([Counted(m.town, m.county, m.cases, m.residents) for m in months])
    major = rates([Counted(m.town, m.county, m.major_500k, m.residents) for m in months])
    city_cases, people = sum(m.cases for m in months), sum(m.residents for m in months)
    city_loss = _mean_loss(months)
    city_major = sum(m.major_500k for m in months)
    by_county = {
        county: _mean_loss([m for m in months if m.county == county]) for county in {m.county for m in months}
    }
    rows: list[tuple[float, Month, Indicator, Indicator, Indicator, Rate]] = []
    for month, rate, rare in zip(months, counted, major, strict=True):
        cases = _indicator(rate.raw, rate.shrunk, city_cases * PER / people, rule.cases, rule.cap)
        own = month.loss_fen / month.cases if month.cases else 0.0
        trust = month.cases / (month.cases + rule.credible_cases)
        used = trust * own + (1.0 - trust) * by_county[month.county]
        loss = _indicator(own, used, city_loss, rule.mean_loss, rule.cap)
        many = _indicator(rare.raw, rare.shrunk, city_major * PER / people, rule.major, rule.cap)
        points = round(cases.points + loss.points + many.points, 4)
        rows.append((points, month, cases, loss, many, rate))
    rows.sort(key=lambda row: (row[0], row[1].town))
    found: list[Ranked] = []
    for place, (points, month, cases, loss, many, rate) in enumerate(rows, 1):
        same = found and found[-1].points == points
        rank = found[-1].rank if same else place
        found.append(Ranked(month.town, rank, points, cases, loss, many, rate))
    return found


def moves(now: Sequence[Ranked], before: Sequence[Ranked]) -> Mapping[str, int]:
    """How many ranks each town has come away from the worst place; who was not ranked is left out."""
    then = {row.town: row.rank for row in before}
    return {row.town: row.rank - then[row.town] for row in now if row.town in then}


def _indicator(raw: float, used: float, city: float, weight: float, cap: float) -> Indicator:
    ratio = min(used / city, cap) / cap if city else 0.0
    return Indicator(raw, used, city, weight * (1.0 - ratio), weight)


def _mean_loss(months: Sequence[Month]) -> float:
    cases = sum(m.cases for m in months)
    return sum(m.loss_fen for m in months) / cases if cases else 0.0

"""When a count that only grows will meet its target, and between which days: from its weeks so far.

What comes in a week is taken for a level that drifts (simple exponential smoothing): the forecast of a week
is the level, and the error of a week moves the level by a share of itself. The sum of the next h weeks then
has h times the level for its mean and s² Σ (1 + jα)², j = 0 … h-1, for its variance, s² being the variance
of the errors and α the share: the further ahead, the wider. Source: Hyndman, Koehler, Ord and Snyder,
Forecasting with Exponential Smoothing (2008), section 6.6 on lead-time demand.
"""

from __future__ import annotations

import math
from bisect import bisect_left
from collections.abc import Sequence
from dataclasses import dataclass
from statistics import NormalDist

DAYS_A_WEEK = 7
LEAST_WEEKS = 8
"""Fewer weeks tell nothing of how they differ."""
MOST_WEEKS = 26
"""What lies further back says little of the weeks to come."""
HORIZON_WEEKS = 520
"""Ten years: what comes later is not told."""
SHARES = tuple(step / 20 for step in range(1, 19))
"""Shares α that are tried; the one with the least squared errors is taken."""


@dataclass(frozen=True, slots=True)
class Growth:
    """What the weeks so far say of those to come."""

    level: float
    """Expected in a week."""
    share: float
    """How far the error of a week moves the level."""
    spread: float
    """Standard deviation of a week's error."""
    weeks: int
    """How many weeks it rests on."""

    def mean(self, weeks: int) -> float:
        """Expected in so many weeks together."""
        return weeks * self.level

    def deviation(self, weeks: int) -> float:
        """Standard deviation of what comes in so many weeks together."""
        drifts = weeks * (weeks - 1) * self.share
        squares = weeks + drifts + drifts * self.share * (2 * weeks - 1) / 6
        return self.spread * math.sqrt(squares)


@dataclass(frozen=True, slots=True)
class Arrival:
    """In how many days the target is met; None stands for later than ten years, or never."""

    expected: float | None
    earliest: float | None
    latest: float | None


def weekly(daily: Sequence[int]) -> list[int]:
    """Sums of whole weeks, counted back from the last day; days left over at the beginning are dropped.

    >>> weekly([9, 1, 1, 1, 1, 1, 1, 1, 2, 2, 2, 2, 2, 2, 2])
    [7, 14]
    """
    first = len(daily) % DAYS_A_WEEK
    return [sum(daily[at : at + DAYS_A_WEEK]) for at in range(first, len(daily), DAYS_A_WEEK)]


def growth(weeks: Sequence[int]) -> Growth | None:
    """The level, its drift and the spread of the latest weeks; None if there are fewer than eight.

    >>> growth([100] * 12)
    Growth(level=100.0, share=0.05, spread=0.0, weeks=12)
    """
    latest = weeks[-MOST_WEEKS:]
    if len(latest) < LEAST_WEEKS:
        return None
    level, squares, share = min((_smoothed(latest, share) for share in SHARES), key=lambda found: found[1])
    return Growth(level, share, math.sqrt(squares / (len(latest) - 3)), len(latest))


def ahead(found: Growth, weeks: int, confidence: float = 0.9) -> list[tuple[float, float, float]]:
    """What will have come after each of so many weeks: lower bound, expected, upper bound. A count that only
    grows stays where its bound was highest.
    """
    reach, low, high = _reach(found, confidence), 0.0, 0.0
    bounds = []
    for week in range(1, weeks + 1):
        mean, reached = found.mean(week), reach * found.deviation(week)
        low, high = max(low, mean - reached), max(high, mean + reached)
        bounds.append((low, mean, high))
    return bounds


def arrival(found: Growth, gap: int, confidence: float = 0.9) -> Arrival:
    """In how many days `gap` more will have come, with the interval that should hold it in `confidence` of
    all cases: from where the upper bound of what will have come meets the gap to where the lower one does.
    """
    if gap <= 0:
        return Arrival(0.0, 0.0, 0.0)
    bounds = ahead(found, HORIZON_WEEKS, confidence)
    latest, expected, earliest = (_met([0.0, *line], gap) for line in zip(*bounds, strict=True))
    return Arrival(expected, earliest, latest)


def _met(line: Sequence[float], gap: int) -> float | None:
    """After how many days the line, a point a week, meets the gap."""
    if line[-1] < gap:
        return None
    week = bisect_left(line, gap)
    before, after = line[week - 1], line[week]
    return (week - 1 + (gap - before) / (after - before)) * DAYS_A_WEEK


def _reach(found: Growth, confidence: float) -> float:
    # The first level, the share and the spread were taken from the same weeks.
    return _student(0.5 + confidence / 2, found.weeks - 3)


def _smoothed(weeks: Sequence[int], share: float) -> tuple[float, float, float]:
    """The last level, the sum of squared errors, and the share."""
    level, squares = float(weeks[0]), 0.0
    for came in weeks[1:]:
        error = came - level
        squares += error * error
        level += share * error
    return level, squares, share


def _student(share: float, freedom: int) -> float:
    """The quantile of Student's distribution, by the expansion of Abramowitz and Stegun 26.7.5.

    >>> [round(_student(0.95, freedom), 2) for freedom in (5, 10, 23)]
    [2.01, 1.81, 1.71]
    """
    z, n = NormalDist().inv_cdf(share), float(max(1, freedom))
    first = (z**3 + z) / 4
    second = (5 * z**5 + 16 * z**3 + 3 * z) / 96
    third = (3 * z**7 + 19 * z**5 + 17 * z**3 - 15 * z) / 384
    return z + first / n + second / n**2 + third / n**3

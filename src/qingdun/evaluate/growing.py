"""How often the interval of a forecast held the day on which a target was met: past weeks asked again."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import NamedTuple

from qingdun.reach.growth import DAYS_A_WEEK, LEAST_WEEKS, arrival, growth
from qingdun.reach.proportions import Interval, wilson


class Coverage(NamedTuple):
    """Of so many forecasts, in so many the day lay in the interval; how wide it was."""

    asked: int
    held: int
    width_days: float
    """Median length of the intervals that end."""
    unending: int
    """Intervals with no last day."""

    @property
    def share(self) -> float:
        """Held of asked."""
        return self.held / self.asked if self.asked else 0.0

    @property
    def interval(self) -> Interval | None:
        """95 % interval of that share; forecasts of one series overlap, so it is somewhat too narrow."""
        return wilson(self.held, self.asked)


def coverage(series: Iterable[Sequence[int]], ahead_weeks: int, confidence: float = 0.9) -> Coverage:
    """Every series of weekly counts is forecast from each of its weeks, from what was known then, for the
    target that was met `ahead_weeks` later. The day must lie between the earliest and the latest.
    """
    asked = held = unending = 0
    widths = []
    for weeks in series:
        for now in range(LEAST_WEEKS, len(weeks) - ahead_weeks + 1):
            found, gap = growth(weeks[:now]), sum(weeks[now : now + ahead_weeks])
            if found is None or gap <= 0:
                continue
            met = arrival(found, gap, confidence)
            day = ahead_weeks * DAYS_A_WEEK
            early = met.earliest is not None and met.earliest <= day
            asked += 1
            held += early and (met.latest is None or met.latest >= day)
            if met.latest is None:
                unending += 1
            elif met.earliest is not None:
                widths.append(met.latest - met.earliest)
    widths.sort()
    return Coverage(asked, held, widths[len(widths) // 2] if widths else 0.0, unending)

"""A share of counts, how sure it is, and how it differs from the period before. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from qingdun.console.measures.definitions import Share
from qingdun.reach.proportions import Interval, difference, wilson


@dataclass(frozen=True, slots=True)
class Rate:
    """A share that never comes without what it is of."""

    share: Share
    part: int
    whole: int
    open: int = 0

    @property
    def percent(self) -> float | None:
        """In hundredths; None over nothing."""
        return 100 * self.part / self.whole if self.whole else None

    @property
    def interval(self) -> Interval | None:
        """Wilson's 95 % interval, in hundredths."""
        found = wilson(self.part, self.whole)
        return Interval(100 * found.low, 100 * found.high) if found else None

    @property
    def width(self) -> float:
        """How wide the interval is drawn, of 100."""
        return max(self.interval.high - self.interval.low, 1.0) if self.interval else 0.0

    @property
    def mark(self) -> float:
        """Where the share is drawn, of 100, so that its mark of 1 lies within."""
        return min(self.percent or 0.0, 99.0)


@dataclass(frozen=True, slots=True)
class Compared:
    """A share now and in the period before."""

    now: Rate
    before: Rate

    @property
    def points(self) -> float | None:
        """Now less before, in points of a hundred."""
        if self.now.percent is None or self.before.percent is None:
            return None
        return self.now.percent - self.before.percent

    @property
    def better(self) -> bool:
        """Whether the change is for the good."""
        return ((self.points or 0) > 0) == (self.now.share.better == "more")

    @property
    def by_chance(self) -> bool:
        """Whether chance explains the difference: its 95 % interval holds 0."""
        found = difference(self.now.part, self.now.whole, self.before.part, self.before.whole)
        return found is None or found.low <= 0 <= found.high


def rate_of(share: Share, counts: Mapping[str, int]) -> Rate:
    """The share of those counts."""
    return Rate(
        share,
        counts.get(share.part, 0),
        counts.get(share.whole, 0),
        counts.get(share.open, 0) if share.open else 0,
    )

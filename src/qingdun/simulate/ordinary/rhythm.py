"""When people do things: shares of a day by hour, and moments within an hour."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from qingdun.simulate.numbers import Ints

SECOND = 1_000_000
HOUR = 3_600 * SECOND
DAY = 24 * HOUR

_CALLS = (3, 2, 1, 1, 1, 3, 10, 30, 60, 82, 88, 80, 58, 56, 66, 70, 70, 74, 78, 72, 62, 44, 22, 8)
_MESSAGES = (8, 5, 4, 4, 4, 6, 14, 34, 62, 90, 92, 84, 60, 56, 70, 76, 74, 70, 64, 58, 54, 46, 30, 16)
_VISITS = (22, 12, 7, 5, 5, 9, 24, 46, 54, 56, 56, 62, 76, 66, 54, 54, 56, 62, 70, 82, 92, 92, 76, 46)
_TRANSFERS = (8, 4, 2, 2, 2, 5, 18, 46, 64, 74, 78, 84, 80, 60, 62, 66, 66, 76, 84, 76, 64, 50, 32, 18)
_WORK = (0, 0, 0, 0, 0, 0, 0, 3, 40, 95, 110, 96, 40, 44, 92, 100, 96, 80, 44, 30, 16, 4, 0, 0)
_PARCELS = (0, 0, 0, 0, 0, 0, 2, 20, 70, 110, 120, 110, 70, 60, 80, 90, 90, 90, 80, 50, 30, 12, 2, 0)


def _shares(counts: tuple[int, ...]) -> tuple[float, ...]:
    return tuple(count / sum(counts) for count in counts)


CALLS, MESSAGES, VISITS, TRANSFERS, WORK, PARCELS = (
    _shares(c) for c in (_CALLS, _MESSAGES, _VISITS, _TRANSFERS, _WORK, _PARCELS)
)
"""Shares of a day's events by hour of local time."""


@dataclass(frozen=True, slots=True)
class Hour:
    """One hour: its start (UTC microseconds), number from the first, and local hour and day."""

    start: int
    number: int
    of_day: int
    day: int
    weekday: int

    def moments(self, count: int, rng: np.random.Generator) -> Ints:
        """Moments in the hour, drawn evenly."""
        return self.start + rng.integers(0, HOUR, count)


def lasting(count: int, median_s: float, sigma: float, rng: np.random.Generator) -> Ints:
    """Durations in seconds, lognormal, from 1 second to 3 hours."""
    seconds = median_s * np.exp(rng.normal(0, sigma, count))
    return np.clip(seconds, 1, 10_800).astype(np.int64)

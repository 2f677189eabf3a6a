"""Timers in event time."""

from __future__ import annotations

import heapq
from typing import Any

from qingdun.detect.evidence import Timer

NO_TIME = 1 << 62
"""Later than any time."""


class Timers:
    """A heap of timers; those of the same instant fire in the order in which they were set."""

    def __init__(self) -> None:
        self._heap: list[Timer] = []

    def __len__(self) -> int:
        return len(self._heap)

    def add(self, at: int, number: int, detector: str, key: tuple[Any, ...]) -> None:
        """The timer is set; `number` is greater than that of all that were set before."""
        heapq.heappush(self._heap, Timer(at, number, detector, key))

    def first(self) -> tuple[int, int]:
        """Time and number of the earliest timer; a time beyond all if there is none."""
        return self._heap[0][:2] if self._heap else (NO_TIME, 0)

    def take(self) -> Timer:
        """The earliest timer, taken off."""
        return heapq.heappop(self._heap)

"""Timers in event time."""

from __future__ import annotations

import heapq
from typing import Any

from qingdun.detect.evidence import Timer


class Timers:
    """A heap of timers; those of the same instant fire in the order in which they were set."""

    def __init__(self) -> None:
        self._heap: list[Timer] = []
        self._count = 0

    def __len__(self) -> int:
        return len(self._heap)

    def add(self, at: int, detector: str, key: tuple[Any, ...]) -> None:
        """The timer is set."""
        self._count += 1
        heapq.heappush(self._heap, Timer(at, self._count, detector, key))

    def next_before(self, at: int) -> Timer | None:
        """The earliest timer due before `at`, taken off; None if there is none."""
        if self._heap and self._heap[0].at < at:
            return heapq.heappop(self._heap)
        return None

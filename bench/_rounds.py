"""Several ways to do the same work, measured in turn, round after round; medians, spread and ratios."""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

ROUNDS = 5


@dataclass(frozen=True)
class Measured:
    """Rates of each way in every round, and how many rows each took."""

    rows: int
    rates: Mapping[str, Sequence[float]]

    def table(self, unit: str) -> str:
        """A Markdown table; ratios are those of one round to the first way in the same round."""
        first = next(iter(self.rates.values()))
        lines = [
            f"| way | {unit}/s, median | lowest to highest | of the first, median | lowest to highest |",
            "|---|---:|---:|---:|---:|",
        ]
        for name, rates in self.rates.items():
            ratios = [rate / base for rate, base in zip(rates, first, strict=True)]
            lines.append(
                f"| {name} | {statistics.median(rates):,.0f} | {min(rates):,.0f} to {max(rates):,.0f} "
                f"| {statistics.median(ratios):.3f} | {min(ratios):.3f} to {max(ratios):.3f} |"
            )
        lines.append(f"\n{len(first)} rounds; in each, every way in turn.")
        return "\n".join(lines)


def rounds(ways: Mapping[str, Callable[[], int]], count: int = ROUNDS) -> Measured:
    """Each way was run `count` times; a way gives the number of rows it took, all of them the same."""
    rates: dict[str, list[float]] = {name: [] for name in ways}
    taken: set[int] = set()
    for _ in range(count):
        for name, way in ways.items():
            began = time.perf_counter()
            rows = way()
            rates[name].append(rows / (time.perf_counter() - began))
            taken.add(rows)
    (rows,) = taken
    return Measured(rows, rates)

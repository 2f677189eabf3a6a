"""Several ways to do the same work, measured in turn, round after round; medians, spread and ratios."""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

ROUNDS = 5


@dataclass(frozen=True)
class Measured:
    """Rates of each way in every round, by the wall's clock and by the processor's, and how many rows each
    took."""

    rows: int
    rates: Mapping[str, Sequence[float]]
    per_cpu_s: Mapping[str, Sequence[float]]

    def table(self, unit: str) -> str:
        """A Markdown table; ratios are those of processor time in one round, which others at work on the
        machine disturb least."""
        first = next(iter(self.per_cpu_s.values()))
        lines = [
            f"| way | {unit}/s, median | lowest to highest | {unit} per CPU second, median "
            "| of the first, median | lowest to highest |",
            "|---|---:|---:|---:|---:|---:|",
        ]
        for name, rates in self.rates.items():
            per_cpu_s = self.per_cpu_s[name]
            ratios = [rate / base for rate, base in zip(per_cpu_s, first, strict=True)]
            lines.append(
                f"| {name} | {statistics.median(rates):,.0f} | {min(rates):,.0f} to {max(rates):,.0f} "
                f"| {statistics.median(per_cpu_s):,.0f} "
                f"| {statistics.median(ratios):.3f} | {min(ratios):.3f} to {max(ratios):.3f} |"
            )
        lines.append(f"\n{len(first)} rounds; in each, every way in turn. Ratios are of CPU seconds.")
        return "\n".join(lines)


def rounds(ways: Mapping[str, Callable[[], int]], count: int = ROUNDS) -> Measured:
    """Each way was run `count` times; a way gives the number of rows it took, all of them the same."""
    rates: dict[str, list[float]] = {name: [] for name in ways}
    per_cpu_s: dict[str, list[float]] = {name: [] for name in ways}
    taken: set[int] = set()
    for _ in range(count):
        for name, way in ways.items():
            began, used = time.perf_counter(), time.process_time()
            rows = way()
            rates[name].append(rows / (time.perf_counter() - began))
            per_cpu_s[name].append(rows / (time.process_time() - used))
            taken.add(rows)
    (rows,) = taken
    return Measured(rows, rates, per_cpu_s)

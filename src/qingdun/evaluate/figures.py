"""Figures that carry their denominators."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class Share:
    """A part of a whole; its value is None where the whole is nothing."""

    part: int
    whole: int

    @property
    def value(self) -> float | None:
        """Part by whole."""
        return self.part / self.whole if self.whole else None

    def text(self) -> str:
        """As a person reads it.

        >>> Share(3, 4).text()
        '75.0 % (3 of 4)'
        >>> Share(1, 5_506).text()
        '0.018 % (1 of 5,506)'
        """
        value = self.value
        digits = 3 if value is not None and 0 < value < 0.001 else 1
        return (
            f"{value:.{digits}%} ({self.part:,} of {self.whole:,})".replace("%", " %")
            if value is not None
            else "– (0 of 0)"
        )

    def json(self) -> dict[str, Any]:
        """Value, part and whole."""
        return {"value": self.value, "part": self.part, "whole": self.whole}


@dataclass(frozen=True, slots=True)
class Quartiles:
    """Quartiles of `count` numbers; None where there are none."""

    count: int
    low: float | None
    median: float | None
    high: float | None

    @classmethod
    def of(cls, values: Sequence[float]) -> Quartiles:
        """The quartiles of the values, by linear interpolation."""
        if not values:
            return cls(0, None, None, None)
        ordered = sorted(values)
        return cls(len(ordered), *(_quantile(ordered, q) for q in (0.25, 0.5, 0.75)))

    def json(self) -> dict[str, Any]:
        """Count and quartiles."""
        return {"count": self.count, "q1": self.low, "median": self.median, "q3": self.high}


def _quantile(ordered: Sequence[float], share: float) -> float:
    place = (len(ordered) - 1) * share
    below = int(place)
    above = min(below + 1, len(ordered) - 1)
    return ordered[below] + (ordered[above] - ordered[below]) * (place - below)


@dataclass(frozen=True, slots=True)
class Calibration:
    """How far probabilities can be trusted: rows by probability, Brier score, expected calibration error."""

    rows: tuple[tuple[float, float, int, float, float], ...]
    """Per bin: from, to, count, mean probability, observed share."""
    count: int
    brier: float | None
    ece: float | None

    @classmethod
    def of(cls, pairs: Sequence[tuple[float, bool]], bins: int = 10) -> Calibration:
        """Of pairs of probability and what was true."""
        if not pairs:
            return cls((), 0, None, None)
        groups: dict[int, list[tuple[float, bool]]] = {}
        for probability, true in pairs:
            groups.setdefault(min(bins - 1, int(probability * bins)), []).append((probability, true))
        rows = tuple(
            (
                index / bins,
                (index + 1) / bins,
                len(group),
                sum(p for p, _ in group) / len(group),
                sum(t for _, t in group) / len(group),
            )
            for index, group in sorted(groups.items())
        )
        brier = sum((p - t) ** 2 for p, t in pairs) / len(pairs)
        ece = sum(count * abs(mean - observed) for _, _, count, mean, observed in rows) / len(pairs)
        return cls(rows, len(pairs), brier, ece)

    def json(self) -> dict[str, Any]:
        """The table and both scores."""
        names = ("from", "to", "count", "probability", "observed")
        return {
            "count": self.count,
            "brier": self.brier,
            "ece": self.ece,
            "bins": [dict(zip(names, row, strict=True)) for row in self.rows],
        }

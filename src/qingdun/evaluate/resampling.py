"""How well a score tells scams from the rest, with the interval that chance alone could give.

Rows that say nearly the same thing are one observation: whole groups are drawn anew, with replacement.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]
REPLICATES = 300
_OUTER = (2.5, 97.5)


class Estimate(NamedTuple):
    """A measure and its interval of 95 %; not a number where there is nothing to measure it on."""

    value: float
    low: float
    high: float


@dataclass(frozen=True, slots=True)
class Asked:
    """What was said of rows whose truth is known."""

    fraud: npt.NDArray[np.bool_]
    advert: npt.NDArray[np.bool_]
    probability: Floats
    group: npt.NDArray[np.int64]
    threshold: float
    """Frozen before these rows were seen: at or above it a row is flagged."""
    base_rate: float
    """The share of scams that probabilities are meant for."""


MEASURES = (
    "auc", "recall_at_1pct", "recall_at_0.1pct", "recall_frozen", "false_positives_frozen",
    "false_positives_adverts", "calibration_error",
)  # fmt: skip
"""What `estimates` tells, in its order. Frozen: at the threshold that was set without these rows."""


def estimates(asked: Asked, replicates: int = REPLICATES) -> dict[str, Estimate]:
    """Every measure of `MEASURES` with its interval by groups drawn anew.

    Recall at so many false positives is of the threshold that these rows themselves would give; calibration
    is the mean distance of probability and truth in ten bins, scams weighing the base rate together.
    """
    _, group = np.unique(asked.group, return_inverse=True)
    ranked = _Ranked.of(asked.fraud, asked.probability)
    once = _measured(asked, ranked, np.ones(len(group)))
    draw = np.random.default_rng(11)
    count = int(group.max()) + 1 if len(group) else 0
    drawn: list[Sequence[float]] = []
    for _ in range(replicates if count else 0):
        times = np.bincount(draw.integers(0, count, count), minlength=count)
        drawn.append(_measured(asked, ranked, times[group].astype(float)))
    with np.errstate(all="ignore"):
        outer = np.array([_outer(column) for column in np.array(drawn).reshape(-1, len(MEASURES)).T])
    return {
        name: Estimate(value, *(float(bound) for bound in bounds))
        for name, value, bounds in zip(MEASURES, once, outer, strict=True)
    }


def threshold_at(ordinary: Floats, weight: Floats, share: float) -> float:
    """The lowest threshold that flags at most `share` of the weight of ordinary rows.

    >>> bool(threshold_at(np.array([.1, .2, .3, .9]), np.ones(4), .25) == np.nextafter(.3, 1))
    True
    """
    order = np.argsort(-ordinary, kind="stable")
    over = np.cumsum(weight[order]) > share * weight.sum()
    return float(np.nextafter(ordinary[order][np.argmax(over)], np.inf)) if over.any() else 0.0


def interval(one: Estimate) -> str:
    """The measure with its interval as a page has it; empty if there is none.

    >>> interval(Estimate(0.957, 0.853, 1.0))
    '.957 (.853 to 1.000)'
    """
    return "" if math.isnan(one.value) else f"{_three(one.value)} ({_three(one.low)} to {_three(one.high)})"


def _three(value: float) -> str:
    return f"{value:.3f}".replace("0.", ".", 1) if value < 1 else f"{value:.3f}"


class _Ranked(NamedTuple):
    """The rows from the highest probability to the lowest; equal ones share a step."""

    order: npt.NDArray[np.int64]
    step: npt.NDArray[np.int64]
    steps: int

    @classmethod
    def of(cls, fraud: npt.NDArray[np.bool_], probability: Floats) -> _Ranked:
        order = np.lexsort((fraud, -probability))
        _, step = np.unique(-probability[order], return_inverse=True)
        return cls(order, step, int(step.max()) + 1 if len(step) else 0)


def _measured(asked: Asked, ranked: _Ranked, weight: Floats) -> Sequence[float]:
    """The measures in the order of `MEASURES`, a row counting `weight` times."""
    fraud, p = asked.fraud, asked.probability
    scams, ordinary = weight * fraud, weight * ~fraud
    adverts = ordinary * asked.advert
    scammed, passed = (
        np.bincount(ranked.step, side[ranked.order], ranked.steps).astype(float) for side in (scams, ordinary)
    )
    flagged = p >= asked.threshold
    return (
        _auc(scammed, passed), _recall(scammed, passed, 0.01), _recall(scammed, passed, 0.001),
        _share(scams, flagged), _share(ordinary, flagged), _share(adverts, flagged),
        _calibration(asked, scams, ordinary),
    )  # fmt: skip


def _auc(scams: Floats, ordinary: Floats) -> float:
    below = ordinary.sum() - np.cumsum(ordinary) + ordinary / 2
    whole = scams.sum() * ordinary.sum()
    return float((scams * below).sum() / whole) if whole else float("nan")


def _recall(scams: Floats, ordinary: Floats, share: float) -> float:
    if not scams.sum() or not ordinary.sum():
        return float("nan")
    taken = np.cumsum(ordinary) <= share * ordinary.sum()
    return float(scams[taken].sum() / scams.sum())


def _share(weight: Floats, flagged: npt.NDArray[np.bool_]) -> float:
    whole = weight.sum()
    return float(weight[flagged].sum() / whole) if whole else float("nan")


def _calibration(asked: Asked, scams: Floats, ordinary: Floats) -> float:
    if not scams.sum() or not ordinary.sum():
        return float("nan")
    weight = asked.base_rate * scams / scams.sum() + (1 - asked.base_rate) * ordinary / ordinary.sum()
    bins = np.minimum((asked.probability * 10).astype(int), 9)
    gap = np.bincount(bins, weight * (asked.probability - asked.fraud), 10)
    return float(np.abs(gap).sum())


def _outer(column: Floats) -> tuple[float, float]:
    known = column[~np.isnan(column)]
    return tuple(np.percentile(known, _OUTER)) if len(known) else (float("nan"), float("nan"))

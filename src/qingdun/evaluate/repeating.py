"""Which detectors repeat each other: how much oftener two of them speak of the same person than chance would
have it, scams and false alerts apart.

Only within one truth is it repetition: that both speak of victims is what they are for.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import combinations
from typing import Any, NamedTuple

import numpy as np

from qingdun.contract.tables import Alert
from qingdun.detect.weights import Weights


class Pair(NamedTuple):
    """Two detectors, their group if they share one, and how many times as often both speak as by chance."""

    one: str
    other: str
    group: str | None
    right: float
    false: float
    both: int


def repeating(
    alerts: Sequence[Alert], right: Sequence[bool], weights: Weights, least: int = 20
) -> list[Pair]:
    """Pairs that speak together in at least `least` of the alerts, the most repetitive first."""
    codes = sorted(weights.detectors)
    place = {code: i for i, code in enumerate(codes)}
    speaks, true = np.zeros((len(alerts), len(codes)), np.bool_), np.array(right, np.bool_)
    for row, alert in zip(speaks, alerts, strict=True):
        for evidence in alert.evidence:
            found: Any = evidence  # read from a file, evidence comes as dictionaries
            row[place[found["detector"]]] |= found["bits"] > 0
    pairs: list[Pair] = []
    for i, j in combinations(range(len(codes)), 2):
        both = int((speaks[:, i] & speaks[:, j]).sum())
        if both < least:
            continue
        of_scams, of_false = (_times(speaks[side, i], speaks[side, j]) for side in (true, ~true))
        groups = {weights.detectors[codes[k]].group for k in (i, j)}
        group = groups.pop() if len(groups) == 1 else None
        pairs.append(Pair(codes[i], codes[j], group, of_scams, of_false, both))
    return sorted(pairs, key=lambda p: (-np.nanmax([p.right, p.false]), p.one, p.other))


def _times(one: Any, other: Any) -> float:
    by_chance = one.mean() * other.mean() if len(one) else 0.0
    return float((one & other).mean() / by_chance) if by_chance else float("nan")

"""Recall on scams whose scripts were left out: half of the scripts is fitted on, the other half measured."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from qingdun.detect.weights import Weights
from qingdun.evaluate.cities import FITTED_ON, Judged, Measured, recall_before
from qingdun.evaluate.measures import scam_behind
from qingdun.evaluate.repeating import Pair, repeating

HALVES = (
    ("brushing", "shopping", "customer_service", "credit", "romance"),
    ("investment", "loan", "acquaintance", "police", "game", "phishing"),
)
"""Scripts left out together."""
HALVES_FITTED_ON = FITTED_ON[:2]
"""Seeds of the cities in which one half alone is played."""


def held_out(left_out: Sequence[Judged]) -> dict[str, Measured]:
    """Recall by type and over all (`all`): of each half in the cities judged by weights fitted to the other.

    `left_out` are the same cities, judged by weights fitted to the first half and to the second.
    """
    asked = [
        (judged, kind, judged.of_types([kind]))
        for judged, half in zip(left_out, reversed(HALVES), strict=True)
        for kind in half
    ]
    by_type = {kind: recall_before([(judged, rows)]) for judged, kind, rows in asked if rows}
    return by_type | {"all": recall_before([(judged, rows) for judged, _, rows in asked])}


def pairs_of(judged: Judged, weights: Weights, most: int = 12) -> list[Pair]:
    """The pairs of detectors that repeat each other most in these alerts."""
    return repeating(judged.alerts, _right(judged, judged.alerts), weights)[:most]


def _right(judged: Judged, alerts: Sequence[Any]) -> list[bool]:
    by_person = judged.truth_by_person()
    return [scam_behind(alert, by_person) is not None for alert in alerts]

"""What each detector brings to the alerts: its lift, the false alarms that need it, and how far others say
the same.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from qingdun.evaluate.figures import Share

Floats = npt.NDArray[np.float64]
_LEAST_ALERTS = 5
"""Alerts of both detectors below which nothing is said of what they have in common."""


@dataclass(frozen=True, slots=True)
class Lift:
    """One detector over alerts whose truth is known."""

    code: str
    right: Share
    """Of the alerts it has evidence in, those that were right."""
    lift: float | None
    """That share over the share of all alerts that were right; 1 says nothing. None without alerts."""
    needed: int
    """Right alerts that would have been none without it."""
    needed_false: int
    """False alarms that would have been none without it."""
    redundancy: float | None
    """Share of the alerts it has evidence in that would have been alerts without it. None without alerts."""
    twin: str
    """The detector whose presence goes with its own most closely; empty for none."""
    correlation: float
    """Of both presences over alerts (phi)."""

    def json(self) -> dict[str, Any]:
        """All of it."""
        return {name: getattr(self, name) for name in self.__dataclass_fields__} | {
            "right": self.right.json()
        }


def lifts(bits: Floats, right: Floats, codes: Sequence[str], prior: float, least: float) -> list[Lift]:
    """Every detector with evidence, the one with most first.

    `bits` by alert and detector, as they were summed; `right` 1 or 0; an alert is none below `least` log2
    odds. What a detector's group would count for more without it is not counted, so `needed` is an upper
    bound.
    """
    present = bits != 0
    odds = prior + bits.sum(axis=1)
    whole = right.mean() if len(right) else 0.0
    phi = _phi(present)
    found: list[Lift] = []
    for place in np.argsort(-present.sum(axis=0), kind="stable"):
        own = present[:, place]
        count, good = int(own.sum()), int(right[own].sum())
        if not count:
            continue
        needed = own & (odds >= least) & (odds - bits[:, place] < least)
        twin = int(np.argmax(phi[place]))
        close = float(phi[place, twin])
        found.append(
            Lift(
                codes[place],
                Share(good, count),
                round(good / count / whole, 3) if whole else None,
                int((needed & (right == 1)).sum()),
                int((needed & (right == 0)).sum()),
                round(1 - int(needed.sum()) / count, 3),
                codes[twin] if close > 0 else "",
                round(max(close, 0.0), 3),
            )
        )
    return found


def table(found: Sequence[Lift]) -> str:
    """For a person."""
    head = (
        f"{'detector':30} {'alerts':>7} {'right':>7} {'lift':>6} {'needed':>7} {'false':>6} "
        f"{'redundant':>10}  goes with"
    )
    rows = [
        f"{one.code:30} {one.right.whole:7,} {one.right.part:7,} {_figure(one.lift):>6} {one.needed:7,} "
        f"{one.needed_false:6,} {_figure(one.redundancy):>10}  "
        + (f"{one.twin} ({one.correlation:.2f})" if one.twin else "–")
        for one in found
    ]
    return "\n".join([head, *rows])


def _figure(value: float | None) -> str:
    return "–" if value is None else f"{value:.2f}"


def _phi(present: npt.NDArray[np.bool_]) -> Floats:
    """Correlation of presences; 0 on the diagonal and where too few alerts have both."""
    each = present.astype(float)
    centred = each - each.mean(axis=0) if len(each) else each
    spread = np.sqrt((centred**2).sum(axis=0))
    scale = np.outer(spread, spread)
    phi: Floats = np.divide(centred.T @ centred, scale, out=np.zeros_like(scale), where=scale > 0)
    phi[(each.T @ each) < _LEAST_ALERTS] = 0.0
    np.fill_diagonal(phi, 0.0)
    return phi

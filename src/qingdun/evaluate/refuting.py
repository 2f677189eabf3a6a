"""What the reason of a false alarm speaks against: a courier's call, say, nothing against a site.

A reason explains away the evidence of some groups of detectors, and of the others nothing is known: they are
neither praised nor blamed for the alert. That a number is used by somebody else speaks against no detector at
all, because what they saw was not about the person who was asked.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from importlib import resources
from typing import Any

import numpy as np
import numpy.typing as npt

from qingdun.detect.weights import Weights

ALL, NONE = "all", "none"
UNSAID = "unsaid"
"""The reason of a false alarm that names none, or one that is not in the table: it speaks against all."""

Masks = npt.NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class ReasonCount:
    """One reason: how many false alarms name it, and in how many it was held against some of the evidence
    alone, the rest being left as it was.
    """

    reason: str
    alarms: int
    in_part: int


def groups_against(reason: str | None) -> frozenset[str] | None:
    """The groups of detectors that the reason speaks against; None for all of them.

    >>> sorted(groups_against("delivery"))
    ['caller', 'depth', 'message', 'talk']
    >>> groups_against(None) is None, groups_against("other_user")
    (True, frozenset())
    """
    return table().get(reason or "")


@cache
def table() -> dict[str, frozenset[str] | None]:
    """The groups by reason; None for all, the empty set for none."""
    raw: dict[str, Any] = json.loads(
        resources.files(__package__).joinpath("refuting.json").read_text("utf-8")
    )["reasons"]
    return {
        reason: None if groups == ALL else frozenset(() if groups == NONE else groups)
        for reason, groups in raw.items()
    }


def speaks_of_the_person(reason: str | None) -> bool:
    """Whether a false alarm with that reason says anything of what was seen of the person."""
    groups = groups_against(reason)
    return groups is None or bool(groups)


def disputed(
    bits: npt.NDArray[np.float64], reasons: Sequence[str | None], codes: Sequence[str], weights: Weights
) -> Masks:
    """By alert and detector, whether the alert's outcome judges that detector's evidence. `reasons` are those
    of false alarms, None for alerts that were right and for reasons unsaid: they judge all.

    A reason that fits nothing the alert rested on judges all of it too: somebody has tapped the wrong one.
    """
    groups = np.array([weights.detectors[code].group for code in codes])
    judged = np.ones(bits.shape, np.bool_)
    for row, (found, reason) in enumerate(zip(bits, reasons, strict=True)):
        against = groups_against(reason)
        if against is None:
            continue
        mask = np.isin(groups, sorted(against))
        if found[mask].any():
            judged[row] = mask
    return judged


def count_reasons(reasons: Sequence[str | None], judged: Masks) -> tuple[ReasonCount, ...]:
    """The reasons of false alarms, the most frequent first."""
    named = [reason if reason in table() else UNSAID for reason in reasons]
    in_part = Counter(name for name, mask in zip(named, judged, strict=True) if not mask.all())
    return tuple(
        ReasonCount(name or UNSAID, count, in_part[name]) for name, count in Counter(named).most_common()
    )

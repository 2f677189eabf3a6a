"""When a host is known to many, a matter of the share of all subscribers who ask for it.

A count in a sample says little about a small share: of 2,000 subscribers one or two meet any site by chance.
A host is held to be above a share only when so many ask for it that a host of exactly that share would
hardly ever have as many (Poisson, one in twenty). For 54,000 subscribers, of whom the weights were drawn,
these are the 10 and 40 visitors that they assume.
"""

from __future__ import annotations

import math
from typing import NamedTuple

from qingdun.detect.weights import Weights

BY_CHANCE = 0.05
"""How often a host of the share may have as many visitors by chance."""
_FEW, _MORE = 2, 10
"""What the counts never fall below: one visitor proves nothing about a site, nor do a few victims of one."""


class Rarity(NamedTuple):
    """Counts of visitors, for a city of some size."""

    few: int
    """With fewer, a host is one that few people know."""
    common: int
    """With as many, it is too common to be a scam's own, and is no longer counted."""

    @classmethod
    def of(cls, weights: Weights, subscribers: int) -> Rarity:
        """The counts for so many subscribers; where none is known, those of a large city."""
        if not subscribers:
            return cls(weights.rare_most, weights.rare_most)
        few, common = (
            beyond(share * subscribers, weights.rare_most)
            for share in (weights.few_share, weights.common_share)
        )
        return cls(max(few, _FEW), max(common, _MORE))


def beyond(expected: float, most: int) -> int:
    """The least count that hardly happens where `expected` are expected; `most` if it is larger.

    >>> [beyond(expected, 50) for expected in (0.0, 0.2, 5.0, 30.0, 5000.0)]
    [1, 2, 10, 40, 50]
    """
    count, tail, term = 0, 1.0, math.exp(-expected)
    while tail >= BY_CHANCE and count < most:
        tail -= term
        count += 1
        term *= expected / count
    return count

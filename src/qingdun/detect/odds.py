"""Probabilities and bits."""

from __future__ import annotations

import math


def odds_to_probability(millibits: int) -> float:
    """The probability whose log2 odds are `millibits` thousandths.

    >>> odds_to_probability(0)
    0.5
    """
    bits: float = max(-60_000, min(60_000, millibits)) / 1000
    return 1.0 / (1.0 + math.pow(2.0, -bits))


def log_odds(probability: float) -> float:
    """The log2 odds of a probability, in bits; certainty is held to 20 bits.

    >>> round(log_odds(0.1), 2)
    -3.17
    """
    held = min(max(probability, 1e-6), 1 - 1e-6)
    return math.log2(held / (1 - held))

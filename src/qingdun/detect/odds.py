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


SURE = 1e-6
"""How near to certain a model or a rate may come: 20 bits."""
ALERT_SURE = 1e-12
"""How near to certain an alert may come: 40 bits."""


def log_odds(probability: float, least: float = SURE) -> float:
    """The log2 odds of a probability, in bits; what is nearer to certainty than `least` counts as that.

    >>> round(log_odds(0.1), 2)
    -3.17
    """
    held = min(max(probability, least), 1 - least)
    return math.log2(held / (1 - held))

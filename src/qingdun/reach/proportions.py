"""How sure a share is: Wilson's interval for one, Newcombe's for the difference of two. Pure."""

from __future__ import annotations

import math
from typing import NamedTuple

Z = 1.959963984540054
"""Of the normal distribution: 95 of 100 lie within."""


class Interval(NamedTuple):
    """From and to, as shares."""

    low: float
    high: float


def wilson(part: float, whole: int) -> Interval | None:
    """The 95 % interval of part / whole after Wilson (1927); None over nothing.

    >>> low, high = wilson(8, 10)
    >>> round(low, 3), round(high, 3)
    (0.49, 0.943)
    """
    if whole <= 0:
        return None
    share, z2 = part / whole, Z * Z
    middle = (share + z2 / (2 * whole)) / (1 + z2 / whole)
    reach = Z * math.sqrt(share * (1 - share) / whole + z2 / (4 * whole * whole)) / (1 + z2 / whole)
    return Interval(max(0.0, min(middle - reach, share)), min(1.0, max(middle + reach, share)))


def difference(part: int, whole: int, part_before: int, whole_before: int) -> Interval | None:
    """The 95 % interval of the difference now less before, after Newcombe (1998, method 10); None if either
    is over nothing. If it holds 0, chance explains the difference.

    >>> low, high = difference(56, 70, 48, 80)
    >>> round(low, 4), round(high, 4)
    (0.0524, 0.3339)
    """
    now, before = wilson(part, whole), wilson(part_before, whole_before)
    if now is None or before is None:
        return None
    p, q = part / whole, part_before / whole_before
    below = math.hypot(p - now.low, before.high - q)
    above = math.hypot(now.high - p, q - before.low)
    return Interval(max(-1.0, p - q - below), min(1.0, p - q + above))

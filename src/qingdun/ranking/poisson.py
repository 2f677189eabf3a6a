"""Counts of rare cases: exact intervals, and how likely chance alone is to give so many."""

from __future__ import annotations

import math
from collections.abc import Callable
from functools import lru_cache

_STEPS = 200
_EPSILON = 1e-15


def at_most(count: int, mean: float) -> float:
    """The chance of `count` cases or fewer where `mean` are expected.

    >>> round(at_most(2, 1.0), 6)
    0.919699
    """
    if count < 0:
        return 0.0
    return 1.0 - lower_gamma(count + 1.0, mean)


def at_least(count: int, mean: float) -> float:
    """The chance of `count` cases or more where `mean` are expected: the p-value of "more than expected"."""
    return 1.0 if count <= 0 else lower_gamma(float(count), mean)


def interval(count: int, level: float = 0.95) -> tuple[float, float]:
    """The exact two-sided interval (Garwood 1936) of the mean behind a count.

    >>> [round(end, 3) for end in interval(0)], [round(end, 3) for end in interval(10)]
    ([0.0, 3.689], [4.795, 18.39])
    """
    tail = (1.0 - level) / 2.0
    low = gamma_quantile(count, tail) if count else 0.0
    return low, gamma_quantile(count + 1, 1.0 - tail)


@lru_cache(maxsize=8192)
def gamma_quantile(shape: float, share: float) -> float:
    """Where the distribution function of a gamma distribution of scale 1 reaches `share` (0 < share < 1).

    Remembered: a thousand villages have the same few counts.
    """
    high = shape + 1.0
    while lower_gamma(shape, high) < share:
        high *= 2.0
    return bisected(lambda x: lower_gamma(shape, x) - share, 0.0, high)


def lower_gamma(shape: float, x: float) -> float:
    """The regularised lower incomplete gamma function P(shape, x).

    By its series below shape + 1 and by Lentz's continued fraction above (Abramowitz and Stegun 6.5.29 and
    6.5.31).
    """
    if x <= 0.0:
        return 0.0
    front = math.exp(shape * math.log(x) - x - math.lgamma(shape))
    if x < shape + 1.0:
        term = total = 1.0 / shape
        place = shape
        while abs(term) > abs(total) * _EPSILON:
            place += 1.0
            term *= x / place
            total += term
        return min(1.0, front * total)
    tiny = 1e-300
    b = x + 1.0 - shape
    c, d = 1.0 / tiny, 1.0 / b
    fraction = d
    for step in range(1, 10_000):
        a = -step * (step - shape)
        b += 2.0
        d = 1.0 / _off_zero(a * d + b, tiny)
        c = _off_zero(b + a / c, tiny)
        fraction *= c * d
        if abs(c * d - 1.0) < _EPSILON:
            break
    return max(0.0, 1.0 - front * fraction)


def bisected(rising: Callable[[float], float], low: float, high: float) -> float:
    """Where a rising function crosses zero between two points."""
    for _ in range(_STEPS):
        middle = (low + high) / 2.0
        if middle in (low, high):
            break
        if rising(middle) < 0.0:
            low = middle
        else:
            high = middle
    return (low + high) / 2.0


def _off_zero(value: float, tiny: float) -> float:
    return value if abs(value) > tiny else tiny

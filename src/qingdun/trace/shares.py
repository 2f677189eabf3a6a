"""Sums of money parted in proportion, exact to the fen."""

from __future__ import annotations

from collections.abc import Mapping


def in_proportion(fen: int, weights: Mapping[str, int]) -> dict[str, int]:
    """`fen` parted in the proportion of the weights; the parts sum to `fen` and none exceeds its weight
    unless `fen` exceeds their sum.

    Every part is its exact share rounded down or up; the fen that rounding down leaves go to the largest
    remainders, equal ones in the order of the mapping.

    >>> in_proportion(100, {"a": 1, "b": 1, "c": 1})
    {'a': 34, 'b': 33, 'c': 33}
    """
    whole = sum(weights.values())
    if fen == 0 or whole == 0:
        return dict.fromkeys(weights, 0)
    parts = {key: fen * weight // whole for key, weight in weights.items()}
    rest = {key: fen * weight % whole for key, weight in weights.items()}
    missing = fen - sum(parts.values())
    for key in sorted(rest, key=rest.__getitem__, reverse=True)[:missing]:
        parts[key] += 1
    return parts


def lessened(parts_fen: Mapping[str, int], taken_fen: Mapping[str, int]) -> dict[str, int]:
    """What is left of each part once `taken_fen` is gone: of each from its own part, what that lacks from
    the others in proportion, exact to the fen.

    >>> lessened({"a": 100, "b": 200, "c": 100}, {"a": 150})
    {'a': 0, 'b': 167, 'c': 83}
    """
    left = {key: max(0, fen - taken_fen.get(key, 0)) for key, fen in parts_fen.items()}
    missing = sum(taken_fen.values()) - (sum(parts_fen.values()) - sum(left.values()))
    cut = in_proportion(min(missing, sum(left.values())), left)
    return {key: fen - cut[key] for key, fen in left.items()}


def refunds(frozen_fen: int, losses_fen: Mapping[str, int]) -> dict[str, int]:
    """What each victim gets back of a frozen sum: min(loss, frozen · loss / Σ losses), exact to the fen.

    The parts sum to the smaller of what is frozen and what was lost. This is the
    pro-rata rule of refunds (资金返还, 按比例返还).

    >>> refunds(1_000_00, {"a": 4_000_00, "b": 1_000_00})
    {'a': 80000, 'b': 20000}
    """
    if frozen_fen < 0 or any(loss < 0 for loss in losses_fen.values()):
        raise ValueError("sums of money are not negative")
    return in_proportion(min(frozen_fen, sum(losses_fen.values())), losses_fen)

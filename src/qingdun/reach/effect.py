"""What a mailing has changed: the people it went to against those held out, with how far chance goes.

Everybody counts in the group they were drawn into, whether the message arrived or not (intention to treat):
who can be reached is not a matter of chance, the draw is.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from statistics import NormalDist

from qingdun.reach.proportions import Interval, Z, difference


@dataclass(frozen=True, slots=True)
class Group:
    """Of so many people so many were hit."""

    hit: int
    people: int

    @property
    def share(self) -> float | None:
        """Hit of all; None of nobody."""
        return self.hit / self.people if self.people else None


@dataclass(frozen=True, slots=True)
class Effect:
    """The group that was sent the message against the one held out."""

    sent: Group
    held: Group
    difference: float | None
    """Share of the sent less share of the held out: below 0, fewer were hit."""
    difference_interval: Interval | None
    """95 %, Newcombe 1998."""
    ratio: float | None
    """Share of the sent over share of the held out; None where nobody held out was hit."""
    ratio_interval: Interval | None
    """95 %, Katz 1978; half a person is added everywhere if one group was not hit at all (Pettigrew 1986)."""

    @property
    def verdict(self) -> str:
        """`fewer` or `more` were hit at 95 %, `open` if chance explains the difference, `nothing` without
        people in both groups.
        """
        interval = self.difference_interval
        if interval is None:
            return "nothing"
        if interval.high < 0:
            return "fewer"
        return "more" if interval.low > 0 else "open"


def effect(sent: Group, held: Group) -> Effect:
    """The difference and the ratio of both shares with their 95 % intervals.

    >>> found = effect(Group(18, 900), Group(5, 100))
    >>> round(found.difference, 3), [round(end, 3) for end in found.difference_interval]
    (-0.03, [-0.092, 0.001])
    >>> round(found.ratio, 2), [round(end, 2) for end in found.ratio_interval]
    (0.4, [0.15, 1.05])
    """
    for name, group in (("sent", sent), ("held out", held)):
        if not 0 <= group.hit <= group.people:
            raise ValueError(f"{name}: found {group.hit} hit of {group.people} people")
    one, other = sent.share, held.share
    between = one - other if one is not None and other is not None else None
    apart = difference(sent.hit, sent.people, held.hit, held.people)
    ratio = one / other if one is not None and other else None
    return Effect(sent, held, between, apart, ratio, _katz(sent, held))


def least_fall(share: float, sent: int, held: int, power: float = 0.8) -> float | None:
    """The smallest fall of the share hit, from `share` of those held out, that so large groups would tell
    from chance in `power` of all cases; None if not even a fall to nought is found so often.

    By the normal approximation (Fleiss, Levin and Paik 2003, section 4.2), which flatters where few are hit.

    >>> round(least_fall(0.02, 9000, 1000), 4), least_fall(0.02, 540, 60)
    (0.0127, None)
    """
    if not (0 < share <= 1 and sent > 0 and held > 0):
        return None
    reach = Z + NormalDist().inv_cdf(power)

    def found(fall: float) -> bool:
        left = share - fall
        return fall >= reach * math.sqrt(left * (1 - left) / sent + share * (1 - share) / held)

    if not found(share):
        return None
    low, high = 0.0, share
    for _step in range(40):
        middle = (low + high) / 2
        low, high = (low, middle) if found(middle) else (middle, high)
    return high


def _katz(sent: Group, held: Group) -> Interval | None:
    if not sent.people or not held.people or not (sent.hit or held.hit):
        return None
    more = 0.0 if sent.hit and held.hit else 0.5
    a, n = sent.hit + more, sent.people + more
    b, m = held.hit + more, held.people + more
    spread = math.sqrt(max(0.0, 1 / a - 1 / n + 1 / b - 1 / m))
    middle = math.log((a / n) / (b / m))
    return Interval(math.exp(middle - Z * spread), math.exp(middle + Z * spread))

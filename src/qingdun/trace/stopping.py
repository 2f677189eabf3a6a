"""Which account to stop first: the money that is still there, and how soon it will not be."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from qingdun.trace.following import Standing, Trace, Whereabouts

_MINUTE_US = 60_000_000
TURN_MIN = 5.0
"""What one order takes until the bank acts on it: a default of ours."""


@dataclass(frozen=True, slots=True)
class Haste:
    """How soon money leaves a layer: how often it was seen to be sent on, in how many minutes of holding it.

    The defaults stand for two accounts that each kept it for half an hour, the time within which mules are
    known to pass on 90 % of what comes in; what is seen in the trace itself is added to them.
    """

    left: float = 2.0
    held_min: float = 60.0

    @property
    def a_minute(self) -> float:
        """The chance that what is there leaves within a minute, as a rate."""
        return self.left / self.held_min


@dataclass(frozen=True, slots=True)
class Order:
    """One account to stop, and why now."""

    account: int
    level: int
    there_fen: int
    certain: bool
    minutes_left: float
    """In which half of what is there has left on average."""
    expected_fen: float
    """What is still there on average when the bank acts, if the order is given in its turn."""
    turn: int

    def text_zh(self) -> str:
        """The reason in Chinese."""
        return (
            f"第{self.level}层账户，账上尚有被骗资金 {self.there_fen / 100:,.2f} 元"
            f"{'' if self.certain else '（估算）'}，预计约 {self.minutes_left:.0f} 分钟后转走一半；"
            f"按第 {self.turn} 个止付，预计可保住 {self.expected_fen / 100:,.0f} 元"
        )

    def text_en(self) -> str:
        """The reason in English."""
        return (
            f"layer {self.level}, ¥{self.there_fen / 100:,.2f} of victims' money still there"
            f"{'' if self.certain else ' (estimated)'}, half of it gone in about {self.minutes_left:.0f} "
            f"min; stopped as number {self.turn} it keeps ¥{self.expected_fen / 100:,.0f} on average"
        )


def haste_by_level(trace: Trace, prior: Haste | None = None) -> dict[int, Haste]:
    """How soon money left each layer of this trace, each layer leaning on the prior.

    An account counts as having sent money on as often as it made a hop, each after the minutes since money
    last came in or left; the one that still holds some has held it until now.
    """
    start = prior or Haste()
    found: dict[int, Haste] = {}
    since: dict[int, int] = {}
    for hop in trace.hops:
        payer = trace.standings.get(hop.payer)
        if payer is not None and hop.payer in since:
            haste = found.get(payer.level, start)
            waited = (hop.at_us - since[hop.payer]) / _MINUTE_US
            found[payer.level] = Haste(haste.left + 1, haste.held_min + waited)
            since[hop.payer] = hop.at_us
        since[hop.payee] = hop.at_us
    for standing in trace.still_there():
        last = since.get(standing.account, standing.last_us)
        haste = found.get(standing.level, start)
        waited = max(0.0, (trace.now_us - last) / _MINUTE_US)
        found[standing.level] = Haste(haste.left, haste.held_min + waited)
    return found


def stop_order(
    trace: Trace,
    turn_min: float = TURN_MIN,
    prior: Haste | None = None,
    held: Mapping[int, int] | None = None,
) -> list[Order]:
    """The accounts that still hold victims' money that can leave, the one first whose waiting a turn would
    cost most. `held` says of how many fen of an account that they cannot: an order or a freeze keeps them.

    Money there leaves at the rate of its layer; an order works after its turn's `turn_min` minutes. Of two
    neighbours in the queue, exchanging them saves more exactly if what a turn of waiting costs is larger for
    the second; so each turn takes the account for which that is largest.
    """
    haste = haste_by_level(trace, prior)
    kept = held or {}
    loose = {one.account: one.there_fen - kept.get(one.account, 0) for one in trace.still_there()}
    waiting = [one for one in trace.still_there() if loose[one.account] > 0]
    found: list[Order] = []
    while waiting:
        after = turn_min * (len(found) + 1)
        best = max(
            waiting,
            key=lambda s: (
                loose[s.account] * _share(s, haste, after, turn_min), loose[s.account], -s.account
            ),
        )  # fmt: skip
        waiting.remove(best)
        rate, fen = _rate(best, haste), loose[best.account]
        found.append(
            Order(
                best.account, best.level, fen, best.certain,
                math.log(2) / rate, fen * math.exp(-rate * after), len(found) + 1,
            )
        )  # fmt: skip
    return found


def in_layers(trace: Trace) -> list[int]:
    """Accounts layer by layer, in the order money reached them: how desks go about it without a rule."""
    found: Iterable[Standing] = (s for s in trace.standings.values() if s.kind == Whereabouts.FOLLOWED)
    return [s.account for s in sorted(found, key=lambda s: (s.level, s.reached_us, s.account))]


def _share(standing: Standing, haste: dict[int, Haste], after: float, turn_min: float) -> float:
    """Of what can leave, what a turn of waiting costs."""
    rate = _rate(standing, haste)
    return math.exp(-rate * after) * (1 - math.exp(-rate * turn_min))


def _rate(standing: Standing, haste: dict[int, Haste]) -> float:
    return haste.get(standing.level, Haste()).a_minute

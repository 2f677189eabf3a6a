"""How a gang's money is cashed: hours after it came to rest, piece by piece, by machine, shop or dealer.

The flows know no cash: money that leaves by a machine, through a shop's till or to a dealer in coins looks
alike, a third-party payment to a merchant. The ways differ in how much goes at once and how long it takes.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

from qingdun.contract.codes import Channel

if TYPE_CHECKING:
    from qingdun.simulate.scene import Scene

MEDIAN_MIN = {1: 240.0, 2: 180.0, 3: 120.0, 4: 45.0}
"""Minutes money rests in each layer until somebody begins to cash it, at the median: defaults of ours.

What the first layers keep is small and nobody hurries; the last accounts are those the runners hold cards of.
"""
SPREAD = 0.9
"""Of its logarithm: one in six takes two and a half times as long, one in six less than half."""
LEAST_FEN = 100_00


@dataclass(frozen=True, slots=True)
class Way:
    """One way to cash: how often it is taken, how much at once and a day, minutes between two pieces."""

    weight: float
    piece_fen: int
    a_day_fen: int
    apart_min: tuple[float, float]


WAYS = (
    Way(0.4, 5_000_00, 20_000_00, (1, 6)),
    Way(0.3, 30_000_00, 200_000_00, (10, 60)),
    Way(0.3, 500_000_00, 5_000_000_00, (5, 20)),
)
"""A machine (limits a card and day as banks set them), a shop's till, a dealer in coins."""


def leave_to_cash(scene: Scene, layer: int, place: int, account: int, fen: int) -> None:
    """A story of its own will cash what is left there, if the world's gangs cash; it takes no chance of the
    scene's, so that everything else is told as without. Of what was paid before the first day nothing is
    cashed. `place` tells accounts of one layer apart.
    """
    world, case = scene.world, scene.case
    told = case is not None and case.first_transfer_at is not None and world.shows(scene.now)
    if world.cash_out and told and fen >= LEAST_FEN:
        key = f"{scene.key}/cash{layer}.{place}"
        runner = scene.spoken_for(key)
        scene.world.begin(scene.now, key, runner, _cash(runner, layer, account, fen))


def _cash(scene: Scene, layer: int, account: int, fen: int) -> Iterator[int]:
    """A story: the money is fetched after a while, in pieces, as far as the limits of the day go."""
    rng = scene.rng
    way = rng.choices(WAYS, [one.weight for one in WAYS])[0]
    yield scene.minutes(*[MEDIAN_MIN[layer] * math.exp(SPREAD * rng.gauss(0, 1))] * 2)
    shop, today = scene.payee("merchant"), 0
    while fen >= LEAST_FEN:
        piece = min(fen, way.piece_fen, way.a_day_fen - today)
        if not piece:
            today = 0
            yield scene.next_day()
            continue
        piece = piece // LEAST_FEN * LEAST_FEN
        scene.move(account, shop, piece, scene.now, Channel.THIRD_PARTY, own_device=False)
        scene.implicate(account, scene.now)
        fen, today = fen - piece, today + piece
        yield scene.minutes(*way.apart_min)

"""What a scam type consists of: its gang, whom it reaches, when, how many fall, and the story itself."""

from __future__ import annotations

import random
from collections.abc import Callable
from dataclasses import dataclass

from qingdun.contract.codes import ScamType
from qingdun.simulate.gangs import GangPlan, Line
from qingdun.simulate.ordinary import rhythm
from qingdun.simulate.ordinary.rhythm import SECOND
from qingdun.simulate.scene import Depth, Scene
from qingdun.simulate.world import Story


@dataclass(frozen=True, slots=True)
class Script:
    """One scam type.

    `reach` is its weight among all persons reached; `falls` the share of those reached who pay (at average
    susceptibility); `ages` weighs ages: (from, to, weight), 0.3 elsewhere; `lead_days` how long the story
    may have been going on before the first simulated day; `hours` shares of first contacts by hour.
    """

    type: ScamType
    plan: GangPlan
    play: Callable[[Scene], Story]
    reach: float
    falls: float
    ages: tuple[tuple[int, int, float], ...]
    lead_days: int = 0
    hours: tuple[float, ...] = rhythm.WORK

    def appeal(self, age: int) -> float:
        """How likely a person of that age is to be picked, 0 to 1."""
        return next((weight for low, high, weight in self.ages if low <= age < high), 0.3)

    def depth(self, age: int, rng: random.Random) -> Depth:
        """How far a person of that age goes."""
        draw = rng.random()
        falls = self.falls * (1.3 if age >= 60 or age < 25 else 0.9)
        if draw < falls:
            return Depth.PAYS
        if draw < falls + 0.07:
            return Depth.LURED
        return Depth.LISTENS if draw < falls + 0.32 else Depth.IGNORES


def hung_up_first(scene: Scene, line: Line) -> Story:
    """A story: one in four hangs up on the line within seconds; the gang is about to ring again at once."""
    # Chances of its own: whoever stays on the line goes through the very story they would have.
    rng = random.Random(f"{scene.world.seed}/{scene.key}/hung up")
    if rng.random() < 0.25:
        seconds = rng.uniform(3, 18)
        scene.talk(line, seconds)
        yield scene.now + round((seconds + rng.uniform(15, 150)) * SECOND)


def loss(scene: Scene, median_yuan: float, sigma: float = 0.8) -> float:
    """A sum in yuan, lognormal, of at most what the person has."""
    return max(50.0, min(median_yuan * scene.rng.lognormvariate(0, sigma), max(scene.left_yuan, 100.0)))

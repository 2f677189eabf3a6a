"""Which conditions hold of subscribers for what speaks for their being scammed; rows pass or stop by them.

Many people have a little evidence on them: a text that reads like fraud, a long call. What they do is looked
at by Python only where some detector can make something of so little. Whoever has `LEAST` on them is
*followed*: the timeline keeps what happens to them, and what they touch may become tainted.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

import numpy as np

from qingdun.detect.correlate import Correlator
from qingdun.detect.evidence import HOUR_US
from qingdun.detect.memory import Memory
from qingdun.detect.reference import Reference
from qingdun.detect.waking import FOLLOWED, LATELY, UNDER_EVIDENCE, Concern

LEAST: Final = 2000
"""Thousandths of a bit, before discounts, from which a person is followed. No detector that asks how much
speaks for a person asks for less (`tests/detect/test_following.py`)."""
LATELY_US: Final = 3 * HOUR_US
"""How long after a signal something was said lately: longer than the detectors of steps after a lure wait."""


class Following:
    """Keeps the conditions as signals come, and lets go of them on the hour."""

    def __init__(self, correlator: Correlator, memory: Memory, reference: Reference, now: int) -> None:
        """The conditions hold as of `now` (UTC microseconds)."""
        self._correlator, self._memory, self._reference = correlator, memory, reference
        self._followed, self._lately = set[str](), set[str]()
        for person in correlator.persons():
            if correlator.follows(person, now, LEAST):
                self._followed.add(person)
            if correlator.latest(person) >= now - LATELY_US:
                self._lately.add(person)
        self._flag(UNDER_EVIDENCE, correlator.persons())
        self._flag_again()

    def heard(self, person_id: str, now: int) -> None:
        """A signal about the person was taken."""
        concern = UNDER_EVIDENCE | LATELY
        self._lately.add(person_id)
        if self._correlator.follows(person_id, now, LEAST):
            concern |= FOLLOWED
            if person_id not in self._followed:
                self._followed.add(person_id)
                self._memory.money.suspect(self._memory.touches.person(person_id))
        self._memory.waking.set(self._places_of(person_id), concern)

    def forget(self, now: int, gone: Iterable[str]) -> None:
        """What held and holds no more at `now` is let go of; nothing is held of those who are `gone`."""
        correlator, waking = self._correlator, self._memory.waking
        for person in gone:
            for place in self._places_of(person):
                waking.clear(place, UNDER_EVIDENCE)
        self._followed = {one for one in self._followed if correlator.follows(one, now, LEAST)}
        self._lately = {one for one in self._lately if correlator.latest(one) >= now - LATELY_US}
        self._flag_again()

    def _flag_again(self) -> None:
        self._flag(FOLLOWED, self._followed)
        self._flag(LATELY, self._lately)
        money, touches = self._memory.money, self._memory.touches
        money.known[:] = 0
        for person in self._followed:
            money.suspect(touches.person(person))

    def _flag(self, concern: Concern, persons: Iterable[str]) -> None:
        places = [place for person in persons for place in self._places_of(person)]
        self._memory.waking.set_all(concern, np.array(places, np.int32), anew=True)

    def _places_of(self, person_id: str) -> list[int]:
        touches = self._memory.touches
        return [touches.number(number) for number in self._reference.numbers_of(person_id)]

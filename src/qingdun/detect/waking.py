"""Which visits are judged one by one: those on which some detector may have a say; all others are only
counted.

A detector of visits says of a host under which conditions a visit to it concerns the detector; the engine
keeps for every subscriber which conditions hold. A visit is judged if the two meet. Too many visits may be
judged and never too few, so that nobody can tell from the alerts which were.
"""

from __future__ import annotations

import heapq
from collections.abc import Iterable
from typing import Any, Final, TypeAlias

import numpy as np
import numpy.typing as npt

from qingdun.detect.tiles.asked import Asked

Concern: TypeAlias = int
"""When a visit concerns a detector: any of the following together."""
NOBODY: Final = 0
EVERYBODY: Final = 1
"""Whoever asks for the host, be they in the register or not."""
IN_CALL: Final = 2
"""Subscribers in a live call."""
UNDER_EVIDENCE: Final = 4
"""Subscribers of whom something speaks for their being scammed."""
MARKED: Final = 8
"""Subscribers whom a detector has marked (`View.mark`)."""
FOLLOWED: Final = 16
"""Subscribers of whom so much speaks for their being scammed that they are followed (`following`)."""
LATELY: Final = 32
"""Subscribers of whom something was said within the last hours."""
YOUNG: Final = 64
"""Whoever asks for the host while it is new in this city (`Touches.new_since`)."""

Flags = npt.NDArray[np.uint8]


class Waking:
    """The conditions that hold of subscribers and hosts, and the visits of the batch that are due for it."""

    def __init__(self) -> None:
        self.numbers: Flags = np.array([EVERYBODY], np.uint8)
        """By place in the register, what holds; the last is everybody else."""
        self._hosts: Flags = np.zeros(0, np.uint8)
        """By place: whether every visit to the host is judged."""
        self.finish()

    def enrol(self, numbers: int) -> None:
        """There are so many subscribers in the register."""
        known = self.numbers
        self.numbers = np.full(numbers + 1, EVERYBODY, np.uint8)
        self.numbers[: len(known) - 1] = known[:-1]

    def begin(self, asked: Asked, concerns: Flags) -> None:
        """These visits are next; `concerns` says of the host of each whom it concerns."""
        self._asked, self._concerns = asked, concerns
        self._since = 0
        hosts = self._room(int(asked.entity.max()) + 1 if len(asked.at) else 0)[asked.entity]
        due = np.flatnonzero((concerns | hosts) & self.numbers[asked.number])
        self._due = due.tolist()  # sorted, hence a heap
        self._told = np.zeros(len(asked.at), np.bool_)
        self._told[due] = True

    def finish(self) -> None:
        """No visits are left."""
        self.begin(Asked.none(), np.zeros(0, np.uint8))

    def first(self) -> int:
        """The place of the next visit that is judged; how many visits there are if none is left."""
        return self._due[0] if self._due else len(self._asked.at)

    def take(self) -> int:
        """That place, taken off."""
        return heapq.heappop(self._due)

    def holds(self, place: int) -> bool:
        """Whether what made the visit at that place due holds still: a call may have ended before it."""
        host, number = self._asked.entity[place], self._asked.number[place]
        return bool((self._concerns[place] | self._hosts[host]) & self.numbers[number])

    def initially(self) -> list[int]:
        """All places that are due now."""
        return list(self._due)

    def reach(self, place: int) -> None:
        """The pass has come to the visit at that place: what begins to hold now concerns it and later
        ones."""
        self._since = place

    def set(self, numbers: Iterable[int], concern: Concern) -> None:
        """The condition holds of these subscribers from now on."""
        for number in numbers:
            if number >= 0 and self.numbers[number] & concern != concern:
                self.numbers[number] |= concern
                if concern != IN_CALL:  # known before the batch began
                    own = self._asked.number[self._since :] == number
                    self._wake(own & (self._concerns[self._since :] & concern != 0))

    def clear(self, number: int, concern: Concern) -> None:
        """The condition does not hold of the subscriber."""
        if number >= 0:
            self.numbers[number] &= 255 - concern

    def set_all(self, concern: Concern, numbers: npt.NDArray[np.integer[Any]], anew: bool = False) -> None:
        """The condition holds of these subscribers; of no others if `anew`. No visit becomes due by it: only
        between batches, or where it held before."""
        flags = self.numbers
        if anew:
            flags[:-1] &= np.uint8(255 - concern)
        flags[numbers[numbers >= 0]] |= np.uint8(concern)

    def watch(self, host: int) -> None:
        """Every visit to the host is judged from now on."""
        hosts = self._room(host + 1)
        if not hosts[host]:
            hosts[host] = EVERYBODY
            self._wake(self._asked.entity[self._since :] == host)

    def forget(self, stale: npt.NDArray[np.bool_], hosts: Iterable[int]) -> None:
        """Of the entities that are stale, only these hosts are watched still."""
        self._room(len(stale))[: len(stale)][stale] = 0
        for host in hosts:
            self._room(host + 1)[host] = EVERYBODY

    def watched(self, entities: int) -> npt.NDArray[np.bool_]:
        """Of so many entities, whether every visit is judged."""
        return np.asarray(self._room(entities)[:entities] != 0)

    def renumber(self, places: npt.NDArray[np.int32]) -> None:
        """Hosts have new places, or −1 and none."""
        old = self._room(len(places))[: len(places)]
        hosts = np.zeros(int(places.max(initial=-1)) + 1, np.uint8)
        hosts[places[places >= 0]] = old[places >= 0]
        self._hosts = hosts

    def _room(self, hosts: int) -> Flags:
        if hosts > len(self._hosts):
            larger = np.zeros(hosts + hosts // 2, np.uint8)
            larger[: len(self._hosts)] = self._hosts
            self._hosts = larger
        return self._hosts

    def _wake(self, later: npt.NDArray[np.bool_]) -> None:
        for place in (np.flatnonzero(later) + self._since).tolist():
            if not self._told[place]:
                self._told[place] = True
                heapq.heappush(self._due, place)

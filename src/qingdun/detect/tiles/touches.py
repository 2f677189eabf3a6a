"""Who has asked for which host and touched what, in integer-coded arrays that compiled loops fill.

What is kept is counted without loss, but for sketches, and idempotent, since visits carry no id:

- *crowds*: the distinct subscribers who have asked for an uncommon host, each with the minute of the last
  time, until they are too many; of a suspect host a *sketch* of them from then on (`sketches`);
- *sites*: the last uncommon hosts that a subscriber asked for;
- *circles*: the distinct persons who touched a number, sender, host or account, until they are too many, and
  in *rings* the last entities that a person touched.

Ordinary visits are counted in bulk, and not before somebody asks: every question is answered as of `cursor`,
the place in the batch that the pass has reached. What is stale is forgotten, its room is used again.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from qingdun.detect.evidence import DAY_US, HOUR_US, MINUTE_US
from qingdun.detect.rarity import Rarity
from qingdun.detect.tiles import growing, kernels
from qingdun.detect.tiles.asked import Asked
from qingdun.detect.tiles.codes import UNKNOWN, Codes, larger
from qingdun.detect.tiles.sketches import Sketches
from qingdun.detect.tiles.windows import LONGEST_US, MINUTES

Entity = tuple[str, str]
Ints = npt.NDArray[np.int64]
Ids = npt.NDArray[np.int32]
Placed = Callable[[str, list[str]], Ids]
"""Tells the places of entities of a kind (`Touches.entities`)."""

_CROWD_US = 14 * DAY_US
CIRCLE_US = 3 * DAY_US
"""How long after its last touch an entity's circle is kept."""
_LENGTHS = np.array(list(MINUTES.values()))
"""Of windows, in minutes."""
_SPARE = 100_000
"""Entities that may be stale before their numbers are given anew."""


class Seen(NamedTuple):
    """How new a host is in this city, and who asks for it."""

    first_at: int
    """When it was first asked for; it has not been forgotten since."""
    visitors: dict[str, int]
    """How many different subscribers within windows that end now, by their names (`windows.LENGTHS`):
    exactly, or by a sketch of the standard error that `sketches` states."""


class Touches:
    """Crowds, sites, circles and rings over dense numbers of entities, subscribers and persons."""

    def __init__(self, rarity: Rarity, most_persons: int, new_h: float = 48) -> None:
        """`new_h`: for how many hours a host is new here, and a city has to be watched before one can be."""
        self.rarity = rarity
        self._most = most_persons
        self._numbers: dict[str, int] = {}
        self._persons: dict[str, int] = {}
        self._person_ids: list[str] = []
        self._entities: dict[str, dict[str, int]] = {}
        self._names: list[Entity] = []
        self._person_of = np.zeros(0, np.int32)
        self._crowds, self._sites = kernels.no_crowds(), kernels.no_sites()
        self._circles, self._rings = kernels.no_circles(), kernels.no_rings()
        self._tidied = 0
        self.spare = _SPARE
        self._new_us = round(new_h * HOUR_US)
        self._watched_from: int | None = None
        self._sketches = Sketches()
        self._digests = np.zeros(0, np.int64)
        """By place in the register."""
        self._plain = self._suspect = np.zeros(0, np.bool_)
        self._begin(Asked.none())

    def _begin(self, asked: Asked) -> None:
        self._asked = asked
        self._counted = 0
        self.cursor = 0
        self.uncounted = np.zeros((64, 4), np.int64)
        """Touches that are not counted yet: the visit before which each came, person, entity, time."""
        self.waiting = np.zeros(1, np.int64)
        """How many there are."""
        self._expected = 0

    # The registers: strings to numbers.

    def enrol(self, lines: Iterable[tuple[str, str]]) -> Codes:
        """Every (number, person) has its place; the numbers, to be looked up in columns."""
        persons: list[int] = []
        for number, person_id in lines:
            if number not in self._numbers:
                self._numbers[number] = len(self._numbers)
            place = self._numbers[number]
            if place >= len(persons):
                persons.extend([UNKNOWN] * (place + 1 - len(persons)))
            persons[place] = self.person(person_id)
        persons.extend([UNKNOWN] * (len(self._numbers) - len(persons)))
        self._person_of = np.array(persons, np.int32)
        self._sites = growing.with_numbers(self._sites, len(self._numbers))
        self._rings = growing.with_persons(self._rings, len(self._persons))
        codes = Codes()
        codes.of(pa.chunked_array([list(self._numbers)], pa.string()))
        self._digests = codes.digests
        return codes

    def people(self) -> int:
        """How many persons there are."""
        return len(self._person_ids)

    def person(self, person_id: str) -> int:
        """The person's place."""
        place = self._persons.get(person_id)
        if place is None:
            place = self._persons[person_id] = len(self._person_ids)
            self._person_ids.append(person_id)
        return place

    def persons(self, lines: Ints) -> Ints:
        """The persons of the numbers at these places in the register."""
        return np.where(lines >= 0, self._person_of[lines] if len(self._person_of) else UNKNOWN, UNKNOWN)

    def number(self, number: str) -> int:
        """The number's place in the register, or `UNKNOWN`."""
        return self._numbers.get(number, UNKNOWN)

    def entity(self, kind: str, name: str) -> int:
        """The entity's place; a new one if it had none."""
        places = self._entities.setdefault(kind, {})
        place = places.get(name)
        if place is None:
            place = places[name] = len(self._names)
            self._names.append((kind, name))
            self._room_for_entities()
        return place

    def entities(self, kind: str, names: list[str]) -> Ids:
        """The places of entities of that kind; new ones for those that had none."""
        places = self._entities.setdefault(kind, {})
        for name in names:
            if name not in places:
                places[name] = len(self._names)
                self._names.append((kind, name))
        self._room_for_entities()
        return np.fromiter((places[name] for name in names), np.int32, len(names))

    def known_hosts(self) -> Mapping[str, int]:
        """Every host with its place."""
        return self._entities.get("host", {})

    def __len__(self) -> int:
        return len(self._names)

    def names(self) -> list[Entity]:
        """Kind and name of every entity, by place."""
        return self._names

    def _room_for_entities(self) -> None:
        if len(self._names) > len(self._crowds.head):
            self._crowds = growing.with_entities(self._crowds, len(self._names))
            self._circles = growing.with_entities(self._circles, len(self._names))
            self._sketches.with_entities(len(self._crowds.head))

    # The pass through a batch.

    def begin(self, asked: Asked, plain: npt.NDArray[np.bool_], suspect: npt.NDArray[np.bool_]) -> None:
        """These visits are next; `plain` says of each entity whether it is a host of no known kind, `suspect`
        of which of them visits go on however common it is."""
        self._begin(asked)
        self._plain, self._suspect = plain, suspect

    def watch_from(self, at: int) -> None:
        """Visits are seen from then on, if none was before."""
        self._watched_from = at if self._watched_from is None else self._watched_from

    def new_since(self, now: int) -> int | None:
        """Hosts that were first asked for since then are new here; None while too little has been seen to say
        so of any."""
        if self._watched_from is None or now < self._watched_from + self._new_us:
            return None
        return max(self._watched_from + self._new_us, now - self._new_us)

    def are_new(self, hosts: Ids, clock: Ints) -> npt.NDArray[np.bool_]:
        """Of the uncommon host of each visit of a batch, whether it is new here or becomes so in the batch,
        whose clock is given."""
        if not len(clock) or self.new_since(int(clock[-1])) is None:
            return np.zeros(len(hosts), np.bool_)
        since, forgotten = self.new_since(int(clock[0])) or 0, int(clock[-1]) - _CROWD_US
        known = (self._crowds.size[hosts] > 0) & (self._crowds.last_at[hosts] >= forgotten)
        return np.asarray(~known | (self._crowds.first_at[hosts] >= since))

    def expect(self, touches: int) -> None:
        """There is room for so many of other rows in `uncounted`."""
        self._expected = touches
        self._room_for_touches(0)

    def _room_for_touches(self, more: int) -> None:
        room = int(self.waiting[0]) + self._expected + more
        if room > len(self.uncounted):
            self.uncounted = larger(self.uncounted, room)

    def finish(self) -> None:
        """All visits of the batch are counted."""
        self.cursor = len(self._asked.at)
        self._catch_up()
        self._begin(Asked.none())

    def later(self, person_id: str, entity: Entity, at: int) -> None:
        """The person touches the entity, at the cursor; counted before the next question is answered."""
        self._room_for_touches(1)
        self.uncounted[self.waiting[0]] = self.cursor, self.person(person_id), self.entity(*entity), at
        self.waiting[0] += 1

    def _catch_up(self) -> None:
        """What came before the cursor is counted."""
        later = int(self.waiting[0])
        if self._counted == self.cursor and not later:
            return
        cuts, persons, entities, times = np.ascontiguousarray(self.uncounted[:later].T)
        asked, span = self._asked, slice(self._counted, self.cursor)
        more = self.cursor - self._counted + later
        self._room_for_sketches(asked.entity[span])
        self._crowds = growing.with_nodes(self._crowds, more)
        self._circles = growing.with_nodes(self._circles, more)
        self._sites = growing.with_slots(self._sites, more)
        self._rings = growing.with_persons(growing.with_slots(self._rings, more), len(self._person_ids))
        kernels.count(
            (asked.entity[span], asked.number[span], asked.member[span], asked.at[span], asked.judged[span]),
            (cuts - self._counted, persons, entities, times),
            (self._person_of, self._plain),
            (self.rarity.common, self._most),
            (tuple(self._crowds), tuple(self._sites), tuple(self._circles), tuple(self._rings)),
            (self._sketches.slot_of, self._sketches.marks, self._digests),
        )
        self._counted = self.cursor
        self.waiting[0] = 0

    def _room_for_sketches(self, hosts: Ids) -> None:
        """Suspect hosts that are common, or may be once these visits are counted, have sketches."""
        hosts = hosts[self._suspect[hosts]]
        hosts = hosts[self._sketches.slot_of[hosts] < 0]
        if len(hosts):
            places, visits = np.unique(hosts, return_counts=True)
            common = self._crowds.common[places] != 0
            self._sketches.begin(places[common | (self._crowds.size[places] + visits >= self.rarity.common)])

    # Questions, answered as of the cursor.

    def is_common(self, host: str) -> bool:
        """Whether too many people ask for the host for it to be a scam's own."""
        place = self._entities.get("host", {}).get(host)
        if place is None:
            return False
        if not self._crowds.common[place] and self._waits(self._asked.entity, place):
            self._catch_up()
        return bool(self._crowds.common[place])

    def _waits(self, column: Ids, place: int) -> bool:
        """Whether visits that are not counted yet concern the host or subscriber."""
        return bool((column[self._counted : self.cursor] == place).any())

    def common(self) -> npt.NDArray[np.bool_]:
        """The same of every entity."""
        self._catch_up()
        return self._crowds.common[: len(self._names)].view(np.bool_)

    def visitors(self, host: str) -> int:
        """How many subscribers have asked for an uncommon host."""
        place = self._entities.get("host", {}).get(host)
        if place is None:
            return 0
        if self._waits(self._asked.entity, place):
            self._catch_up()
        return int(self._crowds.size[place])

    def seen(self, host: str, now: int) -> Seen | None:
        """How new the host is and how many have asked for it by now; None if nobody has. Of a common host
        that is no suspect nobody is counted."""
        place = self._entities.get("host", {}).get(host)
        if place is None:
            return None
        if self._waits(self._asked.entity, place):
            self._catch_up()
        crowds, since = self._crowds, now // MINUTE_US - _LENGTHS + 1
        counts: list[int] = []
        if not crowds.common[place]:
            if not crowds.size[place]:
                return None
            counts = kernels.asked_since(int(crowds.head[place]), crowds.at, crowds.next, since).tolist()
        elif self._sketches.slot_of[place] >= 0:
            counts = [self._sketches.estimate(place, minute) for minute in since.tolist()]
        return Seen(int(crowds.first_at[place]), dict(zip(MINUTES, counts, strict=False)))

    def little_known(self, number: str) -> list[tuple[str, int]]:
        """The last uncommon hosts that the number asked for, with the time of the last visit."""
        place = self._numbers.get(number)
        if place is None:
            return []
        if self._waits(self._asked.number, place):
            self._catch_up()
        sites, slot = self._sites, int(self._sites.slot_of[place])
        if slot < 0:
            return []
        last = int(sites.size[slot])
        return [
            (self._names[entity][1], at)
            for entity, at in zip(
                sites.entity[slot, :last].tolist(), sites.at[slot, :last].tolist(), strict=True
            )
        ]

    def touch(self, person_id: str, entity: Entity, at: int) -> bool:
        """The person touches the entity now; whether the circle, still countable, is larger for it."""
        self._catch_up()
        person, place = self.person(person_id), self.entity(*entity)
        self._circles = growing.with_nodes(self._circles, 1)
        self._rings = growing.with_persons(growing.with_slots(self._rings, 1), len(self._person_ids))
        parts = tuple(self._circles), tuple(self._rings)
        return bool(kernels.touch(*parts, self._most, person, place, at))

    def touched(self, person_id: str) -> list[Entity]:
        """The last entities that the person touched, the latest last."""
        self._catch_up()
        person = self._persons.get(person_id, len(self._rings.slot_of))
        slot = int(self._rings.slot_of[person]) if person < len(self._rings.slot_of) else -1
        if slot < 0:
            return []
        last = int(self._rings.size[slot])
        return [self._names[entity] for entity in self._rings.entity[slot, :last].tolist()]

    def circle(self, entity: Entity) -> dict[str, int] | None:
        """Who touched the entity, with the time of the first touch; None if nobody did or too many."""
        place = self._entities.get(entity[0], {}).get(entity[1])
        if place is None:
            return None
        self._catch_up()
        if self._circles.size[place] < 0:
            return None
        return {self._person_ids[person]: at for person, at in self._members(place)}

    def are_crowded(self, entities: Iterable[Entity]) -> npt.NDArray[np.bool_]:
        """Of each entity, whether more persons touched it than a circle holds, or it is a common host."""
        self._catch_up()
        places = [self._entities.get(kind, {}).get(name, UNKNOWN) for kind, name in entities]
        found = np.array(places, np.int64)
        known = found[found >= 0]
        full = (self._circles.size[known] == kernels.FULL) | (self._crowds.common[known] != 0)
        crowded = np.zeros(len(found), np.bool_)
        crowded[found >= 0] = full
        return crowded

    def last_at(self, entity: Entity) -> int:
        """When the entity, which has been touched, was touched last."""
        self._catch_up()
        return int(self._circles.last_at[self._entities[entity[0]][entity[1]]])

    def _members(self, place: int) -> Iterator[tuple[int, int]]:
        circles, node = self._circles, int(self._circles.head[place])
        while node >= 0:
            yield int(circles.member[node]), int(circles.at[node])
            node = int(circles.next[node])

    # Forgetting.

    def forget(self, now: int) -> None:
        """Hosts unvisited for two weeks, sites of more than a day and touches of more than three days ago are
        gone."""
        self._catch_up()
        kernels.forget_crowds(self._crowds, now - _CROWD_US)
        held = self._sketches.held()
        stale = (self._crowds.common[held] == 0) | (self._crowds.last_at[held] < now - LONGEST_US)
        self._sketches.end(held[stale])
        kernels.forget_sites(self._sites, now - DAY_US)
        kernels.forget_circles(self._circles, now - CIRCLE_US)
        kernels.forget_rings(self._rings, now - CIRCLE_US)

    def has_circle(self) -> npt.NDArray[np.bool_]:
        """Whether somebody has lately touched each entity."""
        return np.asarray(self._circles.size[: len(self._names)] != kernels.NOBODY)

    def tidy(self, kept: npt.NDArray[np.bool_]) -> Ids | None:
        """Between batches: the new place of every entity, −1 for those that were stale and are gone; None if
        there are not yet twice as many and `spare` as when last done. `kept` are in use elsewhere."""
        if len(self._names) <= 2 * self._tidied + self.spare:
            return None
        used = kept.copy()
        used |= self._crowds.common[: len(used)].view(np.bool_) | (self._crowds.size[: len(used)] > 0)
        used |= self.has_circle()
        growing.note_used(self._sites, self._rings, used)
        places = np.where(used, np.cumsum(used) - 1, -1).astype(np.int32)
        old = np.flatnonzero(used)
        self._crowds = growing.only(self._crowds, old, places)
        self._circles = growing.only(self._circles, old, places)
        self._sketches.only(old)
        growing.renumber(self._sites, self._rings, places)
        self._names = [self._names[place] for place in old.tolist()]
        self._entities = {}
        for place, (kind, name) in enumerate(self._names):
            self._entities.setdefault(kind, {})[name] = place
        self._tidied = len(self._names)
        return places

    def memory_bytes(self) -> int:
        """What the arrays take, without the strings and their dictionaries."""
        parts = (self._crowds, self._sites, self._circles, self._rings)
        return sum(array.nbytes for part in parts for array in part) + self._sketches.memory_bytes()

    def __getstate__(self) -> dict[str, Any]:
        self._catch_up()
        return self.__dict__.copy()

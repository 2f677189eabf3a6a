"""Ordinary browsing: sessions of a few hosts, popular ones first, each person with favourites."""

from __future__ import annotations

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from qingdun.contract.columns import TIMESTAMP
from qingdun.contract.tables import VISITS
from qingdun.simulate.city import Population
from qingdun.simulate.hosts import Hosts
from qingdun.simulate.numbers import Ints
from qingdun.simulate.ordinary import rhythm

PER_DAY = 40.0
"""Visits per person and day."""
_PER_SESSION = 5
_FAVOURITES = 12
_PATHS = (
    "/",
    "/index",
    "/home",
    "/item?id=",
    "/news/",
    "/v/",
    "/api/feed?page=",
    "/search?q=",
    "/user",
    "/p/",
)


class Browsing:
    """Makes the visits of an hour."""

    def __init__(self, people: Population, hosts: Hosts, seed: int) -> None:
        """Give each person favourite hosts."""
        rng = np.random.default_rng([seed, 2])
        self._people, self._hosts = people, hosts
        self._favourites = hosts.draw(people.size * _FAVOURITES, rng).astype(np.int32)

    def hour(self, hour: rhythm.Hour, rng: np.random.Generator) -> pa.Table:
        """The visits that begin in that hour."""
        expected = self._people.size * PER_DAY * rhythm.VISITS[hour.of_day] / _PER_SESSION
        sessions = int(rng.poisson(expected))
        length = rng.geometric(1 / _PER_SESSION, sessions)
        person = np.repeat(self._people.some(sessions, rng), length)
        begun = np.repeat(hour.moments(sessions, rng), length)
        count = len(person)
        step = rng.exponential(20 * rhythm.SECOND, count).astype(np.int64)
        step[np.cumsum(length) - length] = 0
        passed = np.cumsum(step)
        at = begun + passed - np.repeat(passed[np.cumsum(length) - length], length)
        habit = self._favourites[person * _FAVOURITES + rng.integers(0, _FAVOURITES, count)]
        host = np.where(rng.random(count) < 0.6, habit, self._hosts.draw(count, rng))
        return self.table(person, at, host, rng)

    def table(self, person: Ints, at: Ints, host: Ints, rng: np.random.Generator) -> pa.Table:
        """Visits as a table; the whole address is known for one in fifty."""
        number = self._people.phones.number.take(pa.array(person))
        name = self._hosts.name.take(pa.array(host))
        known = np.flatnonzero(rng.random(len(person)) < 0.02)
        path = pa.array(_PATHS).take(pa.array(rng.integers(0, len(_PATHS), len(known))))
        tail = pa.array(rng.integers(10, 10**7, len(known))).cast(pa.string())
        address = pc.binary_join_element_wise("https://", name.take(pa.array(known)), path, tail, "")
        place = np.full(len(person), -1, np.int64)
        place[known] = np.arange(len(known))
        url = address.take(pa.array(place, mask=place < 0))
        return pa.Table.from_arrays([pa.array(at).cast(TIMESTAMP), number, name, url], schema=VISITS.schema)

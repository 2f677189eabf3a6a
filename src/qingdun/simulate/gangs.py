"""What a gang works with: lines on shared devices, senders, sites and mule accounts, changed once a day."""

from __future__ import annotations

import random
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace

import numpy as np

from qingdun.contract.codes import Origin
from qingdun.simulate.city import Population
from qingdun.simulate.hosts import scam_site
from qingdun.simulate.numbers import cell_ids, device_numbers, overseas_numbers
from qingdun.simulate.ordinary.rhythm import DAY

_POLICE_LIKE = ("110", "96110", "12389", "10086", "10000", "95188", "95533", "95588", "12315")
"""Numbers that callers pretend to be."""
REST_DAYS = 31
"""From the day of that number on gangs work with accounts, too, that nobody used before."""
_RESTING = 0.4
"""Share of them among those that victims pay, a guess."""
_AREAS = ("", "10", "21", "20", "755", "27")


@dataclass(frozen=True, slots=True)
class Line:
    """A line of a gang as the network sees it."""

    number: str
    origin: str
    network_number: str | None
    imei: str | None
    cell: str | None


@dataclass(frozen=True, slots=True)
class Port:
    """Two phones side by side (手机口): the near one calls people of the city, and what they say goes through
    the far one to whom it is called by, abroad."""

    near: Line
    far: Line
    abroad: Line


@dataclass(frozen=True, slots=True)
class GangPlan:
    """What a gang of a scam type is equipped with for a day.

    `lines` counts lines by sort: `overseas`, `voip` (internet lines), `goip` (cards on one box in the
    city), `box` (the same elsewhere), `spoofed` (shows a service's number), `card` (a single SIM elsewhere,
    device unseen). `theme` is what its sites are named after; `ports` counts pairs of phones in the city.
    """

    lines: Mapping[str, int]
    theme: str
    senders: int = 3
    hosts: int = 2
    level1: int = 4
    level2: int = 4
    level3: int = 3
    victims_a_day: int = 40
    ports: int = 0


@dataclass(frozen=True, slots=True)
class Kit:
    """A gang's equipment for one day; accounts are indices into the population's accounts."""

    lines: tuple[Line, ...]
    senders: tuple[str, ...]
    hosts: tuple[str, ...]
    level1: tuple[int, ...]
    level2: tuple[int, ...]
    level3: tuple[int, ...]
    device: str
    place_code: str
    ports: tuple[Port, ...] = ()


@dataclass(frozen=True, slots=True)
class Gang:
    """A gang and its kits, one for each day from `start` (UTC microseconds)."""

    plan: GangPlan
    start: int
    kits: tuple[Kit, ...]

    def kit(self, at: int) -> Kit:
        """The kit in use at that time; before the first day, the first."""
        return self.kits[min(max(0, (at - self.start) // DAY), len(self.kits) - 1)]


class Supply:
    """Where gangs get what nobody else has: free numbers, devices, and accounts rented from others."""

    def __init__(self, people: Population, seed: int) -> None:
        """Line up free numbers and accounts that can be rented, many of them new."""
        rng = np.random.default_rng([seed, 5])
        self.rng = random.Random(f"supply/{seed}")
        self._people = people
        self._free = self._numbers(people, rng)
        self._abroad = iter(overseas_numbers(200_000, rng).to_pylist())
        self._accounts = self._rented(people, rng)
        self._resting = iter(range(*people.accounts.span.get("resting", (0, 0))))
        self._devices = 70_000_000
        self._hosts: set[str] = set()

    @staticmethod
    def _numbers(people: Population, rng: np.random.Generator) -> Iterator[str]:
        first, last = people.phones.span["reserve"]
        for index in first + rng.permutation(last - first):
            yield people.phones.number[int(index)].as_py()

    @staticmethod
    def _rented(people: Population, rng: np.random.Generator) -> Iterator[int]:
        accounts = people.accounts
        total = accounts.span["firm"][1]
        weight = np.full(total, 0.15)
        weight[slice(*accounts.span["outside"])] = 1.0
        weight[slice(*accounts.span["merchant"])] = 0.02
        weight[slice(*accounts.span["firm"])] = 0.6
        weight[accounts.balance[:total] > 2_000_000] = 0.01
        weight[accounts.opened[:total] > accounts.opened.max() - 60] *= 6
        order = np.argsort(-np.log(rng.random(total)) / weight, kind="stable")
        while True:
            yield from map(int, order[: max(200, total // 4)])

    def device(self) -> str:
        """A device nobody else has."""
        self._devices += 1
        found: str = device_numbers(np.array([self._devices], np.int64))[0].as_py()
        return found

    def host(self, theme: str) -> str:
        """A site nobody else has."""
        while (name := scam_site(theme, self.rng)) in self._hosts:
            continue
        self._hosts.add(name)
        return name

    def lines(self, sort: str, count: int) -> list[Line]:
        """Lines of that sort."""
        rng = self.rng
        if sort == "overseas":
            return [Line(next(self._abroad), Origin.OVERSEAS, None, None, None) for _ in range(count)]
        if sort == "voip":
            return [Line(next(self._free), Origin.VOIP, None, None, None) for _ in range(count)]
        if sort == "spoofed":
            origin = [rng.choice((Origin.OVERSEAS, Origin.VOIP)) for _ in range(count)]
            return [Line(_pretended(rng), o, next(self._abroad), None, None) for o in origin]
        if sort == "card":
            return [Line(next(self._free), Origin.DOMESTIC, None, None, None) for _ in range(count)]
        towns = self._people.cell_town
        local = rng.randrange(len(towns))
        cell = local if sort == "goip" else len(towns) + rng.randrange(400)
        box, place = self.device(), cell_ids(np.array([cell], np.int64))[0].as_py()
        return [Line(next(self._free), Origin.DOMESTIC, None, box, place) for _ in range(count)]

    def accounts(self, count: int) -> tuple[int, ...]:
        """Accounts rented for laundering."""
        return tuple(next(self._accounts) for _ in range(count))

    def sender(self) -> str:
        """What texts come from: a code of the 1069 kind, a number abroad, or a card."""
        draw = self.rng.random()
        if draw < 0.45:
            return str(106_900_000_000 + self.rng.randrange(10**7, 10**8))
        return next(self._abroad) if draw < 0.65 else next(self._free)

    def kit(self, plan: GangPlan) -> Kit:
        """Equipment for one day."""
        lines = [line for sort, count in plan.lines.items() for line in self.lines(sort, count)]
        place = self.rng.choice(
            ("350500", "360100", "441900", "450100", "530100", "420100", "510100", "410100")
        )
        return Kit(
            tuple(lines),
            tuple(self.sender() for _ in range(plan.senders)),
            tuple(self.host(plan.theme) for _ in range(plan.hosts)),
            self.accounts(plan.level1),
            self.accounts(plan.level2),
            self.accounts(plan.level3),
            self.device(),
            place,
            tuple(self._port(lines) for _ in range(plan.ports)),
        )

    def _port(self, lines: list[Line]) -> Port:
        """Two phones at a place in the city, the far one called from one of those lines."""
        # Chances of its own: all other equipment stays what it would be without.
        rng = random.Random(f"port/{lines[0].number}")
        place = cell_ids(np.array([rng.randrange(len(self._people.cell_town))], np.int64))[0].as_py()
        near, far = (Line(next(self._free), Origin.DOMESTIC, None, self.device(), place) for _ in range(2))
        outside = [line for line in lines if line.origin in (Origin.OVERSEAS, Origin.VOIP)]
        return Port(near, far, rng.choice(outside))

    def _woken(self, level1: tuple[int, ...]) -> tuple[int, ...]:
        """The same, some of them replaced by accounts that rested, as long as there are any."""
        rng = random.Random(f"woken/{level1}")
        return tuple(next(self._resting, one) if rng.random() < _RESTING else one for one in level1)

    def gang(self, plan: GangPlan, start: int, days: int) -> Gang:
        """A gang for so many days; on some days it keeps the sites of the day before."""
        kits: list[Kit] = []
        for day in range(days):
            kit = self.kit(plan)
            if day >= REST_DAYS:
                kit = replace(kit, level1=self._woken(kit.level1))
            if kits and self.rng.random() < 0.5:
                kit = replace(kit, hosts=kits[-1].hosts)
            kits.append(kit)
        return Gang(plan, start, tuple(kits))


def genuine(number: str) -> bool:
    """Whether a service presents itself so: then the number is nobody's who only pretends to be it.

    >>> genuine("95588"), genuine("+861095588"), genuine("+0095588"), genuine("+8617258010001")
    (True, True, False, False)
    """
    plain = number.removeprefix("+86")
    return any(plain == f"{area}{known}" for area in _AREAS for known in _POLICE_LIKE)


def _pretended(rng: random.Random) -> str:
    """A service's number, mostly in a form that is not its own."""
    known = rng.choice(_POLICE_LIKE)
    front = rng.choice(("+00", "00", "+0086", "0086", "+86", ""))
    area = rng.choice(_AREAS)
    return f"{front}{area}{known}"

"""The people of a city, built from its region data, a size and a seed: columns, not objects."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from enum import IntEnum

import numpy as np

from qingdun.regions.city import City
from qingdun.simulate.accounts import Accounts, build_accounts
from qingdun.simulate.numbers import Ints
from qingdun.simulate.phones import Phones, build_phones

CONTACTS = 10
"""Lines a person knows: three of the family, four friends, two colleagues, one elsewhere."""

_AGE_BANDS = ((8, 18, 0.11), (18, 30, 0.19), (30, 45, 0.26), (45, 60, 0.24), (60, 75, 0.15), (75, 92, 0.05))
"""Ages of people who have a phone, with their shares."""


class Trade(IntEnum):
    """How a person spends the day."""

    FACTORY = 0
    FARM = 1
    OFFICE = 2
    SHOP = 3
    REMOTE = 4
    COURIER = 5
    STUDENT = 6
    RETIRED = 7


_TRADE_SHARES = (0.36, 0.2, 0.22, 0.15, 0.05, 0.02)


@dataclass(frozen=True)
class Population:
    """Persons 0 … size-1, ordered by town, village and household, with their lines and accounts.

    `town` and `village` index the city's towns and villages; `wealth` is what a person has in the bank, fen;
    `circle` holds the lines a person knows; `favourites` the hosts (by rank) a person keeps returning to.
    """

    city: City
    first_day: dt.date
    town: Ints
    village: Ints
    birth_year: Ints
    female: np.ndarray
    floating: np.ndarray
    trade: Ints
    household: Ints
    work_town: Ints
    wealth: Ints
    circle: np.ndarray
    restless: np.ndarray
    cell_town: Ints
    work_cell: Ints
    phones: Phones
    accounts: Accounts

    @property
    def size(self) -> int:
        """How many persons there are."""
        return len(self.town)

    def person_id(self, person: int) -> str:
        """The id of a person."""
        return f"P{person:08d}"

    def some(self, count: int, rng: np.random.Generator) -> Ints:
        """Persons drawn with replacement; the lively ones come up more often."""
        place = (rng.random(count) ** 1.6 * self.size).astype(np.int64)
        drawn: Ints = self.restless[place].astype(np.int64)
        return drawn


def build_population(city: City, size: int, seed: int, first_day: dt.date) -> Population:
    """`size` people of `city`, the same for the same seed; `first_day` is when the flows begin."""
    rng = np.random.default_rng([seed, 1])
    village = _villages(city, size, rng)
    towns = {place.code: index for index, place in enumerate(city.towns)}
    town = np.array([towns[v.parent or ""] for v in city.villages])[village] if city.villages else village
    age, trade = _ages_and_trades(size, rng)
    floating = (rng.random(size) < city.floating_population / max(1, city.places[city.code].population)) & (
        (age > 15) & (age < 62)
    )
    household = np.cumsum(rng.random(size) < 0.38, dtype=np.int64)
    urban = np.array([place.urban for place in city.towns])
    work_town = _workplaces(town, trade, urban, rng)
    cell_town = _cells(city, size)
    wealth = _wealth(age, rng)
    first_cell = np.searchsorted(cell_town, np.arange(len(city.towns)))
    per_town = np.bincount(cell_town, minlength=len(city.towns))
    home_cell = first_cell[town] + (household * 7) % per_town[town]
    work_cell = first_cell[work_town] + rng.integers(0, 1 << 30, size) % per_town[work_town]
    outside = (len(cell_town), len(cell_town) + 400)
    phones = build_phones(city.calling_code, home_cell, outside, rng)
    birth_year = first_day.year - age
    today = (first_day - dt.date(1970, 1, 1)).days
    return Population(
        city=city,
        first_day=first_day,
        town=town,
        village=village,
        birth_year=birth_year,
        female=rng.random(size) < 0.48,
        floating=floating,
        trade=trade,
        household=household,
        work_town=work_town,
        wealth=wealth,
        circle=_circles(size, work_town, phones, rng),
        restless=rng.permutation(size).astype(np.int32),
        cell_town=cell_town,
        work_cell=work_cell,
        phones=phones,
        accounts=build_accounts(wealth, birth_year, town, today, rng),
    )


def _villages(city: City, size: int, rng: np.random.Generator) -> Ints:
    """A village for each person, in proportion to the people it has, in order of town."""
    places = city.villages or city.towns
    order = {place.code: index for index, place in enumerate(city.towns)}
    weight = np.array([max(1, place.population) for place in places], float)
    drawn = rng.choice(len(places), size, p=weight / weight.sum())
    town = np.array([order.get(place.parent or "", order.get(place.code, 0)) for place in places])
    return drawn[np.lexsort((drawn, town[drawn]))].astype(np.int64)


def _ages_and_trades(size: int, rng: np.random.Generator) -> tuple[Ints, Ints]:
    share = np.array([band[2] for band in _AGE_BANDS])
    band = rng.choice(len(_AGE_BANDS), size, p=share)
    low, high = (np.array([b[i] for b in _AGE_BANDS])[band] for i in (0, 1))
    age = rng.integers(low.astype(np.int64), high.astype(np.int64))
    trade = rng.choice(len(_TRADE_SHARES), size, p=_TRADE_SHARES)
    student = (age < 18) | ((age < 23) & (rng.random(size) < 0.6))
    trade = np.where(student, Trade.STUDENT, np.where(age >= 62, Trade.RETIRED, trade))
    return age.astype(np.int64), trade.astype(np.int64)


def _workplaces(town: Ints, trade: Ints, urban: np.ndarray, rng: np.random.Generator) -> Ints:
    """The town of work: mostly one's own, at times a street of the city."""
    streets = np.flatnonzero(urban) if urban.any() else np.arange(len(urban))
    away = rng.random(len(town)) < np.where(
        trade == Trade.FARM, 0.02, np.where(trade == Trade.RETIRED, 0, 0.2)
    )
    return np.where(away, rng.choice(streets, len(town)), town).astype(np.int64)


def _cells(city: City, size: int) -> Ints:
    """The town of each cell; a town has a cell per 400 simulated persons, and at least three."""
    total = max(1, sum(place.population for place in city.towns))
    counts = [3 + round(size / 400 * place.population / total) for place in city.towns]
    return np.repeat(np.arange(len(counts)), counts).astype(np.int64)


def _wealth(age: Ints, rng: np.random.Generator) -> Ints:
    """What a person has in the bank, fen; lognormal, the median by age."""
    median = np.interp(age, (8, 18, 25, 40, 60, 90), (900, 3_000, 18_000, 60_000, 70_000, 40_000))
    yuan = median * np.exp(rng.normal(0, 1.1, len(age)))
    return (np.minimum(yuan, 8_000_000) * 100).astype(np.int64)


def _circles(size: int, work_town: Ints, phones: Phones, rng: np.random.Generator) -> np.ndarray:
    """The lines each person knows: neighbours in the order of households are family."""
    me = np.arange(size)
    circle = np.empty((size, CONTACTS), np.int32)
    circle[:, :3] = np.stack([me + 1, me - 1, me + 2], axis=1)
    circle[:, 3:7] = me[:, None] + np.rint(rng.laplace(0, 200, (size, 4))).astype(np.int64)
    by_work = np.argsort(work_town, kind="stable")
    rank = np.empty(size, np.int64)
    rank[by_work] = me
    near = rank[:, None] + rng.integers(-15, 16, (size, 2))
    circle[:, 7:9] = by_work[np.clip(near, 0, size - 1)]
    circle[:, :9] %= size
    own = circle == me[:, None]
    circle[own] = (circle[own] + 3) % size
    outside = phones.span["outside"]
    elsewhere = rng.random((size, CONTACTS)) < (0.03, 0.05, 0.1, 0.15, 0.2, 0.3, 0.4, 0.1, 0.3, 1.0)
    circle[elsewhere] = rng.integers(*outside, int(elsewhere.sum()))
    return circle

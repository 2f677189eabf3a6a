"""The reference tables of a simulated city, from its columns."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

import numpy as np
import pyarrow as pa

from qingdun.contract.codes import PlaceKind
from qingdun.contract.columns import TIMESTAMP
from qingdun.contract.storage import write_table
from qingdun.contract.tables import (
    ACCOUNTS,
    BRANCHES,
    CELLS,
    PLACES,
    RELATIONS,
    STATIONS,
    SUBSCRIBERS,
    Branch,
    Station,
)
from qingdun.simulate.accounts import KINDS
from qingdun.simulate.city import Population, Trade
from qingdun.simulate.numbers import Ints, carriers, cell_ids, read_rows

_SURNAMES = "陈李黄张梁林刘吴何罗邓冯谢曾潘朱钟郑杨周王赵徐孙胡高郭马蔡卢叶苏魏吕丁沈任姚范方石谭廖邹熊陆"
_GIVEN = "伟芳娜敏静丽强磊军洋勇艳杰娟涛明超秀霞平刚桂英华玉兰春梅建国志文辉鑫宇欣怡浩然思雨嘉俊婷雪晨佳"


def write_reference(people: Population, start: int, out: Path) -> None:
    """Every reference table of the city but the watchlist stands in `out`."""
    rng = np.random.default_rng([people.size, 11])
    write_table(SUBSCRIBERS, _subscribers(people, rng), out / "subscribers.parquet")
    write_table(ACCOUNTS, _accounts(people, start, rng), out / "accounts.parquet")
    write_table(CELLS, _cells(people, rng), out / "cells.parquet")
    write_table(PLACES, _places(people, rng), out / "places.parquet")
    write_table(RELATIONS, _relations(people), out / "relations.parquet")
    write_table(STATIONS, _stations(people), out / "stations.parquet")
    write_table(BRANCHES, _branches(people), out / "branches.parquet")


def person_ids(person: Ints) -> pa.Array:
    """Ids of persons; null below 0."""
    text = np.char.add("P", np.char.zfill(np.maximum(person, 0).astype(str), 8))
    return pa.array(text, pa.string(), mask=person < 0)


def _codes(people: Population, level: str, index: Ints) -> pa.Array:
    places = people.city.towns if level == "town" else people.city.villages
    return pa.array([place.code for place in places], pa.string()).take(pa.array(index, mask=index < 0))


def _dates(days: Ints, mask: np.ndarray | None = None) -> pa.Array:
    return pa.array(days.astype(np.int32), mask=mask).cast(pa.date32())


def _subscribers(people: Population, rng: np.random.Generator) -> pa.Table:
    phones = people.phones
    last = phones.span["second"][1]
    holder = phones.holder[:last]
    today = (people.first_day - dt.date(1970, 1, 1)).days
    second = np.arange(last) >= people.size
    activated = today - 2 - np.minimum(rng.exponential(1_800, last), 8_000).astype(np.int64)
    fresh = rng.random(last) < 0.01
    activated[fresh] = today - rng.integers(2, 30, int(fresh.sum()))
    idle = np.where(second & (rng.random(last) < 0.5), rng.integers(20, 400, last), rng.integers(1, 3, last))
    idle = np.where(rng.random(last) < 0.003, rng.integers(90, 300, last), idle)
    active = np.maximum(activated, today - idle)
    operators = carriers()
    carrier = pa.array(phones.carrier[:last])
    village = people.village[holder] if people.city.villages else np.full(last, -1)
    return pa.Table.from_arrays(
        [
            phones.number.slice(0, last),
            person_ids(holder),
            _dates(activated),
            _dates(active, rng.random(last) < 0.03),
            pa.array([c.name for c in operators]).take(carrier),
            pa.array([c.virtual for c in operators]).take(carrier),
            _codes(people, "town", people.town[holder]),
            _codes(people, "village", village),
            pa.array(people.floating[holder]),
            pa.array(people.birth_year[holder].astype(np.int16)),
            pa.array(["m", "f"]).take(pa.array(people.female[holder].astype(np.int64))),
        ],
        schema=SUBSCRIBERS.schema,
    )


def _accounts(people: Population, start: int, rng: np.random.Generator) -> pa.Table:
    accounts = people.accounts
    total = len(accounts.kind)
    pool = pa.array(
        [
            f"{rng.choice(list(_SURNAMES))}{''.join(rng.choice(list(_GIVEN), rng.integers(1, 3)))}"
            for _ in range(4_000)
        ]
    )
    # The accounts of one person carry one name.
    key = np.where(accounts.holder >= 0, accounts.holder, np.arange(total) + 7)
    name = pool.take(pa.array((key * 7_919) % 4_000))
    firm = accounts.kind > 0
    firms = pa.array(
        [
            f"{a}{b}{c}"
            for a in ("恒", "鑫", "宏", "佳", "顺", "瑞", "嘉", "盛", "华", "天")
            for b in ("达", "源", "泰", "利", "和", "兴", "诚", "丰", "安", "裕")
            for c in ("贸易有限公司", "百货店", "建材有限公司", "置业有限公司", "食品店", "科技有限公司")
        ]
    )
    kinds = pa.array([str(kind) for kind in KINDS])
    name = pa.compute.if_else(pa.array(firm), firms.take(pa.array((key * 7_919) % len(firms))), name)
    hidden = rng.random(total) < np.where(accounts.holder >= 0, 0.0, 0.3)
    return pa.Table.from_arrays(
        [
            accounts.number,
            person_ids(accounts.holder),
            kinds.take(pa.array(accounts.kind)),
            pa.array([row["name"] for row in read_rows("banks.csv")]).take(pa.array(accounts.bank)),
            _dates(accounts.opened, rng.random(total) < 0.02),
            _codes(people, "town", accounts.town),
            pa.compute.if_else(pa.array(hidden), pa.scalar(None, pa.string()), name),
            pa.array(accounts.balance, mask=accounts.balance < 0),
            pa.array(np.full(total, start), mask=accounts.balance < 0).cast(TIMESTAMP),
        ],
        schema=ACCOUNTS.schema,
    )


def _spread(people: Population, town: Ints, rng: np.random.Generator, degrees: float) -> tuple[Ints, Ints]:
    seats = np.array([(place.lng, place.lat) for place in people.city.towns])[town]
    moved = seats + rng.normal(0, degrees, seats.shape)
    return np.round(moved[:, 0], 5), np.round(moved[:, 1], 5)


def _cells(people: Population, rng: np.random.Generator) -> pa.Table:
    lng, lat = _spread(people, people.cell_town, rng, 0.02)
    ids = cell_ids(np.arange(len(people.cell_town)))
    return pa.Table.from_arrays(
        [ids, pa.array(lng), pa.array(lat), _codes(people, "town", people.cell_town)], schema=CELLS.schema
    )


def _places(people: Population, rng: np.random.Generator) -> pa.Table:
    everyone = np.arange(people.size)
    worker = np.flatnonzero(people.trade < Trade.STUDENT)
    person = np.concatenate([everyone, worker])
    town = np.concatenate([people.town, people.work_town[worker]])
    home = np.arange(len(person)) < people.size
    lng, lat = _spread(people, town, rng, 0.015)
    names = pa.array([place.name for place in people.city.places.values()])
    order = {code: index for index, code in enumerate(people.city.places)}
    of_town = np.array([order[place.code] for place in people.city.towns])[town]
    area = of_town.copy()
    if people.city.villages:
        of_village = np.array([order[place.code] for place in people.city.villages])
        area[home] = of_village[people.village]
    number = pa.array(1 + (person * 37) % 480).cast(pa.string())
    address = pa.compute.binary_join_element_wise(names.take(pa.array(area)), number, "号", "")
    kinds = pa.array([str(PlaceKind.HOME), str(PlaceKind.WORKPLACE)])
    return pa.Table.from_arrays(
        [
            person_ids(person),
            kinds.take(pa.array((~home).astype(np.int64))),
            pa.array(lng),
            pa.array(lat),
            _codes(people, "town", town),
            address,
        ],
        schema=PLACES.schema,
    )


def _relations(people: Population) -> pa.Table:
    """Ties within a household: one of about the same age is the spouse, others parent or child."""
    person = np.flatnonzero(people.household[1:] == people.household[:-1])
    relative = person + 1
    gap = people.birth_year[relative] - people.birth_year[person]
    words = pa.array(["spouse", "child", "parent"])
    forth = np.where(np.abs(gap) < 15, 0, np.where(gap > 0, 1, 2))
    back = np.where(forth == 0, 0, 3 - forth)
    return pa.Table.from_arrays(
        [
            person_ids(np.concatenate([person, relative])),
            person_ids(np.concatenate([relative, person])),
            words.take(pa.array(np.concatenate([forth, back]))),
        ],
        schema=RELATIONS.schema,
    )


def _stations(people: Population) -> pa.Table:
    """One station a town, named after it."""
    return STATIONS.from_rows(
        Station(
            f"S{town.code}",
            f"{town.short_name.removesuffix('街道').removesuffix('镇')}派出所",
            (town.code,),
            town.lng,
            town.lat,
            f"{town.name_en.split(' ')[0]} Police Station",
        )
        for town in people.city.towns
    )


def _branches(people: Population) -> pa.Table:
    """Two or three branches a town, more in streets."""
    banks = [row["name"] for row in read_rows("banks.csv")]
    rows = []
    for index, town in enumerate(people.city.towns):
        for step in range(4 if town.urban else 2):
            bank = banks[(index + step * 4) % len(banks)]
            rows.append(
                Branch(
                    f"B{town.code}{step}",
                    bank,
                    f"{bank}{town.name}支行",
                    town.lng + 0.002 * step,
                    town.lat - 0.001 * step,
                    town.code,
                )
            )
    return BRANCHES.from_rows(rows)

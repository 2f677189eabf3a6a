"""A city's days told hour by hour into a flow directory, with the truth beside them."""

from __future__ import annotations

import datetime as dt
import math
import random
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Protocol

import numpy as np
import pyarrow as pa

from qingdun.contract.ranges import time_bounds
from qingdun.contract.storage import write_table
from qingdun.contract.tables import FLOWS, TRUTH, WATCHLIST
from qingdun.errors import InputError
from qingdun.regions.city import City
from qingdun.simulate.accounts import with_resting
from qingdun.simulate.city import build_population
from qingdun.simulate.gangs import REST_DAYS, Gang, Supply
from qingdun.simulate.hosts import build_hosts
from qingdun.simulate.innocents import INNOCENTS
from qingdun.simulate.intervention import Intervention, NoIntervention
from qingdun.simulate.laundering import warm_up
from qingdun.simulate.ordinary.calls import Calling
from qingdun.simulate.ordinary.messages import Writing
from qingdun.simulate.ordinary.rhythm import DAY, HOUR, SECOND, Hour
from qingdun.simulate.ordinary.transfers import Paying
from qingdun.simulate.ordinary.visits import Browsing
from qingdun.simulate.ports import shift
from qingdun.simulate.reference import write_reference
from qingdun.simulate.scams.catalogue import SCRIPTS
from qingdun.simulate.scams.script import Script
from qingdun.simulate.scene import Scene
from qingdun.simulate.spool import Spool
from qingdun.simulate.watchlist import watchlist
from qingdun.simulate.world import Case, World

DEFAULT_ATTACK_RATE = 0.002
"""Share of persons whom a scam reaches on a day."""

Progress = Callable[[int, int, int], None]
"""Told after each hour: hours done, hours in all, rows written."""


class Maker(Protocol):
    """What makes the ordinary rows of a flow."""

    def hour(self, hour: Hour, rng: np.random.Generator) -> pa.Table:
        """The rows that begin in that hour."""
        ...


@dataclass(frozen=True, slots=True)
class Report:
    """What was written: rows by flow, persons, and what the truth says in sum."""

    persons: int
    rows: dict[str, int]
    reached: int
    fell: int
    loss_fen: int

    @property
    def total_rows(self) -> int:
        """Rows of all four flows."""
        return sum(self.rows.values())


def simulate(
    city: City,
    population: int,
    days: int,
    seed: int,
    start: dt.date,
    out: Path,
    scams: Sequence[str] | None = None,
    attack_rate: float = DEFAULT_ATTACK_RATE,
    intervention: Intervention | None = None,
    progress: Progress | None = None,
    cash_out: bool = False,
) -> Report:
    """`out` holds the flows of `days` local days of `population` persons from `start`, and the truth.

    The same arguments give the same bytes. `scams` are codes of scam types, None for all; `attack_rate` is
    the share of persons reached by a scam per day. `intervention` is asked before each payment to a scam
    account. With `cash_out` gangs fetch later what rests in their accounts; all other rows stay the same.
    Errors: InputError for sizes below 1, a rate outside 0 to 1, or an unknown scam.
    """
    scripts = _chosen(scams)
    if population < 100 or days < 1 or not 0 <= attack_rate <= 1:
        raise InputError(
            f"population {population}, days {days}, attack rate {attack_rate}: expected 100 persons, "
            "1 day or more, and a rate from 0 to 1"
        )
    midnight = dt.datetime.combine(start, dt.time(), city.zone)
    begin = int(midnight.timestamp()) * SECOND
    end = begin + days * DAY
    first, last = time_bounds("us")
    if not first <= begin < end <= last:
        raise InputError(f"start {start}, days {days}: expected days of the years 2000 to 2099")
    out.mkdir(parents=True, exist_ok=True)
    people = build_population(city, population, seed, start)
    if days > REST_DAYS:
        count = 200 + population // 10
        resting = with_resting(people.accounts, count, np.random.default_rng([seed, 7]))
        people = replace(people, accounts=resting)
    hosts = build_hosts(population, seed)
    world = World(people, hosts, (begin, end), intervention or NoIntervention(), seed, cash_out)
    gangs = _cast(world, scripts, attack_rate, days)
    for day in range(days):
        _look_guilty(world, day)
    write_reference(people, begin, out)
    write_table(WATCHLIST, watchlist(people, hosts, gangs, begin, seed), out / "watchlist.parquet")
    crowd: tuple[Maker, ...] = (
        Calling(people, seed),
        Writing(people, hosts, seed),
        Browsing(people, hosts, seed),
        Paying(people),
    )
    spools = [Spool(flow, out, begin, end) for flow in FLOWS]
    for number in range(days * 24):
        weekday = (start + dt.timedelta(days=number // 24)).weekday()
        hour = Hour(begin + number * HOUR, number, number % 24, number // 24, weekday)
        world.play_until(hour.start + HOUR)
        for flow, (spool, maker, (table, rows)) in enumerate(zip(spools, crowd, world.take(), strict=True)):
            spool.add(maker.hour(hour, np.random.default_rng([seed, 6, number, flow])))
            spool.add(table.from_rows(rows))
            spool.write_until(hour.start + HOUR)
        if progress is not None:
            progress(number + 1, days * 24, sum(spool.rows for spool in spools))
    for spool in spools:
        spool.close()
    return _report(population, spools, world.cases, out)


def _chosen(scams: Sequence[str] | None) -> list[Script]:
    unknown = sorted(set(scams or ()) - set(SCRIPTS))
    if unknown:
        raise InputError(f"unknown scams {', '.join(unknown)}; there are {', '.join(SCRIPTS)}")
    return [script for code, script in SCRIPTS.items() if scams is None or code in scams]


def _report(population: int, spools: Iterable[Spool], cases: list[Case], out: Path) -> Report:
    rows = [row for row in (case.truth() for case in cases) if row is not None]
    rows.sort(key=lambda row: (row.first_contact_at, row.person_id, row.scam_type))
    write_table(TRUTH, rows, out / "truth.parquet")
    return Report(
        population,
        {spool.table.name: spool.rows for spool in spools},
        len(rows),
        sum(row.first_transfer_at is not None for row in rows),
        sum(row.loss_fen for row in rows),
    )


def _cast(world: World, scripts: list[Script], attack_rate: float, days: int) -> list[Gang]:
    """Gangs are equipped and whom they reach, and when, is laid down; gives the gangs."""
    supply = Supply(world.people, world.seed)
    weight = sum(script.reach for script in scripts)
    gangs: list[Gang] = []
    for script in scripts:
        daily = world.people.size * attack_rate * script.reach / weight
        own = [
            supply.gang(script.plan, world.start, days)
            for _ in range(max(1, math.ceil(daily / script.plan.victims_a_day)))
        ]
        gangs += own
        for day in range(-script.lead_days, days):
            _reach(world, script, own, day, daily)
        for number, gang in enumerate(own):
            for day, kit in enumerate(gang.kits):
                key = f"warm/{script.type}/{number}/{day}"
                scene = Scene(world, key, 0, world.start + day * DAY, gang)
                world.begin(scene.now + 2 * HOUR, key, scene, warm_up(scene, kit))
                for port in kit.ports:
                    key = f"port/{script.type}/{number}/{day}/{port.near.number}"
                    scene = Scene(world, key, 0, world.start + day * DAY, gang)
                    begins = scene.now + round(scene.rng.uniform(8, 15) * HOUR)
                    world.begin(begins, key, scene, shift(scene, port))
    return gangs


def _look_guilty(world: World, day: int) -> None:
    """The ordinary stories of that day that look like scams are laid down."""
    rng = random.Random(f"{world.seed}/innocents/{day}")
    for story in INNOCENTS:
        daily = world.people.size * story.rate
        for count in range(int(daily) + (rng.random() < daily % 1)):
            hour = rng.choices(range(24), story.hours)[0]
            at = world.start + day * DAY + hour * HOUR + rng.randrange(HOUR)
            key = f"{story.play.__name__}/{day}/{count}"
            scene = Scene(world, key, rng.randrange(world.people.size), at)
            world.begin(at, key, scene, story.play(scene))


def _reach(world: World, script: Script, gangs: list[Gang], day: int, daily: float) -> None:
    """The persons whom a scam first contacts on that day; days before the first have negative numbers."""
    people = world.people
    rng = random.Random(f"{world.seed}/reach/{script.type}/{day}")
    for count in range(int(daily) + (rng.random() < daily % 1)):
        person = rng.randrange(people.size)
        for _ in range(8):
            if rng.random() < script.appeal(world.people.first_day.year - int(people.birth_year[person])):
                break
            person = rng.randrange(people.size)
        hour = rng.choices(range(24), script.hours)[0]
        at = world.start + day * DAY + hour * HOUR + rng.randrange(HOUR)
        case = Case(people.person_id(person), script.type.value)
        world.cases.append(case)
        key = f"{script.type}/{day}/{count}"
        depth = script.depth(people.first_day.year - int(people.birth_year[person]), rng)
        scene = Scene(world, key, person, at, rng.choice(gangs), case, depth)
        world.begin(at, key, scene, script.play(scene))

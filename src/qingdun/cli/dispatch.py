"""What the order of tasks saves, and the table behind that order."""

from __future__ import annotations

import datetime as dt
import json
import multiprocessing
import os
import tempfile
from collections.abc import Sequence
from concurrent.futures import ProcessPoolExecutor, as_completed
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import click

from qingdun.cli import simulated
from qingdun.cli.terminal import FILE, NEW_FILE, bar

if TYPE_CHECKING:
    from qingdun.evaluate.desk import Day
    from qingdun.evaluate.dispatching import Played

_START = dt.date(2026, 6, 1)
_POPULATION, _ATTACK_RATE = 100_000, 0.01


@dataclass(frozen=True, slots=True)
class _City:
    """What every seed's city has in common."""

    code: str
    population: int
    attack_rate: float

    def day(self, seed: int) -> Day:
        """A simulated day of it, judged by the engine; the flows are gone afterwards."""
        from qingdun.evaluate.days import read_day
        from qingdun.regions.city import load_city
        from qingdun.run.directory import run_directory
        from qingdun.simulate.generate import simulate

        city = load_city(self.code)
        with tempfile.TemporaryDirectory(prefix="qingdun-day-") as folder:
            flows, results = Path(folder) / "flows", Path(folder) / "results"
            simulate(city, self.population, 1, seed, _START, flows, None, self.attack_rate)
            run_directory(flows, results)
            return read_day(flows, results, city)


def _play_seed(city: _City, seed: int, officers: Sequence[int], table: Path | None) -> Played:
    from qingdun.dispatch.helping import read_helping, shipped_helping
    from qingdun.evaluate.dispatching import play, trials

    helping = read_helping(table) if table else shipped_helping()
    return play(city.day(seed), seed, trials(officers), helping)


def _numbers(_context: click.Context, _option: click.Parameter, text: str) -> tuple[int, ...]:
    words = [word.strip() for word in text.split(",")]
    if not all(word.isdecimal() and 0 < int(word) <= 10_000 for word in words):
        raise click.BadParameter(
            f"found {text!r}, expected numbers from 1 to 10,000 by comma, such as 5,20,60"
        )
    return tuple(dict.fromkeys(int(word) for word in words))


def _workers() -> ProcessPoolExecutor:
    return ProcessPoolExecutor(os.cpu_count() or 1, multiprocessing.get_context("spawn"))


@click.command("evaluate-dispatch")
@click.option(
    "--officers", default="5,20,60", show_default=True, callback=_numbers, help="Numbers, by comma."
)
@click.option("--seeds", type=click.IntRange(1, 10_000), default=20, show_default=True, help="How many days.")
@simulated.first_seed(1)
@click.option("--city", "code", default="441800", show_default=True, help="Code of the city.")
@simulated.population(_POPULATION)
@simulated.attack_rate(_ATTACK_RATE)
@click.option("--table", type=FILE, help="Table by `qingdun refit-dispatch`; default: the shipped one.")
@click.option("--out", type=NEW_FILE, required=True, help="JSON file for the report.")
def evaluate_dispatch(
    officers: tuple[int, ...],
    seeds: int,
    first_seed: int,
    code: str,
    population: int,
    attack_rate: float,
    table: Path | None,
    out: Path,
) -> None:
    """Write the share of loss avoided by every order of tasks, with intervals over seeds."""
    from qingdun.dispatch.helping import read_helping, shipped_helping
    from qingdun.evaluate.dispatching import report, trials
    from qingdun.regions.city import load_city

    load_city(code)
    helping = read_helping(table) if table else shipped_helping()
    city = _City(code, population, attack_rate)
    played = []
    with bar(f"playing {seeds} days") as told, _workers() as pool:
        waiting = [
            pool.submit(_play_seed, city, seed, officers, table)
            for seed in range(first_seed, first_seed + seeds)
        ]
        for done in as_completed(waiting):
            played.append(done.result())
            told(len(played) / seeds)
    played.sort(key=lambda one: one.seed)
    found = report(played, trials(officers), helping.drawn_from)
    click.echo(found.text())
    about = {"city": code, "population": population, "attack_rate": attack_rate}
    out.write_text(json.dumps(found.json() | about, ensure_ascii=False, indent=2) + "\n", "utf-8")


@click.command("refit-dispatch")
@click.option("--seeds", type=click.IntRange(1, 10_000), default=12, show_default=True, help="How many days.")
@simulated.first_seed(101)
@click.option("--city", "code", default="441800", show_default=True, help="Code of the city.")
@simulated.population(_POPULATION)
@simulated.attack_rate(_ATTACK_RATE)
@click.option("--out", type=NEW_FILE, required=True, help="JSON file for the table.")
def refit_dispatch(
    seeds: int, first_seed: int, code: str, population: int, attack_rate: float, out: Path
) -> None:
    """Estimate anew what is left to save, by type, stage and minutes, from simulated days."""
    from qingdun.evaluate.helping import estimate_helping
    from qingdun.regions.city import load_city

    load_city(code)
    city, days = _City(code, population, attack_rate), {}
    with bar(f"simulating {seeds} days") as told, _workers() as pool:
        waiting = {pool.submit(city.day, seed): seed for seed in range(first_seed, first_seed + seeds)}
        for done in as_completed(waiting):
            days[waiting[done]] = done.result()
            told(len(days) / seeds)
    drawn = (
        f"{seeds} simulated days of {population:,} persons, seeds {first_seed} to {first_seed + seeds - 1}"
    )
    table = estimate_helping([case for seed in sorted(days) for case in days[seed].cases], drawn)
    out.write_text(json.dumps(table, ensure_ascii=False, indent=1) + "\n", "utf-8")
    click.echo(f"{sum(len(day.cases) for day in days.values()):,} tasks of {drawn} into {out}")

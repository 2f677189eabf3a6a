"""What a busy line tells the engine, measured on simulated days."""

from __future__ import annotations

import datetime as dt
import json
import multiprocessing
import tempfile
from concurrent.futures import ProcessPoolExecutor, as_completed
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import click

from qingdun.cli import simulated
from qingdun.cli.terminal import FILE, NEW_FILE, bar

if TYPE_CHECKING:
    from qingdun.evaluate.calling import Day

_START = dt.date(2026, 6, 1)


@dataclass(frozen=True, slots=True)
class _City:
    """What every seed's city has in common."""

    code: str
    population: int
    days: int
    attack_rate: float
    weights: Path | None

    def day(self, seed: int) -> Day:
        """The city of that seed, judged without and with hearing of busy lines; the flows are gone after."""
        from qingdun.contract.storage import write_table
        from qingdun.contract.tables import OUTCOMES
        from qingdun.detect.weights import load_weights
        from qingdun.evaluate.calling import Day, of_others, of_victims, read_lines, told, tries, worth
        from qingdun.regions.city import load_city
        from qingdun.run.directory import run_directory
        from qingdun.simulate.generate import simulate

        weights = load_weights(self.weights) if self.weights else load_weights()
        with tempfile.TemporaryDirectory(prefix="qingdun-calls-") as folder:
            flows, deaf, hearing = (Path(folder) / name for name in ("flows", "deaf", "hearing"))
            simulate(
                load_city(self.code), self.population, self.days, seed, _START, flows, None, self.attack_rate
            )
            run_directory(flows, deaf, weights=weights)
            lines = read_lines(flows, deaf)
            tried = tries(flows, deaf, lines)
            outcomes = told(tried)
            write_table(OUTCOMES, outcomes, flows / "outcomes.parquet")
            run_directory(flows, hearing, weights=weights)
            return Day(
                seed, len(tried), len(outcomes), of_victims(tried), of_others(flows, lines),
                worth(flows, deaf), worth(flows, hearing),
            )  # fmt: skip


@click.command("evaluate-calls")
@click.option(
    "--seeds", type=click.IntRange(1, 10_000), default=8, show_default=True, help="How many cities."
)
@simulated.first_seed(201)
@click.option("--city", "code", default="441800", show_default=True, help="Code of the city.")
@simulated.population(20_000)
@click.option("--days", type=click.IntRange(2, 30), default=3, show_default=True, help="Days of a city.")
@simulated.attack_rate(0.01)
@click.option("--weights", type=FILE, help="Weights of evidence; default: the shipped ones.")
@click.option("--processes", type=click.IntRange(1, 64), default=1, show_default=True, help="Cities at once.")
@click.option("--out", type=NEW_FILE, required=True, help="JSON file for the report.")
def evaluate_calls(
    seeds: int,
    first_seed: int,
    code: str,
    population: int,
    days: int,
    attack_rate: float,
    weights: Path | None,
    processes: int,
    out: Path,
) -> None:
    """Measure what a busy line tells, and what recall and lead time gain when the engine hears of it."""
    from qingdun.detect.weights import load_weights
    from qingdun.evaluate.calling import report
    from qingdun.regions.city import load_city

    load_city(code)
    city, done = _City(code, population, days, attack_rate, weights), []
    with (
        bar(f"playing {seeds} cities") as told,
        ProcessPoolExecutor(processes, multiprocessing.get_context("spawn")) as pool,
    ):
        waiting = [pool.submit(city.day, seed) for seed in range(first_seed, first_seed + seeds)]
        for one in as_completed(waiting):
            done.append(one.result())
            told(len(done) / seeds)
    done.sort(key=lambda day: day.seed)
    about = {"city": code, "population": population, "days": days, "attack_rate": attack_rate}
    about |= {"weights": (load_weights(weights) if weights else load_weights()).version}
    found = report(done) | about
    out.write_text(json.dumps(found, ensure_ascii=False, indent=2) + "\n", "utf-8")
    for name, line in found["likelihoods"].items():
        click.echo(
            f"{name:9} victims still busy {line['victims_busy']:5,} of {line['victims']:6,}, others "
            f"{line['others_busy_min']:9,} of {line['others_min']:10,} min: {line['bits']:+.2f} bits"
        )
    click.echo(f"{found['calls']:,} calls of officers in {seeds} cities; all of it in {out}")

"""Simulated cities: weights are fitted to some; others prove what is found before the money moves."""

from __future__ import annotations

import datetime as dt
import json
import multiprocessing
import tempfile
from collections.abc import Iterator, Sequence
from concurrent.futures import Executor, Future, ProcessPoolExecutor, as_completed
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from qingdun.cli.terminal import FILE, NEW_FILE, bar

if TYPE_CHECKING:
    from qingdun.contract.progress import Told
    from qingdun.evaluate.cities import Judged
    from qingdun.evaluate.cities_page import Cities
    from qingdun.evaluate.weighing import Examples

_START = dt.date(2026, 6, 1)


@dataclass(frozen=True, slots=True)
class _City:
    """What every seed's city has in common."""

    code: str
    population: int
    days: int
    attack_rate: float

    @contextmanager
    def flows(self, seed: int, scams: Sequence[str] | None = None) -> Iterator[Path]:
        """A folder with the flows of that seed's city in `flows`; it is gone afterwards."""
        from qingdun.regions.city import load_city
        from qingdun.simulate.generate import simulate

        with tempfile.TemporaryDirectory(prefix="qingdun-city-") as folder:
            city, flows = load_city(self.code), Path(folder) / "flows"
            simulate(city, self.population, self.days, seed, _START, flows, scams, self.attack_rate)
            yield Path(folder)

    def judged(self, seed: int, weights: Sequence[dict[str, Any]]) -> list[Judged]:
        """The city of that seed with what the engine makes of it under each of the weights."""
        from qingdun.detect.weights import parse_weights
        from qingdun.evaluate.cities import Judged
        from qingdun.run.directory import run_directory

        found = []
        with self.flows(seed) as folder:
            for number, source in enumerate(weights):
                results = folder / f"results{number}"
                run_directory(folder / "flows", results, weights=parse_weights(source))
                found.append(Judged.read(folder / "flows", results, seed))
        return found

    def weighed(self, seed: int, source: dict[str, Any], scams: Sequence[str] | None = None) -> Examples:
        """Every weighing of its persons, with the truth."""
        from qingdun.contract.directory import FlowDirectory
        from qingdun.contract.tables import TRUTH
        from qingdun.detect.weights import parse_weights
        from qingdun.evaluate.cities import SETTLED_DAYS
        from qingdun.evaluate.measures import DAY_US
        from qingdun.evaluate.weighing import Weighings
        from qingdun.run.directory import run_directory

        weights = parse_weights(source)
        told = Weighings(weights)
        with self.flows(seed, scams) as folder:
            flows = folder / "flows"
            run_directory(flows, weights=weights, begin=lambda engine: engine.listen(told.heard))
            directory = FlowDirectory(flows)
            since = directory.span()[0] + SETTLED_DAYS * DAY_US
            return told.examples(TRUTH.to_rows(directory.reference(TRUTH)), since)


_ATTACKED, _RARELY = _City("441800", 8_000, 9, 0.01), _City("441800", 20_000, 6, 0.002)


@click.command("fit-weights")
@click.option("--weights", type=FILE, help="Weights of evidence to begin from; default: the shipped ones.")
@click.option("--out", type=NEW_FILE, required=True, help="File of the new weights.")
@click.option("--card", type=NEW_FILE, help="Card that says what they were fitted to.")
@click.option("--processes", type=click.IntRange(1, 64), default=2, show_default=True, help="Cities at once.")
def fit_weights(weights: Path | None, out: Path, card: Path | None, processes: int) -> None:
    """Fit what each detector is worth beside the others to simulated cities."""
    from qingdun.detect.weights import load_weights
    from qingdun.evaluate.cities import FITTED_ON
    from qingdun.evaluate.weighing import card_of, fit

    start = load_weights(weights) if weights else load_weights()
    with _working("fitting weights", processes) as (told, pool):
        waiting = [pool.submit(_RARELY.weighed, seed, dict(start.source)) for seed in FITTED_ON]
        _follow(waiting, len(waiting), 0, told)
    found = fit([one.result() for one in waiting], start)
    out.write_text(json.dumps(found.source(start), ensure_ascii=False, indent=2) + "\n", "utf-8")
    about = card_of(found, _about(FITTED_ON, _RARELY))
    if card:
        card.write_text(about, "utf-8")
    click.echo(about)


@click.command("evaluate-cities")
@click.option("--weights", type=FILE, help="Weights of evidence; default: the shipped ones.")
@click.option("--processes", type=click.IntRange(1, 64), default=2, show_default=True, help="Cities at once.")
@click.option(
    "--page", type=NEW_FILE, default="docs/evaluation.md", show_default=True, help="Page of measures."
)
def evaluate_cities(weights: Path | None, processes: int, page: Path) -> None:
    """Write what is found before the first payment in cities never tuned on, and of scripts held out."""
    from qingdun.detect.weights import load_weights
    from qingdun.evaluate.cities import NEVER_TUNED_ON, RARELY_ATTACKED, Judged, prove
    from qingdun.evaluate.cities_page import TITLE, Setting, section
    from qingdun.evaluate.leaving_out import HALVES, HALVES_FITTED_ON, held_out, pairs_of
    from qingdun.evaluate.page import write_section
    from qingdun.evaluate.weighing import fit

    start = load_weights(weights) if weights else load_weights()
    own = dict(start.source)
    with _working("evaluating cities", processes) as (told, pool):
        halves = [
            [pool.submit(_RARELY.weighed, seed, own, half) for seed in HALVES_FITTED_ON] for half in HALVES
        ]
        rare = [pool.submit(_RARELY.judged, seed, [own]) for seed in RARELY_ATTACKED]
        first: list[Future[Any]] = [*(one for half in halves for one in half), *rare]
        steps = len(first) + len(NEVER_TUNED_ON)
        _follow(first, steps, 0, told)
        fitted = [fit([one.result() for one in half], start).source(start) for half in halves]
        many = [pool.submit(_ATTACKED.judged, seed, [own, *fitted]) for seed in NEVER_TUNED_ON]
        _follow(many, steps, len(first), told)
    (attacked, *left_out), (rarely,) = _together(many), _together(rare)
    setting = Setting(
        _about(NEVER_TUNED_ON, _ATTACKED),
        _about(RARELY_ATTACKED, _RARELY),
        _about(HALVES_FITTED_ON, _RARELY),
        start.version,
    )
    pairs = pairs_of(Judged.together([attacked, rarely]), start)
    found = section(setting, prove(attacked, rarely), held_out(left_out), pairs)
    write_section(page, TITLE, found)
    click.echo(found)


@contextmanager
def _working(title: str, processes: int) -> Iterator[tuple[Told, Executor]]:
    """A bar of that title, and so many processes."""
    spawn = multiprocessing.get_context("spawn")
    with bar(title) as told, ProcessPoolExecutor(processes, spawn) as pool:
        yield told, pool


def _about(seeds: Sequence[int], city: _City) -> Cities:
    from qingdun.evaluate.cities_page import Cities

    return Cities(seeds, city.population, city.days, city.attack_rate)


def _together(waiting: Sequence[Future[list[Judged]]]) -> list[Judged]:
    """The cities as one, under each of the weights."""
    from qingdun.evaluate.cities import Judged

    results = [one.result() for one in waiting]
    return [Judged.together(cities) for cities in zip(*results, strict=True)]


def _follow(waiting: Sequence[Future[Any]], steps: int, before: int, told: Told) -> None:
    """The bar tells how many are done; the first error is raised at once."""
    for number, done in enumerate(as_completed(waiting), before + 1):
        done.result()
        told(number / steps)

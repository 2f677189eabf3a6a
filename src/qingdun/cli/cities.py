"""The proof on simulated cities: what is found before the money moves."""

from __future__ import annotations

import datetime as dt
import multiprocessing
import tempfile
from collections.abc import Sequence
from concurrent.futures import Future, ProcessPoolExecutor, as_completed
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from qingdun.cli.terminal import FILE, bar

if TYPE_CHECKING:
    from qingdun.contract.progress import Told
    from qingdun.evaluate.cities import Judged

_START = dt.date(2026, 6, 1)


@dataclass(frozen=True, slots=True)
class _City:
    """What every seed's city has in common."""

    code: str
    population: int
    days: int
    attack_rate: float

    def judged(
        self, seed: int, weights: Sequence[dict[str, Any] | None], scams: Sequence[str] | None = None
    ) -> list[Judged]:
        """The city of that seed with what the engine makes of it under each of the weights; the flows are
        gone afterwards."""
        from qingdun.detect.weights import parse_weights
        from qingdun.evaluate.cities import Judged
        from qingdun.regions.city import load_city
        from qingdun.run.directory import run_directory
        from qingdun.simulate.generate import simulate

        found = []
        with tempfile.TemporaryDirectory(prefix="qingdun-city-") as folder:
            flows = Path(folder) / "flows"
            city = load_city(self.code)
            simulate(city, self.population, self.days, seed, _START, flows, scams, self.attack_rate)
            for number, source in enumerate(weights):
                results = Path(folder) / f"results{number}"
                run_directory(flows, results, weights=parse_weights(source) if source else None)
                found.append(Judged.read(flows, results, seed))
        return found


_ATTACKED, _RARELY = _City("441800", 8_000, 6, 0.01), _City("441800", 20_000, 3, 0.002)


@click.command("evaluate-cities")
@click.option("--weights", type=FILE, help="Weights of evidence; default: the shipped ones.")
@click.option("--processes", type=click.IntRange(1, 64), default=2, show_default=True, help="Cities at once.")
@click.option("--page", type=FILE, default="docs/evaluation.md", show_default=True, help="Page of measures.")
def evaluate_cities(weights: Path | None, processes: int, page: Path) -> None:
    """Write what is found before the first payment in cities never tuned on, and of scripts held out."""
    from qingdun.detect.weights import load_weights
    from qingdun.evaluate.cities import NEVER_TUNED_ON, RARELY_ATTACKED, Judged, prove
    from qingdun.evaluate.cities_page import TITLE, Cities, Setting, section
    from qingdun.evaluate.leaving_out import FITTED_ON, HALVES, fit, held_out, pairs_of
    from qingdun.evaluate.page import write_section

    start = load_weights(weights) if weights else load_weights()
    own = dict(start.source)
    with (
        bar("evaluating cities") as told,
        ProcessPoolExecutor(processes, multiprocessing.get_context("spawn")) as pool,
    ):
        fits = [[pool.submit(_ATTACKED.judged, seed, [own], half) for seed in FITTED_ON] for half in HALVES]
        rare = [pool.submit(_RARELY.judged, seed, [own]) for seed in RARELY_ATTACKED]
        first = [*(one for half in fits for one in half), *rare]
        steps = len(first) + len(NEVER_TUNED_ON)
        _follow(first, steps, 0, told)
        fitted = [fit(_together(half)[0], start) for half in fits]
        many = [pool.submit(_ATTACKED.judged, seed, [own, *fitted]) for seed in NEVER_TUNED_ON]
        _follow(many, steps, len(first), told)
    (attacked, *left_out), (rarely,) = _together(many), _together(rare)
    setting = Setting(
        Cities(NEVER_TUNED_ON, _ATTACKED.population, _ATTACKED.days, _ATTACKED.attack_rate),
        Cities(RARELY_ATTACKED, _RARELY.population, _RARELY.days, _RARELY.attack_rate),
        FITTED_ON,
        start.version,
    )
    pairs = pairs_of(Judged.together([attacked, rarely]), start)
    found = section(setting, prove(attacked, rarely), held_out(left_out), pairs)
    write_section(page, TITLE, found)
    click.echo(found)


def _together(waiting: Sequence[Future[list[Judged]]]) -> list[Judged]:
    """The cities as one, under each of the weights."""
    from qingdun.evaluate.cities import Judged

    results = [one.result() for one in waiting]
    return [Judged.together(cities) for cities in zip(*results, strict=True)]


def _follow(waiting: Sequence[Future[list[Judged]]], steps: int, before: int, told: Told) -> None:
    """The bar tells how many are done; the first error is raised at once."""
    for number, done in enumerate(as_completed(waiting), before + 1):
        done.result()
        told(number / steps)

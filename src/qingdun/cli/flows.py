"""Flow directories: a synthetic one, and one judged."""

from __future__ import annotations

import datetime as dt
import time
from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING

import click

from qingdun.cli.terminal import FILE, FOLDER, Finite, bar, hours
from qingdun.contract.codes import ScamType
from qingdun.errors import ConfigurationError, InputError

if TYPE_CHECKING:
    from qingdun.detect.weights import Weights
    from qingdun.run.directory import RunReport
    from qingdun.run.embedded import Engine

# Engine, models and Django are imported inside the commands that use them: `qingdun --help` answers at once.

_OVERWRITTEN = " (overwritten)"


@click.command()
@click.option("--city", "city_code", default="441800", show_default=True, help="Code of the city.")
@click.option(
    "--population", type=click.IntRange(min=100), default=50_000, show_default=True, help="Persons."
)
@click.option("--days", type=click.IntRange(min=1), default=1, show_default=True, help="Days of flows.")
@click.option(
    "--seed",
    type=click.IntRange(min=0),
    default=1,
    show_default=True,
    help="The same seed gives the same city.",
)
@click.option(
    "--start", type=click.DateTime(["%Y-%m-%d"]), default="2026-06-01", show_default=True, help="First day."
)
@click.option("--scams", help="Only these scam types, by comma.")
@click.option(
    "--attack-rate",
    type=Finite(0, 1),
    help="Share of persons a scam reaches in a day, 0 for none; default: 0.002.",
)
@click.option(
    "--cash-out",
    is_flag=True,
    help="Gangs fetch later what rests in their accounts; other rows stay the same.",
)
@click.argument("out", type=FOLDER)
def simulate(
    city_code: str,
    population: int,
    days: int,
    seed: int,
    start: dt.datetime,
    scams: str | None,
    attack_rate: float | None,
    cash_out: bool,
    out: Path,
) -> None:
    """Write a synthetic city's flows, with ground truth, into the folder OUT."""
    from qingdun.regions.city import load_city
    from qingdun.simulate.generate import DEFAULT_ATTACK_RATE, simulate

    wanted, city = _scam_types(scams), load_city(city_code)
    overwritten = (out / "calls.parquet").exists()
    began = time.monotonic()
    rate = DEFAULT_ATTACK_RATE if attack_rate is None else attack_rate
    with bar(f"simulating {population:,} persons") as told:
        report = simulate(
            city,
            population,
            days,
            seed,
            start.date(),
            out,
            wanted,
            rate,
            progress=hours(told),
            cash_out=cash_out,
        )
    taken = time.monotonic() - began
    flows = ", ".join(f"{count:,} {flow}" for flow, count in report.rows.items())
    click.echo(f"{report.persons:,} persons: {flows}")
    speed = f"{taken:.1f} s ({report.total_rows / taken:,.0f}/s)"
    click.echo(f"{report.total_rows:,} rows in {speed} into {out}{_OVERWRITTEN * overwritten}")
    click.echo(
        f"{report.reached:,} scams reached somebody, {report.fell:,} fell, loss ¥{report.loss_fen / 100:,.2f}"
    )


def _scam_types(text: str | None) -> list[str] | None:
    if text is None:
        return None
    wanted = [word.strip() for word in text.split(",") if word.strip()]
    known = [kind.value for kind in ScamType if kind is not ScamType.OTHER]
    for word in wanted:
        if word not in known:
            raise click.BadParameter(f"{word!r}; expected some of {', '.join(known)}", param_hint="--scams")
    return wanted


@click.command()
@click.argument("flows", type=FOLDER)
@click.option("--out", type=FOLDER, required=True, help="Folder for alerts, suspects, clusters and rejects.")
@click.option(
    "--engine",
    type=click.Choice(["embedded", "spark"]),
    default="embedded",
    show_default=True,
    help="In this process, or on Spark.",
)
@click.option("--replay", type=Finite(min=0, min_open=True), help="Times real time; default: at once.")
@click.option("--weights", "weights_file", type=FILE, help="Weights written by `qingdun refit`.")
@click.option("--history", type=FOLDER, help="Flow directory of the weeks before, remembered and not judged.")
@click.option("--master", help="Where Spark runs, such as spark://HOST:7077; default: on this machine.")
@click.option("--shards", type=click.IntRange(1, 4096), help="Of the hosts of a city; default: two a core.")
def detect(
    flows: Path,
    out: Path,
    engine: str,
    replay: float | None,
    weights_file: Path | None,
    history: Path | None,
    master: str | None,
    shards: int | None,
) -> None:
    """Judge the flow directory FLOWS and write what was found.

    With --engine spark FLOWS may hold several flow directories, a city each.
    """
    weights = weights_of(weights_file) if weights_file else None
    if engine == "spark":
        for option, unfit in (("--replay", replay), ("--history", history)):
            if unfit is not None:
                raise InputError(f"{option}: found it beside --engine spark, expected one of them")
        _on_spark(flows, out, weights, master or "local[*]", shards)
        return
    for option, given in (("--master", master), ("--shards", shards)):
        if given is not None:
            raise InputError(f"{option}: found it without --engine spark, which alone it is for")
    from qingdun import compiled
    from qingdun.run.directory import run_directory

    def begin(engine: Engine) -> None:
        if history is not None:
            remember(engine, history)

    overwritten = (out / "alerts.parquet").exists()
    title = "compiling, once, and judging" if compiled.is_new(compiled.FOLDER) else "judging"
    with bar(title) as told:
        report = run_directory(flows, out, replay=replay, progress=told, weights=weights, begin=begin)
    _say(report, out, overwritten)


def remember(engine: Engine, history: Path) -> None:
    """The engine knows what the flow directory of the weeks before tells."""
    from qingdun.contract.directory import FlowDirectory
    from qingdun.run.history import recall

    click.echo(recall(FlowDirectory(history, ()), engine).text())


def _on_spark(flows: Path, out: Path, weights: Weights | None, master: str, shards: int | None) -> None:
    """Each city is judged; of several, each has a folder in `out`."""
    from qingdun.run.sinks.parquet import ParquetSink
    from qingdun.run.spark import cities_in, run_spark, session

    cities = cities_in(flows)
    outs = [out] if cities == [flows] else [out / city.name for city in cities]
    overwritten = [(folder / "alerts.parquet").exists() for folder in outs]
    with bar("judging on Spark") as told:
        spark = session(master)
        try:
            sinks = [[ParquetSink(folder)] for folder in outs]
            reports = run_spark(spark, cities, sinks, shards=shards, weights=weights, told=told)
        finally:
            spark.stop()
    for folder, report, before in zip(outs, reports, overwritten, strict=True):
        _say(report, folder, before, "" if folder == out else f"{folder.name}: ")


def _say(report: RunReport, out: Path, overwritten: bool, who: str = "") -> None:
    click.echo(f"{who}{report.text()}{_OVERWRITTEN * overwritten}")
    if report.rejects:
        click.echo(f"rejected rows with reasons: {out / 'rejects.parquet'}; most often: {_most_often(out)}")


def weights_of(path: Path) -> Weights:
    """The weights of a file that was named. Errors: InputError, for the file is the caller's."""
    from qingdun.detect.weights import load_weights

    try:
        return load_weights(path)
    except ConfigurationError as error:
        cause = error.__cause__
        if isinstance(cause, OSError):
            why = cause.strerror
        elif isinstance(cause, KeyError):
            why = f"{cause.args[0]!r} is missing"
        else:
            why = str(cause)
        raise InputError(f"{path}: no weights of `qingdun refit` can be read: {why}") from error


def _most_often(out: Path) -> str:
    import pyarrow.parquet as pq

    reasons = Counter(pq.read_table(out / "rejects.parquet", columns=["reason"]).column("reason").to_pylist())
    reason, count = reasons.most_common(1)[0]
    return f"{reason} ({count:,})"

"""The `qingdun` command: every subcommand parses, makes one call and prints what came of it.

Exit codes: 0 done; 1 unexpected; 2 wrong usage or input; 3 configuration; 4 refused, or a check that failed.
"""

from __future__ import annotations

import datetime as dt
import json
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, NoReturn

import click
from rich.console import Console
from rich.progress import BarColumn, Progress, TaskProgressColumn, TextColumn, TimeRemainingColumn

from qingdun.contract.codes import ScamType
from qingdun.errors import ConfigurationError, InputError, QingdunError, RefusedError

if TYPE_CHECKING:
    from qingdun.run.sources.files import Replay

# Engine, models and Django are imported inside the commands that use them: `qingdun --help` answers at once.

FOLDER = click.Path(file_okay=False, path_type=Path)
FILE = click.Path(dir_okay=False, path_type=Path)
SCORED = ("messages", "dialogues", "sites", "callers", "accounts")


def main() -> NoReturn:
    """Run the command line: one line for an error, a traceback only with --debug."""
    debug = "--debug" in sys.argv
    arguments = [word for word in sys.argv[1:] if word != "--debug"]
    try:
        app(arguments, prog_name="qingdun", standalone_mode=False)
    except click.exceptions.Abort:
        _stop(130, "interrupted")
    except click.ClickException as error:
        error.show()
        sys.exit(error.exit_code)
    except QingdunError as error:
        if debug:
            raise
        _stop(_exit_code(error), str(error))
    except Exception as error:
        if debug:
            raise
        _stop(1, f"unexpected {type(error).__name__}: {error} (run again with --debug for the trace)")
    sys.exit(0)


def _exit_code(error: QingdunError) -> int:
    codes = {InputError: 2, ConfigurationError: 3, RefusedError: 4}
    return next((code for kind, code in codes.items() if isinstance(error, kind)), 1)


def _stop(code: int, words: str) -> NoReturn:
    click.echo(f"qingdun: {' '.join(words.split())}", err=True)
    sys.exit(code)


@contextmanager
def _bar(title: str) -> Iterator[Callable[[float], None]]:
    """A progress bar on the terminal's error stream; what it yields takes the share done, 0 to 1."""
    columns = (TextColumn("{task.description}"), BarColumn(), TaskProgressColumn(), TimeRemainingColumn())
    console = Console(stderr=True)
    with Progress(*columns, console=console, transient=True, disable=not console.is_terminal) as progress:
        task = progress.add_task(title, total=1.0)
        yield lambda share: progress.update(task, completed=share)


def _hours(told: Callable[[float], None]) -> Callable[[int, int, int], None]:
    return lambda done, total, _rows: told(done / total)


@click.group(context_settings={"help_option_names": ["-h", "--help"]})
@click.option("--debug", is_flag=True, help="Show the whole trace of an error.")
@click.version_option(package_name="qingdun")
def app(debug: bool) -> None:
    """Qingdun 清盾: a city's fight against telecom fraud."""


@app.command()
@click.option("--city", "city_code", default="441800", show_default=True, help="Code of the city.")
@click.option("--population", type=click.IntRange(min=1), default=50_000, show_default=True)
@click.option("--days", type=click.IntRange(min=1), default=1, show_default=True)
@click.option("--seed", type=int, default=1, show_default=True, help="The same seed gives the same city.")
@click.option("--start", type=click.DateTime(["%Y-%m-%d"]), default="2026-06-01", show_default=True)
@click.option("--scams", help="Only these scam types, by comma.")
@click.option(
    "--attack-rate", type=click.FloatRange(0, 1), help="Share of persons a scam reaches in a day; 0 for none."
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
    out: Path,
) -> None:
    """Write a synthetic city's flows, with ground truth, into the folder OUT."""
    from qingdun.regions.city import load_city
    from qingdun.simulate.generate import DEFAULT_ATTACK_RATE, simulate

    wanted = _scam_types(scams)
    began = time.monotonic()
    rate = DEFAULT_ATTACK_RATE if attack_rate is None else attack_rate
    with _bar(f"simulating {population:,} persons") as told:
        report = simulate(
            load_city(city_code),
            population,
            days,
            seed,
            start.date(),
            out,
            wanted,
            rate,
            progress=_hours(told),
        )
    taken = time.monotonic() - began
    flows = ", ".join(f"{count:,} {flow}" for flow, count in report.rows.items())
    click.echo(f"{report.persons:,} persons: {flows}")
    click.echo(f"{report.total_rows:,} rows in {taken:.1f} s ({report.total_rows / taken:,.0f}/s) into {out}")
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


@app.command()
@click.argument("flows", type=FOLDER)
@click.option("--out", type=FOLDER, required=True, help="Folder for alerts, suspects, clusters and rejects.")
@click.option("--engine", type=click.Choice(["embedded"]), default="embedded", show_default=True)
@click.option(
    "--replay", type=click.FloatRange(min=0, min_open=True), help="Times real time; default: at once."
)
@click.option("--weights", "weights_file", type=FILE, help="Weights written by `qingdun refit`.")
def detect(flows: Path, out: Path, engine: str, replay: float | None, weights_file: Path | None) -> None:
    """Judge the flow directory FLOWS and write what was found."""
    from qingdun.detect.weights import load_weights
    from qingdun.run.directory import run_directory

    weights = load_weights(weights_file) if weights_file else None
    with _bar("judging") as told:
        report = run_directory(flows, out, replay=replay, progress=told, weights=weights)
    click.echo(report.text())


@app.command()
@click.argument("flows", type=FOLDER)
@click.argument("results", type=FOLDER)
@click.option("--json", "json_file", type=FILE, help="Also write the measures as JSON; - for the screen.")
def evaluate(flows: Path, results: Path, json_file: Path | None) -> None:
    """Compare the alerts and suspects in RESULTS with the truth in FLOWS."""
    from qingdun.evaluate.measures import evaluate

    measures = evaluate(flows, results)
    if json_file is not None and str(json_file) == "-":
        click.echo(json.dumps(measures.json(), ensure_ascii=False, indent=2))
        return
    click.echo(measures.text())
    if json_file is not None:
        json_file.write_text(json.dumps(measures.json(), ensure_ascii=False, indent=2), "utf-8")


@app.command()
@click.argument("kind", type=click.Choice(SCORED))
@click.argument("source", metavar="IN", type=click.Path(path_type=Path))
@click.option("--out", type=FILE, required=True, help="CSV or Parquet by suffix.")
def score(kind: str, source: Path, out: Path) -> None:
    """Give every row of IN a fraud probability and a scam type, in its order."""
    from qingdun.evaluate.score import score

    with _bar(f"scoring {kind}") as told:
        rows = score(kind, source, out, told)
    click.echo(f"{rows:,} rows scored into {out}")


@app.command()
@click.argument("kind", type=click.Choice(SCORED))
@click.option("--data", type=FOLDER, required=True, help="Folder of the labelled data.")
@click.option("--out", type=FOLDER, help="Folder for model and card; default: where the shipped model lies.")
def train(kind: str, data: Path, out: Path | None) -> None:
    """Train a model on labelled data and write it with its card."""
    from qingdun.evaluate.training import SHIPPED, TRAINERS

    shipped = Path(__file__).parent / SHIPPED[kind]
    card = TRAINERS[kind](data, out or shipped, lambda words: click.echo(words, err=True))
    click.echo(card.markdown())


@app.command()
@click.argument("flows", type=FOLDER)
@click.argument("results", type=FOLDER)
@click.option("--out", type=FILE, required=True, help="File for the new weights.")
def refit(flows: Path, results: Path, out: Path) -> None:
    """Estimate the detectors' weights anew from what became of the alerts in RESULTS."""
    from qingdun.evaluate.refit import refit

    click.echo(refit(flows, results, out).text())


@app.command()
@click.option("--demo", is_flag=True, help="A synthetic city, live, with accounts for every role.")
@click.option("--host", default="127.0.0.1", show_default=True)
@click.option("--port", type=click.IntRange(1, 65534), default=8000, show_default=True)
@click.option(
    "--population", type=click.IntRange(min=1000), default=50_000, show_default=True, help="Of the demo."
)
def serve(demo: bool, host: str, port: int, population: int) -> None:
    """Start the console: pages, event stream and, in a demo, the engine over a synthetic day."""
    from qingdun.console import serving

    with serving.environment(demo, host, port):
        serving.prepare()
        password = ""
        feeds: list[list[str]] = []
        if demo:
            password, feeds = _prepare_demo(population)
        address = f"http://{host}:{port}"
        click.echo(f"\n  Qingdun 清盾   {address}")
        if demo:
            click.echo(f"  demo log-ins: one click on the log-in page, or the password {password}")
            click.echo(
                "  demo-city · demo-county-441881 · demo-station-… · demo-audit · demo-system · demo-security"
            )
        click.echo("  stop with Ctrl-C\n")
        serving.run(host, port, feeds)


def _prepare_demo(population: int) -> tuple[str, list[list[str]]]:
    """The demo city stands in the database; its password and the commands that feed it are returned."""
    from django.conf import settings

    from qingdun.console.kernel.demo import create_demo_accounts
    from qingdun.console.kernel.loading import load_people
    from qingdun.contract.directory import FlowDirectory
    from qingdun.simulate.generate import simulate

    flows = Path(settings.VAR) / "demo" / f"{settings.CITY_CODE}-{population}"
    if not (flows / "truth.parquet").exists():
        with _bar(f"simulating {population:,} persons, two days (once)") as told:
            # Ten times the ordinary rate, so that somebody who watches for ten minutes sees alerts.
            simulate(
                settings.CITY, population, 2, 7, dt.date(2026, 6, 1), flows, None, 0.02, progress=_hours(told)
            )
        click.echo("simulated", err=True)
    load_people(FlowDirectory(flows))
    return create_demo_accounts(), [["ingest", str(flows), "--live"]]


@app.command()
@click.argument("flows", type=FOLDER)
@click.option(
    "--replay", type=click.FloatRange(min=0, min_open=True), help="Times real time; default: at once."
)
@click.option(
    "--live", is_flag=True, help="Move the day to now: catch up the morning, then go on at real time."
)
def ingest(flows: Path, replay: float | None, live: bool) -> None:
    """Judge FLOWS and hand what is found to the console's database."""
    from qingdun.console import serving

    serving.setup()
    serving.prepare()
    from qingdun.console.alerts.sink import ConsoleSink
    from qingdun.console.kernel.loading import load_people
    from qingdun.contract.directory import FlowDirectory
    from qingdun.run.directory import run_directory

    if not live:
        load_people(FlowDirectory(flows))
    how: Replay | float | None = _live(flows) if live else replay
    with _bar("judging") as told:
        report = run_directory(
            flows, None, [ConsoleSink(source=str(flows.resolve()))], how, None if live else told
        )
    click.echo(report.text())


def _live(flows: Path) -> Replay:
    """The replay that plays ten o'clock of the first simulated day at the moment it was first started.

    The moment is kept beside the flows: after a restart the same events come at the same times, so that
    alerts keep their ids.
    """
    from qingdun.contract.directory import FlowDirectory
    from qingdun.run.sources.files import Replay

    day_us, ten_us = 86_400_000_000, 36_000_000_000
    now = int(dt.datetime.now(dt.UTC).timestamp() * 1_000_000)
    first, last = FlowDirectory(flows).span()
    kept = flows / "live-since"
    text = kept.read_text("utf-8") if kept.exists() else ""
    shift = int(text) if text.lstrip("-").isdecimal() else 0
    if not shift or last + shift < now + day_us // 24:
        shift = now - (first + ten_us)
        kept.write_text(str(shift), "utf-8")
    return Replay(speed=1.0, shift_us=shift, catch_up_until=now)


@app.command()
@click.argument("username")
@click.option(
    "--role", type=click.Choice(["system_admin", "security_admin", "audit_admin"]), default="system_admin"
)
@click.password_option(help="Asked for if it is not given.")
def administrator(username: str, role: str, password: str) -> None:
    """Make the first account of an administrator's role; it sets up its second factor at the first log-in."""
    from qingdun.console import serving

    serving.setup()
    serving.prepare()
    from qingdun.console.kernel.actions import create_first_administrator
    from qingdun.console.kernel.roles import Role

    user = create_first_administrator(username, password, Role(role))
    click.echo(f"{user.username} stands as {user.role}")


@app.group()
def audit() -> None:
    """The audit trail."""


@audit.command("verify")
def audit_verify() -> None:
    """Walk the audit trail's hash chain; exit code 4 names the first row that was changed."""
    from qingdun.console import serving

    serving.setup()
    from qingdun.console.kernel.audit import verify_chain

    if not serving.is_prepared():
        raise ConfigurationError(
            "the database has no tables yet; `qingdun serve` or `qingdun ingest` makes them"
        )
    verdict = verify_chain()
    if not verdict.intact:
        raise RefusedError(f"audit trail broken at row {verdict.broken_at}: {verdict.reason}")
    click.echo(f"{verdict.rows:,} rows, chain intact, head {verdict.head}")


if __name__ == "__main__":
    main()

"""Cities judged for good on Spark."""

from __future__ import annotations

import logging
import signal
from pathlib import Path
from threading import Event

import click

from qingdun.cli.flows import weights_of
from qingdun.cli.terminal import FILE, FOLDER, Finite, bar
from qingdun.errors import InputError


@click.command("live-spark")
@click.argument("landing", type=FOLDER)
@click.option("--registers", type=FOLDER, required=True, help="A folder CITY of registers for each city.")
@click.option("--state", type=FOLDER, required=True, help="Folder of Spark's checkpoint and of snapshots.")
@click.option("--out", type=FOLDER, required=True, help="Folder of a folder CITY of what was found.")
@click.option("--weights", "weights_file", type=FILE, help="Weights written by `qingdun refit`.")
@click.option("--master", default="local[*]", show_default=True, help="Such as spark://HOST:7077.")
@click.option(
    "--every",
    type=Finite(min=0.1),
    default=30.0,
    show_default=True,
    help="Seconds from one look to the next.",
)
@click.option("--once", is_flag=True, help="Judge what has landed and stop.")
def live_spark(
    landing: Path,
    registers: Path,
    state: Path,
    out: Path,
    weights_file: Path | None,
    master: str,
    every: float,
    once: bool,
) -> None:
    """Judge what lands in LANDING/CITY/FLOW on Spark, until stopped, exact after whoever is killed."""
    from qingdun.run.spark import session, stated
    from qingdun.run.streaming import Places, start

    logging.basicConfig(format="%(asctime)s %(levelname)s %(message)s", level=logging.INFO)
    logging.getLogger("py4j").setLevel(logging.WARNING)  # it tells every step of its own
    for folder in (landing, registers):
        if not folder.is_dir():
            raise InputError(f"{folder}: no such folder; expected one with a folder for each city")
    weights = weights_of(weights_file) if weights_file else None
    where = [str(path.absolute()) for path in (landing, registers, state, out)]
    places = Places(where[0], where[1], where[2], where[3], weights)
    with bar("starting Spark"):
        spark = session(master)
    stop = Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_about: stop.set())
    try:
        query = start(spark, places, every_s=None if once else every)
        click.echo(f"judging what lands in {landing}; results in {out}; stop with Ctrl-C")
        while query.isActive and not stop.wait(0.5):
            pass
        failed = None if query.isActive else query.exception()
        query.stop()
    finally:
        spark.stop()
    if failed is not None:
        raise stated(failed)

"""The stages of a run on Spark: it carries parcels between them, and judges nothing itself.

    session("local[2]")                  a session that fits: Arrow batches of few rows, since each is many
    run_spark(spark, {"441800": flows})  whole flow directories, a city each, into what was found

Every worker opens the flow directories by their paths, so they lie where all can read them.
"""

from __future__ import annotations

import os
import pickle
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pyarrow as pa

from qingdun.contract.directory import FlowDirectory
from qingdun.contract.storage import find_files
from qingdun.contract.tables import CALLS, FLOWS, SUBSCRIBERS, VISITS
from qingdun.detect.reference import Reference
from qingdun.detect.weights import Weights
from qingdun.errors import InputError, MissingExtra
from qingdun.run import stages
from qingdun.run.directory import RunReport
from qingdun.run.embedded import Engine
from qingdun.run.sinks.sink import Sink

if TYPE_CHECKING:
    from pyspark.sql import DataFrame, SparkSession

_PARCELS = "city int, shard int, window bigint, flow string, rows binary"
_PIECES = "city int, flow string, file int, index int, first_row bigint, rows bigint"
_FOUND = "city int, number bigint, found binary"
_PARCELS_AT_ONCE = 4
"""Rows in an Arrow batch between Spark and its workers: each is a table of up to some megabytes."""

Told = Callable[[float, str], None]


def session(master: str = "local[*]", name: str = "qingdun") -> SparkSession:
    """A session on that master, or the one that there is already.

    Local ones listen on the loopback address alone and take 2 GB. Errors: MissingExtra.
    """
    try:
        from pyspark.sql import SparkSession
    except ImportError as error:
        raise MissingExtra(
            "pyspark is not installed; `pip install 'qingdun[spark]'` brings it, and Debian's "
            "openjdk-17-jre-headless the Java it needs"
        ) from error
    # Not whatever `python3` there is: workers need qingdun. A cluster of another layout has set it before.
    os.environ.setdefault("PYSPARK_PYTHON", sys.executable)
    builder = SparkSession.builder.appName(name).master(master)
    wanted = {
        # Partitions say who judges what; nobody may merge them.
        "spark.sql.adaptive.enabled": "false",
        "spark.sql.execution.arrow.maxRecordsPerBatch": str(_PARCELS_AT_ONCE),
        "spark.ui.enabled": "false",
        "spark.ui.showConsoleProgress": "false",
    }
    if master.startswith("local"):
        wanted |= {
            "spark.driver.host": "127.0.0.1",
            "spark.driver.bindAddress": "127.0.0.1",
            "spark.driver.memory": "2g",
        }
    for key, value in wanted.items():
        builder = builder.config(key, value)
    found = builder.getOrCreate()
    found.sparkContext.setLogLevel("ERROR")
    return found


def cities_in(flows: Path) -> list[Path]:
    """The folder if it is a flow directory, else its folders that are, in order of their names."""
    if find_files(flows, SUBSCRIBERS.name) or not flows.is_dir():
        return [flows]
    return sorted(one for one in flows.iterdir() if find_files(one, SUBSCRIBERS.name)) or [flows]


def run_spark(
    spark: SparkSession,
    flows: Sequence[Path],
    sinks: Sequence[Sequence[Sink]],
    *,
    shards: int | None = None,
    weights: Weights | None = None,
    told: Told = lambda share, what: None,
    build: Callable[[Reference, Weights | None], Engine] = Engine,
) -> list[RunReport]:
    """Every row of the flow directories, each a city of its own, is judged; of each, its sinks have what was
    found, which is what the embedded engine finds.

    `shards`: into how many parts the hosts of a city are cut; by default two for each core. Errors: those
    of `FlowDirectory`.
    """
    began = time.monotonic()
    directories = [FlowDirectory(path) for path in flows]
    cores = spark.sparkContext.defaultParallelism
    cities = [stages.City.of(one, shards or 2 * cores, weights, build) for one in directories]
    pieces = [piece for number, city in enumerate(cities) for piece in city.pieces(number)]
    try:
        told(0.0, "calls by their ids")
        early = _early(spark, cities, [one for one in pieces if one["flow"] == CALLS.name])
        told(0.1, "hosts by shards, cities one by one")
        visits, others = _apart(pieces)
        reading = partial(stages.read, cities, early)
        hosts = sum(city.shards for city in cities)
        screened = _sorted(
            _spread(spark, visits).mapInArrow(reading, _PARCELS), hosts, _shard_of(cities), "city", "shard"
        ).mapInArrow(partial(stages.screen, cities), _PARCELS)
        parcels = screened.unionByName(_spread(spark, others).mapInArrow(reading, _PARCELS))
        found = _sorted(parcels, len(cities), "city", "city").mapInArrow(
            partial(stages.judge, cities), _FOUND
        )
        return _handed_over(found.toLocalIterator(), directories, sinks, began, told)
    except Exception as error:
        raise stated(error) from error


def _early(spark: SparkSession, cities: stages.Cities, pieces: list[Any]) -> dict[int, pa.ChunkedArray]:
    begun = _spread(spark, pieces).mapInArrow(partial(stages.calls_begun, cities), _PARCELS)
    hosts = sum(city.shards for city in cities)
    found = _sorted(begun, hosts, _shard_of(cities), "city", "shard").mapInArrow(stages.ended_early, _PARCELS)
    ids: dict[int, list[bytes]] = {}
    for row in found.select("city", "rows").collect():
        ids.setdefault(row["city"], []).append(row["rows"])
    return {city: stages.ids_of(rows) for city, rows in ids.items()}


def _apart(pieces: list[Any]) -> tuple[list[Any], list[Any]]:
    """Pieces of visits, and the others."""
    visits = [one for one in pieces if one["flow"] == VISITS.name]
    return visits, [one for one in pieces if one["flow"] != VISITS.name]


def _spread(spark: SparkSession, pieces: list[Any]) -> DataFrame:
    """The pieces over tasks, a few for each core."""
    tasks = max(1, min(len(pieces), 4 * spark.sparkContext.defaultParallelism))
    rows = [tuple(one.values()) for one in pieces]
    return spark.createDataFrame(spark.sparkContext.parallelize(rows, tasks), _PIECES)


def _shard_of(cities: stages.Cities) -> str:
    """The number of a parcel's shard among those of all cities."""
    return f"city * {max(city.shards for city in cities)} + shard"


def _sorted(parcels: DataFrame, tasks: int, where: str, *by: str) -> DataFrame:
    """The parcels in `tasks` partitions, by the number that `where` gives, each in order."""
    from pyspark.sql.functions import expr

    return parcels.repartitionById(tasks, expr(where).cast("int")).sortWithinPartitions(*by, "window")


def _handed_over(
    found: Iterator[Any],
    directories: list[FlowDirectory],
    sinks: Sequence[Sequence[Sink]],
    began: float,
    told: Told,
) -> list[RunReport]:
    reports: list[RunReport] = []
    alerts = rejects = unused = 0
    for row in found:
        number, what = row["city"], pickle.loads(row["found"])
        for sink in sinks[number]:
            if isinstance(what, stages.Standing):
                sink.suspects(what.suspects)
                sink.clusters(what.clusters)
                sink.close()
                continue
            if what.alerts:
                sink.alerts(what.alerts, what.context)
            if what.rejects:
                sink.rejects(what.rejects)
        if not isinstance(what, stages.Standing):
            alerts, rejects = alerts + len(what.alerts), rejects + len(what.rejects)
            unused += sum(reject.flow in {flow.name for flow in FLOWS} for reject in what.rejects)
            continue
        events = sum(directories[number].rows(flow) for flow in FLOWS) - unused
        seconds = time.monotonic() - began
        reports.append(RunReport(events, seconds, alerts, len(what.suspects), rejects))
        alerts = rejects = unused = 0
        told(0.1 + 0.9 * len(reports) / len(directories), "cities judged")
    return reports


def stated(error: Exception) -> Exception:
    """What a worker refused, in the worker's words."""
    for line in reversed(str(error).splitlines()):
        name, colon, words = line.strip().partition(": ")
        if colon and name.startswith("qingdun.errors."):
            return InputError(words)
    return error

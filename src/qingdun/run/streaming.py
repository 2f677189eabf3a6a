"""Cities judged for good on Spark: what lands is told once by Structured Streaming, and what an engine knows
stands in its own snapshots, by city.

::

    LANDING/CITY/calls|messages|visits|transfers/NAME.parquet    named once it is whole
    STATE/checkpoint/                                            which files were told in which batch: Spark's
    STATE/CITY/NUMBER.snapshot                                   what the city's engine knew after a batch
    OUT/CITY/alerts/NUMBER.parquet …                             what the batch brought

A batch is a group as in `run.live`: files that landed together, read in the order of time. Of each city one
task takes the newest snapshot, judges the city's files, and writes what was found and then the snapshot,
which names the batch. Whoever is killed before that leaves the city as it was, and the task is run again with
the same files; whoever runs it again after that sees the batch in the snapshot and does nothing.
"""

from __future__ import annotations

import json
import logging
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import unquote, urlparse

import pyarrow as pa

from qingdun.contract.checking import check_schema
from qingdun.contract.directory import FlowDirectory
from qingdun.contract.storage import TableFiles
from qingdun.contract.tables import FLOWS, REQUIRED_REFERENCES, TABLES, Reject
from qingdun.contract.windows import DICTIONARIES, windows
from qingdun.detect.reference import Reference
from qingdun.detect.weights import Weights
from qingdun.errors import InputError
from qingdun.run.embedded import Engine
from qingdun.run.sinks.parts import PartsSink
from qingdun.run.snapshots import Snapshot, Snapshots
from qingdun.run.sources.files import window_of

if TYPE_CHECKING:
    from pyspark.sql import DataFrame, SparkSession
    from pyspark.sql.streaming import StreamingQuery

FILES_AT_ONCE = 1000
"""Files in a batch at the most."""
_GROUPS = "place int, city string, files string"
_JUDGED = "city string, events bigint, alerts bigint, rejects bigint"
_FLOW_NAMES = tuple(flow.name for flow in FLOWS)

_log = logging.getLogger("qingdun.run")


@dataclass(frozen=True, slots=True)
class Places:
    """Where everything lies, for every worker under the same name."""

    landing: str
    registers: str
    state: str
    out: str
    weights: Weights | None = None
    build: Callable[[Reference, Weights | None], Engine] = Engine


@dataclass(slots=True)
class Kept:
    """The engine that this process has last judged with: the next batch need not read its snapshot."""

    key: tuple[str, str] = ("", "")
    number: int = 0
    engine: Engine | None = None


_kept = Kept()


def start(
    spark: SparkSession, places: Places, *, every_s: float | None, files_at_once: int = FILES_AT_ONCE
) -> StreamingQuery:
    """What lands is judged from now on: every so many seconds, or, for None, what has landed and no more.

    Errors come from the query.
    """
    landed = (
        spark.readStream.format("binaryFile")
        .option("recursiveFileLookup", "true")
        .option("pathGlobFilter", "*.parquet")
        .option("maxFilesPerTrigger", files_at_once)
        .schema("path string, modificationTime timestamp, length bigint, content binary")
        .load(places.landing)
        .select("path")
    )
    writing = landed.writeStream.option("checkpointLocation", f"{places.state}/checkpoint")
    if every_s is None:
        writing = writing.trigger(availableNow=True)
    else:
        writing = writing.trigger(processingTime=f"{max(1, round(every_s * 1000))} milliseconds")
    return writing.foreachBatch(partial(_judge_batch, places)).start()


def _judge_batch(places: Places, batch: DataFrame, number: int) -> None:
    """Each city's files of the batch, in a task of its own."""
    groups = _by_city(places, (row["path"] for row in batch.collect()))
    if not groups:
        return
    rows = [(place, city, json.dumps(files)) for place, (city, files) in enumerate(sorted(groups.items()))]
    frame = batch.sparkSession.createDataFrame(rows, _GROUPS).repartitionById(len(rows), "place")
    for done in frame.mapInArrow(partial(judge_groups, places, number), _JUDGED).collect():
        _log.info(
            "batch %d, %s: %s events, %d alerts, %d rejects",
            number, done["city"], f"{done['events']:,}", done["alerts"], done["rejects"],
        )  # fmt: skip


def _by_city(places: Places, paths: Iterable[str]) -> dict[str, list[tuple[str, str]]]:
    """Flow and path of the files, by the folder of the city; other files are passed over."""
    root, groups = Path(places.landing).absolute(), dict[str, list[tuple[str, str]]]()
    for address in sorted(paths):
        path = Path(unquote(urlparse(address).path))
        if path.parent.name not in _FLOW_NAMES or path.parent.parent.parent != root:
            _log.warning("%s: expected CITY/FLOW/NAME.parquet in %s; it is not judged", path, root)
            continue
        groups.setdefault(path.parent.parent.name, []).append((path.parent.name, str(path)))
    return groups


def judge_groups(places: Places, batch: int, groups: Iterator[pa.RecordBatch]) -> Iterator[pa.RecordBatch]:
    """The files of each city are judged, once; how many rows, alerts and rejects there were."""
    for part in groups:
        for row in part.to_pylist():
            counts = judge_group(places, batch, row["city"], json.loads(row["files"]))
            told = {"city": [row["city"]], **{name: [count] for name, count in counts.items()}}
            yield pa.RecordBatch.from_pydict(told)


def judge_group(places: Places, batch: int, city: str, files: list[tuple[str, str]]) -> Mapping[str, int]:
    """The city's engine has judged the files as that batch, and what it found and knows stands on disk.

    Errors: InputError if the registers or all snapshots cannot be read.
    """
    snapshots = Snapshots(Path(places.state) / city)
    counts = dict.fromkeys(("events", "alerts", "rejects"), 0)
    newest = max((place["batch"] for place in snapshots.places()), default=-1)
    if newest >= batch:
        return counts  # judged before, by a task whose answer was lost
    engine, number = _engine(places, city, snapshots)
    sink = PartsSink(Path(places.out) / city)
    rejects: list[Reject] = []
    tables = _readable(files, rejects)
    for window in windows(tables, window_of(tables), rejects):
        decisions = engine.push(window.flows)
        sink.alerts(decisions.alerts, decisions.context)
        rejects += decisions.rejects
        counts["events"] += window.rows
        counts["alerts"] += len(decisions.alerts)
    sink.rejects(rejects)
    sink.suspects(engine.suspects())
    sink.clusters(engine.clusters())
    sink.keep(number + 1)
    snapshots.keep(Snapshot(number + 1, {"batch": batch}, engine.snapshot()))
    _kept.key, _kept.number, _kept.engine = (places.state, city), number + 1, engine
    return counts | {"rejects": len(rejects)}


def _engine(places: Places, city: str, snapshots: Snapshots) -> tuple[Engine, int]:
    """The engine as of the newest snapshot, and its number; one that has seen nothing if there is none."""
    key, kept, known = (places.state, city), _kept.engine, _kept.number
    same = _kept.key == key
    # Whoever fails on the way has pushed into it: until the snapshot stands it is nobody's.
    _kept.key, _kept.engine = ("", ""), None
    newest = max((int(path.stem) for path in snapshots.folder.glob("*.snapshot")), default=0)
    if kept is not None and same and known == newest:
        return kept, newest
    engine = places.build(
        Reference.of(FlowDirectory(Path(places.registers) / city, REQUIRED_REFERENCES)), places.weights
    )
    found = snapshots.newest(engine.restore)
    if newest and (found is None or found.number != newest):
        raise InputError(
            f"{snapshots.folder}: snapshot {newest} cannot be read, and what landed since the one before it "
            "was told before; move checkpoint, snapshots and results away and land it all again"
        )
    return engine, newest


def _readable(files: list[tuple[str, str]], rejects: list[Reject]) -> list[TableFiles]:
    """The files of each flow that can be read to their end; the others are rejects."""
    good: dict[str, list[Path]] = {}
    for flow, name in files:
        path = Path(name)
        try:
            opened = TableFiles(TABLES[flow], [path])
            check_schema(TABLES[flow], opened.schemas[0], str(path))
            for _piece, _rows in opened.read_all():
                pass
        except (InputError, FileNotFoundError) as error:
            rejects.append(Reject(flow, 0, f"the whole file: {error}"))
            continue
        good.setdefault(flow, []).append(path)
    return [
        TableFiles(TABLES[flow], good[flow], DICTIONARIES.get(flow, ()))
        for flow in _FLOW_NAMES
        if flow in good
    ]

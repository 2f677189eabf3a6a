"""A run cut into stages that may each be many tasks on many machines: what the embedded engine does, with the
same functions, and to the same alerts.

::

    pieces of files ─ calls_begun ─► parcels by call ─ ended_early ─► ids            cut by call
    pieces of files ─ read ─────────► parcels of checked rows, by time and host      cut by row group
    parcels of visits ─ screen ─────► what is not asked for by everybody             cut by host
    parcels of all flows ─ judge ───► alerts, rejects, suspects, clusters            one task a city

What passes between them are `PARCELS`: Arrow tables in an envelope that says where they belong. Nothing here
knows who carries them: `run.spark` does, and so does a test, one after the other.

Everything that ties one person to another (caller to victim, account to account, suspects to clusters) is in
`judge`, since each decision rests on all before it; what is cut off before it is what cannot matter to
anybody, and that is asked of the engine itself (`Engine.pass_on`).
"""

from __future__ import annotations

import pickle
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from itertools import groupby
from operator import attrgetter
from pathlib import Path
from typing import NamedTuple
from zlib import crc32

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from qingdun.contract.directory import FlowDirectory
from qingdun.contract.storage import Piece, TableFiles, find_files
from qingdun.contract.tables import (
    CALLS,
    FLOWS,
    OUTCOMES,
    REJECTS,
    SUBSCRIBERS,
    TABLES,
    VISITS,
    WATCHLIST,
    ClusterMember,
    Reject,
    Suspect,
)
from qingdun.contract.windows import (
    DICTIONARIES,
    begins_and_ends,
    ended_before_answered,
    in_order,
    read_piece,
)
from qingdun.detect.reference import Reference
from qingdun.detect.weights import Weights
from qingdun.run.embedded import Decisions, Engine
from qingdun.run.sources.files import roomy_window

Ints = npt.NDArray[np.int64]
Batches = Iterator[pa.RecordBatch]

PIECES = pa.schema(
    [
        ("city", pa.int32()), ("flow", pa.string()), ("file", pa.int32()), ("index", pa.int32()),
        ("first_row", pa.int64()), ("rows", pa.int64()),
    ]
)  # fmt: skip
PARCELS = pa.schema(
    [
        ("city", pa.int32()), ("shard", pa.int32()), ("window", pa.int64()), ("flow", pa.string()),
        ("rows", pa.binary()),
    ]
)  # fmt: skip
FOUND = pa.schema([("city", pa.int32()), ("number", pa.int64()), ("found", pa.binary())])
"""What `judge` has found, in order: pickled `Decisions`, and a `Standing` at the end."""

_ALL_TIME = -1
"""The window of what belongs to none."""


class Parcel(NamedTuple):
    """Rows on their way."""

    city: int
    """Its place among the cities of the run."""
    shard: int
    window: int
    flow: str
    rows: bytes
    """An Arrow IPC stream."""


class Standing(NamedTuple):
    """What an engine holds at the end."""

    suspects: list[Suspect]
    clusters: list[ClusterMember]


@dataclass(frozen=True, slots=True)
class City:
    """A flow directory as tasks see it: each opens it by its path."""

    path: str
    length_us: int
    """Event time in a window."""
    shards: int
    """Into how many parts hosts and calls are cut."""
    subscribers: int
    weights: Weights | None = None
    build: Callable[[Reference, Weights | None], Engine] = Engine

    @classmethod
    def of(
        cls,
        directory: FlowDirectory,
        shards: int,
        weights: Weights | None = None,
        build: Callable[[Reference, Weights | None], Engine] = Engine,
    ) -> City:
        """The directory, which has been checked, with windows that fit it."""
        return cls(
            str(directory.path.absolute()),
            roomy_window(directory),
            shards,
            pc.count_distinct(directory.reference(SUBSCRIBERS).column("msisdn")).as_py(),
            weights,
            build,
        )

    def files(self, flow: str) -> TableFiles:
        """The files of a flow."""
        return TableFiles(TABLES[flow], find_files(Path(self.path), flow), DICTIONARIES.get(flow, ()))

    def pieces(self, number: int) -> list[dict[str, int | str]]:
        """Every row group of the flows, as rows of `PIECES`; `number` is the city's place in the run."""
        return [
            {
                "city": number, "flow": flow.name, "file": piece.file, "index": piece.index,
                "first_row": piece.first_row, "rows": piece.rows,
            }
            for flow in (*FLOWS, OUTCOMES)
            if find_files(Path(self.path), flow.name)
            for piece in self.files(flow.name).pieces()
        ]  # fmt: skip


Cities = list[City]


def calls_begun(cities: Cities, pieces: Batches) -> Batches:
    """Id, time and phase of every call, by the call: parcels for `ended_early`."""
    for city, files, piece in _opened(cities, pieces):
        calls = begins_and_ends(files, piece)
        shards = _shards(calls.column("call_id"), cities[city].shards)
        yield _packed(
            Parcel(city, shard, _ALL_TIME, CALLS.name, _bytes(calls.take(pa.array(places))))
            for shard, places in _groups(shards)
        )


def ended_early(parcels: Batches) -> Batches:
    """Of calls in order of city and shard, those that end before they were answered: a parcel of ids."""
    for (city, shard), found in groupby(_unpacked(parcels), key=attrgetter("city", "shard")):
        ids = ended_before_answered([_table(parcel.rows) for parcel in found])
        yield _packed(
            [Parcel(city, shard, _ALL_TIME, CALLS.name, _bytes(pa.table({"call_id": ids})))][: len(ids)]
        )


def ids_of(parcels: Iterable[bytes]) -> pa.Array:
    """The ids in the rows of such parcels."""
    return pa.chunked_array([_table(one)["call_id"].combine_chunks() for one in parcels], pa.string())


def read(cities: Cities, early: dict[int, pa.ChunkedArray], pieces: Batches) -> Batches:
    """Every row of the pieces, checked, by its window and, of visits, by the shard of its host; what cannot
    be used is in parcels of rejects. `early` holds by city the calls that `ended_early`.
    """
    none = pa.chunked_array([], pa.string())
    for city, files, piece in _opened(cities, pieces):
        flow, about = files.table.name, cities[city]
        good, rejects = read_piece(files, piece, early.get(city, none))
        if files.table is VISITS:
            good = good.set_column(
                good.column_names.index("host"), "host", good.column("host").cast(pa.string())
            )
            shards = _shards(good.column("host"), about.shards)
        else:
            shards = np.zeros(good.num_rows, np.int64)
        windows: Ints = good.column("at").cast(pa.int64()).to_numpy() // about.length_us
        parcels = [
            Parcel(city, key % about.shards, key // about.shards, flow, _bytes(good.take(pa.array(places))))
            for key, places in _groups(windows * about.shards + shards)
        ]
        if rejects:
            parcels.append(Parcel(city, 0, _ALL_TIME, REJECTS.name, _bytes(REJECTS.from_rows(rejects))))
        yield _packed(parcels)


def screen(cities: Cities, parcels: Batches) -> Batches:
    """Of visits in order of city, shard and window, those that may matter to somebody."""
    for (number, shard), of_shard in groupby(_unpacked(parcels), key=attrgetter("city", "shard")):
        city = cities[number]
        listed = WATCHLIST.to_rows(FlowDirectory(Path(city.path), ()).reference(WATCHLIST))
        # Their number is enough of the register: digests tell them apart.
        engine = city.build(Reference({}, {}, listed, city.subscribers), city.weights)
        for window, found in groupby(of_shard, key=attrgetter("window")):
            others, visits = _apart(found)
            passed = engine.pass_on(in_order(VISITS, pa.concat_tables(visits))) if visits else None
            kept = [] if passed is None else [Parcel(number, shard, window, VISITS.name, _bytes(passed))]
            yield _packed([*others, *kept])


def judge(cities: Cities, parcels: Batches) -> Batches:
    """What is found in the parcels, which come in order of city and window: rows of `FOUND`."""
    for number, of_city in groupby(_unpacked(parcels), key=attrgetter("city")):
        city = cities[number]
        directory = FlowDirectory(Path(city.path))
        engine = city.build(Reference.of(directory), city.weights)
        yield _found(number, 0, Decisions(rejects=directory.rejects))
        steps = 1
        for _window, found in groupby(of_city, key=attrgetter("window")):
            yield _found(number, steps, _judged(engine, found))
            steps += 1
        yield _found(number, steps, engine.finish())
        yield _found(number, steps + 1, Standing(engine.suspects(), engine.clusters()))


def _judged(engine: Engine, found: Iterable[Parcel]) -> Decisions:
    tables: dict[str, list[pa.Table]] = {}
    for parcel in found:
        tables.setdefault(parcel.flow, []).append(_table(parcel.rows))
    rejects: list[Reject] = [
        reject for table in tables.pop(REJECTS.name, []) for reject in REJECTS.to_rows(table)
    ]
    batch = {flow: in_order(TABLES[flow], pa.concat_tables(parts)) for flow, parts in tables.items()}
    decisions = engine.push(batch)
    decisions.rejects += rejects
    return decisions


def _apart(parcels: Iterable[Parcel]) -> tuple[list[Parcel], list[pa.Table]]:
    """Parcels that are no visits, and the tables of those that are."""
    others: list[Parcel] = []
    visits: list[pa.Table] = []
    for parcel in parcels:
        if parcel.flow == VISITS.name:
            visits.append(_table(parcel.rows))
        else:
            others.append(parcel)
    return others, visits


def _opened(cities: Cities, pieces: Batches) -> Iterator[tuple[int, TableFiles, Piece]]:
    opened: dict[tuple[int, str], TableFiles] = {}
    for batch in pieces:
        for one in batch.to_pylist():
            key = one["city"], one["flow"]
            if key not in opened:
                opened[key] = cities[one["city"]].files(one["flow"])
            # Its span is not asked for again.
            yield (
                one["city"],
                opened[key],
                Piece(one["file"], one["index"], one["first_row"], one["rows"], 0, 0),
            )


def _shards(strings: pa.ChunkedArray, shards: int) -> Ints:
    """Of each string its shard; the same in every process."""
    found: list[Ints] = []
    for chunk in strings.dictionary_encode().chunks:
        of = np.array(
            [crc32((one or "").encode()) % shards for one in chunk.dictionary.to_pylist()], np.int64
        )
        indices = chunk.indices.fill_null(0).to_numpy(zero_copy_only=False)
        found.append(of[indices] if len(of) else np.zeros(len(chunk), np.int64))
    return np.concatenate(found) if found else np.zeros(0, np.int64)


def _groups(keys: Ints) -> Iterator[tuple[int, Ints]]:
    """Each key with the places that have it, in their order."""
    order = np.argsort(keys, kind="stable")
    cuts = np.flatnonzero(np.diff(keys[order])) + 1
    for places in np.split(order, cuts) if len(keys) else ():
        yield int(keys[places[0]]), places


def _bytes(rows: pa.Table) -> bytes:
    out = pa.BufferOutputStream()
    with pa.ipc.new_stream(out, rows.schema) as writer:
        writer.write_table(rows)
    return bytes(out.getvalue())


def _table(rows: bytes) -> pa.Table:
    return pa.ipc.open_stream(rows).read_all()


def _packed(parcels: Iterable[Parcel]) -> pa.RecordBatch:
    rows = list(parcels)
    columns = list(zip(*rows, strict=True)) or [()] * len(PARCELS)
    return pa.record_batch(
        [pa.array(values, field.type) for field, values in zip(PARCELS, columns, strict=True)], schema=PARCELS
    )


def _unpacked(batches: Batches) -> Iterator[Parcel]:
    for batch in batches:
        columns = [batch.column(name).to_pylist() for name in Parcel._fields]
        yield from map(Parcel._make, zip(*columns, strict=True))


def _found(city: int, number: int, found: Decisions | Standing) -> pa.RecordBatch:
    return pa.record_batch(
        [
            pa.array([city], pa.int32()),
            pa.array([number], pa.int64()),
            pa.array([pickle.dumps(found)], pa.binary()),
        ],
        schema=FOUND,
    )

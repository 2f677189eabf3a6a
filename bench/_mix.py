"""The mix of a real city at its true density, for the benches of the engine.

A city of 4 million peaks near 50,000 events a second, 0.0125 a second and person, and the mean of a day is
a third of it (docs/capacity.md): `DAILY` events a person and day. A simulated person makes 42, with all that
is a scam or only looks so. So a simulated city stands in the mix row by row, and everyday life is made up
beside it until the day is full: visits to the hosts that most visits of the simulated city ask for, calls
between acquaintances, texts of the simulated city without an address and with digits of their own, payments
to merchants. The hours of the day are the simulator's.

Assumed: one visit in `FRESH` asks for a host that nobody has asked for before; on the second day of a
simulated city of 20,000 it is one in 4,700. Every person has a few acquaintances (`_everyday.FRIENDS`).

`play` gives what was made again and again, each time later: with new ids, new fresh hosts, other digits in
texts, and half of those who are in no register somebody else.
"""

from __future__ import annotations

import datetime as dt
import itertools
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq
from _everyday import Everyday, Fresh

from qingdun.contract.columns import TIMESTAMP
from qingdun.contract.directory import FlowDirectory
from qingdun.contract.tables import FLOWS
from qingdun.detect.evidence import DAY_US, HOUR_US
from qingdun.regions.city import load_city
from qingdun.run.sources.files import Batch, read_batches
from qingdun.simulate.generate import simulate

PERSONS, DAILY, DAYS, FRESH = 100_000, 360, 3, 5_000
SHARES = {"visits": 0.955, "calls": 0.02, "messages": 0.02, "transfers": 0.005}
ATTACKED = 0.005
"""Share of persons whom a scam reaches on a day."""
ROW_GROUP, SEED, START = 65_536, 1, dt.date(2026, 6, 1)
_STRANGERS = {
    "calls": ("caller", "callee", "network_number"),
    "messages": ("sender",),
    "transfers": ("payer_account", "payee_account"),
}
_CODE_LETTERS = 6
"""A service code has at most so many digits; it is the same service each time."""
_SIMULATED = 42
"""Events a simulated person makes in a day."""


@contextmanager
def folder_of(mix: Mix, kept: str | None) -> Iterator[Path]:
    """A folder with the mix: the one kept, filled if it holds none yet, or one that goes afterwards."""
    with tempfile.TemporaryDirectory() as made:
        folder = Path(kept or made)
        folder.mkdir(exist_ok=True)
        if not (folder / "visits.parquet").exists():
            make(mix, folder)
        yield folder


@dataclass(frozen=True)
class Mix:
    """What is made: so many days, or of each day some hours, of so many persons."""

    persons: int = PERSONS
    daily: float = DAILY
    """Events a person and day."""
    days: int = DAYS
    hours: range = range(24)
    """Local time."""
    seed: int = SEED


def make(mix: Mix, folder: Path) -> Path:
    """The folder holds the flows of the mix, the register and the list; the same mix gives the same rows."""
    city, simulated = load_city("441800"), folder / "simulated"
    simulate(city, mix.persons, mix.days, mix.seed, START, simulated, attack_rate=ATTACKED)
    for name in ("subscribers", "accounts", "watchlist"):
        shutil.copy(simulated / f"{name}.parquet", folder / f"{name}.parquet")
    begin = round(dt.datetime.combine(START, dt.time(), city.zone).timestamp()) * 1_000_000
    directory = FlowDirectory(simulated)
    everyday = Everyday(directory, mix.persons, mix.seed, 1 / FRESH)
    files = {
        flow: pq.ParquetWriter(folder / f"{flow.name}.parquet", flow.schema, compression="zstd")
        for flow in FLOWS
    }
    for window in directory.windows(HOUR_US):
        day, hour = divmod((window.start - begin) // HOUR_US, 24)
        if day >= mix.days or hour not in mix.hours:
            continue
        rows = window.flows
        total = sum(table.num_rows for table in rows.values()) * mix.daily / _SIMULATED
        for flow, file in files.items():
            own = rows[flow.name].select(flow.schema.names).cast(flow.schema)
            count = max(0, round(total * SHARES[flow.name]) - own.num_rows)
            made = everyday.rows(flow.name, count, window.start).cast(flow.schema)
            both = pa.concat_tables([own, made])
            file.write_table(both.take(pc.sort_indices(both.column("at"))), ROW_GROUP)
    for file in files.values():
        file.close()
    shutil.rmtree(simulated)
    return folder


def play(mix: Mix, folder: Path, window_us: int | None = None) -> Iterator[Batch]:
    """What was made in the folder, read and checked, then once more later, without end."""
    played = Later(mix, folder)
    for time in itertools.count():
        for batch in read_batches(FlowDirectory(folder), window_us=window_us):
            yield played.batch(batch, time)


class Later:
    """Batches of the mix as of another time."""

    def __init__(self, mix: Mix, folder: Path) -> None:
        self._days = mix.days
        self._strangers = _Strangers(folder)
        self._fresh = Fresh(mix.persons, mix.seed)
        rows = pq.ParquetFile(folder / "visits.parquet").metadata.num_rows
        names = [self._fresh.name(i) for i in range(2 * rows // FRESH + 100)]
        self._numbers = {name: number for number, name in enumerate(names)}

    def batch(self, batch: Batch, time: int) -> Batch:
        """The batch so many times the days of the mix later; itself for none."""
        return {flow: self._table(flow, rows, time) for flow, rows in batch.items()} if time else batch

    def _table(self, flow: str, rows: pa.Table, time: int) -> pa.Table:
        rows = _moved(rows, time * self._days * DAY_US)
        if flow == "visits":
            hosts = rows.column("host")
            return _with(
                rows, "host", pa.chunked_array([self._hosts(c, time) for c in hosts.chunks], hosts.type)
            )
        ids = rows.column_names[0]
        rows = _with(rows, ids, pc.binary_join_element_wise(rows.column(ids), str(time), "-"))
        if flow == "messages":
            turn = 1 + time % 3
            texts = pc.replace_substring_regex(
                rows.column("text"), rf"(\d{{{turn}}})(\d{{{4 - turn},}})", r"\2\1"
            )
            rows = _with(rows, "text", texts)
        return self._strangers.of_time(flow, rows, time)

    def _hosts(self, chunk: pa.DictionaryArray, time: int) -> pa.DictionaryArray:
        names = chunk.dictionary.to_pylist()
        for place, name in enumerate(names):
            if name in self._numbers:
                names[place] = self._fresh.name(self._numbers[name] + time * len(self._numbers))
        return pa.DictionaryArray.from_arrays(chunk.indices, pa.array(names, chunk.dictionary.type))


def _moved(rows: pa.Table, by_us: int) -> pa.Table:
    return _with(rows, "at", pc.add(rows.column("at").cast(pa.int64()), by_us).cast(TIMESTAMP))


def _with(rows: pa.Table, name: str, column: pa.ChunkedArray | pa.Array) -> pa.Table:
    place = rows.column_names.index(name)
    return rows.set_column(place, rows.schema.field(place).with_type(column.type), column)


class _Strangers:
    """Who is in no register and on no list."""

    def __init__(self, folder: Path) -> None:
        tables = (("subscribers", "msisdn"), ("accounts", "account"), ("watchlist", "entity"))
        known = [pq.read_table(folder / f"{name}.parquet").column(column) for name, column in tables]
        self._known = pa.concat_arrays([pc.unique(column.cast(pa.string())) for column in known])

    def of_time(self, flow: str, rows: pa.Table, time: int) -> pa.Table:
        """Half of them are somebody else each time."""
        span = 6, 8, f"{time % 100:02}"
        for name in _STRANGERS.get(flow, ()):
            names = rows.column(name)
            strange = pc.and_(
                pc.greater(pc.utf8_length(names), _CODE_LETTERS), pc.match_substring_regex(names, "[13579]$")
            )
            strange = pc.and_(strange, pc.invert(pc.is_in(names, value_set=self._known)))
            strange = pc.fill_null(strange, False)
            rows = _with(rows, name, pc.if_else(strange, pc.utf8_replace_slice(names, *span), names))
            if name == "caller":
                devices = rows.column("caller_imei")
                changed = pc.if_else(strange, pc.utf8_replace_slice(devices, *span), devices)
                rows = _with(rows, "caller_imei", changed)
        return rows

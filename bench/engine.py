"""Mixed events a second through the embedded engine, against bare Arrow decode of the same files.

Run by hand: ``python bench/engine.py [FLOWS]``; without a folder a mix is made up: 95.5 % visits, 2 % calls,
2 % messages, 0.5 % transfers.
"""

from __future__ import annotations

import datetime as dt
import resource
import statistics
import sys
import tempfile
import time
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
from _rounds import rounds

from qingdun.contract.columns import TIMESTAMP
from qingdun.contract.directory import FlowDirectory
from qingdun.contract.storage import write_table
from qingdun.contract.tables import ACCOUNTS, FLOWS, SUBSCRIBERS, Account, Subscriber
from qingdun.detect.reference import Reference
from qingdun.run.embedded import Engine
from qingdun.run.sources.files import read_ahead, read_batches

PERSONS, EVENTS, DAY_S = 100_000, 2_000_000, 86_400
START_US = 1_772_409_600_000_000


def made_up(folder: Path) -> Path:
    draw = np.random.default_rng(1)
    numbers = np.array([f"+86170{i:08d}" for i in range(PERSONS)], dtype=object)
    accounts = np.array([f"6200{i:012d}" for i in range(PERSONS)], dtype=object)
    hosts = np.array([f"www.site{i:05d}.com" for i in range(20_000)], dtype=object)
    texts = np.array([f"您的快递已到{i % 40}号驿站，取件码{i:05d}" for i in range(2000)], dtype=object)

    def at(count: int) -> pa.Array:
        return pa.array(np.sort(START_US + draw.integers(0, DAY_S * 1_000_000, count)), TIMESTAMP)

    def some(values: np.ndarray, count: int) -> pa.Array:
        return pa.array(values[draw.integers(0, len(values), count)], pa.string())

    n = int(EVENTS * 0.955)
    popular = hosts[np.minimum(draw.zipf(1.3, n) - 1, len(hosts) - 1)]
    visits = {"at": at(n), "subscriber": some(numbers, n), "host": pa.array(popular, pa.string())}
    write(pa.table(visits), folder / "visits.parquet")
    n = int(EVENTS * 0.01)
    when, length = np.sort(draw.integers(0, DAY_S - 4000, n)), draw.integers(5, 600, n)
    ids = [f"c{i:08d}" for i in range(n)] * 2
    start = START_US + when * 1_000_000
    both = np.concatenate([start, start + length * 1_000_000])
    order = np.argsort(both, kind="stable")
    caller, callee = some(numbers, n).to_pylist() * 2, some(numbers, n).to_pylist() * 2
    calls = pa.table(
        {
            "call_id": ids,
            "at": pa.array(both, TIMESTAMP),
            "phase": ["answered"] * n + ["ended"] * n,
            "caller": caller,
            "callee": callee,
            "duration_s": pa.array(np.concatenate([np.zeros(n, np.int32), length]), pa.int32()),
            "origin": ["domestic"] * (2 * n),
        }
    ).take(pa.array(order))
    write(calls, folder / "calls.parquet")
    n = int(EVENTS * 0.02)
    ids = [f"m{i:08d}" for i in range(n)]
    columns = {"message_id": ids, "at": at(n), "sender": ["106900001"] * n, "recipient": some(numbers, n)}
    write(pa.table({**columns, "text": some(texts, n)}), folder / "messages.parquet")
    n = int(EVENTS * 0.005)
    transfers = {
        "transfer_id": [f"t{i:08d}" for i in range(n)],
        "at": at(n),
        "phase": ["requested"] * n,
        "payer_account": some(accounts, n),
        "payee_account": some(accounts, n),
        "amount_fen": pa.array(draw.integers(100, 500_000, n)),
        "channel": ["app"] * n,
    }
    write(pa.table(transfers), folder / "transfers.parquet")
    day = dt.date(2018, 1, 1)
    people = [
        Subscriber(n, f"p{i}", day, None, "", False, "441881101", None, False, 1980, "f")
        for i, n in enumerate(numbers)
    ]
    held = [Account(a, f"p{i}", "personal", "", None, None, None, None, None) for i, a in enumerate(accounts)]
    write_table(SUBSCRIBERS, people, folder / "subscribers.parquet")
    write_table(ACCOUNTS, held, folder / "accounts.parquet")
    return folder


def write(table: pa.Table, path: Path) -> None:
    pq.write_table(table, path, row_group_size=65_536, compression="zstd")


def decode(flows: Path) -> int:
    """Every row as Arrow and nothing more, on one thread as the engine is."""
    rows = 0
    for flow in FLOWS:
        file = pq.ParquetFile(flows / f"{flow.name}.parquet")
        for group in range(file.num_row_groups):
            rows += file.read_row_group(group, use_threads=False).num_rows
    return rows


def read(flows: Path) -> int:
    """Every row checked and in order of time."""
    return sum(
        table.num_rows
        for batch in read_batches(FlowDirectory(flows), window_us=None)
        for table in batch.values()
    )


class Judging:
    """Every row judged, by a new engine each time; remembers what was seen on the way."""

    def __init__(self, ahead: bool = False) -> None:
        """`ahead`: a second thread reads."""
        self._ahead = ahead
        self.alerts = 0
        self.slowest_ms: list[float] = []
        self.warm: list[float] = []
        self.state = ""

    def __call__(self, flows: Path) -> int:
        directory = FlowDirectory(flows)
        engine = Engine(Reference.of(directory))
        self.alerts, slowest = 0, 0.0
        spent = [(0, time.process_time())]
        batches = read_batches(directory, window_us=None)
        for batch in read_ahead(batches) if self._ahead else batches:
            pushed = time.perf_counter()
            self.alerts += len(engine.push(batch).alerts)
            slowest = max(slowest, time.perf_counter() - pushed)
            rows = spent[-1][0] + sum(table.num_rows for table in batch.values())
            spent.append((rows, time.process_time()))
        self.slowest_ms.append(slowest * 1000)
        (half, then), (whole, now) = spent[len(spent) // 2], spent[-1]
        self.warm.append((whole - half) / (now - then))
        entities, parties, size = engine.held()
        self.state = (
            f"{entities:,} hosts, numbers, senders and accounts touched, {parties:,} numbers and senders "
            f"that called or wrote, {size / 1e6:,.0f} MB of arrays"
        )
        return whole


def main() -> None:
    with tempfile.TemporaryDirectory() as made:
        flows = Path(sys.argv[1]) if len(sys.argv) > 1 else made_up(Path(made))
        judging, ahead = Judging(), Judging(ahead=True)
        measured = rounds(
            {
                "bare Arrow decode": lambda: decode(flows),
                "reading and checking": lambda: read(flows),
                "whole engine": lambda: judging(flows),
                "whole engine, reading ahead": lambda: ahead(flows),
            }
        )
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    counted = f"{measured.rows:,} events, {judging.alerts:,} alerts, {PERSONS:,} persons"
    print(f"{counted}; one thread each, two where one reads ahead.")
    slowest = statistics.median(judging.slowest_ms)
    warm = f"{statistics.median(judging.warm):,.0f} ({min(judging.warm):,.0f} to {max(judging.warm):,.0f})"
    print(f"Whole engine, second half of the rows, register and most hosts known: {warm} per CPU second.")
    print(f"Held at the end: {judging.state}.")
    print(f"Slowest batch {slowest:,.0f} ms (median over rounds); peak {peak:,.0f} MB, making up included.\n")
    print(measured.table("events"))


if __name__ == "__main__":
    main()

"""Mixed events a second through the embedded engine, against bare Arrow decode of the same files.

Run by hand: ``python bench/engine.py [FLOWS]``; without a folder evening hours of the mix (`_mix`).
"""

from __future__ import annotations

import resource
import statistics
import sys
import tempfile
import time
from pathlib import Path

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq
from _mix import Mix, make
from _rounds import rounds

from qingdun.contract.directory import FlowDirectory
from qingdun.contract.tables import FLOWS, SUBSCRIBERS
from qingdun.detect.reference import Reference
from qingdun.detect.screens import Screens
from qingdun.detect.sites.model import SiteModel
from qingdun.detect.text.model import TextModel
from qingdun.detect.waking import NOBODY
from qingdun.detect.weights import load_weights
from qingdun.run.embedded import Engine
from qingdun.run.sources.files import read_ahead, read_batches

MIX = Mix(days=1, hours=range(19, 22))
ROUNDS, TEXTS = 3, 100_000


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


def texts_a_cpu_second(flows: Path) -> float:
    """Texts through the screen of messages, every one another."""
    texts = pq.read_table(flows / "messages.parquet", columns=["text"]).column("text").slice(0, TEXTS)
    numbers = pa.array(range(len(texts))).cast(pa.string())
    distinct = pc.binary_join_element_wise(texts, numbers, " ")
    watchlist = Reference.of(FlowDirectory(flows)).watchlist
    screens = Screens(load_weights(), watchlist, TextModel.load(), SiteModel.load(), lambda *_: NOBODY)
    began = time.process_time()
    screens.messages(pa.chunked_array([distinct.combine_chunks()]))
    return len(texts) / (time.process_time() - began)


def main() -> None:
    with tempfile.TemporaryDirectory() as made:
        flows = Path(sys.argv[1]) if len(sys.argv) > 1 else make(MIX, Path(made))
        judging, ahead = Judging(), Judging(ahead=True)
        measured = rounds(
            {
                "bare Arrow decode": lambda: decode(flows),
                "reading and checking": lambda: read(flows),
                "whole engine": lambda: judging(flows),
                "whole engine, reading ahead": lambda: ahead(flows),
            },
            ROUNDS,
        )
        texts = statistics.median(texts_a_cpu_second(flows) for _ in range(ROUNDS))
        persons = FlowDirectory(flows).reference(SUBSCRIBERS).num_rows
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    counted = f"{measured.rows:,} events, {judging.alerts:,} alerts, {persons:,} subscribers"
    print(f"{counted}; one thread each, two where one reads ahead.")
    slowest = statistics.median(judging.slowest_ms)
    warm = f"{statistics.median(judging.warm):,.0f} ({min(judging.warm):,.0f} to {max(judging.warm):,.0f})"
    print(f"Whole engine, second half of the rows, register and most hosts known: {warm} per CPU second.")
    print(f"Held at the end: {judging.state}.")
    print(f"Texts through the screen of messages, all distinct: {texts:,.0f} a CPU second.")
    print(f"Slowest batch {slowest:,.0f} ms (median over rounds); peak {peak:,.0f} MB, making up included.\n")
    print(measured.table("events"))


if __name__ == "__main__":
    main()

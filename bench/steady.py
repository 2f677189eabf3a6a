"""A day of the made-up mix again and again for a minute, each with hosts, callers and ids of its own: what
the engine keeps must come to rest.

Run by hand: ``python bench/steady.py [SECONDS]``.
"""

from __future__ import annotations

import resource
import statistics
import sys
import tempfile
import time
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path

import engine as mix
import pyarrow as pa
import pyarrow.compute as pc

from qingdun.contract.columns import TIMESTAMP
from qingdun.contract.directory import FlowDirectory
from qingdun.detect.evidence import DAY_US
from qingdun.detect.reference import Reference
from qingdun.run.embedded import Engine, Held
from qingdun.run.sources.files import Batch, read_batches

SECONDS, EVENTS, LOOKS = 60, 400_000, 6


@dataclass(frozen=True)
class Day:
    """What one day cost, and what was held at its end."""

    rows: int
    wall_s: float
    cpu_s: float
    held: Held
    resident_mb: float


def on_day(batch: Batch, day: int) -> Batch:
    """The batch so many days later: half of the hosts and of the callers are new ones."""
    return {flow: _on_day(flow, rows, day) for flow, rows in batch.items()}


def _on_day(flow: str, rows: pa.Table, day: int) -> pa.Table:
    at = pc.add(rows.column("at").cast(pa.int64()), day * DAY_US).cast(TIMESTAMP)
    rows = rows.set_column(rows.column_names.index("at"), "at", at)
    if flow == "visits":
        chunks = [
            pa.DictionaryArray.from_arrays(
                chunk.indices, pc.replace_substring(chunk.dictionary, "site1", f"d{day}-1")
            )
            for chunk in rows.column("host").chunks
        ]
        return rows.set_column(rows.column_names.index("host"), "host", pa.chunked_array(chunks))
    ids = pc.binary_join_element_wise(rows.column(0), str(day), "-")
    rows = rows.set_column(0, rows.column_names[0], ids)
    if flow == "calls":
        callers = pc.replace_substring_regex(rows.column("caller"), r"^\+86170(\d*)[13579]$", rf"+44{day}\1")
        rows = rows.set_column(rows.column_names.index("caller"), "caller", callers)
    return rows


def days(seconds: float) -> list[Day]:
    with tempfile.TemporaryDirectory() as made:
        mix.EVENTS = EVENTS
        directory = FlowDirectory(mix.made_up(Path(made)))
        batches, engine = list(read_batches(directory, window_us=None)), Engine(Reference.of(directory))
    found: list[Day] = []
    while sum(day.wall_s for day in found) < seconds:
        moved = [on_day(batch, len(found)) for batch in batches]
        began, used = time.perf_counter(), time.process_time()
        for batch in moved:
            engine.push(batch)
        wall, cpu = time.perf_counter() - began, time.process_time() - used
        found.append(Day(EVENTS, wall, cpu, engine.held(), _resident_mb()))
    return found


def _resident_mb() -> float:
    pages = int(Path("/proc/self/statm").read_text("ascii").split()[1])
    return pages * resource.getpagesize() / 1e6


def main() -> None:
    seconds = float(sys.argv[1]) if len(sys.argv) > 1 else SECONDS
    found = days(seconds)
    pushed = sum(day.wall_s for day in found)
    print(
        f"{len(found)} days of {EVENTS:,} events of {mix.PERSONS:,} persons, {pushed:,.0f} s of judging; "
        "half of the hosts and of the callers are new every day.\n"
    )
    print("| days | events/s | per CPU second | touched | called or wrote | arrays, MB | resident, MB |")
    print("|---|---:|---:|---:|---:|---:|---:|")
    size = -(-len(found) // LOOKS)
    for first in range(0, len(found), size):
        some = found[first : first + size]
        last = some[-1]
        wall = statistics.median(day.rows / day.wall_s for day in some)
        print(
            f"| {first + 1} to {first + len(some)} | {wall:,.0f} "
            f"| {statistics.median(d.rows / d.cpu_s for d in some):,.0f} | {last.held.entities:,} "
            f"| {last.held.parties:,} | {last.held.array_bytes / 1e6:,.0f} | {last.resident_mb:,.0f} |"
        )
    most = max(day.held.entities + day.held.parties for day in found)
    evicted = sum(b.held.entities < a.held.entities for a, b in pairwise(found))
    evicted += sum(b.held.parties < a.held.parties for a, b in pairwise(found))
    print(
        f"\nStale entities were forgotten and numbered anew {evicted} times; at most {most:,} were held. "
        "Rates are medians of days; what is held is that at the end of the last one."
    )


if __name__ == "__main__":
    main()

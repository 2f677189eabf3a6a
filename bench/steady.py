"""A day of the made-up mix again and again, each with hosts, callers and ids of its own: what the engine
keeps must come to rest. Steady is what comes after hosts and callers were forgotten for the first time.

Run by hand: ``python bench/steady.py [SECONDS]``.
"""

from __future__ import annotations

import resource
import statistics
import sys
import tempfile
import time
from dataclasses import dataclass
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
"""CPU seconds of steady state, events a day, rows of the table."""
MOST = 10
"""Times those seconds after which the bench gives up waiting for something to be forgotten."""


@dataclass(frozen=True)
class Day:
    """What one day cost, and what was held at its end."""

    rows: int
    wall_s: float
    cpu_s: float
    held: Held
    resident_mb: float
    forgotten: int
    """Entities and parties that stood at the end of the day before and do no longer, at least."""


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


def days(seconds: float) -> tuple[list[Day], list[Day]]:
    """What came before the engine forgot anything for the first time, and so many seconds after."""
    with tempfile.TemporaryDirectory() as made:
        mix.EVENTS = EVENTS
        directory = FlowDirectory(mix.made_up(Path(made)))
        batches, engine = list(read_batches(directory, window_us=None)), Engine(Reference.of(directory))
    found: list[Day] = []
    begun = 0
    """How many days there were when hosts and callers both had been forgotten once."""
    held = Held(0, 0, 0)
    gone = [False, False]
    while not begun or sum(day.cpu_s for day in found[begun:]) < seconds:
        if sum(day.cpu_s for day in found) > MOST * seconds:
            raise SystemExit(f"nothing was forgotten in {len(found)} days: {held}")
        moved = [on_day(batch, len(found)) for batch in batches]
        began, used = time.perf_counter(), time.process_time()
        for batch in moved:
            engine.push(batch)
        wall, cpu = time.perf_counter() - began, time.process_time() - used
        before, held = held, engine.held()
        less = max(0, before.entities - held.entities), max(0, before.parties - held.parties)
        found.append(Day(EVENTS, wall, cpu, held, _resident_mb(), sum(less)))
        gone = [was or now > 0 for was, now in zip(gone, less, strict=True)]
        if all(gone) and not begun:
            begun = len(found)
    return found[:begun], found[begun:]


def _resident_mb() -> float:
    pages = int(Path("/proc/self/statm").read_text("ascii").split()[1])
    return pages * resource.getpagesize() / 1e6


def main() -> None:
    seconds = float(sys.argv[1]) if len(sys.argv) > 1 else SECONDS
    first_days, found = days(seconds)
    cpu, wall = sum(day.cpu_s for day in found), sum(day.wall_s for day in found)
    print(
        f"{len(found)} days of {EVENTS:,} events of {mix.PERSONS:,} persons, {cpu:,.0f} CPU seconds "
        f"({wall:,.0f} s) of judging, after {len(first_days)} days in which hosts and callers were forgotten "
        "for the first time; half of the hosts and of the callers are new every day.\n"
    )
    print("| days | events/s | per CPU second | touched | called or wrote | forgotten | arrays and all, MB |")
    print("|---|---:|---:|---:|---:|---:|---:|")
    size = -(-len(found) // LOOKS)
    for first in range(0, len(found), size):
        some = found[first : first + size]
        last, gone = some[-1], sum(day.forgotten for day in some)
        wall = statistics.median(day.rows / day.wall_s for day in some)
        print(
            f"| {first + 1} to {first + len(some)} | {wall:,.0f} "
            f"| {statistics.median(d.rows / d.cpu_s for d in some):,.0f} | {last.held.entities:,} "
            f"| {last.held.parties:,} | {gone:,} "
            f"| {last.held.array_bytes / 1e6:,.0f} of {last.resident_mb:,.0f} |"
        )
    most = max(day.held.entities + day.held.parties for day in found)
    evicted = sum(day.forgotten > 0 for day in found)
    print(
        f"\nOn {evicted} of these days stale hosts, numbers and senders were forgotten and the others "
        f"numbered anew; at most {most:,} were held. Rates are medians of days; what is held is that at the "
        "end of the last one. *Forgotten*: how many fewer were held at the end of a day than the day before."
    )


if __name__ == "__main__":
    main()

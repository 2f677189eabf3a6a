"""From an event to its alert, with queueing, at a quarter, half and three quarters of the highest rate: two
engines side by side on two cores, a city each.

The highest rate is what both do together when everything has come already, in steps of `STEP` events. Then
events come by a schedule of the wall's clock, one by one and evenly, and wait for nobody: an engine takes
whatever has come, at most `STEP` at once. An alert is late by the moment its batch leaves `push` less the
moment at which the event came that raised it (for a timer, the next event after it was due). Rows are checked
as they are taken; reading files, the network and sinks lie before and behind. Asked (issue 8): 99 alerts in
100 within a second at half of the highest rate.

Run by hand: ``python bench/latency.py [SECONDS [FOLDER]]``; a folder without a mix is filled and kept.
"""

from __future__ import annotations

import multiprocessing
import sys
import time
from dataclasses import dataclass, field
from multiprocessing.synchronize import Barrier
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.parquet as pq
from _mix import Later, Mix, folder_of

from qingdun.contract.checking import check_rows
from qingdun.contract.directory import FlowDirectory
from qingdun.contract.tables import FLOWS
from qingdun.contract.windows import DICTIONARIES
from qingdun.detect.reference import Reference
from qingdun.run.embedded import Engine

MIX = Mix(days=1, hours=range(16, 23))
SECONDS, SHARES, PROCESSES, STEP, WARM = 15.0, (0.25, 0.5, 0.75), 2, 100_000, 0.2
"""Seconds of each load, the loads, engines, most events at once; what share of an evening goes before."""
Times = npt.NDArray[np.float64]


@dataclass
class Run:
    """What one engine did at one load."""

    events: int = 0
    wall_s: float = 0.0
    cpu_s: float = 0.0
    late: list[Times] = field(default_factory=list)
    """Of events, seconds."""
    alerts_late: list[float] = field(default_factory=list)


class Feed:
    """An evening of the mix in the order in which it comes, and how much of it has been taken."""

    def __init__(self, folder: Path, times: int) -> None:
        batch = {
            flow.name: pq.read_table(
                folder / f"{flow.name}.parquet", read_dictionary=list(DICTIONARIES.get(flow.name, ()))
            )
            for flow in FLOWS
        }
        self._tables = Later(MIX, folder).batch(batch, times)
        self._at = {
            name: rows.column("at").cast(pa.int64()).to_numpy() for name, rows in self._tables.items()
        }
        self.at = np.sort(np.concatenate(list(self._at.values())))
        self.taken = 0

    def take(self, upto: int) -> dict[str, pa.Table]:
        """The next events up to that number, and those of the same moment, checked."""
        begin = self.at[self.taken - 1] if self.taken else -1
        end = self.at[min(upto, self.taken + STEP, len(self.at)) - 1]
        self.taken = int(self.at.searchsorted(end, "right"))
        found = {}
        for flow in FLOWS:
            first, last = self._at[flow.name].searchsorted((begin, end), "right").tolist()
            rows = self._tables[flow.name].slice(first, last - first)
            found[flow.name] = check_rows(flow, rows, first, flow.name).table
        return found


def at_once(engine: Engine, feed: Feed, seconds: float, upto: int) -> Run:
    """Everything has come already."""
    run, first = Run(), feed.taken
    began, used = time.perf_counter(), time.process_time()
    while feed.taken < upto and time.perf_counter() - began < seconds:
        engine.push(feed.take(upto))
    run.wall_s, run.cpu_s = time.perf_counter() - began, time.process_time() - used
    run.events = feed.taken - first
    return run


def as_it_comes(engine: Engine, feed: Feed, seconds: float, rate: float) -> Run:
    """So many events come each second, whatever the engine does."""
    run, first = Run(), feed.taken
    last = min(len(feed.at), first + round(seconds * rate))
    began, used = time.perf_counter(), time.process_time()
    while feed.taken < last:
        come = min(last, first + int((time.perf_counter() - began) * rate))
        if come <= feed.taken:
            time.sleep(0.001)
            continue
        before = feed.taken
        alerts = engine.push(feed.take(come)).alerts
        left = time.perf_counter() - began
        run.late.append(left - (np.arange(before, feed.taken) - first) / rate)
        raised = feed.at.searchsorted([alert.raised_at for alert in alerts])
        run.alerts_late += (left - (raised - first) / rate).tolist()
    run.wall_s, run.cpu_s = time.perf_counter() - began, time.process_time() - used
    run.events = feed.taken - first
    return run


def engine_of(folder: Path, seconds: float, together: Barrier, rates: Any, number: int, told: Any) -> None:
    """One of the engines, through all loads."""
    engine = Engine(Reference.of(FlowDirectory(folder)))
    runs = []
    for times, share in enumerate((None, *SHARES)):
        feed = Feed(folder, times)
        at_once(engine, feed, float("inf"), round(WARM * len(feed.at)))
        together.wait()
        if share is None:
            runs.append(at_once(engine, feed, seconds, len(feed.at)))
            rates[number] = runs[0].events / runs[0].wall_s
        else:
            runs.append(as_it_comes(engine, feed, seconds, share * sum(rates) / PROCESSES))
        together.wait()
    told.put(runs)


def measured(folder: Path, seconds: float) -> list[list[Run]]:
    """The runs of each load, one of each engine."""
    fresh = multiprocessing.get_context("spawn")
    together, rates, told = fresh.Barrier(PROCESSES), fresh.Array("d", PROCESSES), fresh.Queue()
    started = [
        fresh.Process(target=engine_of, args=(folder, seconds, together, rates, number, told))
        for number in range(PROCESSES)
    ]
    for one in started:
        one.start()
    found = [told.get() for _ in started]
    for one in started:
        one.join()
    return [list(runs) for runs in zip(*found, strict=True)]


def _ms(late: Times) -> str:
    """As cells: the half, 99 in 100, 999 in 1,000, the latest."""
    if not len(late):
        return "none | | | "
    return " | ".join(f"{1000 * one:,.0f}" for one in (*np.quantile(late, (0.5, 0.99, 0.999)), late.max()))


def main() -> None:
    seconds = float(sys.argv[1]) if len(sys.argv) > 1 else SECONDS
    with folder_of(MIX, sys.argv[2] if len(sys.argv) > 2 else None) as folder:
        highest, *loads = measured(folder, seconds)
    most = sum(one.events / one.wall_s for one in highest)
    print(
        f"{PROCESSES} engines side by side, a city of {MIX.persons:,} persons each, {MIX.daily:,.0f} events "
        f"a person and day, {seconds:.0f} s at each load after {WARM:.0%} of an evening. The highest rate, "
        f"everything there already: {most:,.0f} events/s of both together. Milliseconds from the arrival of "
        "an event to the moment its alert leaves the engine, queueing included.\n"
    )
    print("| load | events/s, came | taken | of two cores | alerts | p50 | p99 | p99.9 | latest |")
    print("|---|---:|---:|---:|---:|---:|---:|---:|---:|")
    for share, runs in zip(SHARES, loads, strict=True):
        taken = sum(one.events / one.wall_s for one in runs)
        cores = sum(one.cpu_s / one.wall_s for one in runs) / PROCESSES
        late = np.array([late for one in runs for late in one.alerts_late])
        rates = f"{share * most:,.0f} | {taken:,.0f} | {cores:.0%}"
        print(f"| {share:.0%} | {rates} | {len(late):,} | {_ms(late)} |")
    print("\nOf all events, whether they raise an alert or not:\n")
    print("| load | events | p50 | p99 | p99.9 | latest |")
    print("|---|---:|---:|---:|---:|---:|")
    for share, runs in zip(SHARES, loads, strict=True):
        late = np.concatenate([late for one in runs for late in one.late])
        print(f"| {share:.0%} | {len(late):,} | {_ms(late)} |")
    half = np.array([late for one in loads[SHARES.index(0.5)] for late in one.alerts_late])
    kept = "no alert came" if not len(half) else "kept" if np.quantile(half, 0.99) < 1 else "not kept"
    print(f"\nAsked for: p99 under 1,000 ms at half of the highest rate: {kept} here.")


if __name__ == "__main__":
    main()

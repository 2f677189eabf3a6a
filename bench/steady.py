"""The mix (`_mix`) without end, with every detector: events a second once what is stale has been forgotten,
by one process and by two side by side, one city each; what an engine keeps must come to rest.

Hosts are known for two weeks, so a city must be watched for longer than that: it is a small one, and its
engine clears away what is stale as soon as there is twice as much as after the last time.

Asked (issue 8): 3,000,000 mixed events a second on two cores, at least 60 s of it with eviction seen.

Run by hand: ``python bench/steady.py [SECONDS [FOLDER]]``; a folder that holds no mix yet is filled and kept.
"""

from __future__ import annotations

import itertools
import multiprocessing
import resource
import statistics
import sys
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

from _mix import Later, Mix, folder_of

from qingdun.contract.directory import FlowDirectory
from qingdun.detect.evidence import HOUR_US
from qingdun.detect.reference import Reference
from qingdun.run.embedded import Engine, Held
from qingdun.run.sources.files import read_batches

T = TypeVar("T")
SECONDS, LOOKS, ASKED = 60.0, 8, 3_000_000
"""Seconds of steady state, rows of the table, events a second asked for on two cores."""
MIX = Mix(persons=5_000)
SPARE, MOST_DAYS = 500, 40
"""Entities and parties that may be stale beside as many as are not; days after which it is given up."""


@dataclass(frozen=True)
class Hour:
    """What an hour of event time cost, reading and checking included, and what was held at its end."""

    rows: int
    alerts: int
    wall_s: float
    cpu_s: float
    held: Held
    resident_mb: float
    less: tuple[int, int]
    """How many entities and parties fewer than an hour before, at least."""


class Spent:
    """Seconds by the clock and of the processor, of what is called through it."""

    def __init__(self) -> None:
        self.wall_s = self.cpu_s = 0.0

    def on(self, work: Callable[..., T], *given: Any) -> T:
        """What the work gives."""
        began, used = time.perf_counter(), time.process_time()
        found = work(*given)
        self.wall_s += time.perf_counter() - began
        self.cpu_s += time.process_time() - used
        return found


def hours(folder: Path) -> Iterator[Hour]:
    """Hour after hour of the mix in the folder, judged by one engine; making it later is not counted."""
    directory, later = FlowDirectory(folder), Later(MIX, folder)
    engine, held = Engine(Reference.of(directory)), Held(0, 0, 0)
    memory = engine._state.memory
    memory.touches.spare = memory.traffic.spare = memory.money.spare = SPARE
    rows, alerts, spent = 0, 0, Spent()
    for times in itertools.count():
        source = read_batches(FlowDirectory(folder), window_us=None)
        while (read := spent.on(next, source, None)) is not None:
            batch, before = later.batch(read, times), engine.clock
            alerts += len(spent.on(engine.push, batch).alerts)
            rows += sum(table.num_rows for table in batch.values())
            if before // HOUR_US != engine.clock // HOUR_US:
                last, held = held, engine.held()
                less = max(0, last.entities - held.entities), max(0, last.parties - held.parties)
                yield Hour(rows, alerts, spent.wall_s, spent.cpu_s, held, _resident_mb(), less)
                rows, alerts, spent = 0, 0, Spent()


def play(folder: Path, seconds: float) -> tuple[list[Hour], list[Hour]]:
    """What came before entities and parties both were forgotten once, and so many seconds after."""
    before, found, gone = list[Hour](), list[Hour](), [False, False]
    for hour in hours(folder):
        if not all(gone):
            before.append(hour)
            if len(before) > MOST_DAYS * 24:
                sys.exit(
                    f"steady: nothing was forgotten in {MOST_DAYS} days, expected that of hosts and callers"
                )
            gone = [was or now > 0 for was, now in zip(gone, hour.less, strict=True)]
        else:
            found.append(hour)
            if sum(one.wall_s for one in found) >= seconds:
                break
    return before, found


def side_by_side(folder: Path, seconds: float) -> list[tuple[list[Hour], list[Hour]]]:
    """The same by two processes at once."""
    with ProcessPoolExecutor(2, multiprocessing.get_context("spawn")) as both:
        return list(both.map(play, [folder] * 2, [seconds] * 2))


def rate(found: list[Hour]) -> float:
    """Events a second by the clock."""
    return sum(hour.rows for hour in found) / sum(hour.wall_s for hour in found)


def _resident_mb() -> float:
    pages = int(Path("/proc/self/statm").read_text("ascii").split()[1])
    return pages * resource.getpagesize() / 1e6


def table(found: list[Hour]) -> None:
    """The hours, some a row."""
    print(
        "| hours | events | events/s | per CPU second | alerts | touched | called or wrote | forgotten "
        "| arrays and all, MB |"
    )
    print("|---|---:|---:|---:|---:|---:|---:|---:|---:|")
    size = -(-len(found) // LOOKS)
    for first in range(0, len(found), size):
        some = found[first : first + size]
        last, rows = some[-1], sum(hour.rows for hour in some)
        print(
            f"| {first + 1} to {first + len(some)} | {rows:,} | {rate(some):,.0f} "
            f"| {rows / sum(hour.cpu_s for hour in some):,.0f} | {sum(hour.alerts for hour in some):,} "
            f"| {last.held.entities:,} | {last.held.parties:,} | {sum(sum(hour.less) for hour in some):,} "
            f"| {last.held.array_bytes / 1e6:,.0f} of {last.resident_mb:,.0f} |"
        )


def main() -> None:
    seconds = float(sys.argv[1]) if len(sys.argv) > 1 else SECONDS
    with folder_of(MIX, sys.argv[2] if len(sys.argv) > 2 else None) as folder:
        before, found = play(folder, seconds)
        both = [steady for _, steady in side_by_side(folder, seconds)]
    rows, cpu = sum(hour.rows for hour in found), sum(hour.cpu_s for hour in found)
    print(
        f"{len(found)} hours, {rows:,} events of {MIX.persons:,} persons, {MIX.daily:,.0f} a person and day, "
        f"{cpu:,.0f} CPU seconds, after {len(before)} hours until hosts and callers had been forgotten once; "
        f"{statistics.mean(hour.alerts for hour in found):,.1f} alerts an hour. "
        "Reading and checking of Parquet included.\n"
    )
    print("| processes | events/s by the clock | per CPU second of one | of the asked 3,000,000 |")
    print("|---|---:|---:|---:|")
    print(f"| one | {rate(found):,.0f} | {rows / cpu:,.0f} | {rate(found) / ASKED:.2f} |")
    total, rows = sum(rate(one) for one in both), sum(hour.rows for one in both for hour in one)
    cpu = sum(hour.cpu_s for one in both for hour in one)
    print(f"| two side by side, a city each | {total:,.0f} | {rows / cpu:,.0f} | {total / ASKED:.2f} |\n")
    table(found)
    most = max(hour.held.entities + hour.held.parties for hour in found)
    print(
        "\nThe rows are of the one process. Stale hosts, numbers and senders were forgotten and the others "
        f"numbered anew in {sum(sum(hour.less) > 0 for hour in found)} of its hours; at most {most:,} were "
        "held. *Forgotten*: how many fewer than an hour before."
    )


if __name__ == "__main__":
    main()

"""One feature of callers, as Qingdun's tiles, its compiled pass and others compute it from the same Parquet.

The feature is what a caller did within the hour of twelve tiles of five minutes, at every row of calls as its
tile ends: how many calls began, were answered and ended, how long they lasted together, and how many different
numbers were called, exactly. The pass counts besides, for the same calls, windows of ten minutes, a day and
seven days, empty numbers, calls back, devices and ids that came before.
Run by hand: ``python bench/callers.py [--peers PYTHON]…``, interpreters that have pyarrow and some of polars,
duckdb, river, bytewax, pathway and apache-flink (which needs Java, and an older pyarrow than the others), beside the
one that runs this (Spark, with its extra); what none of them has is not measured. All ways must come to the same sums.
"""

# ruff: noqa: E501
from __future__ import annotations

import argparse
import json
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from qingdun.contract.checking import check_rows
from qingdun.contract.columns import TIMESTAMP
from qingdun.contract.tables import CALLS
from qingdun.detect.evidence import HOUR_US
from qingdun.detect.rarity import Rarity
from qingdun.detect.tiles import layout
from qingdun.detect.tiles import tallying as t
from qingdun.detect.tiles.money import Money
from qingdun.detect.tiles.touches import Touches
from qingdun.detect.tiles.traffic import Traffic
from qingdun.detect.tiles.windows import LENGTHS, Windows, columns_of_calls
from qingdun.detect.timers import NO_TIME
from qingdun.detect.weights import load_weights
from qingdun.run.others import Columns, Others, Part

COUNT, NUMBERS, ROWS, ROUNDS = 1_000_000, 100_000, 65_536, 3
START_US, DAY_US = 1_772_409_600_000_000, 86_400_000_000
HOUR = LENGTHS["1h"]
TILES, OURS = "Qingdun, the tiles of an hour", "Qingdun, the pass with all figures of calls"
HELD, CALLS_A_DAY = 100_000, 8
"""Callers of whom it is measured what windows hold, and how many calls each makes."""
DECODE = "bare Arrow decode"
PEERS = Path(__file__).parent / "peers"
ALONE, SPARK, STREAMS = "caller_hour.py", "caller_hour_spark.py", "caller_hour_streams.py"
OTHERS = {
    "plain dictionary": (ALONE, "json"), "Polars": (ALONE, "polars"), "DuckDB": (ALONE, "duckdb"),
    "River": (ALONE, "river"), "Spark SQL, local[2]": (SPARK, "pyspark"), "Bytewax": (STREAMS, "bytewax"),
    "Flink": (STREAMS, "pyflink"), "Pathway": (STREAMS, "pathway"),
}  # fmt: skip
"""By name the script, and the module that its interpreter must have."""
IN_JAVA = {"pyspark", "pyflink"}
SHORT = {"Pathway": 10}
"""Ways that are given only the first part of the rows, for they take minutes for a million."""
COLUMNS = ["at", "phase", "caller", "callee", "duration_s"]
FIGURES = [t.COUNT, t.MARKS, t.MEASURES, t.TOTAL, t.MET]
Answer = tuple[int, list[int]]


def made_up(path: Path, count: int) -> Path:
    """Rows of calls of one day, in order: a half of the calls are answered and end within five minutes, the
    others come to nothing; some callers call many, and two calls in three are to the same few."""
    draw = np.random.default_rng(1)
    calls = 2 * count // 3
    talks = count - calls
    at = START_US + np.arange(calls) * ((DAY_US - 300_000_000) // calls)
    length = draw.integers(5, 300, talks)
    numbers = np.array([f"+86170{i:08d}" for i in range(NUMBERS)], dtype=object)
    places = (NUMBERS * draw.random(calls) ** 1.3).astype(int)  # some call a hundred, most a few
    friends = (places * 7919 + draw.integers(1, 4, calls) * 104_729) % NUMBERS
    called = np.where(draw.random(calls) < 0.67, friends, draw.integers(0, NUMBERS, calls))
    talk = draw.permutation(calls)[:talks]
    phase = np.array(["missed", "busy", "refused"], dtype=object)[draw.integers(0, 3, calls)]
    phase[talk] = "answered"
    row = np.concatenate([np.arange(calls), talk])
    moment = np.concatenate([at, at[talk] + length * 1_000_000])
    order = np.argsort(moment, kind="stable")
    row = row[order]
    table = {
        "call_id": [f"c{i:08d}" for i in row],
        "at": pa.array(moment[order], TIMESTAMP),
        "phase": pa.array(np.concatenate([phase, np.full(talks, "ended", object)])[order], pa.string()),
        "caller": pa.array(numbers[places[row]], pa.string()),
        "callee": pa.array(numbers[called[row]], pa.string()),
        "duration_s": pa.array(np.concatenate([np.zeros(calls), length])[order].astype(np.int32)),
        "origin": ["domestic"] * count,
    }
    pq.write_table(pa.table(table), path, row_group_size=ROWS, compression="zstd")
    return path


def groups(path: Path, columns: list[str] | None = None) -> Iterator[pa.Table]:
    file = pq.ParquetFile(path)
    for group in range(file.num_row_groups):
        yield file.read_row_group(group, columns, use_threads=False)


def decode(path: Path) -> Answer:
    return sum(group.num_rows for group in groups(path, COLUMNS)), []


def of_tiles(path: Path, columns: list[str] | None) -> Iterator[pa.Table]:
    """The rows of each tile, one after the other."""
    rest = None
    for group in groups(path, columns):
        found = group if rest is None else pa.concat_tables([rest, group])
        tile = found.column("at").cast(pa.int64()).to_numpy() // HOUR[0]
        cuts = [0, *(np.flatnonzero(np.diff(tile)) + 1).tolist()]
        for begin, end in pairwise(cuts):
            yield found.slice(begin, end - begin)
        rest = found.slice(cuts[-1])
    if rest is not None:
        yield rest


def tiled(path: Path) -> Answer:
    """Counted and read from tiles alone, a batch for each tile."""
    window, rows, sums = Windows(lengths={"1h": HOUR}), 0, np.zeros(t.CELL, np.int64)
    for calls in of_tiles(path, COLUMNS):
        columns = columns_of_calls(calls)
        ones, _, at, _, _ = columns
        window.count(*columns, int(at[-1]))
        sums += window.read(ones, int(at[-1]))[:, 0].sum(axis=0)
        rows += len(at)
    return rows, sums[FIGURES].tolist()


class Ours:
    """Read, checked, coded and counted as the engine does it, with every figure of calls."""

    def __init__(self) -> None:
        self._touches = Touches(Rarity(200, 200), 40)
        self._touches.enrol((f"+86170{i:08d}", f"p{i}") for i in range(NUMBERS))

    def __call__(self, path: Path) -> Answer:
        traffic, touches = Traffic(load_weights().detectors), self._touches
        traffic.enrol(touches.number)
        money = Money(load_weights().detectors)
        columns, flags = Columns(traffic, touches, money), np.ones(NUMBERS + 1, np.uint8)
        rows, clock, sums = 0, 0, np.zeros(t.CELL, np.int64)
        for batch in of_tiles(path, None):
            table = check_rows(CALLS, batch, rows, str(path)).table
            at = table.column("at").cast(pa.int64()).to_numpy()
            part = Part("calls", table, at, np.maximum(at, clock), None).in_order()
            others = Others([part], [columns.of(part, None)])
            clock = int(at[-1])
            traffic.begin(others.rows)
            touches.expect(2 * len(others))
            while True:
                stop = traffic.proceed(
                    len(others),
                    clock,
                    (NO_TIME, 0),
                    flags,
                    touches.uncounted,
                    touches.waiting,
                    money.tables(),
                )
                if stop == layout.DONE:
                    break
                if stop == layout.ENTERS_HOUR:
                    now = int(others.rows[traffic.next(), layout.CLOCK])
                    traffic.forget(now - now % HOUR_US, 6 * HOUR_US)
            touches.waiting[0] = 0
            ones = others.rows[:, layout.FROM]
            sums += traffic.callers.read(ones, clock)[:, [*LENGTHS].index("1h")].sum(axis=0)
            rows += len(others)
        return rows, sums[FIGURES].tolist()


def held() -> Iterator[str]:
    """What the windows of callers hold after more than a week, as rows of a table."""
    draw, windows, each = np.random.default_rng(2), Windows(), HELD // 24
    digests = draw.integers(0, 1 << 62, HELD)
    for hour in range(24 * 9):
        at = np.sort(START_US + hour * HOUR_US + draw.integers(0, HOUR_US, CALLS_A_DAY * each))
        one = draw.integers(0, HELD, len(at))
        friend = (one * 7919 + draw.integers(1, 11, len(at)) * 104_729) % HELD
        other = np.where(draw.random(len(at)) < 0.67, friend, draw.integers(0, HELD, len(at)))
        what, amount = np.full(len(at), t.BEGINS | t.MARKED | t.MEASURED), draw.integers(0, 300, len(at))
        windows.count(digests[one], digests[other], at, what, amount, int(at[-1]))
    yield "| window | tiles | callers held | MB of tiles |"
    yield "|---|---|---:|---:|"
    for name, one in windows.held().items():
        tile_us, ring = LENGTHS[name]
        tile = f"{ring} of {tile_us // 60_000_000:,} min"
        yield f"| {name} | {tile} | {one.entities:,} | {one.array_bytes / 1e6:.0f} |"
    size = windows.memory_bytes()
    yield (
        f"\nAll of it, with {windows.pairs:,} pairs and room to grow: {size / 1e6:.0f} MB, "
        f"{size / len(windows):,.0f} MB a million callers held."
    )


def here(way: Callable[[Path], Answer]) -> Callable[[Path], dict[str, Any]]:
    """The way, measured in this process."""

    def measured(path: Path) -> dict[str, Any]:
        began, used = time.perf_counter(), time.process_time()
        rows, sums = way(path)
        taken = {"seconds": time.perf_counter() - began, "cpu_s": time.process_time() - used}
        return {"rows": rows, "sums": sums, **taken}

    return measured


def there(python: str, name: str, few: Path, expected: list[int]) -> Callable[[Path], dict[str, Any]]:
    """A way of others, measured in a process of its own; it must have counted what is expected."""

    def measured(path: Path) -> dict[str, Any]:
        command = [python, PEERS / OTHERS[name][0], name, path, few]
        done = subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True)
        found = dict(json.loads(done.stdout.splitlines()[-1]))
        if found["sums"] != expected:
            sys.exit(f"callers: {name} found the sums {found['sums']}, expected {expected}")
        return found

    return measured


def that_has(module: str, pythons: list[str]) -> str:
    """The first of the interpreters that has the module, and Java where it needs that; or nothing."""
    if module in IN_JAVA and shutil.which("java") is None:
        return ""
    asks = f"import importlib.util, sys; sys.exit(importlib.util.find_spec({module!r}) is None)"
    return next((one for one in pythons if not subprocess.run([one, "-c", asks]).returncode), "")


def first_part(path: Path, parts: int) -> Path:
    """The first of so many parts of the rows, in a file beside."""
    rows = pq.read_table(path)
    cut = path.with_name(f"first-of-{parts}.parquet")
    pq.write_table(rows.slice(0, rows.num_rows // parts), cut, row_group_size=ROWS, compression="zstd")
    return cut


def table(taken: dict[str, list[dict[str, Any]]]) -> Iterator[str]:
    yield (
        "| way | rows/s, median | lowest to highest | rows per CPU second, median "
        "| of our tiles, by CPU, median | threads |"
    )
    yield "|---|---:|---:|---:|---:|---:|"
    ours_cpu = [one["rows"] / one["cpu_s"] for one in taken[TILES]]
    for name, found in taken.items():
        wall = [one["rows"] / one["seconds"] for one in found]
        cpu = [one["rows"] / one["cpu_s"] for one in found]
        ratio = statistics.median(c / o for c, o in zip(cpu, ours_cpu, strict=True))
        threads = statistics.median(one["cpu_s"] / one["seconds"] for one in found)
        yield (
            f"| {name} | {statistics.median(wall):,.0f} | {min(wall):,.0f} to {max(wall):,.0f} "
            f"| {statistics.median(cpu):,.0f} | {ratio:.3f} | {threads:.1f} |"
        )


def said(sums: list[int]) -> str:
    """What all have counted."""
    begun, answered, ended, seconds, met = sums
    return (
        f"{COUNT:,} rows of calls of {NUMBERS:,} callers in a day. Over all rows, the caller's last hour has {begun:,} calls, {answered:,} of them answered, "
        f"{ended:,} ended after {seconds:,} s together, to {met:,} different numbers."
    )


def main() -> None:
    asked = argparse.ArgumentParser()
    asked.add_argument("--peers", action="append", default=[], help="an interpreter that has some of them")
    pythons = [*asked.parse_args().peers, sys.executable]
    with tempfile.TemporaryDirectory() as made:
        whole, few = made_up(Path(made, "calls.parquet"), COUNT), made_up(Path(made, "few.parquet"), 2_000)
        ours = Ours()  # the register is known before the calls come
        ours(few)  # compiled, or read from the cache
        tiled(few)
        paths = {name: first_part(whole, parts) for name, parts in SHORT.items()}
        expected = {path: tiled(path)[1] for path in {whole, *paths.values()}}
        if ours(whole)[1] != expected[whole]:
            sys.exit("callers: the pass and the tiles have not counted the same")
        ways = {DECODE: here(decode), TILES: here(tiled), OURS: here(ours)}
        missing = []
        for name, (_, module) in OTHERS.items():
            if python := that_has(module, pythons):
                ways[name] = there(python, name, few, expected[paths.get(name, whole)])
            else:
                missing.append(name)
        taken: dict[str, list[dict[str, Any]]] = {name: [] for name in ways}
        for _ in range(ROUNDS):
            for name, way in ways.items():
                taken[name].append(way(paths.get(name, whole)))
    print(said(expected[whole]) + "\n")
    print("\n".join(table(taken)))
    print(f"\n{ROUNDS} rounds; in each, every way in turn. Threads are CPU seconds over wall seconds.")
    parts = ", ".join(
        f"{name} the first {COUNT // parts:,} rows" for name, parts in SHORT.items() if name in ways
    )
    if parts:
        print(f"So slow that it was given a part: {parts}. All came to the same sums.")
    if missing:
        print(f"Not measured, for no interpreter that was named has them: {', '.join(missing)}.")
    print(
        f"\nWindows of {HELD:,} callers after nine days of {CALLS_A_DAY} calls each a day, two in three to the same ten:\n"
    )
    print("\n".join(held()))


if __name__ == "__main__":
    main()

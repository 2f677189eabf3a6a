"""One feature of callers, as Qingdun's compiled pass and others compute it from the same Parquet.

The feature is how many different numbers a caller has called since the day began, at every call; the pass
counts besides, for the same calls, answers, empty numbers, calls back, devices and ids that came before.
Run by hand: ``python bench/callers.py [--peers PYTHON]``, an interpreter that has polars, duckdb, river and
pyarrow; without it the plain dictionary alone is measured. All ways must come to the same sum.
"""

from __future__ import annotations

import argparse
import json
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from qingdun.contract.checking import check_rows
from qingdun.contract.columns import TIMESTAMP
from qingdun.contract.tables import CALLS
from qingdun.detect.evidence import HOUR_US
from qingdun.detect.rarity import Rarity
from qingdun.detect.tiles import layout
from qingdun.detect.tiles.money import Money
from qingdun.detect.tiles.touches import Touches
from qingdun.detect.tiles.traffic import Traffic
from qingdun.detect.timers import NO_TIME
from qingdun.detect.weights import load_weights
from qingdun.run.others import Columns, Others, Part

COUNT, NUMBERS, ROWS, ROUNDS = 1_000_000, 100_000, 65_536, 5
START_US, DAY_US = 1_772_409_600_000_000, 86_400_000_000
OURS = "Qingdun, all figures of calls"
PEERS = Path(__file__).parent / "peers" / "caller_day.py"


def made_up(path: Path, count: int) -> Path:
    """Calls of one day that came to nothing, each a report; some callers call many."""
    draw = np.random.default_rng(1)
    numbers = np.array([f"+86170{i:08d}" for i in range(NUMBERS)], dtype=object)
    callers = numbers[(NUMBERS * draw.random(count) ** 1.3).astype(int)]  # some call a hundred, most a few
    calls = {
        "call_id": [f"c{i:08d}" for i in range(count)],
        "at": pa.array(START_US + np.arange(count) * (DAY_US // count), TIMESTAMP),
        "phase": ["missed"] * count,
        "caller": pa.array(callers, pa.string()),
        "callee": pa.array(numbers[draw.integers(0, NUMBERS, count)], pa.string()),
        "duration_s": pa.array(np.zeros(count, np.int32)),
        "origin": ["domestic"] * count,
    }
    pq.write_table(pa.table(calls), path, row_group_size=ROWS, compression="zstd")
    return path


def groups(path: Path) -> Iterator[pa.Table]:
    file = pq.ParquetFile(path)
    for group in range(file.num_row_groups):
        yield file.read_row_group(group, use_threads=False)


def decode(path: Path) -> tuple[int, int]:
    return sum(group.num_rows for group in groups(path)), 0


class Ours:
    """Read, checked, coded and counted as the engine does it, with every figure of calls."""

    def __init__(self) -> None:
        self._touches = Touches(Rarity(200, 200), 40)
        self._touches.enrol((f"+86170{i:08d}", f"p{i}") for i in range(NUMBERS))

    def __call__(self, path: Path) -> tuple[int, int]:
        traffic, touches = Traffic(load_weights().detectors), self._touches
        traffic.enrol(touches.number)
        money = Money(load_weights().detectors)
        columns, flags = Columns(traffic, touches, money), np.ones(NUMBERS + 1, np.uint8)
        rows, clock = 0, 0
        for group in groups(path):
            table = check_rows(CALLS, group, rows, str(path)).table
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
            rows += len(others)
        return rows, int(traffic._figures[:, layout.CALLEES].sum())


def here(way: Callable[[Path], tuple[int, int]]) -> Callable[[Path], dict[str, float]]:
    """The way, measured in this process."""

    def measured(path: Path) -> dict[str, float]:
        began, used = time.perf_counter(), time.process_time()
        rows, pairs = way(path)
        taken = {"seconds": time.perf_counter() - began, "cpu_s": time.process_time() - used}
        return {"rows": rows, "pairs": pairs, **taken}

    return measured


def there(python: str, name: str, few: Path) -> Callable[[Path], dict[str, float]]:
    """A way of `peers/caller_day.py`, measured in a process of its own."""

    def measured(path: Path) -> dict[str, float]:
        done = subprocess.run([python, PEERS, name, path, few], check=True, stdout=subprocess.PIPE, text=True)
        return dict(json.loads(done.stdout))

    return measured


def table(taken: dict[str, list[dict[str, float]]]) -> Iterator[str]:
    yield (
        "| way | calls/s, median | lowest to highest | calls per CPU second, median "
        "| of ours, by CPU, median | threads |"
    )
    yield "|---|---:|---:|---:|---:|---:|"
    ours_cpu = [one["rows"] / one["cpu_s"] for one in taken[OURS]]
    for name, found in taken.items():
        wall = [one["rows"] / one["seconds"] for one in found]
        cpu = [one["rows"] / one["cpu_s"] for one in found]
        ratio = statistics.median(c / o for c, o in zip(cpu, ours_cpu, strict=True))
        threads = statistics.median(one["cpu_s"] / one["seconds"] for one in found)
        yield (
            f"| {name} | {statistics.median(wall):,.0f} | {min(wall):,.0f} to {max(wall):,.0f} "
            f"| {statistics.median(cpu):,.0f} | {ratio:.3f} | {threads:.1f} |"
        )


def main() -> None:
    asked = argparse.ArgumentParser()
    asked.add_argument(
        "--peers", default="", help="an interpreter that has polars, duckdb, river and pyarrow"
    )
    python = asked.parse_args().peers
    with tempfile.TemporaryDirectory() as made:
        path, few = made_up(Path(made, "calls.parquet"), COUNT), made_up(Path(made, "few.parquet"), 2_000)
        ours = Ours()  # the register is known before the calls come
        ours(few)  # compiled, or read from the cache
        ways = {"bare Arrow decode": here(decode), OURS: here(ours)}
        names = ("plain dictionary", "Polars", "DuckDB", "River") if python else ("plain dictionary",)
        ways |= {name: there(python or sys.executable, name, few) for name in names}
        taken: dict[str, list[dict[str, float]]] = {name: [] for name in ways}
        for _ in range(ROUNDS):
            for name, way in ways.items():
                taken[name].append(way(path))
    pairs = {one["pairs"] for name, found in taken.items() if name != "bare Arrow decode" for one in found}
    if len(pairs) != 1:
        sys.exit(f"callers: found {sorted(pairs)} pairs, expected every way to count the same")
    print(f"{COUNT:,} calls of {NUMBERS:,} callers in a day, {int(pairs.pop()):,} different pairs.\n")
    print("\n".join(table(taken)))
    print(f"\n{ROUNDS} rounds; in each, every way in turn. Threads are CPU seconds over wall seconds.")
    if not python:
        print("Polars, DuckDB and River were not measured: no interpreter that has them was named.")


if __name__ == "__main__":
    main()

"""Cities on Spark against the embedded engine, one after the other. One feature of callers in Spark SQL is
measured with the others' (`callers`).

Run by hand: ``python bench/spark.py``, with the extra `spark` and Java.
"""

from __future__ import annotations

import datetime as dt
import os
import shutil
import statistics
import sys
import tempfile
import time
from importlib.util import find_spec
from pathlib import Path

import pyarrow.parquet as pq

from qingdun.regions.city import load_city
from qingdun.run.directory import run_directory
from qingdun.run.sinks.parquet import ParquetSink
from qingdun.run.spark import run_spark, session
from qingdun.simulate.generate import simulate

CITIES, PERSONS, ROUNDS = 2, 10_000, 2


def cities(folder: Path) -> list[Path]:
    found = [folder / f"city{seed}" for seed in range(CITIES)]
    for seed, path in enumerate(found):
        simulate(load_city("441800"), PERSONS, 1, seed + 1, dt.date(2026, 6, 1), path)
    return found


def compared(folder: Path) -> str:
    """Both ways over the same cities; what they found must be equal."""
    flows = cities(folder)
    spark = session("local[2]", "bench")
    taken: dict[str, list[float]] = {"embedded": [], "Spark": []}
    events = 0
    try:
        for number in range(ROUNDS + 1):
            began = time.perf_counter()
            embedded = [folder / "embedded" / path.name for path in flows]
            events = sum(run_directory(f, out).events for f, out in zip(flows, embedded, strict=True))
            between = time.perf_counter()
            outs = [folder / "spark" / path.name for path in flows]
            run_spark(spark, flows, [[ParquetSink(out)] for out in outs])
            if number:  # the first starts workers and reads compiled code
                taken["embedded"].append(between - began)
                taken["Spark"].append(time.perf_counter() - between)
    finally:
        spark.stop()
    for one, other in zip(embedded, outs, strict=True):
        for name in ("alerts", "suspects", "clusters", "rejects"):
            if not pq.read_table(one / f"{name}.parquet").equals(pq.read_table(other / f"{name}.parquet")):
                sys.exit(f"spark: {other / name} differs from {one / name}, expected them equal")
    lines = ["| way | seconds, median | lowest to highest | events/s, median |", "|---|---:|---:|---:|"]
    for name, seconds in taken.items():
        middle = statistics.median(seconds)
        lines.append(
            f"| {name} | {middle:.1f} | {min(seconds):.1f} to {max(seconds):.1f} | {events / middle:,.0f} |"
        )
    return (
        f"{CITIES} simulated cities of {PERSONS:,} persons and a day, {events:,} events; embedded one city "
        "after the other in one process, Spark as local[2], started before. What they found is equal.\n\n"
        + "\n".join(lines)
        + f"\n\n{ROUNDS} rounds after one that warms up; in each, both in turn. On one machine Spark sends "
        "all rows through Java, and each worker reads registers and models; it is for more machines than one."
    )


def main() -> None:
    if find_spec("pyspark") is None or shutil.which("java") is None:
        print("Not measured: it needs the extra `spark` and Java (`make spark`).")
        return
    os.environ.setdefault("SPARK_LOCAL_IP", "127.0.0.1")
    with tempfile.TemporaryDirectory() as made:
        print(compared(Path(made)))


if __name__ == "__main__":
    main()

"""What each caller did within the hour, at every row of calls, in Spark SQL.

Run by bench/callers.py as caller_hour.py is, which see. Two threads, as many partitions
as suit them; the CPU seconds are those of Java.
"""

from __future__ import annotations

import json
import os
import sys
import time
from pathlib import Path

from caller_hour import SQL
from pyspark.sql import SparkSession


def java_cpu_s() -> float:
    """CPU seconds of the Java that this process has started."""
    ticks = 0
    for stat in Path("/proc").glob("[0-9]*/stat"):
        fields = stat.read_text().rpartition(")")[2].split()
        if int(fields[1]) == os.getpid():
            ticks += int(fields[11]) + int(fields[12])
    return ticks / os.sysconf("SC_CLK_TCK")


def main() -> None:
    path, few = sys.argv[2:4]
    settings = {
        "spark.sql.shuffle.partitions": "4", "spark.ui.enabled": "false", "spark.driver.memory": "2g",
        "spark.sql.session.timeZone": "UTC", "spark.driver.host": "127.0.0.1",
        "spark.driver.bindAddress": "127.0.0.1", "spark.ui.showConsoleProgress": "false",
    }  # fmt: skip
    builder = SparkSession.builder.master("local[2]")
    for name, value in settings.items():
        builder = builder.config(name, value)
    spark = builder.getOrCreate()
    spark.sparkContext.setLogLevel("ERROR")
    for one in (few, few, path):  # it is started and has compiled before it is measured
        began, used = time.perf_counter(), java_cpu_s()
        met = "size(collect_set(case when phase <> 'ended' then callee end) over within)"
        calls = f"parquet.`{one}`"
        rows, *sums = spark.sql(SQL.format(us="unix_micros(at)", calls=calls, met=met)).first()
    taken = {"seconds": time.perf_counter() - began, "cpu_s": java_cpu_s() - used}
    print("\n" + json.dumps({"rows": int(rows), "sums": [int(one) for one in sums], **taken}))
    spark.stop()


if __name__ == "__main__":
    main()

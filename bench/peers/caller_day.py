"""How many different numbers each caller has called since the day began, at every call, as others compute it.

Run by bench/callers.py with an interpreter that has polars, duckdb and river; prints one line of JSON. Every
way reads the same Parquet, and gives the number of calls, and how many different pairs there were: what the
figures of all callers come to at the end of the day. Spark is measured by itself.
"""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pyarrow.parquet as pq

Answer = tuple[int, int]


def plain_dict(path: Path) -> Answer:
    """Sets in a dictionary, one call after the other."""
    calls = pq.read_table(path, columns=["caller", "callee"], use_threads=False)
    called: dict[str, set[str]] = {}
    total = 0
    for caller, callee in zip(calls["caller"].to_pylist(), calls["callee"].to_pylist(), strict=True):
        known = called.get(caller)
        if known is None:
            known = called[caller] = set()
        known.add(callee)
        total += len(known)
    return calls.num_rows, sum(map(len, called.values()))


def polars(path: Path) -> Answer:
    """First calls of each pair of a day, summed up by caller."""
    import polars as pl

    day = pl.col("at").dt.truncate("1d")
    figure = pl.struct("caller", "callee", day).is_first_distinct().cum_sum().over("caller", day)
    found = pl.scan_parquet(path).select("caller", figure.alias("callees")).collect()
    return len(found), int(found.group_by("caller").agg(pl.col("callees").last())["callees"].sum())


def duckdb(path: Path) -> Answer:
    """The same in SQL: a pair's first call of the day counts one."""
    import duckdb

    found = (
        duckdb.connect()
        .execute(
            """
        with numbered as (
            select caller, callee, "at" as moment, date_trunc('day', "at") as day,
                row_number() over () as place
            from read_parquet(?)
        ), fresh as (
            select *, row_number() over (partition by caller, callee, day order by place) = 1 as is_fresh
            from numbered
        ), figures as (
            select caller, sum(is_fresh::int) over (partition by caller, day order by moment, place
                rows between unbounded preceding and current row) as callees
            from fresh
        ), by_caller as (select count(*) as calls, max(callees) as callees from figures group by caller)
        select sum(calls), sum(callees) from by_caller
        """,
            [str(path)],
        )
        .fetchone()
    )
    assert found is not None
    return int(found[0]), int(found[1])


def river(path: Path) -> Answer:
    """Its aggregation by caller over a statistic that holds a set, one call after the other."""
    from river import feature_extraction, stats

    class Distinct(stats.base.Univariate):
        def __init__(self) -> None:
            self.seen: set[str] = set()

        def update(self, x: str) -> None:
            self.seen.add(x)

        def get(self) -> int:
            return len(self.seen)

    calls = pq.read_table(path, columns=["caller", "callee"], use_threads=False)
    called = feature_extraction.Agg(on="callee", by="caller", how=Distinct())
    figures: dict[str, int] = {}
    for call in calls.to_pylist():
        called.learn_one(call)
        (figures[call["caller"]],) = called.transform_one(call).values()
    return calls.num_rows, sum(figures.values())


WAYS: dict[str, Callable[[Path], Answer]] = {
    "plain dictionary": plain_dict,
    "Polars": polars,
    "DuckDB": duckdb,
    "River": river,
}


def main() -> None:
    way, path = WAYS[sys.argv[1]], Path(sys.argv[2])
    way(Path(sys.argv[3]))  # a little, so that nothing is loaded while it is measured
    began, used = time.perf_counter(), time.process_time()
    rows, total = way(path)
    taken = {"seconds": time.perf_counter() - began, "cpu_s": time.process_time() - used}
    print(json.dumps({"rows": rows, "pairs": total, **taken}))


if __name__ == "__main__":
    main()

"""What each caller did within the hour, at every row of calls, as others compute it.

The hour is that of twelve tiles of five minutes, as the tile of the row ends: how many calls began, were
answered, ended, how long they lasted together, and how many different numbers were called. Run by
bench/callers.py with an interpreter that has polars, duckdb and river; prints one line of JSON. Every way
reads the same Parquet, in order of time, and gives the number of rows and the sum of each figure over all of
them.
"""

from __future__ import annotations

import datetime as dt
import json
import sys
import time
from collections import Counter, defaultdict, deque
from collections.abc import Callable, Iterator
from itertools import groupby
from operator import itemgetter
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

TILE_US, RING = 300_000_000, 12
COLUMNS = ["at", "phase", "caller", "callee", "duration_s"]
Answer = tuple[int, list[int]]
Call = tuple[int, str, str, str, int]
"""Tile, and the other columns."""


def calls_by_tile(path: Path) -> Iterator[tuple[int, list[Call]]]:
    """The rows of each tile, one after the other."""
    table = pq.read_table(path, columns=COLUMNS, use_threads=False)
    tiles = (at // TILE_US for at in table["at"].cast(pa.int64()).to_pylist())
    rows = zip(tiles, *(table[name].to_pylist() for name in COLUMNS[1:]), strict=True)
    for tile, found in groupby(rows, key=itemgetter(0)):
        yield tile, list(found)


class Hour:
    """One caller's figures, to which rows come and from which they go."""

    name = "hour"  # River asks for one

    def __init__(self) -> None:
        self.begun = self.answered = self.ended = self.seconds = 0
        self.met: Counter[str] = Counter()

    def update(self, call: Call) -> None:
        _, phase, _, callee, seconds = call
        if phase == "ended":
            self.ended += 1
            self.seconds += seconds
        else:
            self.begun += 1
            self.answered += phase == "answered"
            self.met[callee] += 1

    def revert(self, call: Call) -> None:
        _, phase, _, callee, seconds = call
        if phase == "ended":
            self.ended -= 1
            self.seconds -= seconds
        else:
            self.begun -= 1
            self.answered -= phase == "answered"
            self.met[callee] -= 1
            if not self.met[callee]:
                del self.met[callee]

    def get(self) -> tuple[int, ...]:
        return self.begun, self.answered, self.ended, self.seconds, len(self.met)


def plain_dict(path: Path) -> Answer:
    """A queue, sums and a counter in a dictionary, one call after the other."""
    hours: dict[str, tuple[deque[Call], Hour]] = defaultdict(lambda: (deque(), Hour()))
    rows, sums = 0, [0] * 5
    for tile, calls in calls_by_tile(path):
        for call in calls:
            within, hour = hours[call[2]]
            within.append(call)
            hour.update(call)
        for call in calls:
            within, hour = hours[call[2]]
            while within[0][0] <= tile - RING:
                hour.revert(within.popleft())
            sums = [one + more for one, more in zip(sums, hour.get(), strict=True)]
        rows += len(calls)
    return rows, sums


def polars(path: Path) -> Answer:
    """Its windows by time, grouped by caller."""
    import polars as pl

    begins = pl.col("phase") != "ended"
    found = (
        pl.scan_parquet(path)
        .select(pl.col("at").dt.epoch("us") // TILE_US, "phase", "caller", "callee", "duration_s")
        .rolling(index_column="at", period=f"{RING}i", group_by="caller")
        .agg(
            begins.sum().alias("begun"),
            (pl.col("phase") == "answered").sum().alias("answered"),
            (~begins).sum().alias("ended"),
            pl.col("duration_s").cast(pl.Int64).sum().alias("seconds"),
            pl.col("callee").filter(begins).n_unique().alias("met"),
        )
        .select(pl.len(), *(pl.col(name).sum() for name in ("begun", "answered", "ended", "seconds", "met")))
        .collect()
    )
    rows, *sums = found.row(0)
    return rows, sums


SQL = """
    with tiled as (
        select caller, callee, duration_s, phase, cast(floor({us} / 300000000) as bigint) as tile
        from {calls}
    ), figures as (
        select sum(cast(phase <> 'ended' as int)) over within as begun,
            sum(cast(phase = 'answered' as int)) over within as answered,
            sum(cast(phase = 'ended' as int)) over within as ended,
            sum(duration_s) over within as seconds,
            {met} as met
        from tiled
        window within as (partition by caller order by tile range between 11 preceding and current row)
    )
    select count(*), sum(begun), sum(answered), sum(ended), sum(seconds), sum(met) from figures
"""


def duckdb(path: Path) -> Answer:
    """The same in SQL."""
    import duckdb

    met = "count(distinct callee) filter (where phase <> 'ended') over within"
    found = (
        duckdb.connect()
        .execute(SQL.format(us='epoch_us("at")', calls="read_parquet(?)", met=met), [str(path)])
        .fetchone()
    )
    assert found is not None
    rows, *sums = map(int, found)
    return rows, sums


def river(path: Path) -> Answer:
    """Its aggregation by caller over its rolling window of time, one call after the other."""
    from river import feature_extraction, utils

    tiles = utils.TimeRolling(Hour, period=dt.timedelta(microseconds=RING * TILE_US))
    did = feature_extraction.Agg(on="call", by="caller", how=tiles)
    begin = dt.datetime(1970, 1, 1, tzinfo=dt.UTC).replace(tzinfo=None)  # as River takes them
    rows, sums = 0, [0] * 5
    for tile, calls in calls_by_tile(path):
        moment = begin + dt.timedelta(microseconds=tile * TILE_US)
        seen: list[dict[str, Any]] = [{"caller": call[2], "call": call} for call in calls]
        for row in seen:
            did.learn_one(row, t=moment)
        for row in seen:
            (figures,) = did.transform_one(row).values()
            sums = [one + more for one, more in zip(sums, figures, strict=True)]
        rows += len(calls)
    return rows, sums


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
    rows, sums = way(path)
    taken = {"seconds": time.perf_counter() - began, "cpu_s": time.process_time() - used}
    print(json.dumps({"rows": rows, "sums": sums, **taken}))


if __name__ == "__main__":
    main()

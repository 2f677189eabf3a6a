"""What each caller did within the hour, at every row of calls, in Bytewax, Pathway and Flink.

Run by bench/callers.py as caller_hour.py is, which see; each by an interpreter that has it. Each reads the
same Parquet and does what its own operators offer for windows by time.
"""

from __future__ import annotations

import json
import os
import sys
import time
from collections import deque
from collections.abc import Callable
from itertools import groupby
from operator import itemgetter
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
from caller_hour import COLUMNS, RING, TILE_US, Answer, Call, Hour, calls_by_tile

CPU_S: Callable[[], float] = time.process_time


def java_cpu_s() -> float:
    """CPU seconds of this process and of the Java that it has started."""
    ticks, own = 0, os.getpid()
    for stat in Path("/proc").glob("[0-9]*/stat"):
        fields = stat.read_text().rpartition(")")[2].split()
        if own in (int(stat.parent.name), int(fields[1])):
            ticks += int(fields[11]) + int(fields[12])
    return ticks / os.sysconf("SC_CLK_TCK")


def bytewax(path: Path) -> Answer:
    """A state of its own for each caller, to which its rows come in batches."""
    import bytewax.operators as op
    from bytewax.dataflow import Dataflow
    from bytewax.operators import StatefulBatchLogic
    from bytewax.testing import TestingSink, TestingSource, run_main

    class Caller(StatefulBatchLogic[Call, list[int], None]):
        """The rows of a tile wait until a later one begins."""

        def __init__(self) -> None:
            self.within, self.hour, self.waiting = deque[Call](), Hour(), list[Call]()

        def told(self) -> list[list[int]]:
            while self.within[0][0] <= self.waiting[0][0] - RING:
                self.hour.revert(self.within.popleft())
            rows = len(self.waiting)
            self.waiting = []
            return [[rows, *(rows * one for one in self.hour.get())]]

        def on_batch(self, values: list[Call]) -> tuple[list[list[int]], bool]:
            found = list[list[int]]()
            for _tile, calls in groupby(values, key=itemgetter(0)):
                some = list(calls)
                if self.waiting and self.waiting[0][0] != some[0][0]:
                    found += self.told()
                self.waiting += some
                self.within += some
                for call in some:
                    self.hour.update(call)
            return found, False

        def on_eof(self) -> tuple[list[list[int]], bool]:
            return self.told(), True

        def snapshot(self) -> None:
            return None

    rows = (call for _tile, calls in calls_by_tile(path) for call in calls)
    flow, found = Dataflow("callers"), list[tuple[str, list[int]]]()
    keyed = op.key_on("by", op.input("calls", flow, TestingSource(rows, batch_size=65_536)), itemgetter(2))
    op.output("out", op.stateful_batch("hour", keyed, lambda _state: Caller()), TestingSink(found))
    run_main(flow)
    count, *sums = map(sum, zip(*(one for _caller, one in found), strict=True))
    return count, sums


def pathway(path: Path) -> Answer:
    """Its sliding windows by time, grouped by caller; of each the one that ends with the tile of a row."""
    import pathway as pw
    from pathway.internals.parse_graph import G

    table = pq.read_table(path, columns=COLUMNS)
    frame = table.drop_columns("at").to_pandas()
    frame["tile"] = table["at"].cast(pa.int64()).to_numpy() // TILE_US
    calls = pw.debug.table_from_pandas(frame)
    begins = calls.phase != "ended"
    calls = calls.select(
        calls.tile, calls.caller, begun=pw.cast(int, begins), ended=pw.cast(int, calls.phase == "ended"),
        answered=pw.cast(int, calls.phase == "answered"), seconds=calls.duration_s,
        met=pw.if_else(begins, calls.callee, ""),
    )  # fmt: skip
    window = pw.temporal.sliding(hop=1, duration=RING, origin=0)
    hours = calls.windowby(calls.tile, window=window, instance=calls.caller).reduce(
        caller=pw.this._pw_instance, tile=pw.this._pw_window_end - 1,
        begun=pw.reducers.sum(pw.this.begun), answered=pw.reducers.sum(pw.this.answered),
        ended=pw.reducers.sum(pw.this.ended), seconds=pw.reducers.sum(pw.this.seconds),
        met=pw.reducers.count_distinct(pw.this.met), none=pw.reducers.min(pw.this.begun),
    )  # fmt: skip
    ends = calls.groupby(calls.caller, calls.tile).reduce(calls.caller, calls.tile, rows=pw.reducers.count())
    both = ends.join(hours, ends.caller == hours.caller, ends.tile == hours.tile).select(
        ends.rows, hours.begun, hours.answered, hours.ended, hours.seconds, met=hours.met + hours.none - 1
    )
    names = ("begun", "answered", "ended", "seconds", "met")
    sums = {name: pw.reducers.sum(both[name] * both.rows) for name in names}
    found = pw.debug.table_to_pandas(both.reduce(rows=pw.reducers.sum(both.rows), **sums)).iloc[0]
    G.clear()  # or the next run would do this one again
    return int(found["rows"]), [int(found[name]) for name in names]


class Flink:
    """Its SQL over windows of event time, as a stream, in a cluster within one Java of two slots."""

    SQL = """
        select count(*), sum(begun), sum(answered), sum(ended), sum(seconds), sum(met) from (
            select sum(begun) over last_hour as begun, sum(answered) over last_hour as answered,
                sum(ended) over last_hour as ended, sum(seconds) over last_hour as seconds,
                count(distinct met) over last_hour as met
            from calls window last_hour as (
                partition by caller order by tile
                range between interval '55' minute preceding and current row)
        )
    """

    def __init__(self) -> None:
        global CPU_S
        CPU_S = java_cpu_s
        from pyflink.datastream import StreamExecutionEnvironment
        from pyflink.table import StreamTableEnvironment

        self._streams = StreamExecutionEnvironment.get_execution_environment()
        self._streams.set_parallelism(2)
        self._tables = StreamTableEnvironment.create(self._streams)
        settings = {
            "table.exec.mini-batch.enabled": "true", "table.exec.mini-batch.allow-latency": "5 s",
            "table.exec.mini-batch.size": "100000", "table.local-time-zone": "UTC",
        }  # fmt: skip
        for name, value in settings.items():
            self._tables.get_config().set(name, value)

    def __call__(self, path: Path) -> Answer:
        from pyflink.table import Schema

        table = pq.read_table(path, columns=COLUMNS)
        phase, at = table["phase"].to_pandas(), table["at"].cast(pa.int64()).to_numpy()
        frame = table.select(["caller"]).to_pandas()
        frame["ms"] = at // TILE_US * TILE_US // 1000
        frame["begun"] = (phase != "ended").astype("int64")
        frame["answered"], frame["ended"] = (phase == "answered").astype("int64"), 1 - frame["begun"]
        frame["seconds"] = table["duration_s"].to_pandas().astype("int64")
        frame["met"] = table["callee"].to_pandas().where(frame["begun"] == 1, None)
        schema = (
            Schema.new_builder()
            .column_by_expression("tile", "TO_TIMESTAMP_LTZ(ms, 3)")
            .watermark("tile", "tile - INTERVAL '1' SECOND")
            .build()
        )
        stream = self._tables.to_data_stream(self._tables.from_pandas(frame, splits_num=1))
        self._tables.create_temporary_view("calls", stream, schema)
        with self._tables.execute_sql(self.SQL).collect() as found:
            rows, *sums = list(found)[-1]
        self._tables.drop_temporary_view("calls")
        return int(rows), [int(one) for one in sums]


WAYS: dict[str, Callable[[], Callable[[Path], Answer]]] = {
    "Bytewax": lambda: bytewax,
    "Pathway": lambda: pathway,
    "Flink": Flink,
}


def main() -> None:
    way, path, few = WAYS[sys.argv[1]](), Path(sys.argv[2]), Path(sys.argv[3])
    way(few)  # it has started before it is measured
    began, used = time.perf_counter(), CPU_S()
    rows, sums = way(path)
    taken: dict[str, Any] = {"seconds": time.perf_counter() - began, "cpu_s": CPU_S() - used}
    print("\n" + json.dumps({"rows": rows, "sums": sums, **taken}))


if __name__ == "__main__":
    main()

"""Rows of the flows on their way to disk: kept until due, then written in order of time."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from qingdun.contract.columns import Table
from qingdun.simulate.numbers import Ints

MICROSECOND = 1_000_000
"""Microseconds in a second."""


class Spool:
    """One flow's file: rows are added for any later time and written, sorted, when they are due."""

    def __init__(self, table: Table, out: Path, start: int, end: int) -> None:
        """Open the file; rows with `at` before `start` or from `end` on are left out."""
        self.table = table
        self.rows = 0
        self._start, self._end = start, end
        self._waiting: list[pa.Table] = []
        self._path = out / f"{table.name}.parquet"
        self._partial = out / f".{table.name}.parquet.partial"
        self._writer = pq.ParquetWriter(self._partial, table.schema, compression="zstd")

    def add(self, rows: pa.Table) -> None:
        """Keep these rows until they are due."""
        if rows.num_rows:
            self._waiting.append(rows)

    def write_until(self, until: int) -> None:
        """Every kept row with `at` before `until` is written, in the order (at, id), as one row group."""
        if not self._waiting:
            return
        rows = pa.concat_tables(self._waiting)
        at = _microseconds(rows)
        due = np.flatnonzero((at >= self._start) & (at < min(until, self._end)))
        later = np.flatnonzero((at >= until) & (at < self._end))
        self._waiting = [rows.take(pa.array(later))] if len(later) else []
        if len(due):
            ready = rows.take(pa.array(due[np.argsort(at[due], kind="stable")]))
            ready = _ties_by_id(self.table, ready)
            self._writer.write_table(ready, row_group_size=max(1, ready.num_rows))
            self.rows += ready.num_rows

    def close(self) -> None:
        """The file is whole and has its name."""
        self._writer.close()
        self._partial.replace(self._path)


def _ties_by_id(table: Table, rows: pa.Table) -> pa.Table:
    """Rows of one moment in the order of their ids; ties are rare, so most hours need no sorting."""
    name = table.columns[0].name
    at = _microseconds(rows)
    if not name.endswith("_id") or not np.any(at[1:] == at[:-1]):
        return rows
    return rows.take(pc.sort_indices(rows, sort_keys=[("at", "ascending"), (name, "ascending")]))


def _microseconds(rows: pa.Table) -> Ints:
    values: Ints = rows.column("at").cast(pa.int64()).to_numpy()
    return values

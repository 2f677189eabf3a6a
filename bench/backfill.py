"""History told to an engine that begins: rows a second of 30 days of calls, against bare Arrow decode of the
same columns and against the engine's own pass over the same rows.

By hand: ``python bench/backfill.py [ROWS]``.
"""

from __future__ import annotations

import datetime as dt
import sys
import tempfile
import time
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
from _rounds import rounds

from qingdun.contract.columns import TIMESTAMP
from qingdun.contract.directory import FlowDirectory
from qingdun.contract.tables import CALLS
from qingdun.contract.windows import windows
from qingdun.detect.evidence import HOUR_US
from qingdun.detect.reference import Line, Reference
from qingdun.run.embedded import Engine
from qingdun.run.history import THREADS, recall

ROWS, DAYS, PERSONS, FRIENDS = 12_000_000, 30, 200_000, 20
START_US = 1_772_409_600_000_000
DAY_US = 86_400_000_000
SLICE = 100_000
"""Rows that the engine's own pass is asked for, since it takes them one by one."""


def made_up(folder: Path, rows: int) -> Path:
    """Days of answered and ended calls of persons who mostly speak with the same twenty, a file a day."""
    draw = np.random.default_rng(1)
    numbers = pa.array([f"+86170{i:08d}" for i in range(PERSONS)])
    (folder / "calls").mkdir()
    each = rows // DAYS // 2
    for day in range(DAYS):
        caller = draw.integers(0, PERSONS, each)
        friend = (caller * 7919 + draw.integers(1, FRIENDS + 1, each) * 104_729) % PERSONS
        callee = np.where(draw.random(each) < 0.8, friend, draw.integers(0, PERSONS, each))
        begun = np.sort(START_US + day * DAY_US + draw.integers(0, DAY_US - 3_600_000_000, each))
        length = draw.integers(5, 900, each)
        at = np.concatenate([begun, begun + length * 1_000_000])
        order = pa.array(np.argsort(at, kind="stable"))
        ids = np.arange(day * each, (day + 1) * each)
        both = {
            "call_id": pa.array(np.concatenate([ids, ids])).cast(pa.string()),
            "at": pa.array(at, TIMESTAMP),
            "phase": pa.array(["answered"] * each + ["ended"] * each),
            "caller": numbers.take(pa.array(np.concatenate([caller, caller]))),
            "callee": numbers.take(pa.array(np.concatenate([callee, callee]))),
            "duration_s": pa.array(np.concatenate([np.zeros(each), length]).astype(np.int32)),
            "origin": pa.array(["domestic"] * (2 * each)),
        }
        path = folder / "calls" / f"{day:02}.parquet"
        pq.write_table(pa.table(both).take(order), path, row_group_size=262_144, compression="zstd")
    return folder


def decode(flows: Path) -> int:
    """The four columns that a history needs, as Arrow and nothing more, on as many threads as Arrow likes."""
    columns = ["at", "phase", "caller", "callee"]
    return sum(pq.read_table(path, columns=columns).num_rows for path in sorted((flows / "calls").iterdir()))


class Telling:
    """An engine of its own each time is told; remembers what it then held."""

    def __init__(self, reference: Reference) -> None:
        self._reference = reference
        self.held = ""

    def __call__(self, flows: Path) -> int:
        engine = Engine(self._reference)
        found = recall(FlowDirectory(flows, ()), engine)
        pairs, size = engine.spoken()
        self.held = f"{pairs:,} pairs in {size / 1e6:,.0f} MB, {size / max(1, pairs):.0f} octets each"
        return found.rows


def pushed(flows: Path, reference: Reference) -> float:
    """Rows a CPU second of the engine's own pass, over the first rows."""
    engine, rows, began = Engine(reference), 0, 0.0
    files = FlowDirectory(flows, ()).files(CALLS)
    for window in windows([files] if files else [], HOUR_US, []):
        engine.push(window.flows)
        if not began:  # the first window loads models and compiled code
            began = time.process_time()
            continue
        rows += window.rows
        if rows > SLICE:
            break
    return rows / (time.process_time() - began)


def main() -> None:
    wanted = int(sys.argv[1]) if len(sys.argv) > 1 else ROWS
    with tempfile.TemporaryDirectory() as made:
        flows = made_up(Path(made), wanted)
        born = (dt.date(2018, 1, 1) - dt.date(1970, 1, 1)).days
        lines = {f"+86170{i:08d}": Line(f"p{i}", born, None, False) for i in range(PERSONS)}
        telling = Telling(Reference(lines, {}))
        size = sum(path.stat().st_size for path in (flows / "calls").iterdir())
        measured = rounds(
            {"bare Arrow decode of four columns": lambda: decode(flows), "told": lambda: telling(flows)}, 3
        )
        one_by_one = pushed(flows, telling._reference)
    print(
        f"{measured.rows:,} rows of calls in {DAYS} days, {size / 1e6:,.0f} MB of Parquet in {DAYS} files, "
        f"{PERSONS:,} persons; {THREADS} threads read, one remembers. Asked for: 1,000,000 rows a second.\n"
    )
    print(measured.table("rows"))
    print(f"\nHeld: {telling.held}. Judged one by one instead: {one_by_one:,.0f} rows a CPU second.")


if __name__ == "__main__":
    main()

"""What more work costs: CPU seconds and memory of an engine at 0.1, 1 and 10 million events, and at 0.1, 1
and 4 million persons, each in a process of its own.

Events are the first ones of an evening of the mix (`_mix`). More persons are copies of its city: the same
register under numbers, accounts and persons of their own (two digits more), and each event happens in one of
the copies; hosts, service codes and texts are the same for all.

Run by hand: ``python bench/growth.py [FOLDER]``; a folder without a mix is filled and kept.
"""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq
from _mix import Mix, folder_of

from qingdun.contract.directory import FlowDirectory
from qingdun.contract.tables import ACCOUNTS, FLOWS, SUBSCRIBERS
from qingdun.detect.reference import Reference
from qingdun.run.embedded import Engine
from qingdun.run.sources.files import read_batches

MIX = Mix(days=1, hours=range(17, 23))
EVENTS = (100_000, 1_000_000, 10_000_000)
COPIES, AMONG = (1, 10, 40), 3_000_000
"""How many cities' worth of persons, and the events among them."""
ROW_GROUP, LINEAR = 65_536, 1.25
"""Cost that grows by at most so much more than work is called linear."""
_NAMES = {
    "calls": ("caller", "callee", "network_number"), "messages": ("sender", "recipient"),
    "visits": ("subscriber",), "transfers": ("payer_account", "payee_account"),
    "subscribers": ("msisdn", "person_id"), "accounts": ("account", "person_id"),
}  # fmt: skip
_NUMBERS = {"caller", "callee", "network_number", "sender", "recipient", "subscriber", "msisdn"}


def first(folder: Path, events: int, made: Path) -> Path:
    """The first events of the folder, over all flows, with its registers."""
    tables = {flow.name: pq.read_table(folder / f"{flow.name}.parquet") for flow in FLOWS}
    at = np.sort(np.concatenate([rows.column("at").cast(pa.int64()).to_numpy() for rows in tables.values()]))
    end = at[min(events, len(at)) - 1]
    made.mkdir()
    for name, rows in tables.items():
        count = int(rows.column("at").cast(pa.int64()).to_numpy().searchsorted(end, "right"))
        pq.write_table(rows.slice(0, count), made / f"{name}.parquet", row_group_size=ROW_GROUP)
    for name in ("subscribers", "accounts", "watchlist"):
        (made / f"{name}.parquet").symlink_to(folder / f"{name}.parquet")
    return made


def copied(folder: Path, copies: int, made: Path) -> Path:
    """The events among so many copies of the city."""
    made.mkdir()
    draw = np.random.default_rng(1)
    for flow in FLOWS:
        rows = pq.read_table(folder / f"{flow.name}.parquet")
        rows = _in_copies(flow.name, rows, draw.integers(0, copies, rows.num_rows))
        pq.write_table(rows, made / f"{flow.name}.parquet", row_group_size=ROW_GROUP)
    for table in (SUBSCRIBERS, ACCOUNTS):
        rows = pq.read_table(folder / f"{table.name}.parquet")
        with pq.ParquetWriter(made / f"{table.name}.parquet", rows.schema) as file:
            for copy in range(copies):
                file.write_table(_in_copies(table.name, rows, np.full(rows.num_rows, copy)))
    (made / "watchlist.parquet").symlink_to(folder / "watchlist.parquet")
    return made


def _in_copies(name: str, rows: pa.Table, copy: Any) -> pa.Table:
    """Each row in the copy of that number."""
    digits = pc.utf8_lpad(pa.array(copy).cast(pa.string()), 2, "0")
    for column in _NAMES[name]:
        place, old = rows.column_names.index(column), rows.column(column)
        plain = old.cast(pa.string())
        new = pc.binary_join_element_wise(plain, digits, "")
        if column in _NUMBERS:  # service codes and numbers as long as numbers can be stay
            fits = pc.and_(pc.starts_with(plain, "+"), pc.less(pc.utf8_length(plain), 15))
            new = pc.if_else(pc.fill_null(fits, False), new, plain)
        rows = rows.set_column(place, rows.schema.field(place).with_type(pa.string()), new)
    return rows


def judged(folder: Path) -> dict[str, float]:
    """What it cost to judge the folder, by a process that does nothing else."""
    used = time.process_time()
    engine = Engine(Reference.of(FlowDirectory(folder)))
    started, begun_mb = time.process_time() - used, _peak_mb()
    used, rows, alerts = time.process_time(), 0, 0
    for batch in read_batches(FlowDirectory(folder), window_us=None):
        alerts += len(engine.push(batch).alerts)
        rows += sum(table.num_rows for table in batch.values())
    return {
        "persons": pc.count_distinct(FlowDirectory(folder).reference(SUBSCRIBERS)["person_id"]).as_py(),
        "events": rows, "alerts": alerts, "start_s": started, "cpu_s": time.process_time() - used,
        "start_mb": begun_mb, "peak_mb": _peak_mb(), "arrays_mb": engine.held().array_bytes / 1e6,
    }  # fmt: skip


def _peak_mb() -> float:
    """Of this program alone: what `getrusage` tells holds what the one that started it had."""
    status = Path("/proc/self/status").read_text("ascii")
    return int(status.partition("VmHWM:")[2].split()[0]) / 1024


def alone(folder: Path) -> dict[str, float]:
    """The same in a process of its own."""
    command = [sys.executable, __file__, "--judge", str(folder)]
    done = subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True)
    return dict(json.loads(done.stdout))


def table(found: list[dict[str, float]]) -> Iterator[str]:
    yield (
        "| persons | events | alerts | start, CPU s | judging, CPU s | µs an event | peak MB "
        "| of it before the first event | arrays MB |"
    )
    yield "|---:|---:|---:|---:|---:|---:|---:|---:|---:|"
    for one in found:
        each = f"{one['start_s']:.1f} | {one['cpu_s']:.1f} | {one['cpu_s'] / one['events'] * 1e6:.2f}"
        size = f"{one['peak_mb']:,.0f} | {one['start_mb']:,.0f} | {one['arrays_mb']:,.0f}"
        yield f"| {one['persons']:,} | {one['events']:,} | {one['alerts']:,} | {each} | {size} |"


def growth(found: list[dict[str, float]], work: str, cost: str, unit: float) -> str:
    """What a unit of work more costs between each size and the next, and whether that stays the same."""
    steps = pairwise(found)
    more = [(after[cost] - before[cost]) / (after[work] - before[work]) * unit for before, after in steps]
    verdict = "linear or less" if more[-1] <= LINEAR * more[0] else "more than linear"
    return f"{', then '.join(f'{one:,.3g}' for one in more)}: {verdict}"


def main() -> None:
    if sys.argv[1:2] == ["--judge"]:
        print(json.dumps(judged(Path(sys.argv[2]))))
        return
    kept = sys.argv[1] if len(sys.argv) > 1 else None
    with tempfile.TemporaryDirectory() as made, folder_of(MIX, kept) as folder:
        parts = [first(folder, count, Path(made, f"events{count}")) for count in EVENTS]
        alone(parts[0])  # compiles what nobody has run before
        events = [alone(part) for part in parts]
        among = first(folder, AMONG, Path(made, "among"))
        persons = [alone(copied(among, count, Path(made, f"persons{count}"))) for count in COPIES]
    print("More events, the same persons:\n")
    print("\n".join(table(events)))
    print("\nMore persons, the same events:\n")
    print("\n".join(table(persons)))
    print(f"\nCPU microseconds for each event more: {growth(events, 'events', 'cpu_s', 1e6)}.")
    print(f"Octets for each event more: {growth(events, 'events', 'peak_mb', 2**20)}.")
    print(
        f"CPU microseconds of the start for each person more: {growth(persons, 'persons', 'start_s', 1e6)}."
    )
    print(f"CPU microseconds of judging for each person more: {growth(persons, 'persons', 'cpu_s', 1e6)}.")
    print(f"Octets for each person more: {growth(persons, 'persons', 'peak_mb', 2**20)}.")
    print(
        f"*Linear*: a unit more costs at most {LINEAR:.2f} times as much between the last two sizes as "
        "between the first two. Each row is a process of its own; models are in judging."
    )


if __name__ == "__main__":
    main()

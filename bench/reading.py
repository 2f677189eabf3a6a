"""A flow directory read in windows of a minute, however its visits lie in the file.

Run by hand: ``python bench/reading.py``.
"""

from __future__ import annotations

import tempfile
from functools import partial
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
from _rounds import rounds

from qingdun.contract.columns import TIMESTAMP
from qingdun.contract.directory import FlowDirectory
from qingdun.contract.storage import write_table
from qingdun.contract.tables import FLOWS, REQUIRED_REFERENCES

VISITS, DAY_US, START_US = 2_000_000, 86_400_000_000, 1_772_409_600_000_000


def made_up(folder: Path, group: int, in_order: bool) -> Path:
    draw = np.random.default_rng(1)
    for table in (*FLOWS, *REQUIRED_REFERENCES):
        write_table(table, [], folder / f"{table.name}.parquet")
    at = START_US + draw.integers(0, DAY_US, VISITS)
    numbers = np.array([f"+86170{i:08d}" for i in range(100_000)], dtype=object)
    hosts = np.array([f"www.site{i:05d}.com" for i in range(20_000)], dtype=object)
    visits = {
        "at": pa.array(np.sort(at) if in_order else at, TIMESTAMP),
        "subscriber": pa.array(numbers[draw.integers(0, len(numbers), VISITS)], pa.string()),
        "host": pa.array(hosts[np.minimum(draw.zipf(1.3, VISITS) - 1, len(hosts) - 1)], pa.string()),
    }
    pq.write_table(pa.table(visits), folder / "visits.parquet", row_group_size=group, compression="zstd")
    return folder


def decode(folder: Path) -> int:
    file = pq.ParquetFile(folder / "visits.parquet")
    return sum(file.read_row_group(group, use_threads=False).num_rows for group in range(file.num_row_groups))


def read(folder: Path) -> int:
    return sum(window.rows for window in FlowDirectory(folder).windows(60_000_000))


def main() -> None:
    with tempfile.TemporaryDirectory() as made:
        groups = made_up(Path(made, "groups"), 65_536, True)
        one = made_up(Path(made, "one"), VISITS, True)
        shuffled = made_up(Path(made, "shuffled"), VISITS, False)
        measured = rounds(
            {
                "bare Arrow decode, groups of 65,536": partial(decode, groups),
                "read, groups of 65,536": partial(read, groups),
                "read, one row group": partial(read, one),
                "read, one row group in no order": partial(read, shuffled),
            }
        )
    print(f"{measured.rows:,} visits of one day; one thread.\n")
    print(measured.table("visits"))


if __name__ == "__main__":
    main()

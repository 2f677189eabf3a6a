"""The files of one table: where they are, how they are opened, and how a table is written."""

from __future__ import annotations

import errno
import json
import os
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any, Final

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.csv
import pyarrow.ipc
import pyarrow.parquet as pq

from qingdun.contract.columns import Table
from qingdun.contract.ranges import possible_times, time_bounds
from qingdun.errors import EmptyFile, InputError, UnreadableFile

SUFFIXES = (".parquet", ".arrow", ".feather", ".ipc")
FULL: Final = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG)
"""What an OSError has as its number when there is no room."""
_MICROSECONDS = {"s": 1_000_000, "ms": 1_000, "us": 1}


@dataclass(frozen=True, slots=True)
class Piece:
    """A row group or record batch: its rows and the span of `at` in it (UTC microseconds, inclusive)."""

    file: int
    index: int
    first_row: int
    rows: int
    earliest: int
    latest: int


class TableFiles:
    """The files of one table, opened; rows are numbered through them in the order of their names."""

    def __init__(
        self, table: Table, paths: list[Path], dictionaries: Iterable[str] = (), mapped: bool = True
    ) -> None:
        """Open every file and check that it can be read. Not `mapped`, one that somebody else cuts meanwhile
        is an error and not the end of the process.

        Errors: EmptyFile, UnreadableFile.
        """
        self.table = table
        self.paths = paths
        self._files = [_open(path, list(dictionaries), mapped) for path in paths]

    @property
    def schemas(self) -> list[pa.Schema]:
        """The Arrow schema of each file."""
        return [f.schema_arrow if isinstance(f, pq.ParquetFile) else f.schema for f in self._files]

    def pieces(self) -> list[Piece]:
        """Every row group with its span of `at`, in the order of rows."""
        found: list[Piece] = []
        first_row = 0
        for number, file in enumerate(self._files):
            parquet = isinstance(file, pq.ParquetFile)
            for index in range(file.num_row_groups if parquet else file.num_record_batches):
                rows = file.metadata.row_group(index).num_rows if parquet else file.get_batch(index).num_rows
                span = (_statistics(file, index) if parquet else None) or self._scanned_span(number, index)
                if rows:
                    found.append(Piece(number, index, first_row, rows, *span))
                first_row += rows
        return found

    def read(self, file: int, index: int, columns: list[str] | None = None) -> pa.Table:
        """One row group or record batch, of the contract's columns that are there.

        Errors: UnreadableFile if its pages are damaged.
        """
        opened = self._files[file]
        wanted = [c for c in columns or [c.name for c in self.table.columns] if c in self.schemas[file].names]
        try:
            if isinstance(opened, pq.ParquetFile):
                return opened.read_row_group(index, columns=wanted, use_threads=False)
            rows = pa.Table.from_batches([opened.get_batch(index)]).select(wanted)
            # Arrow trusts what it maps: an offset that leads out of the file would be read all the same.
            rows.validate(full=True)
            return rows
        except (pa.ArrowException, OSError) as error:
            raise UnreadableFile(f"{self.paths[file]}: part {index} cannot be read: {error}") from error

    def read_all(self) -> Iterator[tuple[Piece, pa.Table]]:
        """Every part with its rows, in order; the span of `at` is not filled in."""
        first_row = 0
        for number, file in enumerate(self._files):
            parts = file.num_row_groups if isinstance(file, pq.ParquetFile) else file.num_record_batches
            for index in range(parts):
                rows = self.read(number, index)
                yield Piece(number, index, first_row, rows.num_rows, 0, 0), rows
                first_row += rows.num_rows

    def _scanned_span(self, file: int, index: int) -> tuple[int, int]:
        at = possible_times(self.read(file, index, ["at"]).column("at"))
        at = at.cast(pa.timestamp("us", "UTC"), safe=False)
        if not len(at):
            return 0, 0
        ends = pc.min_max(at.cast(pa.int64()))
        return ends["min"].as_py(), ends["max"].as_py()


def find_files(directory: Path, name: str) -> list[Path]:
    """The files of table `name` in a flow directory: one file, or all in a folder of that name.

    Errors: InputError if the table is there more than once.
    """
    found = [path for suffix in SUFFIXES if (path := directory / f"{name}{suffix}").is_file()]
    folder = directory / name
    inside = sorted(p for p in folder.rglob("*") if p.suffix in SUFFIXES) if folder.is_dir() else []
    if len(found) + bool(inside) > 1:
        names = ", ".join([*(path.name for path in found), *([f"{name}/"] if inside else [])])
        raise InputError(f"{directory}: table {name} is there more than once ({names}); expected one of them")
    return found or inside


def write_table(table: Table, rows: pa.Table | Iterable[Any], path: Path, writer_name: str = "") -> None:
    """`path` holds the table, whole or not at all; CSV, Parquet or Arrow IPC by its suffix.

    `rows` are row tuples of the table or an Arrow table. In CSV, lists are JSON. `writer_name` keeps apart
    those who may write the same file at a time.
    Errors: InputError for another suffix; OSError, as on a full disk, of which it takes nothing then.
    """
    data = rows if isinstance(rows, pa.Table) else table.from_rows(rows)
    path.parent.mkdir(parents=True, exist_ok=True)
    with _whole(path, writer_name) as out:
        if path.suffix == ".parquet":
            pq.write_table(data, out, compression="zstd")
        elif path.suffix in SUFFIXES:
            with pa.ipc.new_file(out, data.schema) as writer:
                writer.write_table(data)
        elif path.suffix == ".csv":
            pyarrow.csv.write_csv(_flat(data), out)
        else:
            raise InputError(f"{path}: expected a name ending in .parquet, .arrow or .csv")


def write_octets(octets: bytes, path: Path) -> None:
    """`path` holds the octets, whole or not at all, also after a loss of power.

    Errors: OSError, as on a full disk, of which it takes nothing then.
    """
    with _whole(path) as out:
        out.write(octets)
    sync(path.parent)


@contextmanager
def _whole(path: Path, writer_name: str = "") -> Iterator[IO[bytes]]:
    """What is written takes the place of `path` once it stands on disk; half of it takes up no room."""
    partial = partial_of(path, writer_name)
    try:
        with partial.open("wb") as out:
            yield out
            out.flush()
            os.fsync(out.fileno())
        partial.replace(path)
    except BaseException as error:
        with suppress(OSError):
            partial.unlink()
        if isinstance(error, OSError):
            error.filename = error.filename or str(path)  # whoever is told of a full disk asks which
        raise


def partial_of(path: Path, writer_name: str = "") -> Path:
    """Where it is written before it is whole; whoever is killed leaves it there.

    >>> partial_of(Path("visits/1.arrow")).name, partial_of(Path("visits/1.arrow"), "host~7~99").name
    ('.1.arrow.partial', '.1.arrow.host~7~99.partial')
    """
    return path.with_name(f".{path.name}.{writer_name}.partial" if writer_name else f".{path.name}.partial")


def sync(folder: Path) -> None:
    """What was made, renamed or removed in the folder stays so after a loss of power."""
    opened = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(opened)
    finally:
        os.close(opened)


def _flat(data: pa.Table) -> pa.Table:
    for index, field in enumerate(data.schema):
        if pa.types.is_nested(field.type):
            texts = [json.dumps(v, ensure_ascii=False, default=str) for v in data.column(index).to_pylist()]
            data = data.set_column(index, field.name, pa.array(texts, pa.string()))
    return data


def _open(path: Path, dictionaries: list[str], mapped: bool) -> Any:
    if path.stat().st_size == 0:
        raise EmptyFile(f"{path}: the file is empty (0 bytes); expected a table in Parquet or Arrow IPC")
    try:
        name = os.fsencode(path)  # Arrow takes a name that is no UTF-8 as octets alone
        source = pa.memory_map(name) if mapped else pa.OSFile(name)
        if path.suffix == ".parquet":
            return pq.ParquetFile(source, read_dictionary=dictionaries)
        return pa.ipc.open_file(source)
    except (pa.ArrowException, OSError) as error:
        kind = "Parquet" if path.suffix == ".parquet" else "Arrow IPC"
        raise UnreadableFile(
            f"{path}: not a whole {kind} file; it may be truncated or still being written ({error})"
        ) from error


def _statistics(file: pq.ParquetFile, index: int) -> tuple[int, int] | None:
    """The span of `at` in a row group from its statistics, or None where they do not say."""
    group = file.metadata.row_group(index)
    unit = str(file.schema_arrow.field("at").type.unit)
    for number in range(group.num_columns):
        column = group.column(number)
        if column.path_in_schema == "at":
            numbers = column.statistics
            if numbers is None or not numbers.has_min_max or column.physical_type != "INT64":
                return None
            low, high = time_bounds(unit)
            if numbers.min_raw < low or numbers.max_raw > high:
                # Rows that will be rejected must not stretch the span: the rows themselves are asked.
                return None
            if unit not in _MICROSECONDS:
                return numbers.min_raw // 1000, numbers.max_raw // 1000
            return numbers.min_raw * _MICROSECONDS[unit], numbers.max_raw * _MICROSECONDS[unit]
    return None

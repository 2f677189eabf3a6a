"""Tables in and out as CSV or Parquet by suffix, a batch at a time, with errors a person can act on."""

from __future__ import annotations

import csv as plain_csv
from collections.abc import Collection, Iterable, Iterator
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.csv as csv
import pyarrow.parquet as pq

from qingdun.contract.progress import Share, unheard
from qingdun.errors import EmptyFile, InputError, MissingFile, UnreadableFile
from qingdun.evaluate.csv_text import csv_batches, header

SUFFIXES = (".csv", ".csv.gz", ".parquet")


def read_batches(path: Path, told: Share = unheard, single: Collection[str] = ()) -> Iterator[pa.RecordBatch]:
    """The rows of the file in order, at least one batch. Every CSV column comes as string, letter by letter.
    After each batch the share of the file that has been read is told.

    In a CSV of one column a blank line is a row whose value is empty; in one of several it is no row. Blank
    lines before the header are none. CSV is UTF-8, with or without a mark at its beginning, or GB18030.

    Errors: MissingFile, EmptyFile, UnreadableFile, InputError for another suffix, or if a column of `single`
    stands there twice.
    """
    suffix = _suffix(path)
    if not path.is_file():
        raise MissingFile(f"{path}: no such file")
    if not path.stat().st_size:
        raise EmptyFile(f"{path}: the file is empty; expected a header and rows")
    try:
        found = False
        for batch, share in _parquet(path) if suffix == ".parquet" else csv_batches(path):
            if not found:
                _refuse_twins(path, batch.schema.names, single)
            found = True
            yield batch
            told(share)
        if not found:
            nothing = _no_rows(path, suffix)
            _refuse_twins(path, nothing.schema.names, single)
            yield nothing
    except UnicodeError as error:
        raise UnreadableFile(f"{path}: expected text in UTF-8 or GB18030; {error}") from error
    except (pa.ArrowInvalid, pa.ArrowKeyError, plain_csv.Error, OSError, EOFError) as error:
        raise UnreadableFile(f"{path}: expected a whole {suffix} file; {error}") from error


def read_whole(path: Path, single: Collection[str] = ()) -> pa.Table:
    """The whole file as one table. Errors: as `read_batches`."""
    return pa.Table.from_batches(list(read_batches(path, single=single)))


def find_table(folder: Path, name: str) -> Path:
    """The file of that name in the folder, else the only one whose name ends so; hidden ones are none.

    Errors: MissingFile, InputError where several would do.
    """
    named = {file.name.lower(): file for file in sorted(folder.iterdir()) if not file.name.startswith(".")}
    wanted = [f"{name}{suffix}" for suffix in SUFFIXES]
    for whole in wanted:
        if whole in named:
            return named[whole]
    found = [file for low, file in named.items() if low.endswith(tuple(wanted))]
    if len(found) > 1:
        raise InputError(f"{folder}: expected one {name}, found {', '.join(file.name for file in found)}")
    if not found:
        raise MissingFile(f"{folder}: no {wanted[0]}, {wanted[1]} or {wanted[2]} in it")
    return found[0]


def write_batches(batches: Iterable[pa.RecordBatch], path: Path) -> int:
    """The file holds the batches, and stands there whole or not at all; the number of rows is returned.

    Errors: InputError for another suffix, or a column that CSV cannot hold.
    """
    suffix = _suffix(path)
    path.parent.mkdir(parents=True, exist_ok=True)
    part = path.with_name(f".{path.name}.part")
    rows, writer = 0, None
    try:
        with pa.output_stream(part, compression="gzip" if suffix == ".csv.gz" else None) as stream:
            for batch in batches:
                try:
                    writer = writer or _writer(stream, batch.schema, suffix, path)
                    writer.write_batch(batch)
                except (pa.ArrowInvalid, pa.ArrowNotImplementedError) as error:
                    raise InputError(f"{path}: {error}; write to .parquet") from error
                rows += batch.num_rows
            if writer is not None:
                writer.close()
        part.replace(path)
    finally:
        part.unlink(missing_ok=True)
    return rows


def _suffix(path: Path) -> str:
    for suffix in SUFFIXES:
        if path.name.lower().endswith(suffix):
            return suffix
    raise InputError(f"{path}: expected a name that ends in {', '.join(SUFFIXES)}")


def _writer(stream: Any, schema: pa.Schema, suffix: str, path: Path) -> Any:
    if suffix == ".parquet":
        for name in schema.names:
            if schema.names.count(name) > 1:
                raise InputError(f"{path}: column {name}: expected once, found twice; write to .csv")
        return pq.ParquetWriter(stream, schema)
    for field in schema:
        plain = field.type.value_type if pa.types.is_dictionary(field.type) else field.type
        if pa.types.is_nested(plain):
            raise InputError(
                f"{path}: column {field.name} is {field.type}, which CSV cannot hold; write to .parquet"
            )
    return csv.CSVWriter(stream, schema)


def _refuse_twins(path: Path, names: list[str], single: Collection[str]) -> None:
    for name in single:
        if names.count(name) > 1:
            raise InputError(f"{path}: column {name}: expected once, found {names.count(name)} times")


def _parquet(path: Path) -> Iterator[tuple[pa.RecordBatch, float]]:
    """Batches, and the share of the file that has been read with each."""
    done = 0
    with pq.ParquetFile(path) as file:
        for batch in file.iter_batches(batch_size=65_536):
            done += batch.num_rows
            yield _without_views(batch), done / file.metadata.num_rows


def _without_views(batch: pa.RecordBatch) -> pa.RecordBatch:
    """The batch with strings as every command and CSV takes them."""
    if not any(pa.types.is_string_view(kind) for kind in batch.schema.types):
        return batch
    columns = [
        column.cast(pa.large_string()) if pa.types.is_string_view(column.type) else column
        for column in batch.columns
    ]
    return pa.RecordBatch.from_arrays(columns, batch.schema.names)


def _no_rows(path: Path, suffix: str) -> pa.RecordBatch:
    schema = (
        pq.read_schema(path)
        if suffix == ".parquet"
        else pa.schema([(n, pa.string()) for n in header(path)[0]])
    )
    return pa.RecordBatch.from_pylist([], schema)

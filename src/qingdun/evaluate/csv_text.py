"""CSV as text, letter by letter: header, encoding, and an end that no open quote hides."""

from __future__ import annotations

import codecs
import csv as plain_csv
import io
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.csv as csv

from qingdun.errors import EmptyFile, UnreadableFile

_BLOCK = 16 << 20
"""Bytes of CSV read at a time; no row may be longer."""
_MARK = "\x04"
"""What every column holds in the row by which the end of a CSV is known: an open quote would swallow it."""


class _Ended(io.RawIOBase):
    """The bytes of a stream and the row of marks, in a line of its own."""

    def __init__(self, stream: Any, columns: int) -> None:
        super().__init__()
        self._stream, self._last = stream, b""
        self._rest = ",".join([_MARK] * columns).encode() + b"\n"

    def readable(self) -> bool:
        return True

    def read(self, size: int = -1, /) -> bytes:
        data: bytes = self._stream.read(size if size >= 0 else None)
        while 0 < len(data) < size and (more := self._stream.read(size - len(data))):
            data += more
        self._last = data[-1:] or self._last
        room = size - len(data) if size >= 0 else len(self._rest) + 1
        if room > 0:  # the stream has ended
            if self._last not in b"\r\n":
                self._rest, self._last = b"\n" + self._rest, b""
            data, self._rest = data + self._rest[:room], self._rest[room:]
        return data


def csv_batches(path: Path) -> Iterator[tuple[pa.RecordBatch, float]]:
    """Batches, each a block of the text, and the share of the file that has been read with it.

    Errors: EmptyFile, UnreadableFile, and those of pyarrow.
    """
    names, blank = header(path)
    texts = csv.ConvertOptions(column_types=dict.fromkeys(names, pa.string()), strings_can_be_null=False)
    # Where there is one column only, an empty value looks like a blank line.
    parse = csv.ParseOptions(newlines_in_values=True, ignore_empty_lines=len(names) > 1)
    read = csv.ReadOptions(block_size=_BLOCK, encoding=_encoding(path), skip_rows=blank)
    size, held = _text_size(path), None
    with (
        pa.input_stream(path, compression="detect") as stream,
        csv.open_csv(_Ended(stream, len(names)), read, parse, texts) as reader,
    ):
        for blocks, batch in enumerate(reader):
            if batch.num_rows:
                if held is not None:
                    yield held, min(1.0, blocks * _BLOCK / size)
                held = batch
    if held is None or any(column[-1].as_py() != _MARK for column in held.columns):
        raise UnreadableFile(f"{path}: expected a whole file; a quote is opened and never closed")
    if held.num_rows > 1:
        yield held.slice(0, held.num_rows - 1), 1.0


def _text_size(path: Path) -> int:
    """Bytes of the text at `path`, at least one; of a packed one what its end says, right below 4 GiB."""
    if not path.name.lower().endswith(".gz"):
        return max(1, path.stat().st_size)
    with path.open("rb") as file:
        file.seek(-min(4, path.stat().st_size), os.SEEK_END)
        return max(1, int.from_bytes(file.read(), "little"))


def header(path: Path) -> tuple[list[str], int]:
    """The names of the columns, and how many blank lines stand before them. Errors: EmptyFile."""
    with pa.input_stream(path, compression="detect") as stream:
        first = stream.read(1 << 20)
    text = codecs.getincrementaldecoder(_encoding(path))().decode(first).removeprefix("\ufeff")
    for blank, row in enumerate(plain_csv.reader(io.StringIO(text, newline=""))):
        if row:
            return row, blank
    raise EmptyFile(f"{path}: found no line; expected a header and rows")


def _encoding(path: Path) -> str:
    """UTF-8, or GB18030 where the beginning of the file is not UTF-8, as spreadsheets in China write it."""
    with pa.input_stream(path, compression="detect") as stream:
        first = stream.read(1 << 18)
    try:
        first.decode("utf-8")
    except UnicodeDecodeError as error:
        return "utf8" if error.start >= len(first) - 3 else "gb18030"
    return "utf8"

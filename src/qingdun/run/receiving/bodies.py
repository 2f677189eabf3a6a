"""What providers send over HTTP, made into files of a flow: spooled to disk as it comes, unpacked, read by
the contract, and put where files land, whole.
"""

from __future__ import annotations

import gzip
import hashlib
import os
import re
import zlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import IO, Any, Final, NamedTuple

import pyarrow as pa
import pyarrow.ipc
import pyarrow.json

from qingdun.contract.checking import check_schema
from qingdun.contract.columns import TIMESTAMP, Table
from qingdun.contract.storage import sync
from qingdun.contract.tables import FLOWS
from qingdun.errors import InputError
from qingdun.run.sources.names import checksum, kept, plain

ARROW: Final = "application/vnd.apache.arrow.stream"
LINES: Final = "application/x-ndjson"
ENCODINGS: Final = ("", "identity", "gzip", "zstd")
MOST_UNPACKED: Final = 1 << 30
"""Octets that a body may have once it is unpacked."""
_PIECE: Final = 1 << 20
_BLOCK: Final = 16 << 20
"""Octets of lines that are read at once: one line may not be longer."""
_NAME: Final = re.compile(r"[A-Za-z0-9._-]{1,100}")


class Sent(NamedTuple):
    """What is known of a body before it is read."""

    provider: str
    flow: Table
    kind: str
    """ARROW or LINES."""
    encoding: str
    """One of ENCODINGS."""
    key: str
    """The provider's own name for it; empty: its content says who it is."""


class TooLarge(InputError):
    """Unpacked, the body is longer than any may be."""


class KeyTaken(InputError):
    """Another body stands under the provider's own name for it."""


class Spool:
    """A body on its way to disk, beside the files that have landed."""

    def __init__(self, landing: Path) -> None:
        """Errors: OSError."""
        self._landing = landing
        folder = landing / "receiving"
        folder.mkdir(exist_ok=True)
        self.path = folder / f".{os.urandom(12).hex()}"
        self._file: IO[bytes] = self.path.open("wb")
        self._digest = hashlib.sha256()
        self.size = 0

    def add(self, part: bytes) -> None:
        """More of the body. Errors: OSError, as on a full disk."""
        self._file.write(part)
        self._digest.update(part)
        self.size += len(part)

    def land(self, sent: Sent) -> tuple[str, int]:
        """The rows have landed as a file of their flow; its name and how many they are.

        The same body under the same name makes the same file, which is judged once however often it lands.
        Errors: InputError naming what was found and expected; TooLarge; KeyTaken; OSError.
        """
        self._file.close()
        # No name or key has a plus in it: nobody's file can be written over by another provider's.
        name = f"{sent.provider}+{sent.key or self._digest.hexdigest()[:32]}.arrow"
        made = self.path.with_name(f"{self.path.name}.arrow")
        try:
            with self.path.open("rb") as file, made.open("wb") as out:
                rows = _written(sent, _Counted(_unpacked(file, sent.encoding)), out)
                out.flush()
                os.fsync(out.fileno())
            folder = self._landing / sent.flow.name
            if sent.key:
                self._claim(sent, folder / name, made)
            made.replace(folder / name)
            sync(folder)
        finally:
            with suppress(FileNotFoundError):
                made.unlink()
        return name, rows

    def _claim(self, sent: Sent, place: Path, made: Path) -> None:
        """Nothing happens unless another body waits at that place, or has been taken from it and is kept.

        Errors: KeyTaken.
        """
        begin = f"{plain(place)}~"
        found = kept(self._landing / "taken", sent.flow.name, begin)
        marks = {Path(name).stem.removeprefix(begin) for _flow, name in found}
        with suppress(FileNotFoundError):
            marks.add(checksum(place))
        if marks and checksum(made) not in marks:
            raise KeyTaken(
                f"header Idempotency-Key: found {sent.key!r}, under which another body of {sent.flow.name} "
                "stands already; expected a key of its own for each body"
            )

    def close(self) -> None:
        """Nothing of the body is left here."""
        with suppress(OSError):  # a full disk refuses the last of it once more
            self._file.close()
        with suppress(FileNotFoundError):
            self.path.unlink()


def key_of(said: str) -> str:
    """The provider's name for a body, from the header. Errors: InputError."""
    if said and not _NAME.fullmatch(said):
        raise InputError(
            f"header Idempotency-Key: found {said[:40]!r}, expected 1 to 100 letters, digits, '.', '_', '-'"
        )
    return said


def waiting(landing: Path) -> int:
    """Octets that have landed, or are on their way, and that nobody has taken yet."""
    found = 0
    for folder in landing.iterdir():
        if folder.name not in ("taken", "refused") and folder.is_dir():
            for path in folder.iterdir():
                with suppress(FileNotFoundError):
                    found += path.stat().st_size
    return found


def lay(landing: Path) -> None:
    """The folders that files land in stand, also after a loss of power. Errors: OSError."""
    for flow in FLOWS:
        (landing / flow.name).mkdir(exist_ok=True)
    sync(landing)


def clear(landing: Path) -> None:
    """What an earlier process was receiving when it ended, and told nobody that it had, is gone."""
    for path in (landing / "receiving").glob(".*"):
        path.unlink()


def _unpacked(file: IO[bytes], encoding: str) -> Any:
    if encoding == "gzip":
        return gzip.GzipFile(fileobj=file)
    return pa.CompressedInputStream(file, "zstd") if encoding == "zstd" else file


class _Counted:
    """A file to read, no further than a body may be long."""

    closed = False

    def __init__(self, file: Any) -> None:
        self._read: Callable[[int], bytes] = file.read
        self._left = MOST_UNPACKED

    def read(self, size: int = -1) -> bytes:
        """So many octets, or those that are left."""
        found = self._read(_PIECE if size < 0 else size)
        self._left -= len(found)
        if self._left < 0:
            raise TooLarge(f"body: unpacked, it is longer than {MOST_UNPACKED:,} octets")
        return found

    def readable(self) -> bool:
        """It is."""
        return True

    def close(self) -> None:
        """Whoever opened the file closes it."""


def _written(sent: Sent, body: _Counted, out: IO[bytes]) -> int:
    """The rows of the body in `out`, and how many. Errors: InputError."""
    with _readable(sent), _batches(sent, body) as batches:
        check_schema(sent.flow, batches.schema, "body")
        rows = 0
        with pa.ipc.new_file(out, batches.schema) as writer:
            for batch in batches:
                # Arrow trusts offsets: one that leads out of the body would end whoever reads it later.
                batch.validate(full=True)
                writer.write_batch(batch)
                rows += batch.num_rows
    return _some(sent, rows)


def read_body(sent: Sent, file: IO[bytes]) -> pa.Table:
    """The rows of a body that is short enough to be held. Errors: InputError."""
    with _readable(sent), _batches(sent, _Counted(_unpacked(file, sent.encoding))) as batches:
        check_schema(sent.flow, batches.schema, "body")
        found = pa.Table.from_batches(list(batches), batches.schema)
        found.validate(full=True)
    _some(sent, found.num_rows)
    return found


@contextmanager
def _readable(sent: Sent) -> Iterator[None]:
    """What breaks in the body is its sender's fault, and what breaks on our disk is not."""
    try:
        yield
    except (pa.ArrowException, OSError, EOFError, zlib.error, ValueError) as error:
        if isinstance(error, OSError) and error.errno is not None:
            raise
        kind = "an Arrow IPC stream" if sent.kind == ARROW else "a line of JSON for each row"
        unpacked = f", unpacked by {sent.encoding}" if sent.encoding not in ("", "identity") else ""
        raise InputError(f"body: expected {kind}{unpacked}; found: {str(error)[:300]}") from error


def _some(sent: Sent, rows: int) -> int:
    """So many rows. Errors: InputError if there are none."""
    if not rows:
        raise InputError(f"body: found no row of {sent.flow.name}, expected one or more")
    return rows


def _batches(sent: Sent, body: _Counted) -> Any:
    if sent.kind == ARROW:
        return pa.ipc.open_stream(pa.PythonFile(body, mode="r"))
    # A field that a line lacks is that row's fault, found where rows are checked, and not the whole body's.
    wanted = pa.schema([field.with_nullable(True) for field in sent.flow.schema])
    fields = [field.with_type(pa.string()) if field.type == TIMESTAMP else field for field in wanted]
    reader = pa.json.open_json(
        pa.PythonFile(body, mode="r"),
        read_options=pa.json.ReadOptions(use_threads=False, block_size=_BLOCK),
        parse_options=pa.json.ParseOptions(
            explicit_schema=pa.schema(fields), unexpected_field_behavior="ignore"
        ),
    )
    return pa.RecordBatchReader.from_batches(wanted, (_with_moments(batch, wanted) for batch in reader))


def _with_moments(batch: pa.RecordBatch, wanted: pa.Schema) -> pa.RecordBatch:
    """The batch with its moments read. Arrow's own reader of lines would take one without a zone for UTC,
    hours beside what its sender means. Errors: InputError."""
    columns = [
        _moments(field.name, column) if field.type == TIMESTAMP else column
        for field, column in zip(wanted, batch.columns, strict=True)
    ]
    return pa.RecordBatch.from_arrays(columns, schema=wanted)


def _moments(name: str, texts: pa.Array) -> pa.Array:
    try:
        return texts.cast(TIMESTAMP)
    except pa.ArrowInvalid as error:
        wrong = next(text for text in texts if not _is_moment(text))
        raise InputError(
            f"body: {name}: found {wrong.as_py()[:40]!r}, expected a moment in ISO 8601 with its zone, such "
            "as 2026-11-29T08:00:00+08:00"
        ) from error


def _is_moment(text: pa.Scalar) -> bool:
    try:
        return bool(text.cast(TIMESTAMP).type == TIMESTAMP)
    except pa.ArrowInvalid:
        return False

"""Strings that cannot be kept or found again: too long, with a NUL character, or no UTF-8.

Nearly every batch is clean: whether it is, is asked of whole buffers; rows are looked at only if it is not.
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from qingdun.contract.columns import Column

Fault = tuple[int, str]
"""Position of a row, and what is wrong with it."""


def text_faults(column: Column, values: pa.ChunkedArray) -> Iterator[Fault]:
    """Rows of `values` that hold a string the contract does not take, in lists and structs too."""
    first = 0
    for chunk in values.chunks:
        for index, reason in _chunk_faults(column, column.name, chunk):
            yield first + index, reason
        first += len(chunk)


def has_bad_entry(column: Column, values: pa.ChunkedArray) -> bool:
    """Whether a dictionary of `values` holds a bad string, be it used by a row or not."""
    return any(
        _is_suspicious(chunk.dictionary, column.most)
        for chunk in values.chunks
        if pa.types.is_dictionary(chunk.type)
    )


def shown(value: pa.Scalar) -> str:
    """A value as a reject's reason quotes it: short, and safe to keep whatever it holds."""
    if isinstance(value, pa.DictionaryScalar):
        value = value.value
    try:
        words = repr(value.as_py())
    except UnicodeDecodeError:
        words = repr(value.as_buffer().to_pybytes())
    return words if len(words) <= 80 else f"{words[:79]}…"


def _chunk_faults(column: Column, name: str, chunk: pa.Array) -> Iterator[Fault]:
    kind = chunk.type
    if pa.types.is_dictionary(kind):
        bad = dict(_chunk_faults(column, name, chunk.dictionary))
        if bad:
            indices = chunk.indices.to_pylist()
            yield from ((row, bad[entry]) for row, entry in enumerate(indices) if entry in bad)
    elif pa.types.is_list(kind) or pa.types.is_large_list(kind):
        parents = pc.list_parent_indices(chunk)
        for index, reason in _chunk_faults(column, name, pc.list_flatten(chunk)):
            yield parents[index].as_py(), reason
    elif pa.types.is_struct(kind):
        for part in column.inner:
            if kind.get_field_index(part.name) >= 0:
                yield from _chunk_faults(part, f"{name}.{part.name}", pc.struct_field(chunk, part.name))
    elif pa.types.is_string(kind) and _is_suspicious(chunk, column.most):
        for index, raw in enumerate(chunk.view(pa.binary()).to_pylist()):
            fault = _fault(raw, column.most) if raw is not None else ""
            if fault:
                yield index, f"{name}: {fault}"


def _is_suspicious(strings: pa.Array, most: int) -> bool:
    """Whether some string may be bad. Quick, and never wrong when it says no."""
    try:
        strings.validate(full=True)
    except pa.ArrowInvalid:
        return True
    _, offsets, data = strings.buffers()
    if data is None or not len(strings):
        return False
    ends = np.frombuffer(offsets, np.int32)[strings.offset : strings.offset + len(strings) + 1]
    if int(np.diff(ends).max()) > most:
        return True
    return b"\0" in memoryview(data)[int(ends[0]) : int(ends[-1])].tobytes()


def _fault(raw: bytes, most: int) -> str:
    """What is wrong with a string, or nothing.

    >>> _fault("一二三".encode(), 2)
    'found 3 characters, expected at most 2'
    """
    try:
        length = len(raw.decode())
    except UnicodeDecodeError:
        return f"found bytes that are no UTF-8 ({raw[:16]!r}), expected text"
    if b"\0" in raw:
        return "found a NUL character, expected text without"
    return f"found {length} characters, expected at most {most}" if length > most else ""

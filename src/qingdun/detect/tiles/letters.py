"""Strings on Arrow's own buffers: their letters, and a hash of each."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from qingdun.compiled import njit

_SEED, _PRIME, _MIX = 0x51_7C_C1_B7_27_22_0A_95, 0x100_0000_01B3, 0x2545_F491_4F6C_DD1D


def digest(text: str) -> int:
    """63 bits of a hash of the string."""
    letters = text.encode()
    return int(digest_of(np.frombuffer(letters or b"\0", np.uint8), 0, len(letters)))


def buffers(strings: Any) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.uint8]]:
    """Where each string ends, and the letters of all."""
    _, offsets, data = strings.buffers()
    kind = np.int64 if pa.types.is_large_string(strings.type) else np.int32
    first, last = strings.offset, strings.offset + len(strings) + 1
    ends = np.frombuffer(offsets, kind)[first:last] if len(strings) else np.zeros(1, kind)
    letters = np.frombuffer(data, np.uint8) if data is not None and data.size else np.zeros(1, np.uint8)
    return ends.astype(np.int64), letters


@njit(cache=True, nogil=True)
def digest_of(data: Any, start: int, end: int) -> Any:
    """63 bits of a hash of the letters between."""
    state = np.int64(_SEED)
    for i in range(start, end):
        state = (state ^ np.int64(data[i])) * np.int64(_PRIME)
    state = (state ^ (state >> 32)) * np.int64(_MIX)
    return (state ^ (state >> 29)) & np.int64(0x7FFF_FFFF_FFFF_FFFF)


def one_chunk(strings: pa.ChunkedArray) -> pa.Array:
    """The column as one array of plain strings."""
    if pa.types.is_dictionary(strings.type) or pa.types.is_null(strings.type):
        strings = strings.cast(pa.string())
    array = strings.chunk(0) if strings.num_chunks == 1 else strings.combine_chunks()
    return pa.concat_arrays(array.chunks) if isinstance(array, pa.ChunkedArray) else array


def digests_of(strings: pa.ChunkedArray) -> npt.NDArray[np.int64]:
    """63 bits of a hash of each string."""
    array = one_chunk(strings)
    ends, data = buffers(array)
    found = np.zeros(len(array), np.int64)
    _digests(data, ends, found)
    return found


@njit(cache=True, nogil=True)
def _digests(data: Any, ends: Any, found: Any) -> None:
    for i in range(len(found)):
        found[i] = digest_of(data, ends[i], ends[i + 1])

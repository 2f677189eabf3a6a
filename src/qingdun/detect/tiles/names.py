"""Strings as dense integers, looked up on Arrow's own buffers: none becomes a Python object on the way."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from qingdun.compiled import njit

UNKNOWN = -1

_SEED, _PRIME, _MIX = 0x51_7C_C1_B7_27_22_0A_95, 0x100_0000_01B3, 0x2545_F491_4F6C_DD1D


class Found(NamedTuple):
    """What `Names.find` knows of each row it was asked about."""

    number: npt.NDArray[np.int32]
    """The place of the string among the names; `UNKNOWN` if it is none of them."""
    digest: npt.NDArray[np.int64]
    """63 bits of a hash of the string."""


class Names:
    """A fixed list of distinct strings, numbered from 0 in its order."""

    def __init__(self, names: Iterable[str]) -> None:
        array = pa.array(names, pa.large_string())
        self._ends, self._data = buffers(array)
        self._digests = np.zeros(len(array), np.int64)
        self._slots = np.zeros(1 << max(4, (2 * len(array)).bit_length()), np.int32)
        _fill(self._data, self._ends, self._digests, self._slots)

    def __len__(self) -> int:
        return len(self._digests)

    def find(self, strings: pa.ChunkedArray, rows: npt.NDArray[np.int64]) -> Found:
        """What is known of these rows of a column of strings."""
        chunks = strings.combine_chunks() if strings.num_chunks != 1 else strings.chunk(0)
        ends, data = buffers(chunks)
        found = Found(np.empty(len(rows), np.int32), np.empty(len(rows), np.int64))
        _find(data, ends, rows, self._data, self._ends, self._digests, self._slots, *found)
        return found


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


@njit(cache=True, nogil=True)
def _fill(data: Any, ends: Any, digests: Any, slots: Any) -> None:
    mask = len(slots) - 1
    for name in range(len(digests)):
        digests[name] = digest_of(data, ends[name], ends[name + 1])
        at = digests[name] & mask
        while slots[at]:
            at = (at + 1) & mask
        slots[at] = name + 1


@njit(cache=True, nogil=True)
def _find(
    data: Any,
    ends: Any,
    rows: Any,
    own: Any,
    own_ends: Any,
    digests: Any,
    slots: Any,
    number: Any,
    digest: Any,
) -> None:
    mask = len(slots) - 1
    for i in range(len(rows)):
        start, end = ends[rows[i]], ends[rows[i] + 1]
        wanted = digest_of(data, start, end)
        digest[i], number[i] = wanted, UNKNOWN
        at = wanted & mask
        while slots[at]:
            name = slots[at] - 1
            first = own_ends[name]
            if digests[name] == wanted and own_ends[name + 1] - first == end - start:
                same = True
                for j in range(end - start):
                    if own[first + j] != data[start + j]:
                        same = False
                        break
                if same:
                    number[i] = name
                    break
            at = (at + 1) & mask

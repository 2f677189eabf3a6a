"""Strings as dense integers that grow with what comes and lose what is gone; none becomes a Python object but
those that Python has asked for."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from qingdun.compiled import njit
from qingdun.detect.tiles.letters import buffers, digest_of, one_chunk

Ids = npt.NDArray[np.int64]

UNKNOWN = -1


class Found(NamedTuple):
    """What `Codes.seek` knows of each row it was asked about."""

    number: npt.NDArray[np.int32]
    """The string's number, or `UNKNOWN`."""
    digest: Ids
    """63 bits of a hash of the string."""


class Codes:
    """Distinct strings, numbered from 0 in the order in which they came."""

    def __init__(self) -> None:
        self._data = np.zeros(1024, np.uint8)
        self._ends = np.zeros(65, np.int64)
        self.digests = np.zeros(64, np.int64)
        """By number: 63 bits of a hash of the string."""
        self._slots = np.zeros(256, np.int32)
        self._count = np.zeros(1, np.int64)
        self._asked: dict[str, int] = {}
        """Numbers that `find` has told, until numbers are given anew."""

    def __len__(self) -> int:
        return int(self._count[0])

    def of(self, strings: pa.ChunkedArray) -> Ids:
        """The number of each; new ones for those that had none, `UNKNOWN` for nulls."""
        array = one_chunk(strings)
        ends, data = buffers(array)
        self._room(len(array), int(ends[-1] - ends[0]))
        found = np.full(len(array), UNKNOWN, np.int64)
        rows = np.flatnonzero(array.is_valid().to_numpy(zero_copy_only=False))
        own = self._data, self._ends, self.digests, self._slots, self._count
        _code(data, ends, rows, *own, found)
        return found

    def add(self, name: str) -> int:
        """The string's number, a new one if it had none."""
        known = self.find(name)
        return known if known != UNKNOWN else int(self.of(pa.chunked_array([[name]], pa.string()))[0])

    def seek(self, strings: pa.ChunkedArray, rows: Ids) -> Found:
        """What is known of these rows of a column of strings; none gets a number."""
        ends, data = buffers(one_chunk(strings))
        found = Found(np.empty(len(rows), np.int32), np.empty(len(rows), np.int64))
        _seek(data, ends, rows, self._data, self._ends, self.digests, self._slots, *found)
        return found

    def find(self, name: str) -> int:
        """The string's number, or `UNKNOWN`."""
        known = self._asked.get(name, UNKNOWN)
        if known == UNKNOWN:
            letters = np.frombuffer(name.encode() + b"\0", np.uint8)
            known = int(_find(letters, self._data, self._ends, self.digests, self._slots))
            if known != UNKNOWN:
                self._asked[name] = known
        return known

    def name(self, number: int) -> str:
        """The string of that number."""
        return bytes(self._data[self._ends[number] : self._ends[number + 1]]).decode()

    def names(self, numbers: Ids) -> list[str]:
        """The strings of these numbers."""
        parts = pa.py_buffer(self._ends), pa.py_buffer(self._data)
        names = pa.LargeStringArray.from_buffers(len(self), *parts)
        found: list[str] = names.take(pa.array(numbers)).to_pylist()
        return found

    def only(self, kept: Ids) -> None:
        """Nothing but these numbers, in this order; they are numbered anew from 0."""
        starts, ends = self._ends[kept], self._ends[kept + 1]
        data = np.zeros(max(1024, int((ends - starts).sum())), np.uint8)
        into = np.zeros(max(65, len(kept) + 1), np.int64)
        into[1 : len(kept) + 1] = np.cumsum(ends - starts)
        _copy(self._data, starts, ends, data, into)
        digests = np.zeros(max(64, len(kept)), np.int64)
        digests[: len(kept)] = self.digests[kept]
        self._data, self._ends, self.digests = data, into, digests
        self._count[0] = len(kept)
        self._asked.clear()
        self._table_anew(len(kept))

    def memory_bytes(self) -> int:
        """What the letters and the table of them take."""
        return sum(a.nbytes for a in (self._data, self._ends, self.digests, self._slots))

    def _room(self, more: int, letters: int) -> None:
        count = len(self)
        if count + more > len(self.digests):
            self.digests = larger(self.digests, count + more)
            self._ends = larger(self._ends, len(self.digests) + 1)
        if int(self._ends[count]) + letters > len(self._data):
            self._data = larger(self._data, int(self._ends[count]) + letters)
        if 2 * (count + more) > len(self._slots):
            self._table_anew(count + more)

    def _table_anew(self, count: int) -> None:
        self._slots = np.zeros(1 << (4 * count + 63).bit_length(), np.int32)
        _tabulate(self.digests[: len(self)], self._slots)

    def __getstate__(self) -> dict[str, Any]:
        return {**self.__dict__, "_asked": {}}


def larger(array: npt.NDArray[Any], length: int) -> npt.NDArray[Any]:
    """The array with room for `length`, at least half as much again as before; zeros where nothing was."""
    room = max(length, len(array) + len(array) // 2 + 64)
    grown = np.zeros((room, *array.shape[1:]), array.dtype)
    grown[: len(array)] = array
    return grown


@njit(cache=True, nogil=True)
def _is_same(data: Any, start: int, end: int, own: Any, first: int, last: int) -> bool:
    if last - first != end - start:
        return False
    same = True
    for j in range(end - start):
        same &= own[first + j] == data[start + j]
    return same


@njit(cache=True, nogil=True)
def _place(
    data: Any, start: int, end: int, wanted: int, own: Any, own_ends: Any, digests: Any, slots: Any
) -> Any:
    """Where the string stands in the table, or where it would."""
    mask = len(slots) - 1
    at = wanted & mask
    while slots[at]:
        name = slots[at] - 1
        if digests[name] == wanted and _is_same(data, start, end, own, own_ends[name], own_ends[name + 1]):
            return at
        at = (at + 1) & mask
    return at


@njit(cache=True, nogil=True)
def _guess(data: Any, ends: Any, rows: Any, digests: Any, slots: Any, digest: Any, number: Any) -> None:
    """The digest of each string, and the number of the first with that digest or −1: nearly always its own.

    Loops as short as these look at memory for many rows at once.
    """
    for i in range(len(rows)):
        digest[i] = digest_of(data, ends[rows[i]], ends[rows[i] + 1])
    mask = len(slots) - 1
    for i in range(len(rows)):
        at = digest[i] & mask
        while slots[at] and digests[slots[at] - 1] != digest[i]:
            at = (at + 1) & mask
        number[i] = slots[at] - 1


@njit(cache=True, nogil=True)
def _code(
    data: Any,
    ends: Any,
    rows: Any,
    own: Any,
    own_ends: Any,
    digests: Any,
    slots: Any,
    count: Any,
    found: Any,
) -> None:
    digest, number = np.empty(len(rows), np.int64), np.empty(len(rows), np.int32)
    _guess(data, ends, rows, digests, slots, digest, number)
    for i in range(len(rows)):
        start, end, name = ends[rows[i]], ends[rows[i] + 1], number[i]
        if name < 0 or not _is_same(data, start, end, own, own_ends[name], own_ends[name + 1]):
            at = _place(data, start, end, digest[i], own, own_ends, digests, slots)
            if slots[at] == 0:
                slots[at] = _append(data, start, end, digest[i], own, own_ends, digests, count) + 1
            name = slots[at] - 1
        found[rows[i]] = name


@njit(cache=True, nogil=True)
def _append(
    data: Any, start: int, end: int, digest: int, own: Any, own_ends: Any, digests: Any, count: Any
) -> Any:
    """The number of the string, which had none."""
    name = count[0]
    first = own_ends[name]
    for j in range(end - start):
        own[first + j] = data[start + j]
    own_ends[name + 1], digests[name] = first + end - start, digest
    count[0] += 1
    return name


@njit(cache=True, nogil=True)
def _seek(
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
    _guess(data, ends, rows, digests, slots, digest, number)
    for i in range(len(rows)):
        start, end, name = ends[rows[i]], ends[rows[i] + 1], number[i]
        if name >= 0 and not _is_same(data, start, end, own, own_ends[name], own_ends[name + 1]):
            number[i] = slots[_place(data, start, end, digest[i], own, own_ends, digests, slots)] - 1


@njit(cache=True, nogil=True)
def _find(letters: Any, own: Any, own_ends: Any, digests: Any, slots: Any) -> Any:
    """The number of the string, behind which stands one letter more."""
    end = len(letters) - 1
    wanted = digest_of(letters, 0, end)
    return slots[_place(letters, 0, end, wanted, own, own_ends, digests, slots)] - 1


@njit(cache=True, nogil=True)
def _tabulate(digests: Any, slots: Any) -> None:
    mask = len(slots) - 1
    for name in range(len(digests)):
        at = digests[name] & mask
        while slots[at]:
            at = (at + 1) & mask
        slots[at] = name + 1


@njit(cache=True, nogil=True)
def _copy(data: Any, starts: Any, ends: Any, into: Any, places: Any) -> None:
    for i in range(len(starts)):
        for j in range(ends[i] - starts[i]):
            into[places[i] + j] = data[starts[i] + j]

"""Figures of entities over windows of time that end now: counts, sums, least and most, and how many different
others they met, exactly, from mergeable tiles (`tallying`).

A window ends now and begins where a tile does, so it is up to one tile shorter than its name says: an hour of
five-minute tiles is 55 to 60 minutes. Entities and whom they meet are 63-bit digests of their names
(`names.digest_of`), which are the same on every machine, so that tiles of any two merge.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final, NamedTuple

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from qingdun.detect.evidence import DAY_US, HOUR_US, MINUTE_US
from qingdun.detect.tiles import tallying as t
from qingdun.detect.tiles.calling import LONGEST_S
from qingdun.detect.tiles.letters import digests_of, one_chunk

Ints = npt.NDArray[np.int64]


class Figures(NamedTuple):
    """What one entity did in a window."""

    begun: int
    marked: int
    """Of which so many were marked, as answered calls are."""
    measured: int
    """How many rows had an amount, as ended calls have seconds."""
    met: int
    """How many different others."""
    total: int
    least: int
    most: int

    @property
    def mean(self) -> float:
        """Of the amounts; 0 if there are none."""
        return self.total / self.measured if self.measured else 0.0


class Window:
    """`ring` tiles of `tile_us` each, for every entity that did something in them."""

    def __init__(self, tile_us: int, ring: int, wide: bool = False) -> None:
        """`wide`: a tile's amounts may come to 2³¹ and more."""
        self._tile_us, self._ring = tile_us, ring
        self.tiles = t.Tiles(
            np.array([tile_us, 0, 0, 0], np.int64),
            np.zeros((16, 2), np.int64),
            np.zeros((0, ring, t.CELL), np.int64 if wide else np.int32),
            np.zeros(0, np.int32),
            np.zeros((16, 2), np.int64),
        )

    def __len__(self) -> int:
        """Entities that are held."""
        return int(self.tiles.scale[t.SLOTS] - self.tiles.scale[t.FREE])

    @property
    def pairs(self) -> int:
        """How many pairs of an entity and whom it met are held."""
        return int(self.tiles.scale[t.PAIRS])

    def expect(self, entities: int, pairs: int, now: int) -> None:
        """There is room for so many more; where the state would grow, what is older than the window that ends
        now goes first. No row that counts comes from before that."""
        since = now // self._tile_us - self._ring + 1
        if len(self) + entities > len(self.tiles.cells):
            self._forget(since)
            if len(self) + max(entities, len(self) // 8) > len(self.tiles.cells):
                self._grow(len(self) + max(entities, len(self) // 4))
        if _is_full(len(self) + entities, self.tiles.entities):
            self._entities_anew(entities)
        if _is_full(self.pairs + pairs, self.tiles.pairs):
            old = self.tiles.pairs
            self.tiles.scale[t.PAIRS] = t.count_since(old, since)
            self.tiles = self.tiles._replace(pairs=_table_for(self.pairs + pairs))
            t.only_since(self.tiles.pairs, old, since)

    def count(self, one: Ints, other: Ints, at: Ints, what: Ints, amount: Ints) -> None:
        """Rows count in the tiles of their times, in any order; `what` is of the bits of `tallying`.

        Rows that are older than the window that ends with the latest count nowhere.
        """
        if len(at):
            self.expect(len(at), len(at), int(at.max()))
            t.add_all(self.tiles, one, other, at, what, amount)

    def merge(self, other: Window, now: int) -> None:
        """What the other one has counted is counted here too; neither has counted anything after now.

        The other one is spent: whoever has counted nothing takes its arrays.
        """
        if not len(self):
            self.tiles = other.tiles
            return
        self.expect(len(other), other.pairs, now)
        t.merge(self.tiles, other.tiles)

    def read(self, ones: Ints, now: int) -> Ints:
        """For each entity a row with the columns of a cell (`tallying.COUNT` and the following) over the
        window that ends now, which is no earlier than anything that was counted."""
        found = np.zeros((len(ones), t.CELL), np.int64)
        t.read(self.tiles, ones, now, found)
        return found

    def figures(self, one: int, now: int) -> Figures:
        """The same of one entity."""
        return Figures(*self.read(np.array([one]), now)[0, t.COUNT :].tolist())

    def memory_bytes(self) -> int:
        """What all arrays take."""
        return sum(array.nbytes for array in self.tiles)

    def _grow(self, entities: int) -> None:
        old = self.tiles
        cells = np.zeros((entities, *old.cells.shape[1:]), old.cells.dtype)
        free = np.zeros(entities, np.int32)
        cells[: len(old.cells)], free[: len(old.free)] = old.cells, old.free
        self.tiles = old._replace(cells=cells, free=free)

    def _forget(self, since: int) -> None:
        t.forget(self.tiles, since)
        self._entities_anew(0)

    def _entities_anew(self, more: int) -> None:
        old = self.tiles.entities
        self.tiles = self.tiles._replace(entities=_table_for(len(self) + more))
        t.only_held(self.tiles.entities, old)


def columns_of_calls(calls: pa.Table) -> tuple[Ints, Ints, Ints, Ints, Ints]:
    """What rows of calls count for in their callers' windows, as `Window.count` takes it."""
    phase = one_chunk(calls.column("phase"))
    ended, answered = (pc.equal(phase, name).to_numpy(zero_copy_only=False) for name in ("ended", "answered"))
    what: Ints = np.where(ended, t.MEASURED, t.BEGINS) + np.where(answered, t.MARKED, 0)
    return (
        digests_of(calls.column("caller")),
        digests_of(calls.column("callee")),
        calls.column("at").cast(pa.int64()).to_numpy(),
        what,
        np.minimum(calls.column("duration_s").to_numpy(), LONGEST_S).astype(np.int64),
    )


def _is_full(taken: int, table: Ints) -> bool:
    return 3 * taken > 2 * len(table)


def _table_for(taken: int) -> Ints:
    """An open table for so many and at least as many again."""
    return np.zeros((1 << max(4, (2 * taken).bit_length()), 2), np.int64)


LENGTHS: Final[Mapping[str, tuple[int, int]]] = {
    "10min": (MINUTE_US, 10),
    "1h": (5 * MINUTE_US, 12),
    "1d": (2 * HOUR_US, 12),
    "7d": (DAY_US, 7),
}
"""By name of the window: the length of a tile, and how many."""
MINUTES: Final[Mapping[str, int]] = {
    name: tile_us * ring // MINUTE_US for name, (tile_us, ring) in LENGTHS.items()
}
"""By name of the window: how long it is."""
LONGEST_US: Final = 7 * DAY_US
"""What is older is in none of them."""


class Windows:
    """The windows of one kind of entity, all fed by the same rows."""

    def __init__(self, wide: bool = False) -> None:
        """`wide`: see `Window`."""
        self._windows = {name: Window(*length, wide) for name, length in LENGTHS.items()}

    def __getitem__(self, name: str) -> Window:
        """The window of that name, one of `LENGTHS`."""
        return self._windows[name]

    def expect(self, rows: int, now: int) -> None:
        """There is room for so many rows more."""
        for window in self._windows.values():
            window.expect(rows, rows, now)

    def tiles(self) -> tuple[t.Tiles, ...]:
        """What the compiled pass counts in."""
        return tuple(window.tiles for window in self._windows.values())

    def count(self, one: Ints, other: Ints, at: Ints, what: Ints, amount: Ints, now: int) -> None:
        """See `Window.count`; windows that end now and reach back to none of the rows do without them."""
        for name, (tile_us, ring) in LENGTHS.items():
            if len(at) and int(at.max()) > now - tile_us * ring:
                self._windows[name].count(one, other, at, what, amount)

    def merge(self, others: Windows, now: int) -> None:
        """See `Window.merge`; the others are spent."""
        for name, window in self._windows.items():
            window.merge(others[name], now)

    def figures(self, one: int, now: int) -> dict[str, Figures]:
        """What the entity did in each window that ends now, by the name of the window."""
        return {name: window.figures(one, now) for name, window in self._windows.items()}

    def memory_bytes(self) -> int:
        """What all take."""
        return sum(window.memory_bytes() for window in self._windows.values())

"""Figures of entities over windows of time that end now: counts, sums, least and most, and how many different
others they met, exactly, from mergeable tiles (`tallying`).

A window ends now and begins where a tile does, so it is up to one tile shorter than its name says: an hour of
five-minute tiles is 55 to 60 minutes. Entities and whom they meet are 63-bit digests of their names
(`letters.digest_of`), which are the same on every machine, so that tiles of any two merge.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final, NamedTuple

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from qingdun.detect.evidence import DAY_US, HOUR_US, MINUTE_US
from qingdun.detect.tiles import tallying as t
from qingdun.detect.tiles.calling import LONGEST_S
from qingdun.detect.tiles.letters import digests_of, one_chunk

Ints = npt.NDArray[np.int64]

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


class Held(NamedTuple):
    """What one of the windows holds."""

    entities: int
    array_bytes: int
    """Of its tiles alone."""


class Windows:
    """Windows of several lengths, for every entity that did something in them, all fed by the same rows."""

    def __init__(self, wide: bool = False, lengths: Mapping[str, tuple[int, int]] = LENGTHS) -> None:
        """`wide`: a tile's amounts may come to 2³¹ and more; others stop below. `lengths`: of at most
        four, the shortest first; tiles last whole minutes."""
        self._names = list(lengths)
        scale = np.zeros(t.RINGS + len(lengths) * t.RING_WIDTH, np.int64)
        t.kinds(scale)[:, [t.TILE_MIN, t.LENGTH]] = [(us // MINUTE_US, ring) for us, ring in lengths.values()]
        cells = np.zeros((0, t.CELL), np.int64 if wide else np.int32)
        self._hold(t.Tiles(scale, _table_for(0, t.ENTITY), cells, _table_for(0, 2)))
        self._kept = 0
        """Cells of rings that were held when what is stale was forgotten last."""

    def __len__(self) -> int:
        """Entities that are held."""
        return int(self._tiles.scale[t.ENTITIES])

    @property
    def pairs(self) -> int:
        """How many pairs of an entity and whom it met are held."""
        return int(self._tiles.scale[t.PAIRS])

    def held(self) -> dict[str, Held]:
        """What each window holds, by its name."""
        size = self._tiles.cells.itemsize * t.CELL
        rings, lengths = self._rings(t.HELD), self._rings(t.LENGTH)
        sizes = rings * lengths * size
        return {
            name: Held(*of) for name, *of in zip(self._names, rings.tolist(), sizes.tolist(), strict=True)
        }

    def tiles(self) -> tuple[Ints, ...]:
        """What the compiled pass counts in (`tallying.add_one`)."""
        return self._plain

    def expect(self, rows: int, now: int) -> None:
        """There is room for so many rows more; once a quarter more is held than before, what is older than
        the windows that end now goes. No row that counts comes from before that."""
        self._room(rows, rows, np.full(len(self._names), rows), now)

    def count(self, one: Ints, other: Ints, at: Ints, what: Ints, amount: Ints, now: int) -> None:
        """Rows count in the tiles of their times, in any order, in the windows that, ending now, reach back
        to them; `what` is of the bits of `tallying`. No row is later than now."""
        if len(at):
            self.expect(len(at), now)
            t.add_all(self._plain, one, other, at, what, amount, now)

    def merge(self, others: Windows, now: int) -> None:
        """What the others have counted is counted here too; neither has counted anything after now.

        The others are spent: whoever has counted nothing takes their arrays.
        """
        if not len(self):
            self._hold(others._tiles)
            return
        self._room(len(others), others.pairs, others._rings(t.HELD), now)
        t.merge(self._plain, others.tiles())

    def read(self, ones: Ints, now: int) -> Ints:
        """For each entity and window the columns of a cell (`tallying.COUNT` and the following) over the
        window that ends now, which is no earlier than anything that was counted."""
        found = np.zeros((len(ones), len(self._names), t.CELL), np.int64)
        t.read(self._plain, ones, now, found)
        return found

    def figures(self, one: int, now: int) -> dict[str, Figures]:
        """What the entity did in each window that ends now, by the name of the window."""
        rows = self.read(np.array([one]), now)[0, :, t.COUNT :].tolist()
        return {name: Figures(*row) for name, row in zip(self._names, rows, strict=True)}

    def memory_bytes(self) -> int:
        """What all arrays take; cells that were never taken take nothing."""
        tables, cells = (self._tiles.scale, self._tiles.entities, self._tiles.pairs), self._tiles.cells
        return sum(table.nbytes for table in tables) + cells[: self._tiles.scale[t.CELLS]].nbytes

    def __getstate__(self) -> dict[str, Any]:
        tiles = self._tiles._replace(cells=self._tiles.cells[: self._tiles.scale[t.CELLS]])
        return {**self.__dict__, "_tiles": tiles, "_plain": tuple(tiles)}

    def _hold(self, tiles: t.Tiles) -> None:
        self._tiles, self._plain = tiles, tuple(tiles)

    def _rings(self, column: int) -> Ints:
        """Of each window that column of `tallying.kinds`."""
        return np.asarray(t.kinds(self._tiles.scale)[:, column])

    def _room(self, entities: int, pairs: int, rings: Ints, now: int) -> None:
        if self._cells_held() > self._kept + self._kept // 4:
            if t.forget(self._plain, now):
                self._entities_anew(0)
            self._kept = self._cells_held()
        if self._cells_for(rings) > len(self._tiles.cells):
            self._grow(self._cells_for(np.maximum(rings, self._rings(t.HELD) // 2)))
        if _is_full(len(self) + entities, self._tiles.entities):
            self._entities_anew(entities)
        if _is_full(self.pairs + pairs, self._tiles.pairs):
            old, since = self._tiles.pairs, int(t.begins(self._tiles.scale, now)[-1])
            self._tiles.scale[t.PAIRS] = t.count_since(old, since)
            self._hold(self._tiles._replace(pairs=_table_for(self.pairs + pairs, 2)))
            t.only_since(self._tiles.pairs, old, since)

    def _cells_held(self) -> int:
        return int((self._rings(t.HELD) * self._rings(t.LENGTH)).sum())

    def _cells_for(self, rings: Ints) -> int:
        """How many cells there are once so many more rings of each kind are held."""
        more = np.maximum(rings - self._rings(t.FREE), 0) * self._rings(t.LENGTH)
        return int(self._tiles.scale[t.CELLS] + more.sum())

    def _grow(self, length: int) -> None:
        cells = np.zeros((length, t.CELL), self._tiles.cells.dtype)
        taken = int(self._tiles.scale[t.CELLS])
        cells[:taken] = self._tiles.cells[:taken]
        self._hold(self._tiles._replace(cells=cells))

    def _entities_anew(self, more: int) -> None:
        old = self._tiles.entities
        self._hold(self._tiles._replace(entities=_table_for(len(self) + more, t.ENTITY)))
        t.only_held(self._tiles.entities, old)


def columns_of_calls(calls: pa.Table) -> tuple[Ints, Ints, Ints, Ints, Ints]:
    """What rows of calls count for in their callers' windows, as `Windows.count` takes it."""
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


def _table_for(taken: int, width: int) -> Ints:
    """An open table for so many and at least as many again."""
    return np.zeros((1 << max(4, (2 * taken).bit_length()), width), np.int64)

"""The tile algebra, compiled: rows are added to the tiles they belong to, tiles are merged and summed up.

A tile is what one entity did in one stretch of time. Each entity has a ring of them, as many as a window is
long; a cell of the ring holds the tile that its stamp names, so that late rows find theirs and nothing has to
be moved on. Of the different others an entity has met, each counts in the latest tile in which it was met: a
window that ends now has met as many as its tiles say together. That is exact, and it merges.
"""

from __future__ import annotations

from typing import Any, Final, NamedTuple

import numpy as np
import numpy.typing as npt

from qingdun.compiled import njit
from qingdun.detect.tiles.open_tables import KEY, place_of

Array = npt.NDArray[Any]

# What a row counts for, as bits.
BEGINS, MARKED, MEASURED = 1, 2, 4
"""It counts and meets the other; it counts as marked besides; it has an amount."""

# Columns of cells: a line of the processor's cache or half of one, so that a row costs one look at memory.
STAMP, COUNT, MARKS, MEASURES, MET, TOTAL, LEAST, MOST = range(8)
CELL: Final = 8

PLACE: Final = 1
"""Of entities: the slot, or `GONE`. Of pairs: the entity's slot and the latest tile in which they met, packed
into one integer."""

# Cells of scale.
TILE_US, SLOTS, FREE, PAIRS = range(4)

GONE: Final = -1
"""The place of an entity whose slot was given back."""
NEVER: Final = -(1 << 31)


class Tiles(NamedTuple):
    """The state of a window."""

    scale: Array
    """Length of a tile in microseconds, slots that were taken, how many of them are free again, pairs."""
    entities: Array
    """Open table by the bits that stand for an entity."""
    cells: Array
    """int32, or int64 for amounts that ask for it, by slot, place in the ring and column."""
    free: Array
    """Slots that are free again."""
    pairs: Array
    """Open table by the bits that stand for who met whom."""


@njit(cache=True, nogil=True)
def pair_key(one: int, other: int) -> Any:
    """One key for who met whom, in this order; never 0."""
    state = (one * 0x2545_F491_4F6C_DD1D) ^ (other + 0x51_7C_C1_B7_27_22_0A_95)
    state = (state ^ (state >> 31)) * 0x5851_F42D_4C95_7F2D
    return ((state ^ (state >> 29)) & 0x7FFF_FFFF_FFFF_FFFF) | 1


@njit(cache=True, nogil=True)
def _owner_of(pair: Any) -> Any:
    """The slot of the entity that met."""
    return pair[PLACE] >> 32


@njit(cache=True, nogil=True)
def _latest_of(pair: Any) -> Any:
    """The latest tile in which it met the other."""
    return (pair[PLACE] & 0xFFFF_FFFF) + NEVER


@njit(cache=True, nogil=True)
def _packed(slot: int, tile: int) -> Any:
    return slot << 32 | tile - NEVER


@njit(cache=True, nogil=True)
def _slot_of(tiles: Tiles, key: int) -> Any:
    """The entity's slot, a new one if it had none."""
    at = place_of(tiles.entities, key)
    if tiles.entities[at, KEY] == 0:
        if tiles.scale[FREE]:
            tiles.scale[FREE] -= 1
            slot = tiles.free[tiles.scale[FREE]]
        else:
            slot = tiles.scale[SLOTS]
            tiles.scale[SLOTS] += 1
        tiles.entities[at, KEY], tiles.entities[at, PLACE] = key, slot
        tiles.cells[slot, :, STAMP] = NEVER
    return tiles.entities[at, PLACE]


@njit(cache=True, nogil=True)
def _opened(cell: Any, tile: int) -> bool:
    """The cell is the tile's, empty if another was there; False if a later one has taken its place."""
    if cell[STAMP] > tile:
        return False
    if cell[STAMP] < tile:
        cell[STAMP] = tile
        cell[COUNT:] = 0
    return True


@njit(cache=True, nogil=True)
def _sum_up(own: Any, others: Any) -> None:
    """The amounts of one cell are counted in the other, and how many they are."""
    if others[MEASURES]:
        own[LEAST] = min(own[LEAST], others[LEAST]) if own[MEASURES] else others[LEAST]
        own[MOST] = max(own[MOST], others[MOST])
        own[TOTAL] += others[TOTAL]
        own[MEASURES] += others[MEASURES]
    own[COUNT] += others[COUNT]
    own[MARKS] += others[MARKS]


@njit(cache=True, nogil=True)
def _meet(tiles: Tiles, slot: int, key: int, tile: int) -> None:
    at = place_of(tiles.pairs, key)
    ring = tiles.cells.shape[1]
    pair = tiles.pairs[at]
    if pair[KEY]:
        before = _latest_of(pair)
        if before >= tile:
            return
        if tiles.cells[slot, before % ring, STAMP] == before:
            tiles.cells[slot, before % ring, MET] -= 1
    else:
        tiles.scale[PAIRS] += 1
    pair[KEY], pair[PLACE] = key, _packed(slot, tile)
    if tiles.cells[slot, tile % ring, STAMP] == tile:
        tiles.cells[slot, tile % ring, MET] += 1


@njit(cache=True, nogil=True)
def add(tiles: Tiles, one: int, key: int, at: int, what: int, amount: int) -> None:
    """The row counts in the entity's tile of that time, unless it is older than the whole ring.

    `one` is a digest of 63 bits, of which the last one is not looked at; `key` is that of `pair_key`; `what`
    is of `BEGINS`, `MARKED`, `MEASURED`; amounts are not below 0. There must be room.
    """
    tile, slot = at // tiles.scale[TILE_US], _slot_of(tiles, one | 1)
    cell = tiles.cells[slot, tile % tiles.cells.shape[1]]
    if not _opened(cell, tile):
        return
    if what & MEASURED:
        cell[LEAST] = min(cell[LEAST], amount) if cell[MEASURES] else amount
        cell[MOST] = max(cell[MOST], amount)
        cell[TOTAL] += amount
        cell[MEASURES] += 1
    cell[MARKS] += what & MARKED != 0
    if what & BEGINS:
        cell[COUNT] += 1
        _meet(tiles, slot, key, tile)


@njit(cache=True, nogil=True)
def add_all(tiles: Tiles, one: Any, other: Any, at: Any, what: Any, amount: Any) -> None:
    """So does each of the rows."""
    for i in range(len(one)):
        add(tiles, one[i], pair_key(one[i], other[i]), at[i], what[i], amount[i])


@njit(cache=True, nogil=True)
def add_to_each(windows: Any, one: int, other: int, at: int, what: int, amount: int) -> None:
    """The row counts in the tiles of every window."""
    key = pair_key(one, other)
    for tiles in windows:
        add(tiles, one, key, at, what, amount)


@njit(cache=True, nogil=True)
def read(tiles: Tiles, one: Any, now: int, found: Any) -> None:
    """Of each entity what its tiles of the window that ends now come to, as a cell, or zeros."""
    ring = tiles.cells.shape[1]
    since = now // tiles.scale[TILE_US] - ring
    for i in range(len(one)):
        found[i] = 0
        entity = tiles.entities[place_of(tiles.entities, one[i] | 1)]
        if entity[KEY] == 0:
            continue
        for place in range(ring):
            cell = tiles.cells[entity[PLACE], place]
            if cell[STAMP] > since:
                _sum_up(found[i], cell)
                found[i, MET] += cell[MET]


@njit(cache=True, nogil=True)
def merge(tiles: Tiles, others: Tiles) -> None:
    """What the others know counts too. There must be room; they have tiles of the same length, as many."""
    slots = np.full(others.scale[SLOTS], -1)
    for at in range(len(others.entities)):
        if others.entities[at, KEY] == 0:
            continue
        their = others.entities[at, PLACE]
        slot = slots[their] = _slot_of(tiles, others.entities[at, KEY])
        for place in range(others.cells.shape[1]):
            cell = others.cells[their, place]
            if cell[STAMP] != NEVER and _opened(tiles.cells[slot, place], cell[STAMP]):
                _sum_up(tiles.cells[slot, place], cell)
    for at in range(len(others.pairs)):
        pair = others.pairs[at]
        if pair[KEY] and slots[_owner_of(pair)] >= 0:
            _meet(tiles, slots[_owner_of(pair)], pair[KEY], _latest_of(pair))


@njit(cache=True, nogil=True)
def forget(tiles: Tiles, since: int) -> None:
    """The slots of entities without a tile since then are free; `only_held` is to follow."""
    for at in range(len(tiles.entities)):
        slot = tiles.entities[at, PLACE]
        if tiles.entities[at, KEY] and tiles.cells[slot, :, STAMP].max() < since:
            tiles.free[tiles.scale[FREE]] = slot
            tiles.scale[FREE] += 1
            tiles.entities[at, PLACE] = GONE


@njit(cache=True, nogil=True)
def only_held(table: Any, old: Any) -> None:
    """The entities of another table stand in this empty one, but those that are gone."""
    for i in range(len(old)):
        if old[i, KEY] and old[i, PLACE] != GONE:
            table[place_of(table, old[i, KEY])] = old[i]


@njit(cache=True, nogil=True)
def count_since(pairs: Any, since: int) -> Any:
    """How many have met since that tile."""
    found = 0
    for i in range(len(pairs)):
        found += pairs[i, KEY] != 0 and _latest_of(pairs[i]) >= since
    return found


@njit(cache=True, nogil=True)
def only_since(table: Any, old: Any, since: int) -> None:
    """Those pairs of another table stand in this empty one."""
    for i in range(len(old)):
        if old[i, KEY] and _latest_of(old[i]) >= since:
            table[place_of(table, old[i, KEY])] = old[i]

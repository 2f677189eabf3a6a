"""The tile algebra, compiled: rows are added to the tiles they belong to, tiles are merged and summed up.

A tile is what one entity did in one stretch of time. Each entity has a ring of them for each window, as many
as the window is long; a cell of the ring holds the tile that its stamp names, so that late rows find theirs
and nothing has to be moved on. Of the different others an entity has met, each counts in the latest tile in
which it was met: a window that ends now has met as many as its tiles say together. That is exact, and it
merges. All windows share one table of entities and one of pairs, so that a row costs few looks at memory:
every tile lasts whole minutes, and the minute in which a pair met last tells the tile of each window.
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

# Columns of entities: the minute of the latest row, and two rings each: the first cell, one more than it is.
LATEST, FIRST_CELLS = 1, 2
ENTITY: Final = 4

PLACE: Final = 1
"""Of pairs: the entity's first cell in the longest ring and the minute in which they met last, packed."""

# Cells of scale: how many entities, pairs and cells there are; and of each kind of ring, the shortest window
# first, how many minutes a tile lasts, how many tiles there are, how many rings are held, how many are free
# again, and one more than the first cell of one that is free, whose next stands in its place.
ENTITIES, PAIRS, CELLS, RINGS = range(4)
TILE_MIN, LENGTH, HELD, FREE, FIRST_FREE = range(5)
RING_WIDTH: Final = 5

NEVER: Final = -(1 << 31)
"""No minute: the latest of an entity of which nothing is left."""
MINUTE_US: Final = 60_000_000
_HALF: Final = 0xFFFF_FFFF


class Tiles(NamedTuple):
    """The state of windows."""

    scale: Array
    entities: Array
    """Open table by the bits that stand for an entity."""
    cells: Array
    """int32, or int64 for amounts that ask for it, by cell and column; the cells of a ring are together."""
    pairs: Array
    """Open table by the bits that stand for who met whom."""


@njit(cache=True, nogil=True)
def as_tiles(plain: Any) -> Tiles:
    """The same from a plain tuple, which numba takes in a fraction of the time."""
    return Tiles(plain[0], plain[1], plain[2], plain[3])


@njit(cache=True, nogil=True)
def pair_key(one: int, other: int) -> Any:
    """One key for who met whom, in this order; never 0."""
    state = (one * 0x2545_F491_4F6C_DD1D) ^ (other + 0x51_7C_C1_B7_27_22_0A_95)
    state = (state ^ (state >> 31)) * 0x5851_F42D_4C95_7F2D
    return ((state ^ (state >> 29)) & 0x7FFF_FFFF_FFFF_FFFF) | 1


@njit(cache=True, nogil=True)
def kinds(scale: Any) -> Any:
    """The rows of scale about each kind of ring."""
    return scale[RINGS:].reshape(-1, RING_WIDTH)


@njit(cache=True, nogil=True)
def _first_cell(entity: Any, ring: int) -> Any:
    """The first cell of the entity's ring; −1 if it has none."""
    return (entity[FIRST_CELLS + ring // 2] >> 32 * (ring % 2) & _HALF) - 1


@njit(cache=True, nogil=True)
def _take_ring(tiles: Tiles, entity: Any, ring: int) -> Any:
    """The first cell of the ring that the entity, which had none, has now."""
    kind = kinds(tiles.scale)[ring]
    kind[HELD] += 1
    if kind[FREE]:
        kind[FREE] -= 1
        first = kind[FIRST_FREE] - 1
        kind[FIRST_FREE] = tiles.cells[first, COUNT]
    else:
        first = tiles.scale[CELLS]
        tiles.scale[CELLS] += kind[LENGTH]
    entity[FIRST_CELLS + ring // 2] += first + 1 << 32 * (ring % 2)
    tiles.cells[first : first + kind[LENGTH], STAMP] = NEVER
    return first


@njit(cache=True, nogil=True)
def _leave_ring(tiles: Tiles, entity: Any, ring: int) -> None:
    kind, first = kinds(tiles.scale)[ring], _first_cell(entity, ring)
    kind[HELD] -= 1
    kind[FREE] += 1
    tiles.cells[first, COUNT] = kind[FIRST_FREE]
    kind[FIRST_FREE] = first + 1
    entity[FIRST_CELLS + ring // 2] -= first + 1 << 32 * (ring % 2)


@njit(cache=True, nogil=True)
def _entered(tiles: Tiles, key: int, minute: int) -> Any:
    """The place of the entity, which did something in that minute."""
    place = place_of(tiles.entities, key)
    entity = tiles.entities[place]
    if entity[KEY] == 0:
        tiles.scale[ENTITIES] += 1
        entity[KEY], entity[LATEST], entity[FIRST_CELLS:] = key, minute, 0
    elif entity[LATEST] < minute:
        entity[LATEST] = minute
    return place


@njit(cache=True, nogil=True)
def _met_at(pair: Any) -> Any:
    """The minute in which the two met last."""
    return (pair[PLACE] & _HALF) + NEVER


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
def _raise_total(cell: Any, by: int) -> None:
    """The amounts of the cell are so much more together, as far as it holds them."""
    cell[TOTAL] = min(cell[TOTAL] + by, np.iinfo(cell.dtype).max)


@njit(cache=True, nogil=True)
def _sum_up(own: Any, others: Any) -> None:
    """The amounts of one cell are counted in the other, and how many they are."""
    if others[MEASURES]:
        own[LEAST] = min(own[LEAST], others[LEAST]) if own[MEASURES] else others[LEAST]
        own[MOST] = max(own[MOST], others[MOST])
        _raise_total(own, others[TOTAL])
        own[MEASURES] += others[MEASURES]
    own[COUNT] += others[COUNT]
    own[MARKS] += others[MARKS]


@njit(cache=True, nogil=True)
def _shift_met(tiles: Tiles, first: int, kind: Any, minute: int, by: int) -> None:
    """The tile of that minute, if it is still in the ring with that first cell, has met so many more."""
    tile = minute // kind[TILE_MIN]
    cell = tiles.cells[first + tile % kind[LENGTH]]
    if cell[STAMP] == tile:
        cell[MET] += by


@njit(cache=True, nogil=True)
def _meet(tiles: Tiles, entity: Any, key: int, minute: int, since: int) -> None:
    """The pair met in that minute, which is within the windows from that one on."""
    rings = kinds(tiles.scale)
    pair = tiles.pairs[place_of(tiles.pairs, key)]
    known, before = pair[KEY] != 0, NEVER
    if known:
        before = _met_at(pair)
        if before >= minute:
            return
    else:
        tiles.scale[PAIRS] += 1
    pair[KEY], pair[PLACE] = key, _first_cell(entity, len(rings) - 1) << 32 | minute - NEVER
    for ring in range(since, len(rings)):
        kind, first = rings[ring], _first_cell(entity, ring)
        if first < 0 or (known and before // kind[TILE_MIN] == minute // kind[TILE_MIN]):
            continue
        if known:
            _shift_met(tiles, first, kind, before, -1)
        _shift_met(tiles, first, kind, minute, 1)


@njit(cache=True, nogil=True)
def add(tiles: Tiles, one: int, key: int, at: int, what: int, amount: int, since: int) -> None:
    """The row counts in the entity's tiles of that time, of the windows from that one on, unless it is older
    than the whole ring.

    `one` is a digest of 63 bits, of which the last one is not looked at; `key` is that of `pair_key`; `what`
    is of `BEGINS`, `MARKED`, `MEASURED`; amounts are not below 0. There must be room.
    """
    minute, rings = at // MINUTE_US, kinds(tiles.scale)
    entity = tiles.entities[_entered(tiles, one | 1, minute)]
    for ring in range(since, len(rings)):
        first, tile = _first_cell(entity, ring), minute // rings[ring, TILE_MIN]
        if first < 0:
            first = _take_ring(tiles, entity, ring)
        cell = tiles.cells[first + tile % rings[ring, LENGTH]]
        if not _opened(cell, tile):
            continue
        if what & MEASURED:
            cell[LEAST] = min(cell[LEAST], amount) if cell[MEASURES] else amount
            cell[MOST] = max(cell[MOST], amount)
            _raise_total(cell, amount)
            cell[MEASURES] += 1
        cell[MARKS] += what & MARKED != 0
        cell[COUNT] += what & BEGINS
    if what & BEGINS:
        _meet(tiles, entity, key, minute, since)


@njit(cache=True, nogil=True)
def add_one(plain: Any, one: int, other: int, at: int, what: int, amount: int) -> None:
    """The row counts in every window. They come as a plain tuple (`as_tiles`)."""
    add(as_tiles(plain), one, pair_key(one, other), at, what, amount, 0)


@njit(cache=True, nogil=True)
def add_all(plain: Any, one: Any, other: Any, at: Any, what: Any, amount: Any, now: int) -> None:
    """So does each of the rows in those that, ending now, reach back to it."""
    tiles = as_tiles(plain)
    begin = begins(tiles.scale, now) * MINUTE_US
    for i in range(len(one)):
        since = 0
        while since < len(begin) and at[i] < begin[since]:
            since += 1
        if since < len(begin):
            add(tiles, one[i], pair_key(one[i], other[i]), at[i], what[i], amount[i], since)


@njit(cache=True, nogil=True)
def begins(scale: Any, now: int) -> Any:
    """The first minute of each window that ends now."""
    tile_min, length = kinds(scale)[:, TILE_MIN], kinds(scale)[:, LENGTH]
    return (now // MINUTE_US // tile_min - length + 1) * tile_min


@njit(cache=True, nogil=True)
def read(plain: Any, one: Any, now: int, found: Any) -> None:
    """Of each entity and window what the tiles that end now come to, as a cell, or zeros."""
    tiles = as_tiles(plain)
    rings, begin = kinds(tiles.scale), begins(tiles.scale, now)
    for i in range(len(one)):
        found[i] = 0
        entity = tiles.entities[place_of(tiles.entities, one[i] | 1)]
        if entity[KEY] == 0:
            continue
        for ring in range(len(rings)):
            first, since = _first_cell(entity, ring), begin[ring] // rings[ring, TILE_MIN]
            for place in range(first, first + rings[ring, LENGTH] if first >= 0 else first):
                cell = tiles.cells[place]
                if cell[STAMP] >= since:
                    _sum_up(found[i, ring], cell)
                    found[i, ring, MET] += cell[MET]


@njit(cache=True, nogil=True)
def merge(plain: Any, other: Any) -> None:
    """What the others know counts too. There must be room; they have windows of the same lengths."""
    tiles, others = as_tiles(plain), as_tiles(other)
    rings = kinds(others.scale)
    longest = len(rings) - 1
    places = np.full(others.scale[CELLS], -1)
    for at in range(len(others.entities)):
        their = others.entities[at]
        if their[KEY] == 0:
            continue
        place = places[_first_cell(their, longest)] = _entered(tiles, their[KEY], their[LATEST])
        for ring in range(len(rings)):
            if _first_cell(their, ring) >= 0:
                own = _first_cell(tiles.entities[place], ring)
                if own < 0:
                    own = _take_ring(tiles, tiles.entities[place], ring)
                _merge_ring(tiles, own, others, _first_cell(their, ring), rings[ring, LENGTH])
    for at in range(len(others.pairs)):
        pair = others.pairs[at]
        if pair[KEY] and places[pair[PLACE] >> 32] >= 0:
            _meet(tiles, tiles.entities[places[pair[PLACE] >> 32]], pair[KEY], _met_at(pair), 0)


@njit(cache=True, nogil=True)
def _merge_ring(tiles: Tiles, own: int, others: Tiles, their: int, length: int) -> None:
    for i in range(length):
        cell = others.cells[their + i]
        if cell[STAMP] != NEVER and _opened(tiles.cells[own + i], cell[STAMP]):
            _sum_up(tiles.cells[own + i], cell)


@njit(cache=True, nogil=True)
def forget(plain: Any, now: int) -> Any:
    """The rings of entities that did nothing within a window that ends now are free; how many entities are
    gone, of which `only_held` is to make the table rid."""
    tiles = as_tiles(plain)
    begin, gone = begins(tiles.scale, now), 0
    for at in range(len(tiles.entities)):
        entity = tiles.entities[at]
        if entity[KEY] == 0:
            continue
        for ring in range(len(begin)):
            if entity[LATEST] < begin[ring] and _first_cell(entity, ring) >= 0:
                _leave_ring(tiles, entity, ring)
        if entity[LATEST] < begin[-1]:
            entity[LATEST] = NEVER
            gone += 1
    tiles.scale[ENTITIES] -= gone
    return gone


@njit(cache=True, nogil=True)
def only_held(table: Any, old: Any) -> None:
    """The entities of another table stand in this empty one, but those that are gone."""
    for i in range(len(old)):
        if old[i, KEY] and old[i, LATEST] != NEVER:
            table[place_of(table, old[i, KEY])] = old[i]


@njit(cache=True, nogil=True)
def count_since(pairs: Any, since: int) -> Any:
    """How many have met since that minute."""
    found = 0
    for i in range(len(pairs)):
        found += pairs[i, KEY] != 0 and _met_at(pairs[i]) >= since
    return found


@njit(cache=True, nogil=True)
def only_since(table: Any, old: Any, since: int) -> None:
    """Those pairs of another table stand in this empty one."""
    for i in range(len(old)):
        if old[i, KEY] and _met_at(old[i]) >= since:
            table[place_of(table, old[i, KEY])] = old[i]

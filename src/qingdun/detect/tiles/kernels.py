"""The arrays of `touches` and the compiled loops that fill them; `growing` makes room.

Members of a crowd or circle are chained nodes, so that one entity may have many and most have few; the sites
of a subscriber and the ring of a person are slots of fixed width. Freed nodes and slots are chained too and
are used again; `loose` holds the first free one and how many were ever taken. Whether somebody is a member
is looked up in `places`, an open table of nodes by entity and member, of which `loose` counts the taken.
"""

from __future__ import annotations

from typing import Any, Final, NamedTuple

import numpy as np
import numpy.typing as npt

from qingdun.compiled import njit
from qingdun.detect.tiles.sketches import mark

SITES: Final = 6
"""Uncommon hosts that are kept of a subscriber."""
RING: Final = 24
"""Entities that are kept of a person."""
NOBODY: Final = -1
"""Members of a circle that nobody has touched."""
FULL: Final = -2
"""Members of a circle that too many have touched."""

Array = npt.NDArray[Any]


class Crowds(NamedTuple):
    """By entity: whether the host is common, else who has asked for it, and in which minute last."""

    common: Array
    head: Array
    size: Array
    first_at: Array
    last_at: Array
    member: Array
    at: Array
    """Minutes since 1970."""
    next: Array
    of: Array
    """The entity of each node; −1 if it is free."""
    places: Array
    loose: Array


class Circles(NamedTuple):
    """By entity: who has touched it, and when first."""

    head: Array
    size: Array
    last_at: Array
    member: Array
    """A person."""
    at: Array
    next: Array
    of: Array
    places: Array
    loose: Array


class Sites(NamedTuple):
    """By subscriber, through a slot: the last uncommon hosts, in order of the last visits' times."""

    slot_of: Array
    owner: Array
    size: Array
    entity: Array
    at: Array
    loose: Array


class Rings(NamedTuple):
    """By person, through a slot: the last entities touched, the latest met last."""

    slot_of: Array
    owner: Array
    size: Array
    entity: Array
    last_at: Array
    loose: Array


_GONE = -1
"""A place of the table whose node is no member any more."""


def _loose() -> Array:
    return np.array([-1, 0, 0], np.int32)


def no_crowds() -> Crowds:
    """Nobody has asked for anything."""
    nodes = _none("i8"), _none("i4"), _none("i4"), _none("i4"), np.zeros(16, np.int32)
    return Crowds(_none("u1"), _none("i4"), _none("i4"), _none("i8"), _none("i8"), *nodes, _loose())


def no_circles() -> Circles:
    """Nobody has touched anything."""
    nodes = _none("i4"), _none("i8"), _none("i4"), _none("i4"), np.zeros(16, np.int32)
    return Circles(_none("i4"), _none("i4"), _none("i8"), *nodes, _loose())


def no_sites() -> Sites:
    """No subscriber has sites."""
    wide = _none("i4", SITES), _none("i8", SITES)
    return Sites(_none("i4"), _none("i4"), _none("i4"), *wide, _loose())


def no_rings() -> Rings:
    """No person has a ring."""
    return Rings(_none("i4"), _none("i4"), _none("i4"), _none("i4", RING), _none("i8"), _loose())


def _none(kind: str, *width: int) -> Array:
    return np.zeros((0, *width), kind)


@njit(cache=True, nogil=True)
def _take(following: Any, loose: Any) -> Any:
    free = loose[0]
    if free >= 0:
        loose[0] = following[free]
        return free
    loose[1] += 1
    return loose[1] - 1


@njit(cache=True, nogil=True)
def _home(entity: int, member: int, places: Any) -> Any:
    """Where the table is searched from."""
    state = np.int64(entity) * np.int64(0x2545_F491_4F6C_DD1D) ^ np.int64(member)
    state = (state ^ (state >> 32)) * np.int64(0x51_7C_C1_B7_27_22_0A_95)
    return (state ^ (state >> 29)) & (len(places) - 1)


@njit(cache=True, nogil=True)
def _node_of(part: Any, entity: int, member: int) -> Any:
    """The node of the member, or −1."""
    at = _home(entity, member, part.places)
    while part.places[at]:
        node = part.places[at] - 1
        if node >= 0 and part.of[node] == entity and part.member[node] == member:
            return node
        at = (at + 1) & (len(part.places) - 1)
    return -1


@njit(cache=True, nogil=True)
def _enter(node: int, member: Any, of: Any, places: Any, loose: Any) -> None:
    """The node is in the table."""
    at = _home(of[node], member[node], places)
    while places[at] > 0:
        at = (at + 1) & (len(places) - 1)
    if places[at] == 0:
        loose[2] += 1
    places[at] = node + 1


@njit(cache=True, nogil=True)
def tabulate(member: Any, of: Any, places: Any, loose: Any) -> None:
    """All members are in the table, which was empty."""
    loose[2] = 0
    for node in range(loose[1]):
        if of[node] >= 0:
            _enter(node, member, of, places, loose)


@njit(cache=True, nogil=True)
def _join(part: Any, entity: int, member: int) -> Any:
    """The node of a new member."""
    node = _take(part.next, part.loose)
    part.member[node], part.of[node], part.next[node] = member, entity, part.head[entity]
    part.head[entity] = node
    part.size[entity] += 1
    _enter(node, part.member, part.of, part.places, part.loose)
    return node


@njit(cache=True, nogil=True)
def _dissolve(part: Any, entity: int) -> None:
    """The entity has no members; their nodes are free."""
    node = part.head[entity]
    while node >= 0:
        at = _home(entity, part.member[node], part.places)
        while part.places[at] != node + 1:
            at = (at + 1) & (len(part.places) - 1)
        part.places[at], part.of[node] = _GONE, -1
        following = part.next[node]
        part.next[node] = part.loose[0]
        part.loose[0] = node
        node = following
    part.head[entity], part.size[entity] = -1, 0


@njit(cache=True, nogil=True)
def _slot(slot_of: Any, owner: Any, size: Any, loose: Any, who: int) -> Any:
    """The slot of the subscriber or person, which may be a new one."""
    slot = slot_of[who]
    if slot < 0:
        free = loose[0]
        if free >= 0:
            loose[0] = -2 - owner[free]
            slot = free
        else:
            slot = loose[1]
            loose[1] += 1
        slot_of[who], owner[slot], size[slot] = slot, who, 0
    return slot


@njit(cache=True, nogil=True)
def _leave(slot: int, slot_of: Any, owner: Any, loose: Any) -> None:
    """The slot is free; where the next free one is, its owner's field tells."""
    slot_of[owner[slot]] = -1
    owner[slot] = -2 - loose[0]
    loose[0] = slot


@njit(cache=True, nogil=True)
def touch(circles: Any, rings: Any, most: int, person: int, entity: int, at: int) -> bool:
    """The person has touched the entity; whether the circle is larger for it.

    Parts come as plain tuples, which numba takes in a tenth of the time.
    """
    return _touch(_as_circles(circles), _as_rings(rings), most, person, entity, at)


@njit(cache=True, nogil=True)
def _as_crowds(t: Any) -> Any:
    return Crowds(t[0], t[1], t[2], t[3], t[4], t[5], t[6], t[7], t[8], t[9], t[10])


@njit(cache=True, nogil=True)
def _as_circles(t: Any) -> Any:
    return Circles(t[0], t[1], t[2], t[3], t[4], t[5], t[6], t[7], t[8])


@njit(cache=True, nogil=True)
def _as_sites(t: Any) -> Any:
    return Sites(t[0], t[1], t[2], t[3], t[4], t[5])


@njit(cache=True, nogil=True)
def _as_rings(t: Any) -> Any:
    return Rings(t[0], t[1], t[2], t[3], t[4], t[5])


@njit(cache=True, nogil=True)
def _touch(circles: Any, rings: Any, most: int, person: int, entity: int, at: int) -> bool:
    if circles.size[entity] == NOBODY:
        circles.size[entity], circles.head[entity], circles.last_at[entity] = 0, -1, 0
    circles.last_at[entity] = max(circles.last_at[entity], at)
    slot = rings.slot_of[person]
    if slot < 0:
        slot = _slot(rings.slot_of, rings.owner, rings.size, rings.loose, person)
        rings.last_at[slot] = 0
    ring, count, late = rings.entity[slot], rings.size[slot], at < rings.last_at[slot]
    rings.last_at[slot] = max(rings.last_at[slot], at)
    known = False
    for i in range(count):
        if ring[i] == entity:
            known = True
            break
    if not known and not (late and count == RING):  # which may be told again, and was pushed out before
        if count == RING:
            for i in range(1, RING):
                ring[i - 1] = ring[i]
            count -= 1
        ring[count] = entity
        rings.size[slot] = count + 1
    if circles.size[entity] == FULL:
        return False
    node = _node_of(circles, entity, person)
    if node >= 0:
        circles.at[node] = min(circles.at[node], at)
        return False
    if circles.size[entity] >= most:
        _dissolve(circles, entity)
        circles.size[entity] = FULL
        return False
    circles.at[_join(circles, entity, person)] = at
    return True


@njit(cache=True, nogil=True)
def _sketch(seen: Any, entity: int, member: int, minute: int) -> None:
    """The subscriber asked for the host, which has a sketch."""
    slot_of, marks, digests = seen
    mark(marks[slot_of[entity]], digests[member] if member >= 0 else -1 - member, minute)


@njit(cache=True, nogil=True)
def _become_common(crowds: Any, seen: Any, entity: int) -> None:
    """Members are told one by one no longer; a host of which that matters has them in its sketch."""
    node = crowds.head[entity]
    while node >= 0 and seen[0][entity] >= 0:
        _sketch(seen, entity, crowds.member[node], crowds.at[node])
        node = crowds.next[node]
    _dissolve(crowds, entity)
    crowds.common[entity] = 1


@njit(cache=True, nogil=True)
def _open(hosts: Any, times: Any, count: int, entity: int, at: int) -> Any:
    """Of the subscriber's sites, `count` in order of their last visits, the host is one unless `SITES` others
    were asked for since; how many there are now."""
    place = 0
    while place < count and hosts[place] != entity:
        place += 1
    if place < count and times[place] >= at:
        return count
    if place == count and count < SITES:
        count += 1
    elif place == count:
        place = 0
        if times[0] >= at:
            return count
    while place + 1 < count and times[place + 1] <= at:
        hosts[place], times[place] = hosts[place + 1], times[place + 1]
        place += 1
    while place > 0 and times[place - 1] > at:
        hosts[place], times[place] = hosts[place - 1], times[place - 1]
        place -= 1
    hosts[place], times[place] = entity, at
    return count


@njit(cache=True, nogil=True)
def _ask(
    crowds: Any, sites: Any, seen: Any, common: int, entity: int, number: int, member: int, at: int
) -> None:
    """The subscriber has asked for the uncommon host."""
    if number >= 0:
        slot = _slot(sites.slot_of, sites.owner, sites.size, sites.loose, number)
        sites.size[slot] = _open(sites.entity[slot], sites.at[slot], sites.size[slot], entity, at)
    if crowds.size[entity]:
        crowds.last_at[entity] = max(crowds.last_at[entity], at)
        crowds.first_at[entity] = min(crowds.first_at[entity], at)
    else:
        crowds.first_at[entity] = crowds.last_at[entity] = max(0, at)
    minute = at // 60_000_000
    node = _node_of(crowds, entity, member)
    if node >= 0:
        crowds.at[node] = max(crowds.at[node], minute)
        return
    crowds.at[_join(crowds, entity, member)] = minute
    if crowds.size[entity] >= common:
        _become_common(crowds, seen, entity)


@njit(cache=True, nogil=True)
def count(visits: Any, later: Any, known: Any, bounds: Any, parts: Any, seen: Any) -> None:
    """Visits, and touches of other rows each before the visit at its cut, are counted in their order. `seen`:
    the slot of the sketch of each host, the sketches, and digests of subscribers by place in the register."""
    entity, number, member, at, judged = visits
    cut, person, touched, touched_at = later
    person_of, plain = known
    common, most = bounds
    crowds, sites = _as_crowds(parts[0]), _as_sites(parts[1])
    circles, rings = _as_circles(parts[2]), _as_rings(parts[3])
    done = 0
    for i in range(len(entity)):
        while done < len(cut) and cut[done] <= i:
            _touch(circles, rings, most, person[done], touched[done], touched_at[done])
            done += 1
        host = entity[i]
        if crowds.common[host]:
            if seen[0][host] >= 0:
                crowds.last_at[host] = max(crowds.last_at[host], at[i])
                _sketch(seen, host, member[i], at[i] // 60_000_000)
            continue
        if plain[host] and number[i] >= 0 and not judged[i]:
            _touch(circles, rings, most, person_of[number[i]], host, at[i])
        _ask(crowds, sites, seen, common, host, number[i], member[i], at[i])
    while done < len(cut):
        _touch(circles, rings, most, person[done], touched[done], touched_at[done])
        done += 1


@njit(cache=True, nogil=True)
def asked_since(node: int, at: Any, following: Any, minutes: Any) -> Any:
    """How many of the members of a crowd, from that node on, came in each of the minutes or later."""
    found = np.zeros(len(minutes), np.int64)
    while node >= 0:
        for i in range(len(minutes)):
            found[i] += at[node] >= minutes[i]
        node = following[node]
    return found


@njit(cache=True, nogil=True)
def forget_crowds(crowds: Any, before: int) -> None:
    """Hosts that were last asked for before that time have no crowd."""
    for entity in range(len(crowds.head)):
        if crowds.head[entity] >= 0 and crowds.last_at[entity] < before:
            _dissolve(crowds, entity)


@njit(cache=True, nogil=True)
def forget_circles(circles: Any, before: int) -> None:
    """Entities that were last touched before that time have no circle."""
    for entity in range(len(circles.head)):
        if circles.size[entity] != NOBODY and circles.last_at[entity] < before:
            _dissolve(circles, entity)
            circles.size[entity] = NOBODY


@njit(cache=True, nogil=True)
def forget_sites(sites: Any, before: int) -> None:
    """Subscribers whose latest uncommon host was asked for before that time have no sites."""
    for slot in range(sites.loose[1]):
        if sites.owner[slot] >= 0 and sites.at[slot, sites.size[slot] - 1] < before:
            _leave(slot, sites.slot_of, sites.owner, sites.loose)


@njit(cache=True, nogil=True)
def forget_rings(rings: Any, before: int) -> None:
    """Persons who last touched something before that time have no ring."""
    for slot in range(rings.loose[1]):
        if rings.owner[slot] >= 0 and rings.last_at[slot] < before:
            _leave(slot, rings.slot_of, rings.owner, rings.loose)

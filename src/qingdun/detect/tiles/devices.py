"""The numbers that call from each device, chained."""

from __future__ import annotations

from typing import Any

from qingdun.compiled import njit
from qingdun.detect.tiles.layout import (
    AT,
    DAY,
    DEVICE,
    FREE_NODE,
    HEAD,
    LEAST_NUMBERS,
    NEXT_NODE,
    NOBODY,
    NODES,
    ONE,
    PARTY,
    SIZE,
    SWEPT,
    USED_AT,
)


@njit(cache=True, nogil=True)
def use(cells: Any, row: Any, devices: Any, nodes: Any) -> bool:
    """The caller has called from its device; whether it is one more number and the device has many."""
    device, one, before = row[DEVICE], row[ONE], -1
    known = False
    node = devices[device, HEAD]
    while node >= 0:
        following = nodes[node, NEXT_NODE]
        if nodes[node, USED_AT] < cells[SWEPT] - DAY:
            if before < 0:
                devices[device, HEAD] = following
            else:
                nodes[before, NEXT_NODE] = following
            nodes[node, NEXT_NODE], nodes[node, PARTY] = cells[FREE_NODE], NOBODY
            cells[FREE_NODE] = node
            devices[device, SIZE] -= 1
        else:
            if nodes[node, PARTY] == one:
                nodes[node, USED_AT], known = row[AT], True
            before = node
        node = following
    if known:
        return False
    node = cells[FREE_NODE]
    if node >= 0:
        cells[FREE_NODE] = nodes[node, NEXT_NODE]
    else:
        node = cells[NODES]
        cells[NODES] += 1
    nodes[node, PARTY], nodes[node, USED_AT], nodes[node, NEXT_NODE] = one, row[AT], devices[device, HEAD]
    devices[device, HEAD] = node
    devices[device, SIZE] += 1
    return bool(devices[device, SIZE] >= cells[LEAST_NUMBERS])


@njit(cache=True, nogil=True)
def thin(devices: Any, nodes: Any, fresh: Any, into: Any, places: Any, since: int) -> int:
    """The numbers that called since then, in tables of their own and under new places; how many there are."""
    taken = 0
    for device in range(len(devices)):
        node = devices[device, HEAD]
        while node >= 0:
            if nodes[node, USED_AT] >= since:
                into[taken, PARTY], into[taken, USED_AT] = places[nodes[node, PARTY]], nodes[node, USED_AT]
                into[taken, NEXT_NODE] = fresh[device, HEAD]
                fresh[device, HEAD] = taken
                fresh[device, SIZE] += 1
                taken += 1
            node = nodes[node, NEXT_NODE]
    return taken

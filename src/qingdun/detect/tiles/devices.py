"""Who uses each device, chained: numbers that call from it, accounts from which money is ordered on it."""

from __future__ import annotations

from typing import Any

from qingdun.compiled import njit
from qingdun.detect.tiles.layout import (
    DAY,
    HEAD,
    NEXT_NODE,
    NOBODY,
    PAID_TO,
    PARTY,
    SIZE,
    USED_AT,
)

NODES, FREE_NODE = range(2)
"""Of the tally of a table of nodes: how many were ever taken, and the first of those given back."""


@njit(cache=True, nogil=True)
def use(
    tally: Any, swept: int, device: int, party: int, at: int, devices: Any, nodes: Any
) -> tuple[int, bool]:
    """The party has used the device: its node in the device's chain, and whether it is one more. Those of
    more than a day before the hour `swept` are gone."""
    before, found = -1, -1
    node = devices[device, HEAD]
    while node >= 0:
        following = nodes[node, NEXT_NODE]
        if nodes[node, USED_AT] < swept - DAY:
            if before < 0:
                devices[device, HEAD] = following
            else:
                nodes[before, NEXT_NODE] = following
            nodes[node, NEXT_NODE], nodes[node, PARTY] = tally[FREE_NODE], NOBODY
            tally[FREE_NODE] = node
            devices[device, SIZE] -= 1
        else:
            if nodes[node, PARTY] == party:
                nodes[node, USED_AT], found = at, node
            before = node
        node = following
    if found >= 0:
        return found, False
    node = tally[FREE_NODE]
    if node >= 0:
        tally[FREE_NODE] = nodes[node, NEXT_NODE]
    else:
        node = tally[NODES]
        tally[NODES] += 1
    nodes[node, PARTY], nodes[node, USED_AT], nodes[node, NEXT_NODE] = party, at, devices[device, HEAD]
    devices[device, HEAD] = node
    devices[device, SIZE] += 1
    return node, True


@njit(cache=True, nogil=True)
def thin(devices: Any, nodes: Any, fresh: Any, into: Any, places: Any, since: int) -> int:
    """Who used devices since then, in tables of their own and under new places; how many there are."""
    taken = 0
    for device in range(len(devices)):
        node = devices[device, HEAD]
        while node >= 0:
            if nodes[node, USED_AT] >= since:
                into[taken, PARTY], into[taken, USED_AT] = places[nodes[node, PARTY]], nodes[node, USED_AT]
                into[taken, NEXT_NODE] = fresh[device, HEAD]
                if nodes.shape[1] > PAID_TO:
                    paid = nodes[node, PAID_TO]
                    into[taken, PAID_TO] = places[paid] if paid >= 0 else NOBODY
                fresh[device, HEAD] = taken
                fresh[device, SIZE] += 1
                taken += 1
            node = nodes[node, NEXT_NODE]
    return taken

"""Where the nodes of a graph stand: trees around their hubs, the largest in the middle. Always the same.

A force layout of 5,000 nodes takes a browser half a minute; this takes a breath and looks the same tomorrow,
so that an officer finds things where they were.
"""

from __future__ import annotations

import math
from collections import deque
from collections.abc import Iterable, Mapping

Place = tuple[float, float]
GAP = 26.0
"""Room for a node, in the units of the page."""
RING = 90.0


def layout(nodes: Iterable[str], edges: Iterable[tuple[str, str]]) -> dict[str, Place]:
    """A place for every node: each connected part is a tree drawn in rings around its node of most edges.

    >>> layout(["a"], [])
    {'a': (0.0, 0.0)}
    """
    near: dict[str, list[str]] = {node: [] for node in nodes}
    for one, other in edges:
        if one in near and other in near and one != other:
            near[one].append(other)
            near[other].append(one)
    drawn = sorted((_drawn(part, near) for part in _parts(near)), key=len, reverse=True)
    return _packed(drawn)


def _parts(near: Mapping[str, list[str]]) -> Iterable[list[str]]:
    """Connected parts, each from its node of most edges on, in order of breadth."""
    seen: set[str] = set()
    for start in sorted(near, key=lambda node: (-len(near[node]), node)):
        if start in seen:
            continue
        part, queue = [], deque([start])
        seen.add(start)
        while queue:
            node = queue.popleft()
            part.append(node)
            for other in near[node]:
                if other not in seen:
                    seen.add(other)
                    queue.append(other)
        yield part


def _drawn(part: list[str], near: Mapping[str, list[str]]) -> dict[str, Place]:
    """The part as a tree: each node gets a slice of the circle as wide as its leaves are many."""
    root, parent, depth = part[0], {part[0]: ""}, {part[0]: 0}
    children: dict[str, list[str]] = {node: [] for node in part}
    for node in part:
        for other in near[node]:
            if other not in parent:
                parent[other], depth[other] = node, depth[node] + 1
                children[node].append(other)
    leaves: dict[str, int] = {}
    for node in reversed(part):
        leaves[node] = sum(leaves[child] for child in children[node]) or 1
    rings = _rings(depth.values())
    turn: dict[int, int] = {}
    places: dict[str, Place] = {}
    slices = {root: (0.0, 2 * math.pi)}
    for node in part:
        begin, width = slices[node]
        angle = begin + width / 2
        inner, rows = rings[depth[node]]
        # Neighbours on a crowded ring stand in several rows.
        turn[depth[node]] = turn.get(depth[node], 0) + 1
        far = inner + (turn[depth[node]] % rows) * GAP
        places[node] = (round(far * math.cos(angle), 1) + 0.0, round(far * math.sin(angle), 1) + 0.0)
        for child in children[node]:
            share = width * leaves[child] / leaves[node]
            slices[child] = (begin, share)
            begin += share
    return places


def _rings(depths: Iterable[int]) -> list[tuple[float, int]]:
    """For each depth the radius at which its ring begins, and in how many rows its nodes stand."""
    crowd: dict[int, int] = {}
    for depth in depths:
        crowd[depth] = crowd.get(depth, 0) + 1
    rings, radius = [(0.0, 1)], 0.0
    for depth in range(1, len(crowd)):
        radius += RING
        rows = 1
        while rows * 2 * math.pi * (radius + rows * GAP / 2) < crowd[depth] * GAP:
            rows += 1
        rings.append((radius, rows))
        radius += (rows - 1) * GAP
    return rings


def _packed(drawn: list[dict[str, Place]]) -> dict[str, Place]:
    """The parts in rows, the largest first, so that they fill a field about as wide as high."""
    sizes = [2 * max(math.hypot(x, y) for x, y in part.values()) + 3 * GAP for part in drawn]
    width = max(sizes[0] if sizes else 0.0, math.sqrt(sum(size * size for size in sizes)) * 1.3)
    places: dict[str, Place] = {}
    left = top = high = 0.0
    for part, size in zip(drawn, sizes, strict=True):
        if left and left + size > width:
            left, top, high = 0.0, top + high, 0.0
        middle = (left + size / 2, top + size / 2) if len(drawn) > 1 else (0.0, 0.0)
        for node, (x, y) in part.items():
            places[node] = (x + middle[0], y + middle[1])
        left, high = left + size, max(high, size)
    return places

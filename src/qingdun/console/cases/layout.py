"""Where the nodes of a graph stand: gangs and hubs, each with its own around it. Always the same.

A force layout of 5,000 nodes takes a browser half a minute; this takes a breath and looks the same tomorrow,
so that an officer finds things where they were.
"""

from __future__ import annotations

import math
from collections import deque
from collections.abc import Iterable, Mapping, Sequence
from typing import NamedTuple

Place = tuple[float, float]
GAP = 26.0
"""Room for a node, in the units of the page."""
RING = 90.0


class Layout(NamedTuple):
    """A place for every node, and around whom it stands; of each centre how far its own neighbours do."""

    places: dict[str, Place]
    centre: dict[str, str]
    hulls: dict[str, float]


class Group(NamedTuple):
    """A tree drawn around its first node: places from there, how far it reaches, how far its first ring."""

    places: dict[str, Place]
    reach: float
    hull: float


def layout(nodes: Iterable[str], edges: Iterable[tuple[str, str]], centres: Sequence[str] = ()) -> Layout:
    """Every node stands with the centre fewest edges away; where no centre is, with its node of most edges.

    Each such group is a tree in rings around it; groups that are tied stand one after the other.

    >>> layout(["a"], []).places
    {'a': (0.0, 0.0)}
    """
    near: dict[str, list[str]] = {node: [] for node in nodes}
    for one, other in edges:
        if one in near and other in near and one != other:
            near[one].append(other)
            near[other].append(one)
    groups = _ordered(_groups(near, [one for one in centres if one in near]), near)
    drawn = [_drawn(group, near) for group in groups]
    hulls = {
        group[0]: one.hull
        for group, one in zip(groups, drawn, strict=True)
        if group[0] in set(centres) and len(group) > 1
    }
    return Layout(_packed(drawn), {node: group[0] for group in groups for node in group}, hulls)


def _groups(near: Mapping[str, list[str]], centres: Iterable[str]) -> list[list[str]]:
    """Groups of connected nodes, each from its centre on in order of breadth."""
    owner: dict[str, str] = {}
    found: dict[str, list[str]] = {}

    def spread(starts: Iterable[str]) -> None:
        queue = deque(start for start in starts if start not in owner)
        owner.update((start, start) for start in queue)
        while queue:
            node = queue.popleft()
            found.setdefault(owner[node], []).append(node)
            for other in near[node]:
                if other not in owner:
                    owner[other] = owner[node]
                    queue.append(other)

    spread(centres)
    for start in sorted(near, key=lambda node: (-len(near[node]), node)):
        spread([start])
    return list(found.values())


def _ordered(groups: list[list[str]], near: Mapping[str, list[str]]) -> list[list[str]]:
    """The groups: of what is connected the largest first, each followed by those it is tied to."""
    groups = sorted(groups, key=lambda group: (-len(group), group[0]))
    of = {node: number for number, group in enumerate(groups) for node in group}
    seen: set[int] = set()
    order: list[int] = []
    for start in range(len(groups)):
        queue = deque([start] if start not in seen else [])
        seen.add(start)
        while queue:
            number = queue.popleft()
            order.append(number)
            for other in sorted({of[end] for node in groups[number] for end in near[node]} - seen):
                seen.add(other)
                queue.append(other)
    return [groups[number] for number in order]


def _drawn(group: list[str], near: Mapping[str, list[str]]) -> Group:
    """The group as a tree: each node gets a slice of the circle as wide as its leaves are many."""
    root, own = group[0], set(group)
    depth = {root: 0}
    children: dict[str, list[str]] = {node: [] for node in group}
    order = [root]
    for node in order:
        for other in near[node]:
            if other in own and other not in depth:
                depth[other] = depth[node] + 1
                children[node].append(other)
                order.append(other)
    leaves = dict.fromkeys(order, 1)
    for node in reversed(order):
        if children[node]:
            leaves[node] = sum(leaves[child] for child in children[node])
    rings = _rings(depth.values())
    places: dict[str, Place] = {}
    slices = {root: (0.0, 2 * math.pi)}
    turn: dict[int, int] = {}
    for node in order:
        begin, width = slices[node]
        angle = begin + width / 2
        inner, rows = rings[depth[node]]
        # Neighbours on a crowded ring stand in several rows.
        turn[depth[node]] = turn.get(depth[node], 0) + 1
        far = inner + (turn[depth[node]] % rows) * GAP
        places[node] = (far * math.cos(angle), far * math.sin(angle))
        for child in children[node]:
            share = width * leaves[child] / leaves[node]
            slices[child] = (begin, share)
            begin += share
    ends = [inner + (rows - 1) * GAP for inner, rows in rings]
    return Group(places, ends[-1], ends[1] + GAP if len(ends) > 1 else 0.0)


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


def _packed(groups: list[Group]) -> dict[str, Place]:
    """The groups in rows, in their order, so that they fill a field about twice as wide as high."""
    sizes = [2 * one.reach + 3 * GAP for one in groups]
    width = max([*sizes, math.sqrt(2 * sum(size * size for size in sizes))], default=0.0)
    places: dict[str, Place] = {}
    left = top = high = 0.0
    for one, size in zip(groups, sizes, strict=True):
        if left and left + size > width:
            left, top, high = 0.0, top + high, 0.0
        middle = (left + size / 2, top + size / 2) if len(groups) > 1 else (0.0, 0.0)
        for node, (x, y) in one.places.items():
            places[node] = (round(x + middle[0], 1) + 0.0, round(y + middle[1], 1) + 0.0)
        left, high = left + size, max(high, size)
    return places

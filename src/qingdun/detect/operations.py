"""What belongs to one operation: a component of the graph of who worked together, cut where fewer victims and
devices tie two sides to each other than hold either side together.

Components and communities are NetworkX's. Weights are whole numbers, and everything here is a function of
nodes and edges alone: the order in which they came does not matter.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from itertools import combinations
from typing import Any, NamedTuple

import networkx as nx

Entity = tuple[str, str]
Source = tuple[str, ...]
"""What ties entities: a person (`person`, id) in whose evidence they are, or an entity (`hub`, kind, name)
that others worked with."""
Graph = Any
"""A `networkx.Graph` of entities. Edges have `by`, whole weights by source, and `weight`, their sum."""

UNIT = 1000
"""The weight of an edge that rests on one source."""
_SEED = 1
_FINEST = 64.0
"""The resolution up to which communities are looked for in what is too large."""


class _Part(NamedTuple):
    """A side of a component."""

    nodes: set[Entity]
    firmness: float
    """How many sources hold it together beyond the tree that one source an edge would make of it."""


def operations(component: Graph, most: int, bridge: float) -> list[tuple[Entity, ...]]:
    """The component's members, cut into operations of at most `most`, each in order.

    Louvain communities are one operation if the sources that tie them are more than `bridge` times those that
    hold the looser of them together, as long as they have no more than `most` members.
    """
    nodes = sorted(component)
    if len(nodes) <= min(2, most):
        return [tuple(nodes)]
    parts = _communities(component, nodes, most)
    return sorted(tuple(sorted(part)) for part in _joined(component, parts, most, bridge))


def _communities(component: Graph, nodes: list[Entity], most: int) -> list[set[Entity]]:
    """Communities none of which is larger than `most`, found at the coarsest resolution that has them."""
    # Numbers in their order, since sets of strings are gone through in another order in every process.
    place = {node: number for number, node in enumerate(nodes)}
    graph = nx.Graph()
    graph.add_nodes_from(range(len(nodes)))
    graph.add_weighted_edges_from(
        sorted((*sorted((place[a], place[b])), weight) for a, b, weight in component.edges(data="weight"))
    )
    resolution = 1.0
    while resolution <= _FINEST:
        found = nx.community.louvain_communities(graph, resolution=resolution, seed=_SEED)
        if max(map(len, found)) <= most:
            return [{nodes[number] for number in part} for part in found]
        resolution *= 2
    return [{node} for node in nodes]


def _joined(component: Graph, parts: list[set[Entity]], most: int, bridge: float) -> list[set[Entity]]:
    """The parts after all that hang together have been joined, the firmest pair first."""
    reach: dict[Source, set[Entity]] = {}
    for one, other, by in component.edges(data="by"):
        for source in by:
            reach.setdefault(source, set()).update((one, other))
    of = {n: _Part(part, _firmness(component, part, reach)) for n, part in enumerate(sorted(parts, key=min))}
    while len(of) > 1 and (found := list(_bridges(of, reach, most, bridge))):
        _, one, other = min(found)
        nodes = of[one].nodes | of.pop(other).nodes
        of[one] = _Part(nodes, _firmness(component, nodes, reach))
    return [part.nodes for part in of.values()]


def _bridges(
    of: Mapping[int, _Part], reach: Mapping[Source, set[Entity]], most: int, bridge: float
) -> Iterable[tuple[float, int, int]]:
    """Pairs of parts to be joined, with how firm the looser is for each source that ties it to the other."""
    home = {node: number for number, part in of.items() for node in part.nodes}
    between: Counter[tuple[int, int]] = Counter()
    for entities in reach.values():
        between.update(combinations(sorted({home[entity] for entity in entities}), 2))
    for (one, other), sources in between.items():
        looser = min(of[one].firmness, of[other].firmness)
        if len(of[one].nodes) + len(of[other].nodes) <= most and sources > bridge * looser:
            yield looser / sources, one, other


def _firmness(component: Graph, part: set[Entity], reach: Mapping[Source, set[Entity]]) -> float:
    own = {source for source, entities in reach.items() if entities <= part}
    inside = nx.Graph()
    weight = 0
    for one, other, by in component.edges(part, data="by"):
        if one in part and other in part and (kept := [by[source] for source in by if source in own]):
            weight += sum(kept)
            inside.add_edge(one, other, weight=max(kept))
    tree = sum(about["weight"] for *_, about in nx.maximum_spanning_edges(inside))
    return float(min(len(own), (weight - tree) / UNIT))

"""Suspects tied to each other: by shared victims, by one device, by one message or account chain.

What ties is kept as a graph that is brought up to date where it has changed: only components in which
something came, went or changed are cut into operations anew (`operations`). The groups follow from what is
held now, and from nothing else; so nothing of this stands in a snapshot.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable, Iterator, Mapping
from functools import lru_cache
from itertools import combinations
from typing import Any, NamedTuple

import networkx as nx

from qingdun.contract.tables import ClusterMember, Suspect
from qingdun.detect.host_kinds import kinds_of
from qingdun.detect.operations import UNIT, Entity, Source, operations

Edge = tuple[Entity, Entity, int]
Known = Callable[[Entity], str | None]
"""The scam type that an entity's evidence speaks for, empty if for none; None if the entity is no member."""

_SHORTEST_SENDER = 9
"""Digits; what is shorter is a service's code, which anybody may pretend to be."""


class Shape(NamedTuple):
    """How far an operation may reach."""

    least: int
    """Thousandths of a bit that a member's own deeds speak against it."""
    most: int
    """Members at the most."""
    bridge: float
    """Two sides are one from more sources between them on than so many times those of the looser alone."""
    hub: int
    """So many that worked with one entity are each tied to it in full; more share that."""

    @classmethod
    def of(cls, settings: Mapping[str, float]) -> Shape:
        """As the weights have it."""
        least = round(settings["least_bits"] * 1000)
        return cls(least, round(settings["most_members"]), settings["bridge"], round(settings["hub"]))


@lru_cache(maxsize=1 << 16)
def may_belong(kind: str, name: str) -> bool:
    """Whether an entity of that name can be an operation's own: service codes, numbers that no network hands
    out and hosts that are known as a bank's or a messenger's are shown and used by everybody.

    >>> may_belong("sender", "95588"), may_belong("number", "+0095588"), may_belong("host", "m.icbc.com.cn")
    (False, False, False)
    >>> may_belong("sender", "106912345678"), may_belong("number", "+8617000000001")
    (True, True)
    """
    if kind == "number":
        return name.startswith("+") and not name.startswith("+0")
    if kind == "sender":
        return not name.isdigit() or (len(name) >= _SHORTEST_SENDER and not name.startswith("00"))
    return kind != "host" or not kinds_of(name)


class Clusters:
    """The groups of entities that form one operation each."""

    def __init__(self, shape: Shape) -> None:
        self.shape = shape
        self._graph: Any = nx.Graph()
        self._sources: dict[Source, tuple[Edge, ...]] = {}
        self._of: dict[Source, frozenset[tuple[Entity, str]]] = {}
        self._home: dict[Entity, int] = {}
        self._components: dict[int, tuple[list[Entity], list[tuple[Entity, ...]]]] = {}
        self._last = 0

    def groups(
        self, ties: Iterable[tuple[Entity, Entity]], victims: Mapping[str, Iterable[Entity]], known: Known
    ) -> list[tuple[Entity, ...]]:
        """Groups of two or more entities, each in order, by the ties and the entities in the evidence of
        each alerted person that there are now.
        """
        asked: dict[Entity, str | None] = {}

        def typed(entities: Iterable[Entity]) -> frozenset[tuple[Entity, str]]:
            for entity in entities:
                if entity not in asked:
                    asked[entity] = known(entity)
            return frozenset((entity, found) for entity in entities if (found := asked[entity]) is not None)

        hubs: dict[Entity, set[Entity]] = {}
        for one, other in ties:
            hubs.setdefault(other, set()).add(one)
        wanted: dict[Source, frozenset[tuple[Entity, str]]] = {}
        for hub, tied in hubs.items():
            if typed([hub]) and (found := typed(tied)):
                wanted["hub", *hub] = found
        for person, touched in victims.items():
            if len(found := typed(touched)) > 1:
                wanted["person", person] = found
        self._regroup(self._update(wanted))
        return sorted(group for _, found in self._components.values() for group in found if len(group) > 1)

    def ties(self, entity: Entity, others: Iterable[Entity]) -> set[Source]:
        """What ties the entity to some of the others, which are of its group."""
        near = self._graph.adj.get(entity, {})
        return {source for other in others if other in near for source in near[other]["by"]}

    def _update(self, wanted: Mapping[Source, frozenset[tuple[Entity, str]]]) -> set[Entity]:
        """The graph's edges are those of the sources wanted; the entities about which something changed."""
        touched: set[Entity] = set()
        for source in [s for s, members in self._of.items() if wanted.get(s) != members]:
            del self._of[source]
            for one, other, weight in self._sources.pop(source):
                edge = self._graph.edges[one, other]
                del edge["by"][source]
                edge["weight"] -= weight
                if not edge["by"]:
                    self._graph.remove_edge(one, other)
                touched |= {one, other}
        for source in [s for s in wanted if s not in self._of]:
            self._of[source] = wanted[source]
            self._sources[source] = edges = tuple(self._edges(source, wanted[source]))
            for one, other, weight in edges:
                if not self._graph.has_edge(one, other):
                    self._graph.add_edge(one, other, weight=0, by={})
                self._graph.edges[one, other]["by"][source] = weight
                self._graph.edges[one, other]["weight"] += weight
                touched |= {one, other}
        return touched

    def _edges(self, source: Source, members: frozenset[tuple[Entity, str]]) -> Iterator[Edge]:
        """A victim's entities are tied if they speak for one scam or for none, all together as a tree is."""
        if source[0] == "hub":
            hub = (source[1], source[2])
            weight = max(1, round(UNIT * min(1.0, self.shape.hub / len(members))))
            yield from ((hub, member, weight) for member, _ in sorted(members) if member != hub)
            return
        weight = max(1, round(UNIT * 2 / len(members)))
        for (one, its), (other, others) in combinations(sorted(members), 2):
            if not its or not others or its == others:
                yield one, other, weight

    def _regroup(self, touched: set[Entity]) -> None:
        """The components that those entities were in, or are in now, are cut anew."""
        loose = set(touched)
        for number in {self._home[entity] for entity in touched if entity in self._home}:
            loose.update(self._components.pop(number)[0])
        for entity in loose:
            self._home.pop(entity, None)
        self._graph.remove_nodes_from([e for e in loose if e in self._graph and not self._graph[e]])
        for entity in sorted(loose):
            if entity not in self._graph or entity in self._home:
                continue
            nodes = sorted(nx.node_connected_component(self._graph, entity))
            self._last += 1
            self._home.update(dict.fromkeys(nodes, self._last))
            found = operations(self._graph.subgraph(nodes), self.shape.most, self.shape.bridge)
            self._components[self._last] = (nodes, found)


def cluster_members(groups: Iterable[tuple[Entity, ...]], suspects: Iterable[Suspect]) -> list[ClusterMember]:
    """Of the groups those who are suspects, if there are two or more; a group is named after the one that
    was flagged first. Membership alone restricts nobody.
    """
    by_entity = {(s.entity_kind, s.entity): s for s in suspects}
    found: list[ClusterMember] = []
    for group in groups:
        own = [(entity, by_entity[entity]) for entity in group if entity in by_entity]
        if len(own) < 2:
            continue
        first = min((suspect.first_flagged_at, *entity) for entity, suspect in own)
        name = hashlib.sha256("\x1f".join(first[1:]).encode()).hexdigest()[:16]
        found += [ClusterMember(name, *e, suspect.first_flagged_at, suspect.score) for e, suspect in own]
    return sorted(found)

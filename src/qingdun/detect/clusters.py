"""Suspects tied to each other: by shared victims, by one device, by one message or account chain.

What ties is kept as a graph that is brought up to date where it has changed: only components in which
something came, went or changed are cut into operations anew (`operations`), and only entities about which
something changed are asked about. The groups follow from what is held now, and from nothing else; so nothing
of this stands in a snapshot.
"""

from __future__ import annotations

import hashlib
import itertools
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from functools import lru_cache
from itertools import combinations
from typing import Any, NamedTuple

import networkx as nx

from qingdun.contract.tables import ClusterMember, Suspect
from qingdun.detect.host_kinds import is_well_known
from qingdun.detect.operations import UNIT, Entity, Source, operations

Edge = tuple[Entity, Entity, int]
Known = Callable[[Entity], str | None]
"""The scam type that an entity's evidence speaks for, empty if for none; None if the entity is no member."""
Crowded = Callable[[Collection[Entity]], Iterable[bool]]
"""Of each entity, whether it is no member because everybody touches it."""
Component = tuple[list[Entity], list[tuple[Entity, ...]]]
"""Entities that hang together, and the groups into which they are cut."""

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
    return kind != "host" or not is_well_known(name)


class Clusters:
    """The groups of entities that form one operation each."""

    def __init__(self, shape: Shape) -> None:
        self.shape = shape
        self._graph: Any = nx.Graph()
        self._edges_of: dict[Source, tuple[Edge, ...]] = {}
        self._home: dict[Entity, int] = {}
        self._components: dict[int, Component] = {}
        self._last = 0
        self._members: dict[Source, frozenset[Entity]] = {}
        """Whom each source ties, if they are known."""
        self._in: dict[Entity, set[Source]] = {}
        self._types: dict[Entity, str] = {}
        """Of those tied who are known, what each speaks for."""
        self._crowded = set[Entity]()
        self._stirred = set[Entity]()

    def update(
        self,
        sources: Mapping[Source, Iterable[Entity]],
        changed: Iterable[Entity],
        known: Known,
        crowded: Crowded,
    ) -> None:
        """Groups follow from what ties entities now: these sources tie these and no others (a hub those that
        worked with it), all other sources what they tied before; entities that are not among the `changed`
        are `known` as before.
        """
        stale, asked = set(sources), set(changed)
        for source, entities in sources.items():
            asked |= self._tie(source, frozenset(entities))
        for entity in asked:
            found = known(entity) if entity in self._in else None
            if found != self._types.get(entity):
                stale |= self._in.get(entity, set())
            if found is None:
                self._types.pop(entity, None)
            else:
                self._types[entity] = found
        now = set(itertools.compress(self._types, crowded(self._types)))
        for entity in now ^ self._crowded:
            stale |= self._in.get(entity, set())
        self._crowded = now
        self._stirred |= asked
        self._regroup(self._update(stale))

    def groups(self) -> list[tuple[Entity, ...]]:
        """Groups of two or more entities, each in order."""
        return _groups(self._components.values())

    def changed_groups(self) -> list[tuple[Entity, ...]]:
        """Those of them about whose members or ties anything may have changed since this was asked last."""
        numbers = {self._home[entity] for entity in self._stirred if entity in self._home}
        self._stirred = set()
        return _groups(self._components[number] for number in numbers)

    def _tie(self, source: Source, entities: frozenset[Entity]) -> set[Entity]:
        """The source ties these entities; those that it did not tie before, or no longer."""
        if source[0] == "hub" and entities:
            entities |= {_hub(source)}
        before = self._members.pop(source, frozenset())
        if entities:
            self._members[source] = entities
        for entity in entities - before:
            self._in.setdefault(entity, set()).add(source)
        for entity in before - entities:
            self._in[entity].remove(source)
            if not self._in[entity]:
                del self._in[entity]
        return set(entities ^ before)

    def ties(self, entity: Entity, others: Iterable[Entity]) -> set[Source]:
        """What ties the entity to some of the others, which are of its group."""
        near = self._graph.adj.get(entity, {})
        return {source for other in others if other in near for source in near[other]["by"]}

    def _update(self, stale: Iterable[Source]) -> set[Entity]:
        """These sources have the edges that they should; the entities about which something changed."""
        wanted = {source: tuple(self._edges(source)) for source in stale}
        changed = {
            source: edges for source, edges in wanted.items() if edges != self._edges_of.get(source, ())
        }
        touched: set[Entity] = set()
        for source in changed:
            for one, other, weight in self._edges_of.pop(source, ()):
                edge = self._graph.edges[one, other]
                del edge["by"][source]
                edge["weight"] -= weight
                if not edge["by"]:
                    self._graph.remove_edge(one, other)
                touched |= {one, other}
        for source, edges in changed.items():
            if edges:
                self._edges_of[source] = edges
            for one, other, weight in edges:
                if not self._graph.has_edge(one, other):
                    self._graph.add_edge(one, other, weight=0, by={})
                self._graph.edges[one, other]["by"][source] = weight
                self._graph.edges[one, other]["weight"] += weight
                touched |= {one, other}
        return touched

    def _edges(self, source: Source) -> Iterator[Edge]:
        """A victim's entities are tied if they speak for one scam or for none, all together as a tree is."""
        types, crowded = self._types, self._crowded
        members = sorted(e for e in self._members.get(source, ()) if e in types and e not in crowded)
        if source[0] == "hub":
            hub = _hub(source)
            if hub in members:
                weight = max(1, round(UNIT * min(1.0, self.shape.hub / max(1, len(members) - 1))))
                yield from ((hub, member, weight) for member in members if member != hub)
            return
        weight = max(1, round(UNIT * 2 / max(1, len(members))))
        for one, other in combinations(members, 2):
            if not types[one] or not types[other] or types[one] == types[other]:
                yield one, other, weight

    def _regroup(self, touched: set[Entity]) -> None:
        """The components that those entities were in, or are in now, are cut anew."""
        loose = set(touched)
        for number in {self._home[entity] for entity in touched if entity in self._home}:
            loose.update(self._components.pop(number)[0])
        self._stirred |= loose
        for entity in loose:
            self._home.pop(entity, None)
        self._graph.remove_nodes_from([e for e in loose if e in self._graph and not self._graph[e]])
        for entity in sorted(loose):
            if entity not in self._graph or entity in self._home:
                continue
            nodes = sorted(nx.node_connected_component(self._graph, entity))
            self._last += 1
            self._home.update(dict.fromkeys(nodes, self._last))
            component = nx.Graph(self._graph.edges(nodes, data=True))
            found = operations(component, self.shape.most, self.shape.bridge)
            self._components[self._last] = (nodes, found)


def _hub(source: Source) -> Entity:
    return source[1], source[2]


def _groups(components: Iterable[Component]) -> list[tuple[Entity, ...]]:
    return sorted(group for _, found in components for group in found if len(group) > 1)


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

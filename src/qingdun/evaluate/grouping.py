"""Clusters of suspects against the operations of the truth: never two in one cluster, each in one cluster."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

import networkx as nx

from qingdun.contract.tables import ClusterMember, Suspect, Truth
from qingdun.evaluate.figures import Share

Entity = tuple[str, str]


@dataclass(frozen=True, slots=True)
class Grouping:
    """How clusters and operations match. Members are suspects; those of no scam belong to no operation."""

    clusters: int
    largest: int
    """Members."""
    purity: Share
    """Of all members of clusters, those of the operation that most of their cluster are of."""
    mixed: Share
    """Of all clusters, those with members of two operations or more."""
    completeness: Share
    """Of the found suspects of operations with two or more of them, those in the cluster that holds most."""

    def json(self) -> dict[str, Any]:
        """All of it."""
        shares = {name: getattr(self, name).json() for name in ("purity", "mixed", "completeness")}
        return {"clusters": self.clusters, "largest": self.largest, **shares}

    def text(self) -> str:
        """For a person."""
        return "\n".join(
            [
                f"clusters of suspects                {self.clusters:,}, the largest of {self.largest:,}",
                f"  members of their main operation   {self.purity.text()}",
                f"  clusters that mix operations      {self.mixed.text()}",
                f"  found members in one cluster      {self.completeness.text()}",
            ]
        )


def grouping(
    truth: Iterable[Truth], suspects: Iterable[Suspect], members: Sequence[ClusterMember]
) -> Grouping:
    """The measures of clusters in hand.

    An operation is what victims of one scam type share, from one to the next. What no network hands out (a
    number shown as +00…, a service's code) is presented by many and makes no two victims one operation's.
    """
    of = _operations(truth)
    clusters: dict[str, list[Entity]] = {}
    home: dict[Entity, str] = {}
    for member in members:
        entity = (member.entity_kind, member.entity)
        clusters.setdefault(member.cluster_id, []).append(entity)
        home[entity] = member.cluster_id
    main = mixed = 0
    for group in clusters.values():
        counts = Counter(of[entity] for entity in group if entity in of)
        main += max(counts.values(), default=0)
        mixed += len(counts) > 1
    together: dict[int, Counter[str]] = {}
    for suspect in suspects:
        entity = (suspect.entity_kind, suspect.entity)
        if entity in of:
            # Whoever is in no cluster is alone.
            together.setdefault(of[entity], Counter())[home.get(entity, "\x1f".join(entity))] += 1
    several = [counts for counts in together.values() if counts.total() > 1]
    return Grouping(
        len(clusters),
        max(map(len, clusters.values()), default=0),
        Share(main, len(home)),
        Share(mixed, len(clusters)),
        Share(sum(max(counts.values()) for counts in several), sum(counts.total() for counts in several)),
    )


def _operations(truth: Iterable[Truth]) -> dict[Entity, int]:
    """By entity the number of its operation; entities of two scam types have none."""
    graph = nx.Graph()
    types: dict[Entity, set[str]] = {}
    for row in truth:
        own = [
            *((kind, name) for name in row.scam_numbers or () for kind in ("number", "sender")),
            *(("host", name) for name in row.scam_hosts or ()),
            *(("account", name) for name in row.scam_accounts or ()),
        ]
        for entity in own:
            types.setdefault(entity, set()).add(row.scam_type)
        real = [
            (row.scam_type, *entity) for entity in own if entity[0] in ("host", "account") or _real(entity[1])
        ]
        nx.add_path(graph, real)
    number = {node: place for place, part in enumerate(nx.connected_components(graph)) for node in part}
    return {
        (kind, name): number[scam_type, kind, name]
        for (scam_type, kind, name) in graph
        if len(types[kind, name]) == 1
    }


def _real(number: str) -> bool:
    if number.startswith("+"):
        return not number.startswith("+0")
    return number.isdigit() and len(number) > 8

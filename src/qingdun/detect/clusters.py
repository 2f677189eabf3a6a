"""Suspects tied to each other: by shared victims, by one device, by one message or account chain."""

from __future__ import annotations

import hashlib
import itertools
from collections.abc import Iterable, Mapping

from qingdun.contract.tables import ClusterMember
from qingdun.detect.suspicion import Suspicions

Entity = tuple[str, str]


def find_clusters(suspicions: Suspicions, by_person: Mapping[str, Iterable[Entity]]) -> list[ClusterMember]:
    """Groups of two or more suspects, joined by what they were seen doing together or by alerted persons in
    common.

    `by_person` gives the entities in the evidence of each alerted person. Membership alone restricts nobody.
    """
    suspects = {(s.entity_kind, s.entity): s for s in suspicions.rows()}
    root: dict[Entity, Entity] = {}

    def find(entity: Entity) -> Entity:
        root.setdefault(entity, entity)
        while root[entity] != entity:
            root[entity] = entity = root[root[entity]]
        return entity

    def join(one: Entity, other: Entity) -> None:
        low, high = sorted((find(one), find(other)))
        root[high] = low

    for one, other, _ in suspicions.ties():
        if one in suspects and other in suspects:
            join(one, other)
    for entities in by_person.values():
        shared = sorted(entity for entity in entities if entity in suspects)
        for one, other in itertools.pairwise(shared):
            join(one, other)
    groups: dict[Entity, list[Entity]] = {}
    for entity in sorted(root):
        groups.setdefault(find(entity), []).append(entity)
    members: list[ClusterMember] = []
    for first, group in sorted(groups.items()):
        if len(group) > 1:
            name = hashlib.sha256("\x1f".join(first).encode()).hexdigest()[:16]
            members += [
                ClusterMember(name, *entity, suspects[entity].first_flagged_at, suspects[entity].score)
                for entity in group
            ]
    return members

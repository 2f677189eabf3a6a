"""Clusters from ties and victims, found anew or brought up to date."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from typing import NamedTuple

from qingdun.detect.clusters import Clusters, Known, Shape
from qingdun.detect.operations import Entity, Source


class Facts(NamedTuple):
    """What clusters follow from."""

    ties: Iterable[tuple[Entity, Entity]]
    victims: Mapping[str, Iterable[Entity]]
    crowded: Collection[Entity] = ()

    def sources(self) -> dict[Source, set[Entity]]:
        """Whom each hub and each victim ties."""
        found: dict[Source, set[Entity]] = {("person", name): set(own) for name, own in self.victims.items()}
        for one, hub in self.ties:
            found.setdefault(("hub", *hub), set()).add(one)
        return found


def update(
    clusters: Clusters,
    facts: Facts,
    known: Known,
    before: Facts | None = None,
    changed: Iterable[Entity] = (),
) -> None:
    """The clusters are those of the facts; `before` are the ones they were of, with all but the `changed`
    known as they are now."""
    old = before.sources() if before else {}
    sources = {source: set[Entity]() for source in old} | facts.sources()
    news = {source: entities for source, entities in sources.items() if entities != old.get(source)}
    clusters.update(news, changed, known, lambda asked: [entity in facts.crowded for entity in asked])


def groups(shape: Shape, facts: Facts, known: Known) -> list[tuple[Entity, ...]]:
    """The groups, found anew."""
    clusters = Clusters(shape)
    update(clusters, facts, known)
    return clusters.groups()

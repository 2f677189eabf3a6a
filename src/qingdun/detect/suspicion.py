"""How strongly each entity is suspected, by which detectors, and why."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any

from qingdun.contract.tables import Suspect
from qingdun.detect.evidence import DAY_US, Suspicion
from qingdun.detect.odds import odds_to_probability
from qingdun.detect.weights import Weights

Entity = tuple[str, str]

_FORGET_US = 30 * DAY_US


@dataclass(slots=True)
class Suspected:
    """The suspicions gathered on one entity: the strongest of each detector, and their sums."""

    first_at: int
    last_at: int
    by: dict[str, Suspicion] = field(default_factory=dict)
    total: int = 0
    direct_total: int = 0
    """The sum without guilt by company."""
    suspect_since: int | None = None
    """The engine's clock when it came to be held a suspect."""

    def millibits(self, direct_only: bool = False) -> int:
        """What is held against the entity; without guilt by company if `direct_only`."""
        return self.direct_total if direct_only else self.total

    def tied_to(self) -> set[Entity]:
        """What it was seen working with."""
        return {other for suspicion in self.by.values() for other in suspicion.tied_to}


class Suspicions:
    """Suspicion per (kind, entity); an entity of which nothing new is heard for 30 days is forgotten."""

    def __init__(self, weights: Weights) -> None:
        self._weights = weights
        self._prior = round(weights.suspect_prior_bits * 1000)
        self._known: dict[Entity, Suspected] = {}
        self._hubs: dict[Entity, set[Entity]] = {}
        """By entity: those that were seen working with it."""
        self._changed, self._changed_hubs = set[Entity](), set[Entity]()

    def __len__(self) -> int:
        return len(self._known)

    def take(self, suspicion: Suspicion, now: int) -> bool:
        """The suspicion is part of what is known of its entity from now on; whether it says more than was
        known."""
        key = (suspicion.entity_kind, suspicion.entity)
        known = self._known.get(key)
        if known is None:
            known = self._known[key] = Suspected(suspicion.at, suspicion.at)
        known.last_at = max(known.last_at, suspicion.at)
        earlier = known.by.get(suspicion.detector)
        if earlier is not None and suspicion.millibits <= earlier.millibits:
            return False
        before = known.tied_to()
        known.by[suspicion.detector] = suspicion
        self._tie(key, before, known.tied_to())
        self._changed.add(key)
        known.direct_total = self._sum(s for s in known.by.values() if s.direct)
        # Guilt by company is one observation, whoever says it: the strongest counts, and nothing is added.
        company = max((s.millibits for s in known.by.values() if not s.direct), default=0)
        known.total = known.direct_total + company
        if known.suspect_since is None and self.suspected(*key):
            known.suspect_since = now
        return True

    def _tie(self, key: Entity, before: set[Entity], now: set[Entity]) -> None:
        for hub in before ^ now:
            tied = self._hubs.setdefault(hub, set())
            (tied.add if hub in now else tied.discard)(key)
            self._changed_hubs.add(hub)

    def _sum(self, suspicions: Iterable[Suspicion]) -> int:
        """Detectors of one group see the same thing from two sides, as with the evidence on a person."""
        by_group: dict[str, list[int]] = {}
        for suspicion in suspicions:
            group = self._weights.detectors[suspicion.detector].group
            by_group.setdefault(group, []).append(suspicion.millibits)
        discount = self._weights.repeat_discount
        return sum(
            round(millibits * discount**place)
            for group in by_group.values()
            for place, millibits in enumerate(sorted(group, reverse=True))
        )

    def millibits(self, kind: str, entity: str, direct_only: bool = False) -> int:
        """What is held against the entity, in thousandths of a bit, without the prior."""
        known = self._known.get((kind, entity))
        return known.millibits(direct_only) if known else 0

    def held(self, kind: str, entity: str, detector: str) -> int:
        """What one detector holds against the entity, in thousandths of a bit."""
        known = self._known.get((kind, entity))
        found = known.by.get(detector) if known else None
        return found.millibits if found else 0

    def probability(self, kind: str, entity: str, direct_only: bool = False) -> float:
        """That the entity serves a scam."""
        return odds_to_probability(self._prior + self.millibits(kind, entity, direct_only))

    def suspected(self, kind: str, entity: str, direct_only: bool = False) -> bool:
        """Whether the entity is held to be a suspect."""
        known = self._known.get((kind, entity))
        if known is None:
            return False
        return (
            odds_to_probability(self._prior + known.millibits(direct_only))
            >= self._weights.suspect_probability
        )

    def was_suspected(self, kind: str, entity: str, at: int) -> bool:
        """Whether the entity was held to be a suspect when the clock stood there."""
        known = self._known.get((kind, entity))
        return known is not None and known.suspect_since is not None and known.suspect_since <= at

    def types(self, kind: str, entity: str) -> tuple[tuple[str, float], ...]:
        """The scam types its suspicions speak for, weighted by their bits."""
        known = self._known.get((kind, entity))
        if known is None:
            return ()
        total: dict[str, float] = {}
        for suspicion in known.by.values():
            for name, share in suspicion.types:
                total[name] = total.get(name, 0.0) + share * suspicion.millibits
        return tuple(sorted((name, value / 1000) for name, value in total.items()))

    def rows(self) -> Iterator[Suspect]:
        """Every entity that is held to be a suspect, as rows of the contract, the surest first."""
        found: list[Suspect] = []
        for (kind, entity), known in self._known.items():
            if not self.suspected(kind, entity):
                continue
            types = dict(self.types(kind, entity))
            top = max(types, key=lambda name: (types[name], name)) if types else None
            told = sorted(known.by.values(), key=lambda s: (-s.millibits, s.detector))
            score = round(self.probability(kind, entity), 6)
            reasons, reasons_en = tuple(s.text_zh for s in told), tuple(s.text_en for s in told)
            found.append(Suspect(kind, entity, score, top, known.first_at, reasons, reasons_en))
        yield from sorted(found, key=lambda s: (-s.score, s.entity_kind, s.entity))

    def changed(self) -> set[Entity]:
        """Entities against which something else is held than when this was asked last."""
        changed, self._changed = self._changed, set()
        return changed

    def changed_hubs(self) -> dict[Entity, set[Entity]]:
        """Entities with which others work than when this was asked last, and those others."""
        changed, self._changed_hubs = self._changed_hubs, set()
        found = {hub: self._hubs[hub] for hub in changed}
        self._hubs = (
            self._hubs if all(found.values()) else {h: tied for h, tied in self._hubs.items() if tied}
        )
        return found

    def hosts(self) -> Iterator[str]:
        """Hosts against which anything is held."""
        return (entity for kind, entity in self._known if kind == "host")

    def forget(self, now: int) -> None:
        """Entities long quiet are gone."""
        for key in [k for k, known in self._known.items() if known.last_at < now - _FORGET_US]:
            self._tie(key, self._known.pop(key).tied_to(), set())
            self._changed.add(key)

    def __getstate__(self) -> dict[str, Any]:
        return {**self.__dict__, "_changed": set(self._known), "_changed_hubs": set(self._hubs)}

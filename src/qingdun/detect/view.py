"""What a detector may know besides what it keeps itself."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, ClassVar, Protocol

from qingdun.contract.tables import Outcome, WatchlistEntry
from qingdun.detect.clusters import Clusters, may_belong
from qingdun.detect.correlate import Correlator
from qingdun.detect.evidence import Event, HostVerdict, Signal, Suspicion, Timer
from qingdun.detect.following import LEAST
from qingdun.detect.host_kinds import is_well_known
from qingdun.detect.memory import LiveCall, Memory
from qingdun.detect.operations import Entity, Source
from qingdun.detect.reference import Holding, Line, Reference
from qingdun.detect.suspicion import Suspicions
from qingdun.detect.tiles.touches import Seen
from qingdun.detect.tiles.traffic import WATCH_US
from qingdun.detect.timers import Timers
from qingdun.detect.waking import MARKED, Concern


class Detector(Protocol):
    """One pattern: its permanent code, the flows it sees, and what it makes of them."""

    code: ClassVar[str]
    flows: ClassVar[tuple[str, ...]]
    phases: ClassVar[tuple[str, ...]]
    """Of rows that have a phase, only those of these are shown to it; all if there are none."""

    def observe(self, event: Event, view: View) -> Iterable[Signal | Suspicion]:
        """Evidence that the event brings."""
        ...

    def concerns(self, verdict: HostVerdict, common: bool) -> Concern:
        """Of a detector of visits: when a visit to a host of that verdict may matter to it at all; it need
        not be shown others. `common` if too many people ask for the host."""
        ...

    def wake(self, timer: Timer, view: View) -> Iterable[Signal | Suspicion]:
        """Evidence that the passing of time brings; called for timers set through `view.wake_at`."""
        ...

    def take_back(self, outcome: Outcome) -> None:
        """The outcome was undone: nothing the detector keeps rests on it."""
        ...

    def forget(self, now: int) -> None:
        """What the detector keeps is only what can still matter at `now` (UTC microseconds)."""
        ...


class View:
    """Reference, lists, suspicions, memory and the engine's clock, as of now."""

    def __init__(
        self,
        reference: Reference,
        memory: Memory,
        suspicions: Suspicions,
        correlator: Correlator,
        timers: Timers,
        clusters: Clusters,
        site_probability: float,
    ) -> None:
        self._reference = reference
        self._suspicions = suspicions
        self._correlator = correlator
        self._timers = timers
        self._clusters = clusters
        self.memory = memory
        self.site_probability = site_probability
        self.now = 0

    def line(self, number: str) -> Line | None:
        """The subscriber of the city that holds this number."""
        return self._reference.lines.get(number)

    def holding(self, account: str) -> Holding | None:
        """What is known of the account."""
        return self._reference.holdings.get(account)

    def holder(self, account: str) -> str | None:
        """The person who holds the account, where known."""
        holding = self._reference.holdings.get(account)
        return holding.person_id if holding else None

    def number_of(self, person_id: str) -> str:
        """A number to reach the person at."""
        return self._reference.number_of(person_id)

    def numbers_of(self, person_id: str) -> tuple[str, ...]:
        """The person's numbers."""
        return self._reference.numbers_of(person_id)

    def same_holder(self, one: str, other: str) -> bool:
        """Whether both accounts are known to belong to one person."""
        holder = self.holder(one)
        return holder is not None and holder == self.holder(other)

    def listed(self, kind: str, entity: str, at: int | None = None) -> WatchlistEntry | None:
        """The watchlist's entry in force at that time or now."""
        return self._reference.watchlist.find(kind, entity, self.now if at is None else at)

    def suspected(self, kind: str, entity: str, direct_only: bool = False) -> bool:
        """Whether the entity is held to be a suspect now."""
        return self._suspicions.suspected(kind, entity, direct_only)

    def was_suspected(self, kind: str, entity: str, at: int) -> bool:
        """Whether the entity was held to be a suspect by then: what is asked of a visit, which may have been
        only counted when it came first, and comes again now."""
        return self._suspicions.was_suspected(kind, entity, at)

    def suspicion(self, kind: str, entity: str) -> int:
        """Thousandths of a bit held against the entity."""
        return self._suspicions.millibits(kind, entity)

    def suspicion_probability(self, kind: str, entity: str) -> float:
        """That the entity serves a scam."""
        return self._suspicions.probability(kind, entity)

    def held_against(self, entity: Entity, detector: str) -> int:
        """Thousandths of a bit that one detector holds against the entity."""
        return self._suspicions.held(*entity, detector)

    def operations(self) -> list[tuple[Entity, ...]]:
        """Entities tied to each other, as groups that form one operation each, as of now."""
        self._tie()
        return self._clusters.groups()

    def changed_operations(self) -> list[tuple[Entity, ...]]:
        """Those of them about which something may have changed since this was asked last."""
        self._tie()
        return self._clusters.changed_groups()

    def _tie(self) -> None:
        hubs, victims = self._suspicions.changed_hubs(), self._correlator.changed_entities()
        sources: dict[Source, set[Entity]] = {("hub", *hub): tied for hub, tied in hubs.items()}
        sources |= {("person", person): entities for person, entities in victims.items()}
        changed = self._suspicions.changed()
        self._clusters.update(sources, changed, self._of_an_operation, self.memory.touches.are_crowded)

    def tied(self, entity: Entity, others: Iterable[Entity]) -> set[Source]:
        """What ties the entity to those others of its operation."""
        return self._clusters.ties(entity, others)

    def _of_an_operation(self, entity: Entity) -> str | None:
        """The scam type the entity speaks for; None if it did too little to belong to an operation, or by its
        name cannot."""
        kind, name = entity
        if self._suspicions.millibits(kind, name, direct_only=True) < self._clusters.shape.least:
            return None
        if not may_belong(kind, name):
            return None
        types = self._suspicions.types(kind, name)
        return max(types, key=lambda one: (one[1], one[0]))[0] if types else ""

    def suspected_types(self, kind: str, entity: str) -> tuple[tuple[str, float], ...]:
        """Scam types that the suspicions on the entity speak for."""
        return self._suspicions.types(kind, entity)

    def evidence(
        self, person_id: str, without: tuple[str, str] | None = None, direct_only: bool = False
    ) -> int:
        """Thousandths of a bit that now speak for the person being scammed, the prior not counted.

        Without what concerns the entity `without`; without guilt by company if `direct_only`.
        """
        return self._correlator.millibits(person_id, self.now, without, direct_only)

    def most_evidence(self, person_id: str) -> int:
        """What no part of the direct evidence on the person is worth more than now, in thousandths of a bit;
        quick to ask."""
        return self._correlator.most_millibits(person_id, self.now)

    def follows(self, person_id: str) -> bool:
        """Whether so much speaks for the person being scammed that they are followed."""
        return self._correlator.follows(person_id, self.now, LEAST)

    def has_evidence(self, person_id: str) -> bool:
        """Whether anything speaks for the person being scammed."""
        return self._correlator.known(person_id)

    def strongest(
        self, person_id: str, since: int, until: int, flows: tuple[str, ...], without: str = ""
    ) -> Signal | None:
        """The strongest direct signal about the person from `since` to `until` by those flows' detectors."""
        return self._correlator.strongest(person_id, since, until, flows, without)

    def held(self, person_id: str, detector: str, kind: str, entity: str) -> int:
        """Thousandths of a bit that one detector's signal about the person on one entity is worth now."""
        return self._correlator.held(person_id, detector, kind, entity, self.now)

    def little_known_sites(self, person_id: str, since: int, until: int | None = None) -> list[str]:
        """Uncommon hosts that the person asked for from `since` to `until` or now, by their latest visits."""
        until = self.now if until is None else until
        found = [
            (at, host)
            for number in self._reference.numbers_of(person_id)
            for host, at in self.memory.touches.little_known(number)
            if since <= at <= until and not self.memory.is_common(host) and not is_well_known(host)
        ]
        return [host for _, host in sorted(found)]

    def host_seen(self, host: str) -> Seen:
        """When the host was first asked for in this city, as far as the engine has watched (now, if nobody
        has before), and how many subscribers have within windows of time; nothing of these of a common host
        that is no suspect."""
        return self.memory.touches.seen(host, self.now) or Seen(self.now, {})

    def new_since(self) -> int | None:
        """Hosts that were first asked for since then are new in this city; None while it has not been watched
        for long enough."""
        return self.memory.touches.new_since(self.now)

    def bad_host(self, host: str, verdict: HostVerdict) -> bool:
        """Whether the host is listed, suspected, or fraudulent by its name."""
        return (
            (verdict.listed is not None and self.listed("host", host) is not None)
            or verdict.probability >= self.site_probability
            or self.suspected("host", host)
        )

    def mark(self, number: str, on: bool = True) -> None:
        """Visits of the subscriber concern detectors that wait for marked ones (`MARKED`)."""
        place = self.memory.touches.number(number)
        if on:
            self.memory.waking.set((place,), MARKED)
        else:
            self.memory.waking.clear(place, MARKED)

    def watch(self, host: str) -> None:
        """Every visit to the host concerns every detector from now on."""
        self.memory.waking.watch(self.memory.touches.entity("host", host))

    def look_at(self, kind: str, entity: str) -> None:
        """What concerns the entity is looked at from now on, as long as anything can be held against it."""
        if kind == "host":
            self.watch(entity)
        elif kind in ("number", "sender"):
            self.memory.traffic.watch(entity, self.now + WATCH_US)
        elif kind == "account":
            self.memory.money.look_at(entity, self.now + WATCH_US)

    def live_call(self, number: str) -> LiveCall | None:
        """The call that the number is in now."""
        return self.memory.live_call(number, self.now)

    def watched_us(self) -> int:
        """How long the engine has watched; before a day or so nearly everybody is a stranger to it."""
        return 0 if self.memory.started_at is None else self.now - self.memory.started_at

    def wake_at(self, at: int, detector: str, key: tuple[Any, ...]) -> None:
        """The detector's `wake` is called at `at`, after the events of that instant."""
        self._timers.add(at, self.memory.traffic.timer_number(), detector, key)

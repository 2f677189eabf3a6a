"""The evidence of each person, across flows, added up: probability, stage, type, level, and alerts when
due.
"""

from __future__ import annotations

import hashlib
import math
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

from qingdun.contract.codes import Level, ScamType, Stage
from qingdun.contract.tables import Alert, Evidence
from qingdun.detect.evidence import HOUR_US, Signal
from qingdun.detect.odds import odds_to_probability
from qingdun.detect.weights import Weights

_STAGES = [stage.value for stage in Stage]
_RANK = {Level.LOW: 0, Level.MEDIUM: 1, Level.HIGH: 2, Level.URGENT: 3}
_MOST_EVIDENCE = 40
_URGENT_ALONE = 11_000
"""Thousandths of a bit, by itself, from which money about to move is urgent whatever else is known."""
_LEAST_TELLING = 500
"""Thousandths of a bit from which a signal says that somebody is past the first contact."""
_LOW = {Stage.CONTACT: "low", Stage.CONTROL: "controlled"}
"""The threshold of low by the stage reached; of every other stage it is `lured`."""


@dataclass(slots=True)
class Episode:
    """The alerts on one person from the first on, for 72 h."""

    episode_id: str
    opened_at: int
    level: Level


@dataclass(slots=True)
class Person:
    """What is held for one person being scammed: the strongest signal of each detector on each entity."""

    signals: dict[tuple[str, str, str], Signal] = field(default_factory=dict)
    episode: Episode | None = None


@dataclass(frozen=True, slots=True)
class Weighed:
    """A signal and what it counts now, after decay and discount."""

    signal: Signal
    millibits: int


Heard = Callable[[str, int, Sequence[Weighed]], None]
"""Who is told of every weighing: the person, when, and signals with what they count before their worth."""


class Correlator:
    """Evidence per person. All sums are of whole thousandths of a bit, so their order does not matter."""

    def __init__(self, weights: Weights) -> None:
        self._weights = weights
        self._persons: dict[str, Person] = {}
        self._changed = set[str]()
        self._heard: Heard | None = None

    def listen(self, heard: Heard) -> None:
        """From now on `heard` is told of every weighing; no snapshot holds it."""
        self._heard = heard

    def __len__(self) -> int:
        return len(self._persons)

    def take(self, signal: Signal, now: int) -> Alert | None:
        """The signal counts from now on; an alert if a level is reached that the episode had not reached."""
        person = self._persons.get(signal.person_id)
        if person is None:
            person = self._persons[signal.person_id] = Person()
        key = (signal.detector, signal.entity_kind, signal.entity)
        earlier = person.signals.get(key)
        if earlier is not None and self._decayed(earlier, now) >= self._decayed(signal, now):
            return None
        person.signals[key] = signal
        self._changed.add(signal.person_id)
        return self._decide(signal.person_id, person, now)

    def take_back(self, person_id: str, detector: str) -> None:
        """What that detector has said about the person no longer counts; alerts that were raised stay."""
        person = self._persons.get(person_id)
        if person is not None:
            person.signals = {key: signal for key, signal in person.signals.items() if key[0] != detector}
            self._changed.add(person_id)

    def known(self, person_id: str) -> bool:
        """Whether anything is held for the person."""
        return person_id in self._persons

    def alerted(self, person_id: str) -> bool:
        """Whether the person has had an alert of which anything is held."""
        person = self._persons.get(person_id)
        return person is not None and person.episode is not None

    def persons(self) -> Iterable[str]:
        """All of whom anything is held."""
        return self._persons

    def millibits(
        self,
        person_id: str,
        now: int,
        without: tuple[str, str] | None = None,
        direct_only: bool = False,
    ) -> int:
        """What speaks for the person being scammed, without the prior."""
        person = self._persons.get(person_id)
        if person is None:
            return 0
        signals = [
            s
            for s in person.signals.values()
            if (s.entity_kind, s.entity) != without and (s.direct or not direct_only)
        ]
        return sum(w.millibits for w in self._weigh(signals, now))

    def most_millibits(self, person_id: str, now: int) -> int:
        """What no part of the direct evidence on the person is worth more than: its sum without discounts."""
        person = self._persons.get(person_id)
        if person is None:
            return 0
        return sum(max(0, self._decayed(s, now)) for s in person.signals.values() if s.direct)

    def follows(self, person_id: str, now: int, least: int) -> bool:
        """Whether all evidence on the person, without discounts, is worth so much. Less with time, unless
        there is another signal."""
        person = self._persons.get(person_id)
        if person is None or sum(max(0, s.millibits) for s in person.signals.values()) < least:
            return False
        return sum(max(0, self._decayed(s, now)) for s in person.signals.values()) >= least

    def latest(self, person_id: str) -> int:
        """The time of the latest signal about the person; 0 if there is none."""
        person = self._persons.get(person_id)
        return max((s.at for s in person.signals.values()), default=0) if person else 0

    def strongest(
        self, person_id: str, since: int, until: int, flows: tuple[str, ...], without: str = ""
    ) -> Signal | None:
        """The strongest direct signal about the person from `since` to `until` by detectors of those flows.

        `flows` are the first words of codes, such as `call`; `without` leaves out one detector.
        """
        person = self._persons.get(person_id)
        found = [
            s
            for s in (person.signals.values() if person else ())
            if since <= s.at <= until
            and s.direct
            and s.detector != without
            and s.detector.partition(".")[0] in flows
        ]
        return max(found, key=lambda s: (s.millibits, s.at, s.detector, s.entity), default=None)

    def held(self, person_id: str, detector: str, kind: str, entity: str, now: int) -> int:
        """Thousandths of a bit that one detector's signal on one entity is worth now."""
        person = self._persons.get(person_id)
        signal = person.signals.get((detector, kind, entity)) if person else None
        return self._decayed(signal, now) if signal else 0

    def forget(self, now: int) -> list[str]:
        """Persons with nothing left to say are gone; who they are."""
        horizon = now - round(self._weights.forget_h * HOUR_US)
        gone: list[str] = []
        for person_id, person in self._persons.items():
            for key in [k for k, s in person.signals.items() if s.at < horizon]:
                del person.signals[key]
                self._changed.add(person_id)
            if not person.signals and (person.episode is None or not self._open(person.episode, now)):
                gone.append(person_id)
        for person_id in gone:
            del self._persons[person_id]
        self._changed.update(gone)
        return gone

    def changed_entities(self) -> dict[str, set[tuple[str, str]]]:
        """The entities in the evidence on each person who has had an alert, none on others: of those on whom
        something came or went since this was asked last."""
        changed, self._changed = self._changed, set()
        return {person_id: self._entities_of(person_id) for person_id in changed}

    def _entities_of(self, person_id: str) -> set[tuple[str, str]]:
        person = self._persons.get(person_id)
        if person is None or person.episode is None:
            return set()
        return {(s.entity_kind, s.entity) for s in person.signals.values()}

    def _decayed(self, signal: Signal, now: int) -> int:
        age = now - signal.at
        if age <= 0:
            return signal.millibits
        if age > self._weights.forget_h * HOUR_US:
            return 0
        half_life: float = self._weights.detectors[signal.detector].half_life_h * HOUR_US
        return round(signal.millibits * math.pow(2.0, -age / half_life))

    def _weigh(self, signals: list[Signal], now: int) -> list[Weighed]:
        """Each signal's bits now; in a group of detectors that repeat each other the strongest counts in
        full, the next by the discount, the one after by its square."""
        aged = [(-self._decayed(s, now), s.detector, s.entity_kind, s.entity, s) for s in signals]
        aged.sort(key=lambda entry: entry[:4])
        factors: dict[str, float] = {}
        weighed: list[Weighed] = []
        for negative, detector, _, _, signal in aged:
            group = self._weights.detectors[detector].group
            factor = factors.get(group, 1.0)
            factors[group] = factor * self._weights.repeat_discount
            millibits = round(-negative * factor)
            if millibits:
                weighed.append(Weighed(signal, millibits))
        return weighed

    def _worth(self, found: Sequence[Weighed]) -> list[Weighed]:
        """The same as they count in the sum."""
        detectors = self._weights.detectors
        counted = [Weighed(w.signal, round(w.millibits * detectors[w.signal.detector].worth)) for w in found]
        return [w for w in counted if w.millibits]

    def __getstate__(self) -> dict[str, Any]:
        return {**self.__dict__, "_heard": None, "_changed": set(self._persons)}

    def _decide(self, person_id: str, person: Person, now: int) -> Alert | None:
        found = self._weigh(list(person.signals.values()), now)
        if self._heard is not None:
            self._heard(person_id, now, found)
        weighed = self._worth(found)
        total = self._weights.prior_millibits + sum(w.millibits for w in weighed)
        probability = odds_to_probability(total)
        level = self._level(weighed, probability, now)
        if level is None:
            return None
        episode = person.episode
        if episode is not None and self._open(episode, now):
            if _RANK[level] <= _RANK[episode.level]:
                return None
            episode.level = level
        else:
            episode = person.episode = Episode(_hash(person_id, str(now)), now, level)
        first = max(weighed, key=lambda w: (w.signal.at, w.millibits)).signal
        return Alert(
            alert_id=_hash(episode.episode_id, level),
            episode_id=episode.episode_id,
            person_id=person_id,
            msisdn=first.msisdn,
            scam_type=most_probable_type(weighed),
            level=level,
            stage=_stage(weighed, 1),
            probability=probability,
            raised_at=now,
            evidence=tuple(_evidence(weighed)),
        )

    def _open(self, episode: Episode, now: int) -> bool:
        return now - episode.opened_at < self._weights.episode_h * HOUR_US

    def _level(self, weighed: list[Weighed], probability: float, now: int) -> Level | None:
        """The level by the triggers of the domain: money about to move, two flows agreeing, one strong
        contact. Guilt by company counts for none of them. Whoever is past the first contact is told sooner,
        and soonest whoever does as they are told: of them most will pay.
        """
        least = self._weights.thresholds
        recent = now - round(self._weights.urgent_within_s * 1_000_000)
        urgent = [w for w in weighed if w.signal.urgent and w.signal.direct and w.signal.at >= recent]
        if any(w.signal.millibits >= _URGENT_ALONE for w in urgent):
            return Level.URGENT
        stage = _stage(weighed, _LEAST_TELLING)
        if probability < least[_LOW.get(Stage(stage), "lured")]:
            return None
        if probability >= least["urgent"] and any(w.millibits > 0 for w in urgent):
            return Level.URGENT
        by_flow: dict[str, int] = {}
        for w in weighed:
            if w.signal.direct:
                flow = w.signal.detector.partition(".")[0]
                by_flow[flow] = by_flow.get(flow, 0) + w.millibits
        agreeing = sum(bits >= self._weights.agree_bits * 1000 for bits in by_flow.values())
        if probability >= least["high"] and agreeing >= 2:
            return Level.HIGH
        strong = any(bits >= self._weights.strong_bits * 1000 for bits in by_flow.values())
        if probability >= least["medium"] and strong:
            return Level.MEDIUM
        return Level.LOW


def _stage(weighed: list[Weighed], least: int) -> str:
    """The furthest stage that a signal of at least so many thousandths of a bit speaks for."""
    stages = (w.signal.stage for w in weighed if w.millibits >= least)
    return max(stages, key=_STAGES.index, default=Stage.CONTACT.value)


def most_probable_type(weighed: list[Weighed]) -> str:
    """The scam type that most bits speak for; `other` if none does."""
    total: dict[str, float] = {}
    for w in weighed:
        for name, share in w.signal.types:
            total[name] = total.get(name, 0.0) + share * w.millibits
    if not total:
        return ScamType.OTHER.value
    return max(sorted(total), key=lambda name: total[name])


def _evidence(weighed: list[Weighed]) -> list[Evidence]:
    """The evidence in order of time; what is too much for one page is merged into the strongest of its
    detector.
    """
    ranked = sorted(weighed, key=lambda w: (-w.millibits, w.signal))
    kept, merged = ranked[:_MOST_EVIDENCE], ranked[_MOST_EVIDENCE:]
    rows = [
        Evidence(
            w.signal.detector,
            w.signal.at,
            w.signal.entity_kind,
            w.signal.entity,
            w.millibits / 1000,
            w.signal.text_zh,
            w.signal.text_en,
        )
        for w in kept
    ]
    if merged:
        last = max(merged, key=lambda w: w.signal.at).signal
        rows.append(
            Evidence(
                last.detector,
                last.at,
                last.entity_kind,
                last.entity,
                sum(w.millibits for w in merged) / 1000,
                f"另有{len(merged)}条较弱证据合并于此",
                f"{len(merged)} weaker pieces of evidence merged here",
            )
        )
    return sorted(rows, key=lambda e: (e.at, e.detector, e.entity))


def _hash(*parts: str) -> str:
    return hashlib.sha256("\x1f".join(parts).encode()).hexdigest()[:24]

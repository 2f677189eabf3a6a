"""A person has been in touch with the same little-known number, sender, site or account as people being
scammed.

What it sees: for entities that few people touch, how many of those who touch them show direct evidence of a
scam that has nothing to do with the entity itself.
Why it matters: a gang reuses numbers, hosts and accounts; the second victim gives the first one's script
away.
What it is blind to: gangs that share nothing between victims.
Who looks guilty and isn't: a local shop or courier known to a few victims: everybody else who touches it
without harm counts against the suspicion. Membership alone reaches no high level and restricts nobody.
Source: docs/field.md §10; the weight is the log-likelihood ratio of two binomials.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from qingdun.detect.evidence import DAY_US, Event, HostVerdict, Signal, Suspicion
from qingdun.detect.pattern import Found, Pattern
from qingdun.detect.tiles.touches import CIRCLE_US, Entity
from qingdun.detect.view import View
from qingdun.detect.waking import FOLLOWED, NOBODY, Concern
from qingdun.detect.weights import Weights
from qingdun.detect.words import site

_WORDS = {
    "number": ("号码", "number"),
    "sender": ("短信发送方", "sender"),
    "host": ("网站", "site"),
    "account": ("账户", "account"),
}


@dataclass(slots=True)
class Tainted:
    """Of those who touched an entity, who shows evidence and who was told of it."""

    persons: set[str] = field(default_factory=set)
    told: set[str] = field(default_factory=set)
    last_at: int = 0


class SharedContact(Pattern):
    """Suspicion of what victims have in common, and signals about the others who touched it."""

    code = "person.shared_contact"
    flows = ("calls", "messages", "visits", "transfers")
    phases = ("answered", "requested")

    def __init__(self, weights: Weights) -> None:
        super().__init__(weights)
        self._tainted: dict[Entity, Tainted] = {}
        """Entities touched by somebody with evidence; whoever touches them is looked at."""

    def concerns(self, verdict: HostVerdict, common: bool) -> Concern:
        """Uncommon hosts of those who show enough evidence; tainted hosts are watched."""
        return NOBODY if verdict.well_known or common else FOLLOWED

    def observe(self, event: Event, view: View) -> Found:
        """Evidence that follows from who has now touched what."""
        for person, entity in _touches(event, view):
            if entity in self._tainted or self._may_taint(person, view):
                yield from self._look(person, entity, event.at, view)
            else:
                view.memory.touches.later(person, entity, event.at)

    def _may_taint(self, person: str, view: View) -> bool:
        """Whether the person's evidence, whatever of it is left out, could be enough to taint anything."""
        return view.most_evidence(person) >= self.settings["least_bits"] * 1000

    def _look(self, person: str, entity: Entity, at: int, view: View) -> Found:
        touches = view.memory.touches
        joined = touches.touch(person, entity, at)
        tainted = self._tainted.get(entity)
        if tainted is not None:
            tainted.last_at = max(tainted.last_at, at)
            view.look_at(*entity)
        changed = joined and tainted is not None
        touched = touches.touched(person)
        if self._may_taint(person, view):
            for other in touched:
                changed |= self._taint(person, other, at, view)
        if changed:
            for other in dict.fromkeys(touched):
                yield from self._judge(other, at, view)

    def _taint(self, person: str, entity: Entity, at: int, view: View) -> bool:
        tainted = self._tainted.get(entity)
        if tainted is not None and person in tainted.persons:
            return False
        circle = view.memory.touches.circle(entity)
        if circle is None or person not in circle:
            return False
        bits = view.evidence(person, without=entity, direct_only=True)
        if bits < self.settings["least_bits"] * 1000:
            return False
        if tainted is None:
            tainted = self._tainted[entity] = Tainted(last_at=view.memory.touches.last_at(entity))
            view.look_at(*entity)
        tainted.persons.add(person)
        return True

    def _judge(self, entity: Entity, at: int, view: View) -> Found:
        tainted = self._tainted.get(entity)
        if tainted is None or len(tainted.persons) < 2:
            return
        circle = view.memory.touches.circle(entity)
        if circle is None:
            return
        clean = len(circle) - len(tainted.persons)
        millibits = len(tainted.persons) * self.bits["tainted"] + clean * self.bits["clean"]
        millibits = min(millibits, self.bits["most"])
        if millibits <= self.bits["least"]:
            return
        kind, name = entity
        word_zh, word_en = _WORDS[kind]
        zh = f"{len(circle)}名接触者中有{len(tainted.persons)}人出现受骗迹象"
        en = f"{len(tainted.persons)} of {len(circle)} people in touch with it show signs of a scam"
        yield Suspicion(self.code, at, kind, name, millibits, (), zh, en, direct=False)
        for person in sorted(set(circle) - tainted.told):
            if circle[person] < at - DAY_US:
                continue
            tainted.told.add(person)
            yield Signal(
                self.code,
                at,
                person,
                view.number_of(person),
                kind,
                name,
                self.bits["told"],
                "contact",
                view.suspected_types(kind, name),
                f"与其他疑似受骗人接触同一{word_zh}{site(name)}：{zh}",
                f"the person is in touch with the same {word_en} as others, {site(name)}: {en}",
                direct=False,
            )

    def forget(self, now: int) -> None:
        """Entities that nobody has touched for three days are gone."""
        for entity in [e for e, t in self._tainted.items() if t.last_at < now - CIRCLE_US]:
            del self._tainted[entity]


def _touches(event: Event, view: View) -> list[tuple[str, Entity]]:
    """Persons of the city and the entity each of them touches by the event."""
    row = event.row
    if event.flow == "visits":
        if event.verdict.well_known or view.memory.is_common(row.host):
            return []
        line = view.line(row.subscriber)
        return [] if line is None else [(line.person_id, ("host", row.host))]
    if event.flow == "messages":
        line = view.line(row.recipient)
        return [(line.person_id, ("sender", row.sender))] if line and not row.sender.isdigit() else []
    if event.flow == "transfers":
        if view.same_holder(row.payer_account, row.payee_account):
            return []
        holding, person = view.holding(row.payee_account), view.holder(row.payer_account)
        if person is None or (holding is not None and holding.kind == "merchant"):
            return []
        return [(person, ("account", row.payee_account))]
    found: list[tuple[str, Entity]] = []
    for own, other in ((row.callee, row.caller), (row.caller, row.callee)):
        line = view.line(own)
        if line is not None and other.startswith("+"):
            found.append((line.person_id, ("number", other)))
    return found

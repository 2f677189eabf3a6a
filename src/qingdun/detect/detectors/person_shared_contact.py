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

from collections import deque
from dataclasses import dataclass, field

from qingdun.detect.evidence import DAY_US, Event, Signal, Suspicion
from qingdun.detect.pattern import Found, Pattern
from qingdun.detect.view import View
from qingdun.detect.weights import Weights

_KEEP_US = 3 * DAY_US
_MOST_TOUCHED = 24
_WORDS = {
    "number": ("号码", "number"),
    "sender": ("短信发送方", "sender"),
    "host": ("网站", "site"),
    "account": ("账户", "account"),
}

Entity = tuple[str, str]


@dataclass(slots=True)
class Circle:
    """Who touched an entity and who of them shows evidence; `full` once too many have touched it."""

    touched: dict[str, int] = field(default_factory=dict)
    tainted: set[str] = field(default_factory=set)
    told: set[str] = field(default_factory=set)
    last_at: int = 0
    full: bool = False


class SharedContact(Pattern):
    """Suspicion of what victims have in common, and signals about the others who touched it."""

    code = "person.shared_contact"
    flows = ("calls", "messages", "visits", "transfers")

    def __init__(self, weights: Weights) -> None:
        super().__init__(weights)
        self._circles: dict[Entity, Circle] = {}
        self._touched: dict[str, deque[Entity]] = {}
        self._last_at: dict[str, int] = {}

    def observe(self, event: Event, view: View) -> Found:
        """Evidence that follows from who has now touched what."""
        for person, entity in _touches(event, view):
            changed = self._touch(person, entity, event.at)
            if view.has_evidence(person):
                for other in self._touched[person]:
                    changed |= self._taint(person, other, view)
            if changed:
                for other in dict.fromkeys(self._touched[person]):
                    yield from self._judge(other, event.at, view)

    def _touch(self, person: str, entity: Entity, at: int) -> bool:
        circle = self._circles.get(entity)
        if circle is None:
            circle = self._circles[entity] = Circle()
        circle.last_at = max(circle.last_at, at)
        touched = self._touched.setdefault(person, deque(maxlen=_MOST_TOUCHED))
        self._last_at[person] = max(at, self._last_at.get(person, 0))
        if entity not in touched:
            touched.append(entity)
        if circle.full or person in circle.touched:
            return False
        circle.touched[person] = at
        if len(circle.touched) > self.settings["most_persons"]:
            circle.full = True
            circle.touched, circle.tainted, circle.told = {}, set(), set()
            return False
        return bool(circle.tainted)

    def _taint(self, person: str, entity: Entity, view: View) -> bool:
        circle = self._circles.get(entity)
        if circle is None or circle.full or person in circle.tainted or person not in circle.touched:
            return False
        bits = view.evidence(person, without=entity, direct_only=True)
        if bits < self.settings["least_bits"] * 1000:
            return False
        circle.tainted.add(person)
        return True

    def _judge(self, entity: Entity, at: int, view: View) -> Found:
        circle = self._circles.get(entity)
        if circle is None or circle.full or len(circle.tainted) < 2:
            return
        clean = len(circle.touched) - len(circle.tainted)
        millibits = len(circle.tainted) * self.bits["tainted"] + clean * self.bits["clean"]
        millibits = min(millibits, self.bits["most"])
        if millibits <= self.bits["least"]:
            return
        kind, name = entity
        word_zh, word_en = _WORDS[kind]
        zh = f"{len(circle.touched)}名接触者中有{len(circle.tainted)}人出现受骗迹象"
        en = f"{len(circle.tainted)} of {len(circle.touched)} people in touch with it show signs of a scam"
        yield Suspicion(self.code, at, kind, name, millibits, (), zh, en, direct=False)
        for person in sorted(set(circle.touched) - circle.told):
            if circle.touched[person] < at - DAY_US:
                continue
            circle.told.add(person)
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
                f"与其他疑似受骗人接触同一{word_zh}{name}：{zh}",
                f"in touch with the same {word_en}, {name}: {en}",
                direct=False,
            )

    def forget(self, now: int) -> None:
        """Entities and persons of more than three days ago are gone."""
        for entity in [e for e, c in self._circles.items() if c.last_at < now - _KEEP_US]:
            del self._circles[entity]
        for person in [p for p, at in self._last_at.items() if at < now - _KEEP_US]:
            del self._touched[person], self._last_at[person]


def _touches(event: Event, view: View) -> list[tuple[str, Entity]]:
    """Persons of the city and the entity each of them touches by the event."""
    row = event.row
    if event.flow == "visits":
        if event.verdict.kinds or view.memory.is_common(row.host):
            return []
        line = view.line(row.subscriber)
        return [] if line is None else [(line.person_id, ("host", row.host))]
    if event.flow == "messages":
        line = view.line(row.recipient)
        return [(line.person_id, ("sender", row.sender))] if line and not row.sender.isdigit() else []
    if event.flow == "transfers":
        if row.phase != "requested" or view.same_holder(row.payer_account, row.payee_account):
            return []
        holding, person = view.holding(row.payee_account), view.holder(row.payer_account)
        if person is None or (holding is not None and holding.kind == "merchant"):
            return []
        return [(person, ("account", row.payee_account))]
    if row.phase != "answered":
        return []
    found: list[tuple[str, Entity]] = []
    for own, other in ((row.callee, row.caller), (row.caller, row.callee)):
        line = view.line(own)
        if line is not None and other.startswith("+"):
            found.append((line.person_id, ("number", other)))
    return found

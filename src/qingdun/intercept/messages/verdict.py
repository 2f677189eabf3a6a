"""What becomes of a message: by the lists (its sender, its recipient, hosts in its text, its template), and
by the model of texts that the engine has.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from enum import IntEnum, StrEnum
from functools import lru_cache
from typing import NamedTuple, Protocol

from qingdun.detect.text.model import TextModel
from qingdun.detect.text.template import template_key
from qingdun.intercept.known import Known, Rule
from qingdun.intercept.messages.alphabet import GSM, UNKNOWN, codec, text
from qingdun.intercept.messages.content import Message
from qingdun.intercept.messages.names import form, forms, hosts
from qingdun.intercept.messages.reading import read
from qingdun.intercept.never import dialled, service


class Act(IntEnum):
    """The stronger, the greater."""

    OBSERVED = 1
    """It passes, and is counted."""
    QUARANTINED = 2
    """It waits for a person."""
    REFUSED = 3


class Verdict(NamedTuple):
    """What becomes of a text. No verdict at all: it passes."""

    act: Act
    rule: Rule | None
    """The entry it is for; None: the model alone."""
    probability: float = 0.0


class Model(StrEnum):
    """What the model of texts may do."""

    OFF = "off"
    OBSERVE = "observe"
    QUARANTINE = "quarantine"
    REFUSE = "refuse"


class Judges(Protocol):
    """Whoever says what becomes of messages."""

    def numbers(self, messages: Sequence[Message]) -> list[Verdict | None]:
        """By who sends, and who is written to."""
        ...

    def recipients(self, message: Message) -> list[Verdict | None]:
        """By each of the many a message is for."""
        ...

    def texts(self, texts: Sequence[Sequence[Message]]) -> list[Verdict | None]:
        """By the words of each text: its segments in their order."""
        ...

    def words(self, segments: Sequence[Message]) -> str:
        """What a person reads of a text."""
        ...


# Senders are few, and send the same again and again; whom they send to is another each time.
_sender_forms = lru_cache(1 << 12)(forms)
_codec = lru_cache(1 << 9)(codec)
_key = lru_cache(1 << 12)(template_key)
_MOBILE, _SHORT = (11, 13, 14), 7
"""Characters of a mobile number of this country, in its writings, and of a short code behind a plus."""
_NOBODYS = frozenset(("", "short_code"))
"""No service that is known: a short code may be any sender's."""
_KEPT = 1000
"""Characters of a text whose key is remembered: most are far shorter, and memory is bounded."""
_ACTS = {Model.OBSERVE: Act.OBSERVED, Model.QUARANTINE: Act.QUARANTINED, Model.REFUSE: Act.REFUSED}


class Judge:
    """Judges by the lists as they stand at that moment. What an entry is met in is told to `met`, once a
    text.
    """

    def __init__(
        self,
        known: Known,
        met: Callable[[Rule], None],
        model: Model = Model.OBSERVE,
        least: float = 0.97,
        default: str = GSM,
    ) -> None:
        """`least`: the probability from which the model speaks; `default`: what a coding of 0 means."""
        self._known, self._met, self._least, self._default = known, met, least, default
        self.unreadable = 0
        """Texts that are for a machine, or written in no way that is known."""
        self._act = _ACTS.get(model)
        self._model = None if self._act is None else TextModel.load()
        if self._model is not None:
            # Compiled code is loaded now, and not with the first message.
            self._model.probable([b"text"], least)

    def numbers(self, messages: Sequence[Message]) -> list[Verdict | None]:
        """By who sends, and who is written to if it is one."""
        find = self._known.find
        found: list[Verdict | None] = []
        for one in messages:
            rule: Rule | None = None
            if _is_report(one):
                found.append(None)
                continue
            for it in _sender_forms(one.source_ton, one.source):
                for kind in ("sender", "number"):
                    if (other := find(kind, it)) is not None:
                        rule = _stronger(rule, other)
            for it in forms(one.destination_ton, one.destination):
                if (other := find("number", it)) is not None:
                    rule = _stronger(rule, other)
            found.append(None if rule is None else self._by(rule, _is_again(one)))
        return found

    def recipients(self, message: Message) -> list[Verdict | None]:
        """By each of the many a message is for."""
        again = _is_again(message)
        found: list[Verdict | None] = []
        for one in message.many:
            rule: Rule | None = None
            for it in forms(one.ton, one.address):
                rule = _stronger(rule, self._known.find("number", it))
            found.append(None if rule is None else self._by(rule, again))
        return found

    def texts(self, texts: Sequence[Sequence[Message]]) -> list[Verdict | None]:
        """By the words of each text: its segments in their order."""
        words = [self.words(one) for one in texts]
        if not all(words):
            said = zip(texts, words, strict=True)
            self.unreadable += sum(not one and any(part.octets for part in text) for text, one in said)
        reports = [_is_report(one[0]) for one in texts]
        found = [None if reports[place] else self._by_lists(one) for place, one in enumerate(words)]
        if self._model is None:
            return found
        rest = [
            place
            for place, one in enumerate(found)
            if words[place] and not reports[place] and (one is None or one.act is Act.OBSERVED)
        ]
        written = [words[place].encode("utf-8", "replace") for place in rest]
        for which, score in self._model.probable(written, self._least).items():
            place = rest[which]
            found[place] = stronger(self._by_model(texts[place][0], score), found[place])
        return found

    def words(self, segments: Sequence[Message]) -> str:
        """What a person reads; empty for what is for a machine. A character may begin in one segment and
        end in the next.
        """
        coding = segments[0].coding
        if len(segments) == 1:
            octets = segments[0].octets
        elif all(one.coding == coding for one in segments):
            octets = b"".join(one.octets for one in segments)
        else:
            return "".join(self.words([one]) for one in segments)
        written = _codec(coding, self._default)
        return text(octets, written) if written else read(octets, self._default if coding == UNKNOWN else "")

    def _by_lists(self, words: str) -> Verdict | None:
        if not words:
            return None
        rule: Rule | None = None
        if self._known.size("host"):
            for host in hosts(words):
                rule = _stronger(rule, self._known.find("host", host))
        if self._known.size("text") and (key := _key_of(words)):
            rule = _stronger(rule, self._known.find("text", key))
        return None if rule is None else self._by(rule)

    def _by(self, rule: Rule, again: bool = False) -> Verdict:
        if not again:
            self._met(rule)
        return Verdict(Act.REFUSED if rule.enforced else Act.OBSERVED, rule)

    def _by_model(self, message: Message, score: float) -> Verdict | None:
        """Whoever is never blocked is not stopped by a model either."""
        assert self._act is not None
        found = forms(message.source_ton, message.source)
        if any(self._known.never("sender", one) for it in found for one in (it, dialled(it))):
            return None
        return Verdict(self._act, None, score)


def stronger(one: Verdict | None, other: Verdict | None) -> Verdict | None:
    """The one that does more; what a person will look at names the entry that was only observed, too."""
    if one is None or other is None:
        return one or other
    more, less = (other, one) if other.act > one.act else (one, other)
    return more._replace(rule=less.rule) if more.act is Act.QUARANTINED and more.rule is None else more


def remembered(message: Message) -> Message:
    """The message with no more of many recipients than decide what becomes of its text: two hundred of them
    take fifty times the room of its octets.
    """
    many = message.many
    if len(many) <= 1:
        return message
    persons = (one for one in many if not _is_service(one.ton, one.address))
    return message._replace(many=tuple(dict.fromkeys((many[0], next(persons, many[0])))))


def _is_again(message: Message) -> bool:
    """Whether it is a later segment: a text counts once, in how many it may come."""
    return message.segment is not None and message.segment.place > 1


def _is_report(message: Message) -> bool:
    """Whether it goes to a service, as 12110, 12321 or a bank, and to nobody else: who tells of a scam may
    repeat its words.
    """
    address = message.destination
    if address[-11:-10] == "1" and address[-10:-9] >= "3" and len(address) in _MOBILE:
        return False  # most are so
    if message.many:
        return all(_is_service(one.ton, one.address) for one in message.many)
    return _is_service(message.destination_ton, address)


def _is_service(ton: int, address: str) -> bool:
    dials = dialled(form(ton, address))
    # So short a number has no country, whatever its type says.
    return service(dials.removeprefix("+") if len(dials) <= _SHORT else dials) not in _NOBODYS


def _key_of(words: str) -> str:
    return (_key if len(words) <= _KEPT else template_key)(words)


def _stronger(one: Rule | None, other: Rule | None) -> Rule | None:
    if one is None or other is None:
        return one or other
    return other if other.enforced and not one.enforced else one

"""Takes messages out of a stream that must not simply pass: those whose text is not whole yet, and those of
which the judge says so. Whatever fails in judging lets messages pass.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from typing import NamedTuple, TypeVar

from qingdun.intercept.messages.breaker import Breaker
from qingdun.intercept.messages.content import Message
from qingdun.intercept.messages.figures import Counts
from qingdun.intercept.messages.line import Line
from qingdun.intercept.messages.names import form
from qingdun.intercept.messages.recipients import Recipient
from qingdun.intercept.messages.segments import Group, Held, Segments
from qingdun.intercept.messages.verdict import Act, Judges, Verdict, remembered, stronger

T = TypeVar("T")
KIB = 1024
NOTHING: tuple[Held[Line], ...] = ()


class Fate(NamedTuple):
    """What is done with a message that does not simply pass by itself."""

    waits: bool
    """For the rest of its text."""
    verdict: Verdict | None
    first: Sequence[Held[Line]] = NOTHING
    """What was held of an earlier text, and passes before."""
    held: Sequence[Held[Line]] = NOTHING
    """What was held of its own text, in its order, and goes the same way."""
    segments: Sequence[Message] = ()
    """The whole text."""


class Sieve:
    """One for all lines: segments of a text may come over several of one client."""

    def __init__(self, judge: Judges, segments: Segments[Line], counts: Counts) -> None:
        self.judge, self.segments, self.counts = judge, segments, counts
        self.breaker = Breaker()
        self._wrong = ""

    def works(self, now: float) -> bool:
        """Whether anything is judged now."""
        return self.breaker.allows(now)

    def listed(self, message: Message, now: float) -> list[Recipient]:
        """Those of the many a message is for to whom it does not go."""
        self._wrong = ""
        found = self._tried(lambda _many: self.judge.recipients(message), message.many)
        if self._wrong:
            self.breaker.failed(self._wrong, now)
        verdicts = zip(message.many, found, strict=True)
        return [one for one, verdict in verdicts if verdict is not None and verdict.act is Act.REFUSED]

    def sift(
        self, line: Line, system: str, messages: Sequence[Message], pdus: Callable[[int], bytes], now: float
    ) -> list[Fate | None]:
        """What becomes of each message, in their order; None: it passes. `pdus`: the octets of each."""
        self.counts.judged += len(messages)
        begun, self._wrong = time.perf_counter(), ""
        numbers = self._tried(self.judge.numbers, messages)
        fates: list[Fate | None] = [None] * len(messages)
        places: list[int] = []
        texts: list[Sequence[Message]] = []
        for place, one in enumerate(messages):
            by_number = numbers[place]
            if by_number is not None and by_number.act is Act.REFUSED:
                fates[place] = Fate(False, by_number, segments=(one,))
                continue
            if one.segment is None:
                text: Sequence[Message] = (one,)
            else:
                fate = fates[place] = self._joined(line, system, one, pdus(place), now)
                text = fate.segments
            if text:
                places.append(place)
                texts.append(text)
        verdicts = self._tried(self.judge.texts, texts)
        for place, text, verdict in zip(places, texts, verdicts, strict=True):
            found = stronger(numbers[place], verdict)
            fate_before = fates[place]
            if fate_before is not None:
                fates[place] = fate_before._replace(verdict=found)
            elif found is not None:
                fates[place] = Fate(False, found, segments=text)
        if self._wrong:
            self.counts.unjudged += len(messages)
            self.breaker.failed(self._wrong, now)
        else:
            size = sum(1 + len(one.octets) // KIB for one in messages)
            self.breaker.took(time.perf_counter() - begun, size, now)
        return fates

    def _joined(self, line: Line, system: str, one: Message, pdu: bytes, now: float) -> Fate:
        """The fate of a segment as far as it is clear before its text is judged."""
        assert one.segment is not None
        segments, counts = self.segments, self.counts
        key = (
            system, line.is_esme, form(one.source_ton, one.source),
            form(one.destination_ton, one.destination), one.segment.reference, one.segment.total,
            hash(tuple(form(it.ton, it.address) for it in one.many)),
        )  # fmt: skip
        first: Sequence[Held[Line]] = NOTHING
        if segments.has(key, one):
            first = segments.gone(key)
            counts.segments_late += len(first)
        group = segments.add(key, remembered(one), now)
        if group is None:
            counts.segments_full += 1
            return Fate(False, None, first)
        if len(group.messages) == one.segment.total:
            return Fate(False, None, first, segments.gone(key), group.whole())
        return Fate(self._waits(group, line, pdu, now), None, first)

    def _waits(self, group: Group[Line], line: Line, pdu: bytes, now: float) -> bool:
        if now < line.alone_until:
            self.counts.segments_alone += 1
            return False
        if self.segments.hold(group, line, pdu):
            return True
        self.counts.segments_full += 1
        return False

    def _tried(
        self, judging: Callable[[Sequence[T]], list[Verdict | None]], what: Sequence[T]
    ) -> list[Verdict | None]:
        try:
            return judging(what)
        # Whatever it is, messages pass: a proxy that ends with its judge would stop them all.
        except Exception as error:
            self._wrong = f"{type(error).__name__}: {error}"
            return [None] * len(what)

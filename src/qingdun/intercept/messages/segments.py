"""Texts that come in several messages, held until they are whole.

What is held is neither answered nor passed on, and holds up nothing else of its window. Whoever waits for an
answer before they send the next segment would wait for ever: what such a sender sends passes at once and is
remembered, and the last segment is judged by the whole text.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Generic, NamedTuple, TypeVar

from qingdun.intercept.messages.content import Message

Line = TypeVar("Line")
MOST_SEGMENTS = 20_000
MOST_OCTETS = 16 << 20
"""What is held and remembered at once, of all lines."""
MOST_OF_LINE = 512
"""Segments that are held of one line: nobody takes up the room of all others."""

Key = tuple[object, ...]


class Held(NamedTuple, Generic[Line]):
    """A message that waits."""

    line: Line
    pdu: bytes


class Group(Generic[Line]):
    """The segments of one text as far as they came."""

    __slots__ = ("began", "held", "key", "messages", "octets")

    def __init__(self, key: Key, began: float) -> None:
        self.key, self.began = key, began
        self.messages: dict[int, Message] = {}
        """By place, the passed ones too."""
        self.held: list[Held[Line]] = []
        self.octets = 0

    def whole(self) -> list[Message]:
        """The segments in their order."""
        return [self.messages[place] for place in sorted(self.messages)]


class Segments(Generic[Line]):
    """All groups, the oldest first."""

    def __init__(self, wait_s: float, most: int = MOST_SEGMENTS, most_octets: int = MOST_OCTETS) -> None:
        self._wait_s, self._most, self._most_octets = wait_s, most, most_octets
        self._groups: dict[Key, Group[Line]] = {}
        self._segments = self._octets = 0
        self._of_line: dict[int, int] = {}

    def __len__(self) -> int:
        """Segments that are held or remembered."""
        return self._segments

    def held_of(self, line: Line) -> int:
        """How many segments of the line are held."""
        return self._of_line.get(id(line), 0)

    def has(self, key: Key, message: Message) -> bool:
        """Whether the group of that key has that segment already: this one is of another text."""
        found = self._groups.get(key)
        assert message.segment is not None
        return found is not None and message.segment.place in found.messages

    def gone(self, key: Key) -> Sequence[Held[Line]]:
        """The group of that key is forgotten; what of it was held."""
        group = self._groups.pop(key, None)
        if group is None:
            return ()
        self._segments -= len(group.messages)
        self._octets -= group.octets
        for one in group.held:
            self._fewer(one.line)
        return group.held

    def add(self, key: Key, message: Message, now: float) -> Group[Line] | None:
        """The group with the segment remembered in it; None if there is no room for it."""
        if self._segments >= self._most or self._octets + len(message.octets) > self._most_octets:
            return None
        group = self._groups.get(key)
        if group is None:
            group = self._groups[key] = Group(key, now)
        assert message.segment is not None
        group.messages[message.segment.place] = message
        group.octets += len(message.octets)
        self._segments += 1
        self._octets += len(message.octets)
        return group

    def hold(self, group: Group[Line], line: Line, pdu: bytes) -> bool:
        """Whether the message waits now: there may be no room for it."""
        count = self._of_line.get(id(line), 0)
        if count >= MOST_OF_LINE or self._octets + len(pdu) > self._most_octets:
            return False
        self._of_line[id(line)] = count + 1
        group.held.append(Held(line, pdu))
        group.octets += len(pdu)
        self._octets += len(pdu)
        return True

    def over(self, now: float) -> Iterator[Held[Line]]:
        """What was held for too long, the oldest first; it is forgotten."""
        for group in list(self._groups.values()):
            if now - group.began < self._wait_s:
                return
            yield from self.gone(group.key)

    def let_go(self, line: Line) -> list[Held[Line]]:
        """What is held of the line, in its order; the texts are remembered."""
        found: list[Held[Line]] = []
        if id(line) not in self._of_line:
            return found
        for group in self._groups.values():
            mine = [one for one in group.held if one.line is line]
            if mine:
                found += mine
                group.held = [one for one in group.held if one.line is not line]
                octets = sum(len(one.pdu) for one in mine)
                group.octets -= octets
                self._octets -= octets
        del self._of_line[id(line)]
        return found

    def _fewer(self, line: Line) -> None:
        left = self._of_line.get(id(line), 0) - 1
        if left > 0:
            self._of_line[id(line)] = left
        else:
            self._of_line.pop(id(line), None)

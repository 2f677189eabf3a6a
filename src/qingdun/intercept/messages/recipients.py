"""Whom a message to many is for (submit_multi), and how its sender hears that it did not go to some of them:
the answer lists each with a status of its own (SMPP 3.4, 4.5.2, unsuccess_sme).
"""

from __future__ import annotations

from collections.abc import Collection, Iterator
from struct import Struct
from typing import NamedTuple

from qingdun.intercept.messages.pdu import ANSWER, HEAD, LENGTH, LONGEST, MULTI, NACK, SHORTEST

_SME = 1
"""The flag of a phone's address; any other has the name of a list that the centre keeps."""
_LONGEST_ADDRESS = 65
_MOST = 255
"""What the octet that says how many there are can say."""
MOST_WAITING = 1000
"""Answers of the centre to messages that somebody was taken out of; of more the oldest passes as it is."""
ANSWERS = frozenset((MULTI | ANSWER, NACK))
"""What answers a message to many."""
_STATUS = Struct(">I")


class Recipient(NamedTuple):
    """One of many."""

    begin: int
    """In the octets, from the flag on, to `end`."""
    end: int
    ton: int
    address: str
    """Empty for a list of the centre's."""


def recipients(data: bytes, at: int, end: int) -> Iterator[Recipient]:
    """Those that stand at `at`, their number first.

    Errors: ValueError, IndexError if the octets end before.
    """
    count = data[at]
    at += 1
    for _ in range(count):
        is_sme = data[at] == _SME
        begin = at + (3 if is_sme else 1)
        stop = data.index(0, begin, end)
        address = data[begin : min(stop, begin + _LONGEST_ADDRESS)].decode("latin-1") if is_sme else ""
        yield Recipient(at, stop + 1, data[at + 1] if is_sme else 0, address)
        at = stop + 1


def end_of(data: bytes, at: int, end: int) -> int:
    """Where the recipients that stand at `at` end. Errors: ValueError, IndexError as above."""
    last = at + 1
    for one in recipients(data, at, end):
        last = one.end
    return last


def without(octets: bytes, many: Collection[Recipient], gone: Collection[Recipient]) -> bytes:
    """The PDU, whose recipients are those, for fewer of them."""
    first, last = min(one.begin for one in many), max(one.end for one in many)
    left = [one for one in many if one not in gone]
    kept = b"".join(octets[one.begin : one.end] for one in left)
    body = b"".join((octets[SHORTEST : first - 1], bytes((len(left),)), kept, octets[last:]))
    return LENGTH.pack(SHORTEST + len(body)) + octets[4:SHORTEST] + body


class TakenOut:
    """Those of one session to whom messages do not go, until the answers have said so."""

    def __init__(self) -> None:
        self._entries: dict[int, list[bytes]] = {}

    def __len__(self) -> int:
        """Answers that are still to be told it."""
        return len(self._entries)

    def add(self, octets: bytes, gone: Collection[Recipient], status: int) -> None:
        """The answer to that PDU shall say that it does not go to those."""
        (*_rest, sequence) = HEAD.unpack_from(octets)
        self._entries.pop(sequence, None)
        if len(self._entries) >= MOST_WAITING:
            del self._entries[next(iter(self._entries))]
        self._entries[sequence] = [octets[one.begin + 1 : one.end] + _STATUS.pack(status) for one in gone]

    def told(self, answer: bytes) -> bytes:
        """The answer, from the centre or from us, with what it shall say. One that refuses lists nobody."""
        _length, command, status, sequence = HEAD.unpack_from(answer)
        entries = self._entries.pop(sequence, None) if command in ANSWERS else None
        stop = answer.find(0, SHORTEST)
        if entries is None or status or stop < 0:
            return answer
        there = answer[stop + 1] if stop + 1 < len(answer) else 0
        if there + len(entries) > _MOST:
            return answer
        count = bytes((there + len(entries),))
        body = b"".join((answer[SHORTEST : stop + 1], count, *entries, answer[stop + 2 :]))
        length = SHORTEST + len(body)
        return LENGTH.pack(length) + answer[4:SHORTEST] + body if length <= LONGEST else answer

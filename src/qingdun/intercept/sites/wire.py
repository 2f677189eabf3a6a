"""Records and messages of a zone as octets, packed by hand: a transfer of a million names is mostly this."""

from __future__ import annotations

import socket
import struct
from collections.abc import Iterable, Iterator
from typing import NamedTuple

A, NS, CNAME, SOA, AAAA, IXFR, AXFR = 1, 2, 5, 6, 28, 251, 252
IN = 1
ZONE_AT = b"\xc0\x0c"
"""Points to the name of the question, which is the zone's own."""
TTL = struct.pack("!I", 5)
"""How long a client may keep an answer: a released site is back in five seconds."""
MOST = 60_000
"""Octets of a message of a transfer, with room for its signature."""
REFRESH_S, RETRY_S, EXPIRE_S, NEGATIVE_S = 60, 10, 30 * 86_400, 5
"""A name server that missed a notice asks after a minute; one that hears nothing goes on for 30 days."""

_HEAD = struct.Struct("!HHHHHH")
_PASS = b"\x0crpz-passthru\x00"


class Targets(NamedTuple):
    """The addresses of the warning page."""

    v4: str
    v6: str = ""


def name(text: str) -> bytes:
    """A name as octets, with the root.

    >>> name("a.example.")
    b'\\x01a\\x07example\\x00'
    """
    labels = [label.encode("ascii") for label in text.rstrip(".").split(".")]
    return b"".join(bytes((len(label),)) + label for label in labels) + b"\x00"


def tails(targets: Targets | None) -> list[bytes]:
    """What follows a host's labels in each of its records: to the warning page, or (None) to let pass."""
    if targets is None:
        return [ZONE_AT + _fields(CNAME, _PASS)]
    found = [ZONE_AT + _fields(A, socket.inet_pton(socket.AF_INET, targets.v4))]
    if targets.v6:
        found.append(ZONE_AT + _fields(AAAA, socket.inet_pton(socket.AF_INET6, targets.v6)))
    return found


def records(hosts: Iterable[bytes], tails: Iterable[bytes]) -> Iterator[bytes]:
    """For each host its own records and those of whatever lies below it."""
    ends = tuple(tails)
    for host in hosts:
        for end in ends:
            yield host + end
            yield b"\x01*" + host + end


def soa(serial: int, server: bytes) -> bytes:
    """The zone's start of authority."""
    times = struct.pack("!IIIII", serial & 0xFFFFFFFF, REFRESH_S, RETRY_S, EXPIRE_S, NEGATIVE_S)
    return ZONE_AT + _fields(SOA, server + name("hostmaster.invalid") + times)


def ns(server: bytes) -> bytes:
    """The zone's name server, which nobody asks."""
    return ZONE_AT + _fields(NS, server)


def question(name: bytes, kind: int, space: int = IN) -> bytes:
    """The question that every message of an answer repeats; `space`: its class."""
    return name + struct.pack("!HH", kind, space)


def message(identity: int, flags: int, asked: bytes, answers: list[bytes]) -> bytes:
    """One message, unsigned."""
    head = _HEAD.pack(identity, flags, 1 if asked else 0, len(answers), 0, 0)
    return b"".join((head, asked, *answers))


def messages(identity: int, flags: int, asked: bytes, answers: Iterable[bytes]) -> Iterator[bytes]:
    """The answers in their order, in as many messages as they need."""
    some: list[bytes] = []
    length, begun = 0, len(asked) + _HEAD.size
    for answer in answers:
        if length + len(answer) + begun > MOST:
            yield message(identity, flags, asked, some)
            some, length = [], 0
        some.append(answer)
        length += len(answer)
    yield message(identity, flags, asked, some)


def _fields(kind: int, data: bytes) -> bytes:
    return struct.pack("!HH", kind, IN) + TTL + struct.pack("!H", len(data)) + data

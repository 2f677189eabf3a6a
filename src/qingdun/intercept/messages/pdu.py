"""What a PDU of SMPP 3.4 says, as far as it must be known here: read where it lies, never rebuilt.

A PDU is sixteen octets (length, command, status, sequence number) and a body. Of a message's body the
addresses, the coding, the octets of the text and where it stands among its segments are looked at.
"""

from __future__ import annotations

from collections.abc import Iterator
from struct import Struct
from typing import NamedTuple

HEAD = Struct(">IIII")
LENGTH = Struct(">I")
FRAME = Struct(">II")
"""Length and command."""
SHORTEST, LONGEST = 16, 70_000
"""Octets of a PDU: a header alone; a payload of 64 KiB with its addresses."""

BIND_RECEIVER, BIND_TRANSMITTER, BIND_TRANSCEIVER = 0x01, 0x02, 0x09
SUBMIT, DELIVER, MULTI, DATA = 0x04, 0x05, 0x21, 0x103
UNBIND, OUTBIND, ENQUIRE = 0x06, 0x0B, 0x15
ANSWER = 0x8000_0000
NACK = 0x8000_0000
BINDS = frozenset((BIND_RECEIVER, BIND_TRANSMITTER, BIND_TRANSCEIVER))
JUDGED = frozenset((SUBMIT, DELIVER, MULTI, DATA))

OK, WRONG_LENGTH, NOT_BOUND, SYSTEM_ERROR, BUSY = 0x00, 0x02, 0x04, 0x08, 0x58
REFUSED = 0x66
"""ESME_RX_R_APPN, for good: 0x08 and the like are tried again by many."""

_LONGEST_ADDRESS = 65
"""Octets of an address (5.2.8); what follows in a longer one is not looked at."""
_RECEIPTS = 0x3C
"""Bits of esm_class by which a centre says that the text is a receipt or an acknowledgement."""
_HEADER = 0x40
"""The bit of esm_class that says the text begins with a user data header."""
_PAYLOAD, _REFERENCE, _TOTAL, _PLACE = 0x0424, 0x020C, 0x020E, 0x020F
_TLV = Struct(">HH")


class Segment(NamedTuple):
    """Where octets stand in a text of several messages."""

    reference: tuple[str, int]
    """How the reference is carried, and which it is."""
    total: int
    place: int
    """From 1."""


class Message(NamedTuple):
    """What was looked at."""

    source_ton: int
    source: str
    destination_ton: int
    destination: str
    coding: int
    octets: bytes
    segment: Segment | None
    is_receipt: bool


class Places(NamedTuple):
    """Where in a PDU what is looked at stands."""

    source: int
    after_source: int
    destination: int
    after_destination: int
    kind: int
    """Of the esm_class."""
    coding: int
    begin: int
    """Of the text, to `tail`, behind which optional parameters stand."""
    tail: int


def places(data: bytes, at: int, end: int, command: int) -> Places | None:
    """Where things stand in `data[at:end]`, a PDU of one of the commands that are judged; None if it ends
    before its text begins. Of many recipients the first. A text that claims to be longer than the PDU ends
    with it.
    """
    try:
        source = data.index(0, at + 16, end) + 3
        after_source = data.index(0, source, end)
        if command == MULTI:
            destination, after_destination, kind = _many(data, after_source + 1, end)
        else:
            destination = after_source + 3
            after_destination = data.index(0, destination, end)
            kind = after_destination + 1
        if command == DATA:
            coding, begin = kind + 2, kind + 3
            tail = begin
        else:
            validity = data.index(0, kind + 3, end) + 1
            coding = data.index(0, validity, end) + 3
            begin = coding + 3
            tail = begin + data[coding + 2]
    except (ValueError, IndexError):
        return None
    if begin > end:
        return None
    return Places(source, after_source, destination, after_destination, kind, coding, begin, min(tail, end))


def message(data: bytes, at: int, end: int, command: int) -> Message | None:
    """The message in `data[at:end]`, as `places` finds it."""
    found = places(data, at, end, command)
    if found is None:
        return None
    source, after_source, destination, after_destination, kind, coding, begin, tail = found
    octets, segment = data[begin:tail], None
    if tail < end:
        payload, segment = _options(data, tail, end)
        if octets and payload:
            # A PDU may have one or the other; whichever a phone shows of both, both are judged.
            octets += bytes(len(octets) % 2) + b"\0 "
        octets += payload
    bits = data[kind]
    if bits & _HEADER:
        cut, in_header = _header(octets)
        octets, segment = octets[cut:], in_header or segment
    return Message(
        data[source - 2],
        data[source : min(after_source, source + _LONGEST_ADDRESS)].decode("latin-1"),
        data[destination - 2],
        data[destination : min(after_destination, destination + _LONGEST_ADDRESS)].decode("latin-1"),
        data[coding],
        octets,
        segment,
        bits & _RECEIPTS != 0,
    )


def answer(command: int, status: int, sequence: int, body: bytes = b"") -> bytes:
    """The answer to a request of that command and sequence number."""
    return HEAD.pack(16 + len(body), command | ANSWER, status, sequence) + body


def taken(command: int, status: int, sequence: int, message_id: str = "") -> bytes:
    """The answer to a message; one that names no message has no body if it refuses (5.1.2 of the
    specification), and the empty string otherwise.
    """
    body = message_id.encode("ascii") + (b"\0\0" if command == MULTI else b"\0")
    return answer(command, status, sequence, b"" if status else body)


def system_of(data: bytes, at: int, end: int) -> str:
    """The system_id of a bind; empty if there is none."""
    stop = data.find(0, at + 16, min(end, at + 16 + 16))
    return data[at + 16 : max(stop, at + 16)].decode("latin-1")


def _many(data: bytes, at: int, end: int) -> tuple[int, int, int]:
    """Of the recipients at `at`, their number first: where the address of the first begins and ends, and
    where all end. A list of the centre's has its name for an address.
    """
    count, found = data[at], (at, at)
    at += 1
    for number in range(count):
        begin = at + (3 if data[at] == 1 else 1)
        stop = data.index(0, begin, end)
        if number == 0:
            found = begin, stop
        at = stop + 1
    return *found, at


def parameter(tag: int, value: bytes) -> bytes:
    """An optional parameter."""
    return _TLV.pack(tag, len(value)) + value


def parameters(data: bytes, at: int, end: int) -> Iterator[tuple[int, bytes]]:
    """The optional parameters in `data[at:end]`: tag and value. One that claims to be longer than the PDU
    ends with it.
    """
    while end - at >= _TLV.size:
        tag, length = _TLV.unpack_from(data, at)
        at += _TLV.size
        yield tag, data[at : min(at + length, end)]
        at += length


def _options(data: bytes, at: int, end: int) -> tuple[bytes, Segment | None]:
    """The payload and the place among segments, of the optional parameters."""
    payload = b""
    reference, total, place = -1, 0, 0
    for tag, value in parameters(data, at, end):
        if tag == _PAYLOAD:
            payload = value
        elif tag == _REFERENCE and len(value) == 2:
            reference = value[0] << 8 | value[1]
        elif tag == _TOTAL and len(value) == 1:
            total = value[0]
        elif tag == _PLACE and len(value) == 1:
            place = value[0]
    return payload, _segment("sar", reference, total, place)


def _header(octets: bytes) -> tuple[int, Segment | None]:
    """How long the user data header is, and what it says of segments (3GPP TS 23.040, 9.2.3.24)."""
    if not octets:
        return 0, None
    end = min(octets[0] + 1, len(octets))
    at, found = 1, None
    while at + 2 <= end:
        kind, length = octets[at], octets[at + 1]
        at += 2
        if at + length > end:
            break
        if kind == 0x00 and length == 3:
            found = _segment("8", octets[at], octets[at + 1], octets[at + 2]) or found
        elif kind == 0x08 and length == 4:
            reference = octets[at] << 8 | octets[at + 1]
            found = _segment("16", reference, octets[at + 2], octets[at + 3]) or found
        at += length
    return end, found


def _segment(carried: str, reference: int, total: int, place: int) -> Segment | None:
    """None for what is whole by itself, or says nothing that can be."""
    if reference < 0 or total < 2 or not 1 <= place <= total:
        return None
    return Segment((carried, reference), total, place)

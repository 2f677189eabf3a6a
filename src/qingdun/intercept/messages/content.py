"""What a message says, read where it lies in its PDU: its addresses, how its text is written, the octets of
the text, and where it stands among its segments.
"""

from __future__ import annotations

from typing import NamedTuple

from qingdun.intercept.messages.alphabet import UNKNOWN
from qingdun.intercept.messages.pdu import DATA, MULTI, REPLACE, parameters
from qingdun.intercept.messages.recipients import Recipient, end_of, recipients

_LONGEST_ADDRESS = 65
"""Octets of an address (5.2.8); what follows in a longer one is not looked at."""
_RECEIPTS = 0x3C
"""Bits of esm_class by which a centre says that the text is a receipt or an acknowledgement."""
_HEADER = 0x40
"""The bit of esm_class that says the text begins with a user data header."""
_PAYLOAD, _REFERENCE, _TOTAL, _PLACE = 0x0424, 0x020C, 0x020E, 0x020F


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
    many: tuple[Recipient, ...] = ()
    """Who a message to many is for; then it has no other destination."""


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
    before its text begins. Of many recipients their list. A text that claims to be longer than the PDU ends
    with it.
    """
    try:
        source = data.index(0, at + 16, end) + 3
        after_source = data.index(0, source, end)
        if command == MULTI:
            destination = after_source + 1
            after_destination = kind = end_of(data, destination, end)
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
    """The message in `data[at:end]`; None if that ends before the text begins."""
    if command == REPLACE:
        return _replacement(data, at, end)
    if command == MULTI:
        # Where its recipients stand is said as of its own first octet.
        data, at, end = data[at:end], 0, end - at
    found = places(data, at, end, command)
    if found is None:
        return None
    source, after_source, destination, after_destination, kind, coding, begin, tail = found
    octets, segment = data[begin:tail], None
    if tail < end:
        payload, segment = _options(data, tail, end)
        octets = _with_payload(octets, payload)
    bits = data[kind]
    if bits & _HEADER:
        cut, in_header = _header(octets)
        octets, segment = octets[cut:], in_header or segment
    sender = data[source : min(after_source, source + _LONGEST_ADDRESS)].decode("latin-1")
    if command == MULTI:
        many = tuple(recipients(data, destination, end))
        return Message(data[source - 2], sender, 0, "", data[coding], octets, segment, False, many)
    return Message(
        data[source - 2],
        sender,
        data[destination - 2],
        data[destination : min(after_destination, destination + _LONGEST_ADDRESS)].decode("latin-1"),
        data[coding],
        octets,
        segment,
        bits & _RECEIPTS != 0,
    )


def _replacement(data: bytes, at: int, end: int) -> Message | None:
    """What shall replace the text of a message that was taken before: by its sender, and to whoever that
    message was for, which is not said, nor how the text is written (4.10). A longer one is a parameter, as
    SMPP 5.0 has it.
    """
    try:
        source = data.index(0, at + 16, end) + 3
        after_source = data.index(0, source, end)
        validity = data.index(0, after_source + 1, end) + 1
        begin = data.index(0, validity, end) + 4
        tail = min(begin + data[begin - 1], end)
    except (ValueError, IndexError):
        return None
    if begin > end:
        return None
    octets = _with_payload(data[begin:tail], _options(data, tail, end)[0])
    cut, in_header = _header(octets)
    if in_header:
        octets = octets[cut:]
    sender = data[source : min(after_source, source + _LONGEST_ADDRESS)].decode("latin-1")
    return Message(data[source - 2], sender, 0, "", UNKNOWN, octets, None, False)


def _with_payload(octets: bytes, payload: bytes) -> bytes:
    """A PDU may have one or the other; whichever a phone shows of both, both are judged."""
    return octets + bytes(len(octets) % 2) + b"\0 " + payload if octets and payload else octets or payload


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

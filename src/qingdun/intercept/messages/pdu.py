"""PDUs of SMPP 3.4: sixteen octets (length, command, status, sequence number) and a body. What those of
messages say stands in `content`.
"""

from __future__ import annotations

from collections.abc import Iterator
from struct import Struct

HEAD = Struct(">IIII")
LENGTH = Struct(">I")
FRAME = Struct(">II")
"""Length and command."""
SHORTEST, LONGEST = 16, 70_000
"""Octets of a PDU: a header alone; a payload of 64 KiB with its addresses."""

BIND_RECEIVER, BIND_TRANSMITTER, BIND_TRANSCEIVER = 0x01, 0x02, 0x09
SUBMIT, DELIVER, REPLACE, MULTI, DATA = 0x04, 0x05, 0x07, 0x21, 0x103
UNBIND, OUTBIND, ENQUIRE = 0x06, 0x0B, 0x15
ANSWER = 0x8000_0000
NACK = 0x8000_0000
BINDS = frozenset((BIND_RECEIVER, BIND_TRANSMITTER, BIND_TRANSCEIVER))
JUDGED = frozenset((SUBMIT, DELIVER, REPLACE, MULTI, DATA))

OK, WRONG_LENGTH, NOT_BOUND, SYSTEM_ERROR, BUSY = 0x00, 0x02, 0x04, 0x08, 0x58
REFUSED = 0x66
"""ESME_RX_R_APPN, for good: 0x08 and the like are tried again by many."""

_TLV = Struct(">HH")


def answer(command: int, status: int, sequence: int, body: bytes = b"") -> bytes:
    """The answer to a request of that command and sequence number."""
    return HEAD.pack(16 + len(body), command | ANSWER, status, sequence) + body


def taken(command: int, status: int, sequence: int, message_id: str = "") -> bytes:
    """The answer to a message. It has no body if it refuses (5.1.2 of the specification), nor if it is about
    a message that was there before.
    """
    body = message_id.encode("ascii") + (b"\0\0" if command == MULTI else b"\0")
    return answer(command, status, sequence, b"" if status or command == REPLACE else body)


def system_of(data: bytes, at: int, end: int) -> str:
    """The system_id of a bind; empty if there is none."""
    stop = data.find(0, at + 16, min(end, at + 16 + 16))
    return data[at + 16 : max(stop, at + 16)].decode("latin-1")


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

"""A session without a network: both its lines write into memory. And PDUs to feed it with."""

from __future__ import annotations

import asyncio
import struct
from collections.abc import Sequence
from pathlib import Path
from typing import Any, cast

from qingdun.detect.text.template import template_key
from qingdun.intercept.connections import Address
from qingdun.intercept.copy import Copy
from qingdun.intercept.feed import Follower, Limits
from qingdun.intercept.following import now
from qingdun.intercept.known import Known, Rule
from qingdun.intercept.messages import pdu
from qingdun.intercept.messages.content import Message
from qingdun.intercept.messages.figures import Counts
from qingdun.intercept.messages.keeping import Keeping
from qingdun.intercept.messages.line import Line
from qingdun.intercept.messages.proxy import Ends, Proxy
from qingdun.intercept.messages.quarantine import Quarantine
from qingdun.intercept.messages.segments import Segments
from qingdun.intercept.messages.session import Session
from qingdun.intercept.messages.sieve import Sieve
from qingdun.intercept.messages.verdict import Judge, Judges, Model
from tests.intercept.memory import MemoryLists, listed

STATUS = 0x66
LISTED = "您的包裹因地址不详被退回海关，请在{}小时内补缴关税，否则销毁"
"""A text whose template is listed, for any number of hours."""
BIND = struct.pack(">IIII", 16 + 19, pdu.BIND_TRANSCEIVER, 0, 1) + b"bank\0secret\0\0\x34\0\0\0\0\0"
BOUND = pdu.answer(pdu.BIND_TRANSCEIVER, 0, 1, b"smsc\0")


def message(
    sequence: int, octets: bytes, *, coding: int = 3, command: int = pdu.SUBMIT, esm: int = 0,
    source: bytes = b"106900001234", destination: bytes = b"8613800138000", more: bytes = b"", ton: int = 1,
) -> bytes:  # fmt: skip
    """A message."""
    to = bytes((ton, 1)) + destination + b"\0"
    if command == pdu.MULTI:
        to = b"\3\1" + to + b"\2friends\0\1\1\1" + b"8613800138999\0"
    body = b"\0\0\1" + source + b"\0" + to
    if command == pdu.DATA:
        body += bytes((esm, 0, coding)) + struct.pack(">HH", 0x0424, len(octets)) + octets
    else:
        body += bytes((esm, 0, 0, 0, 0, 0, 0, coding, 0, len(octets))) + octets
    return struct.pack(">IIII", 16 + len(body) + len(more), command, 0, sequence) + body + more


def kind_of(number: bytes) -> bytes:
    """The type of the number: international, or not known; and its plan."""
    return b"\1\1" if number.startswith(b"86") else b"\0\1"


def to_many(sequence: int, octets: bytes, *numbers: bytes, coding: int = 3, more: bytes = b"") -> bytes:
    """A message to many; a number of letters is the name of a list that the centre keeps."""
    to = b"".join((b"\1" + kind_of(one) if one.isdigit() else b"\2") + one + b"\0" for one in numbers)
    body = b"\0\0\1" + b"106900001234\0" + bytes((len(numbers),)) + to
    body += bytes((0, 0, 0, 0, 0, 0, 0, coding, 0, len(octets))) + octets + more
    return pdu.HEAD.pack(16 + len(body), pdu.MULTI, 0, sequence) + body


def replacement(sequence: int, octets: bytes, source: bytes = b"106900001234") -> bytes:
    """A text for a message that was taken before."""
    body = b"c1\0\0\1" + source + b"\0\0\0" + bytes((0, 0, len(octets))) + octets
    return pdu.HEAD.pack(16 + len(body), pdu.REPLACE, 0, sequence) + body


def segment(sequence: int, octets: bytes, total: int, place: int, reference: int = 1, **more: Any) -> bytes:
    """A message with the header of a segment."""
    return message(sequence, bytes((5, 0, 3, reference, total, place)) + octets, esm=0x40, **more)


def tlv(tag: int, value: bytes) -> bytes:
    """An optional parameter."""
    return struct.pack(">HH", tag, len(value)) + value


class Wire:
    """A transport whose other end is memory."""

    def __init__(self, line: Line) -> None:
        self.line, self.is_reading, self.is_closed, self.has_ended = line, True, False, False
        self.written = bytearray()

    def set_write_buffer_limits(self, high: int, low: int) -> None:
        self.high = high

    def write(self, octets: bytes) -> None:
        assert not self.is_closed, "nobody writes to who is gone"
        assert not self.has_ended, "nor to whom the end was told"
        self.written += octets

    def get_extra_info(self, name: str) -> object:
        return ("192.0.2.1", 2) if name == "peername" else None

    def is_closing(self) -> bool:
        return self.is_closed

    def can_write_eof(self) -> bool:
        return True

    def write_eof(self) -> None:
        self.has_ended = True

    def pause_reading(self) -> None:
        assert self.is_reading
        self.is_reading = False

    def resume_reading(self) -> None:
        assert not self.is_reading
        self.is_reading = True

    def close(self) -> None:
        if not self.is_closed:
            self.is_closed = True
            asyncio.get_running_loop().call_soon(self.line.connection_lost, None)

    abort = close

    def taken(self) -> bytes:
        """What was written since it was asked last."""
        found = bytes(self.written)
        self.written.clear()
        return found


class Wired:
    """A proxy with one session, which is bound."""

    def __init__(
        self, folder: Path, judge: Judges | None = None, hold_s: float = 5.0, **of_keeping: Any
    ) -> None:
        self.met: list[Rule] = []
        self.counts = Counts()
        self.segments: Segments[Line] = Segments(hold_s)
        self.quarantine = Quarantine(folder)
        self.keeping = Keeping(self.quarantine, self.counts, of_keeping.get("status", 0), 30)
        self.sieve = Sieve(judge or lists_judge(folder, self.met.append), self.segments, self.counts)
        ends = Ends(Address("127.0.0.1", 1), Address("127.0.0.1", 1), 10, STATUS)
        self.proxy = Proxy(ends, self.sieve, self.keeping, self.counts)
        self.session, self.esme, self.centre = self.connected()

    def connected(self) -> tuple[Session, Wire, Wire]:
        """One more session, not bound yet, whose centre is there."""
        session = Session(self.proxy)
        wires = Wire(session.esme), Wire(session.centre)

        async def connect(line: Line) -> None:
            line.connection_made(cast(asyncio.Transport, wires[1]))

        self.proxy.connect = connect  # type: ignore[method-assign]
        session.esme.connection_made(cast(asyncio.Transport, wires[0]))
        return session, *wires

    async def bind(self) -> None:
        """The session is bound."""
        self.session.esme.data_received(BIND)
        while not self.centre.written:
            await asyncio.sleep(0)
        assert self.centre.taken() == BIND
        self.session.centre.data_received(BOUND)
        assert self.esme.taken() == BOUND

    def send(self, *pdus: bytes) -> tuple[bytes, bytes]:
        """The ESME sends them: what reaches the centre, and what the ESME is answered."""
        self.session.esme.data_received(b"".join(pdus))
        return self.centre.taken(), self.esme.taken()

    def deliver(self, *pdus: bytes) -> tuple[bytes, bytes]:
        """The centre sends them: what reaches the ESME, and what the centre is answered."""
        self.session.centre.data_received(b"".join(pdus))
        return self.esme.taken(), self.centre.taken()


def refused(sequence: int, command: int = pdu.SUBMIT) -> bytes:
    """The answer to what is refused."""
    return pdu.answer(command, STATUS, sequence)


_known: list[Known] = []


def lists_judge(folder: Path, met: Any, model: Model = Model.QUARANTINE) -> Judge:
    """A judge by two hosts, one of them only observed, a sender and a number, and by the model."""
    if not _known:
        copy = Copy(folder / "messages.sqlite3")
        known = Known(copy, now)
        entries = [
            listed(1, "bad.example"), listed(2, "watched.example", enforced=False),
            listed(3, "+8613800138111", kind="number"), listed(4, "106900009999", kind="sender"),
            listed(5, template_key(LISTED.format(3)), kind="text"),
        ]  # fmt: skip
        Follower(copy, MemoryLists(entries), [known], Limits(), now).step()
        copy.close()
        _known.append(known)
    return Judge(_known[0], met, model, 0.95)


class Failing:
    """A judge that cannot judge until it is mended."""

    def __init__(self, then: Judges) -> None:
        self.then, self.is_mended, self.asked = then, False, 0

    def numbers(self, messages: Sequence[Message]) -> Any:
        self.asked += 1
        if not self.is_mended:
            raise MemoryError("no room to think")
        return self.then.numbers(messages)

    def texts(self, texts: Sequence[Sequence[Message]]) -> Any:
        if not self.is_mended:
            raise MemoryError("no room to think")
        return self.then.texts(texts)

    def recipients(self, message: Message) -> Any:
        if not self.is_mended:
            raise MemoryError("no room to think")
        return self.then.recipients(message)

    def words(self, segments: Sequence[Message]) -> str:
        return self.then.words(segments)

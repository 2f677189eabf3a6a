"""One of the two connections of a session: it puts PDUs together, and takes and gives octets no faster than
the other side gives and takes them.
"""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, cast

from qingdun.intercept.messages.pdu import SHORTEST

if TYPE_CHECKING:
    from qingdun.intercept.messages.session import Session

HIGH, LOW = 256 << 10, 64 << 10
"""Octets that wait to be taken, from which the other side is no longer read, and until when."""


class Line(asyncio.Protocol):
    """What comes here goes to the `other` line, but for what the session does with it."""

    def __init__(self, session: Session, is_esme: bool) -> None:
        self.session, self.is_esme = session, is_esme
        self.other: Line = self
        self.transport: asyncio.Transport | None = None
        self.heard_at = self.begun_at = 0.0
        """When anything came last; since when a PDU has been coming that is not there yet, or 0."""
        self.alone_until = 0.0
        """Until when its segments pass one by one."""
        self.has_ended = self.is_lost = False
        """It sends nothing more; it is gone."""
        self.sequence = 0
        """Of a message that came lately."""
        self.looked_at: frozenset[int] = frozenset()
        """The commands that do not simply pass."""
        self._rest = bytearray()
        self._need = SHORTEST
        self._on: list[bytes] = []
        self._back: list[bytes] = []
        self._is_taking = self._is_full = self._owes = self._is_shut = False
        self.is_paused = self._is_halted = False
        """Whether it is not read for now; and whether that is so whoever takes what."""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """It is there."""
        self.transport = cast(asyncio.Transport, transport)
        self.transport.set_write_buffer_limits(HIGH, LOW)
        self.heard_at = asyncio.get_running_loop().time()
        self.session.made(self)

    def data_received(self, data: bytes) -> None:
        """Octets came: whole PDUs are done with, the rest waits."""
        now = self.heard_at = self.session.now()
        if self._rest:
            self._rest += data
            if len(self._rest) < self._need:
                return
            data = bytes(self._rest)
            self._rest.clear()
        self._is_taking = True
        try:
            used = self.session.take(self, data)
        finally:
            self._is_taking = False
            self._flush()
        left = len(data) - used
        if not left or self.is_lost:
            self.begun_at = 0.0
            return
        self._rest += data[used:]
        self._need = int.from_bytes(self._rest[:4], "big") if left >= SHORTEST else SHORTEST
        if used or not self.begun_at:
            self.begun_at = now

    def again(self) -> None:
        """What waited is looked at once more."""
        if self._rest:
            self._need = 0
            self.data_received(b"")

    def pass_on(self, octets: bytes) -> None:
        """The other side gets the octets, after all that were passed on before."""
        self._on.append(octets)
        if not self._is_taking:
            self._flush()

    def answer(self, octets: bytes) -> None:
        """Whoever is at this line gets the octets from us."""
        self._back.append(octets)
        if not self._is_taking:
            self._flush()

    def eof_received(self) -> bool:
        """Nothing more comes; whether what goes out still may."""
        self.has_ended = True
        self._is_taking = True
        self.session.ended(self)
        self._is_taking = False
        self._flush()
        going_on = self.other.end()
        # Over TLS nobody can end one direction alone.
        return going_on and self.transport is not None and self.transport.can_write_eof()

    def end(self) -> bool:
        """Nothing more goes out here; whether something may still come in."""
        if self.transport is None or self.transport.is_closing():
            return False
        if self.has_ended or not self.transport.can_write_eof():
            self.transport.close()
            return False
        self._is_shut = True
        self.transport.write_eof()
        return True

    def close(self) -> None:
        """It ends once what waits was taken."""
        if self.transport is not None and not self.transport.is_closing():
            self.transport.close()

    def abort(self) -> None:
        """It ends now."""
        if self.transport is not None:
            self.transport.abort()

    def connection_lost(self, exc: Exception | None) -> None:
        """It is gone."""
        self.is_lost = True
        self._rest.clear()
        self.session.lost(self)

    def pause_writing(self) -> None:
        """Nobody takes what is sent: the other side is not read meanwhile."""
        self._is_full = True
        self.other.breathe()

    def resume_writing(self) -> None:
        """What is sent is taken again."""
        self._is_full = self._owes = False
        self.other.breathe()
        self.breathe()

    def halt(self, halted: bool) -> None:
        """Whether it is not read for now, whoever takes what."""
        self._is_halted = halted
        self.breathe()

    def breathe(self) -> None:
        """It is read if the other side takes what is read, and this side our answers."""
        paused = self._is_halted or self.other._is_full or self._owes
        if paused == self.is_paused or self.transport is None or self.transport.is_closing():
            return
        self.is_paused = paused
        if paused:
            self.transport.pause_reading()
        else:
            # What was not read while nobody took it did not come slowly.
            self.heard_at = self.session.now()
            self.begun_at = self.begun_at and self.heard_at
            self.transport.resume_reading()

    def _flush(self) -> None:
        if self._on:
            self.other.write(self._on)
            self._on = []
        if self._back:
            self.write(self._back)
            self._back = []
            if self._is_full:
                self._owes = True
                self.breathe()

    def write(self, octets: list[bytes]) -> None:
        """They go out here, unless the line is gone, or the other side heard that nothing more comes."""
        if self.transport is not None and not self._is_shut and not self.transport.is_closing():
            self.transport.write(octets[0] if len(octets) == 1 else b"".join(octets))

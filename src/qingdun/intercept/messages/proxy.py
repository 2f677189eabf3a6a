"""The proxy: takes connections of ESMEs, makes one to the centre for each, and looks after their time."""

from __future__ import annotations

import asyncio
import logging
import math
import ssl
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from typing import NamedTuple

from qingdun.intercept.connections import Address, cannot_listen
from qingdun.intercept.following import now as moment
from qingdun.intercept.messages import content, pdu
from qingdun.intercept.messages.figures import Counts
from qingdun.intercept.messages.keeping import Keeping, Part
from qingdun.intercept.messages.line import Line
from qingdun.intercept.messages.names import form
from qingdun.intercept.messages.quarantine import Text
from qingdun.intercept.messages.session import Session
from qingdun.intercept.messages.sieve import Sieve
from qingdun.intercept.messages.verdict import Verdict

BIND_S = 10.0
"""From the connection of an ESME, or a bind that was refused, to its bind."""
PDU_S = 10.0
"""From the first octet of a PDU to its last."""
CONNECT_S = 5.0
"""How long the centre may take to take a connection."""
END_S = 30.0
"""From the end of one side to that of both."""
LOOK_S = 0.05
"""How often it is looked what has taken too long."""
STALL_S = 0.2
"""A line that is silent so long while segments of it are held waits for their answers."""
ALONE_S = 60.0
"""How long the segments of such a line are not held any more."""
AWAY_S = 60.0
"""Between two lines of the log about a centre that is away."""
REFUSED_S = 1.0
"""And about binds that it refuses: whoever tries passwords is seen, and fills no disk."""

_log = logging.getLogger("qingdun.intercept")


class Ends(NamedTuple):
    """Where the proxy listens, where the centre is, and how either is spoken to."""

    listen: Address
    centre: Address
    most: int
    """Connections of ESMEs at once."""
    status: int
    """What the sender of a refused message hears."""
    tls: ssl.SSLContext | None = None
    """Of the listener."""
    centre_tls: ssl.SSLContext | None = None


class Proxy:
    """All sessions."""

    def __init__(self, ends: Ends, sieve: Sieve, keeping: Keeping, counts: Counts) -> None:
        self.sieve, self.counts = sieve, counts
        self._ends, self._keeping = ends, keeping
        self.status = ends.status
        self._sessions: dict[Session, None] = {}
        self._complained = self._said_at = -math.inf

    @property
    def sessions(self) -> list[Session]:
        """Those that stand, in the order they came."""
        return list(self._sessions)

    @asynccontextmanager
    async def listening(self) -> AsyncIterator[None]:
        """ESMEs may connect; at the end every connection does. Errors: ConfigurationError."""
        loop, ends = asyncio.get_running_loop(), self._ends
        try:
            server = await loop.create_server(
                lambda: Session(self).esme, *ends.listen, ssl=ends.tls,
                ssl_handshake_timeout=BIND_S if ends.tls else None,
            )  # fmt: skip
        except OSError as error:
            raise cannot_listen(*ends.listen, error) from error
        try:
            yield
        finally:
            server.close()
            for one in self.sessions:
                one.abort()

    async def connect(self, line: Line) -> None:
        """The line stands to the centre. Errors: OSError, TimeoutError."""
        ends = self._ends
        async with asyncio.timeout(CONNECT_S):
            await asyncio.get_running_loop().create_connection(
                lambda: line, *ends.centre, ssl=ends.centre_tls,
                server_hostname=ends.centre.host if ends.centre_tls else None,
            )  # fmt: skip

    def away(self, why: Exception) -> None:
        """The centre could not be reached; the log says so once a minute at most."""
        self.counts.centre_away += 1
        at = asyncio.get_running_loop().time()
        if at - self._complained >= AWAY_S:
            self._complained = at
            host, port = self._ends.centre
            told = " ".join(str(why).split()) or type(why).__name__
            _log.warning("the centre at %s:%d does not answer (%s); binds are refused", host, port, told)

    def bind_refused(self, session: Session, status: int) -> None:
        """The centre does not take the bind; the log says so once a second at most."""
        self.counts.binds_refused += 1
        at, transport = session.now(), session.esme.transport
        if at - self._said_at >= REFUSED_S and transport is not None:
            self._said_at = at
            peer = transport.get_extra_info("peername")
            _log.warning("the centre refused a bind as %r from %s: 0x%02x", session.system, peer, status)

    def begun(self, session: Session) -> None:
        """An ESME is there; one too many is let go."""
        if len(self._sessions) >= self._ends.most:
            self.counts.clients_refused += 1
            session.abort()
            return
        self._sessions[session] = None

    def over(self, session: Session) -> None:
        """Both its connections are gone."""
        self._sessions.pop(session, None)

    def names(self, system: str) -> Mapping[bytes, bytes]:
        """By the centre's name, ours of what was released for that ESME."""
        return self._keeping.names.get(system, {})

    def refuse(self, parts: Sequence[Part]) -> None:
        """The messages are answered so, and go nowhere."""
        self.counts.refused += len(parts)
        for line, octets in parts:
            _length, command, _status, sequence = pdu.HEAD.unpack_from(octets)
            line.answer(line.session.taken_out.told(pdu.taken(command, self.status, sequence)))

    def detain(
        self, line: Line, parts: Sequence[Part], segments: Sequence[content.Message], verdict: Verdict
    ) -> None:
        """The text waits for a person, as far as it has not passed."""
        now, rule = moment(), verdict.rule
        one, words = segments[0], self.sieve.judge.words(segments)
        to = one.many[0] if one.many else None
        octets = b"".join(part for _line, part in parts)
        text = Text(
            0, now, line.session.system, line.is_esme,
            form(one.source_ton, one.source),
            form(to.ton, to.address) if to else form(one.destination_ton, one.destination), words,
            None if rule is None else rule.entry_id, verdict.probability, octets, "held", now, "",
        )  # fmt: skip
        self._keeping.keep(text, parts)

    async def watch(self) -> None:
        """Whoever takes too long is let go, and what is held too long passes, until it is cancelled."""
        while True:
            await asyncio.sleep(LOOK_S)
            self.look(asyncio.get_running_loop().time())

    def look(self, now: float) -> None:
        """What has taken too long by now is dealt with."""
        segments, counts = self.sieve.segments, self.counts
        for held in segments.over(now):
            counts.segments_late += 1
            held.line.pass_on(held.pdu)
        for one in self.sessions:
            for line in (one.esme, one.centre):
                if segments.held_of(line) and now - line.heard_at >= STALL_S and not line.is_paused:
                    line.alone_until = now + ALONE_S
                    for held in segments.let_go(line):
                        counts.segments_alone += 1
                        line.pass_on(held.pdu)
                if line.begun_at and now - line.begun_at >= PDU_S and not line.is_paused:
                    counts.clients_slow += 1
                    one.abort()
            if not one.has_asked and not one.ended_at and now - one.began_at >= BIND_S:
                counts.clients_slow += 1
                one.abort()
            if one.ended_at and now - one.ended_at >= END_S:
                one.abort()

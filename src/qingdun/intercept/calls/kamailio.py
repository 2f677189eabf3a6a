"""What Kamailio asks over evapi is answered: each new call with its verdict. `kamailio.cfg` is the other
side.

Messages are netstrings of fields between bars. Kamailio: `a` asks (transaction index, label, source, trunk
and the whole INVITE), `l` and `o` tell of calls that begin and end, `h` of calls that passed unheard. We: `v`
gives a verdict, `h` asks for those counts, `e` ends a call.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import math
import socket
import time
from collections import Counter
from typing import cast

from qingdun.intercept.calls.live import Live, LiveCalls
from qingdun.intercept.calls.numbers import emergency, of_uri
from qingdun.intercept.calls.sip import Malformed, parse
from qingdun.intercept.calls.verdicts import PASSES, Judge
from qingdun.intercept.connections import Address

MOST_FRAME = 65_536
"""Octets of a message."""
MOST_HELD = 1 << 20
"""Octets of answers that Kamailio has not yet read; one that reads no more is let go."""
ASK_S = 1.0
"""How often it is asked what passed unheard."""
SILENT_S = 5.0
"""A Kamailio that says nothing for so long is called anew."""
AGAIN_S = (0.1, 2.0)
"""How long until it is called again after the line broke: at first, and at most."""
END_S = 2.0
"""How long it may take to end a call."""
LATELY_S = 10.0
"""For how long after a call that passed unheard the breaker is said to be open."""
_LONGEST_NAME = 512
"""Characters of the three names of a call that is kept as live."""
_WORD = 1 << 32

_log = logging.getLogger("qingdun.intercept")


class Kamailio:
    """The line to one Kamailio, called again whenever it breaks."""

    def __init__(self, at: Address, judge: Judge) -> None:
        self.at = at
        self.live = LiveCalls()
        self.counts: Counter[str] = Counter()
        """Calls asked about, calls that passed unheard or unasked, messages that made no sense."""
        self._judge = judge
        self._line: _Line | None = None
        self._asked: dict[str, asyncio.Future[bool]] = {}
        self._number = 0
        self._passed_at = -math.inf

    @property
    def connected(self) -> bool:
        """Whether the line stands."""
        return self._line is not None

    def passes(self, now: float) -> bool:
        """Whether calls pass there without a verdict: the line is broken, or some passed so lately."""
        return self._line is None or now - self._passed_at < LATELY_S

    async def run(self) -> None:
        """The line stands, or is called again, until this is cancelled."""
        loop = asyncio.get_running_loop()
        wait, lost = AGAIN_S[0], False
        while True:
            try:
                async with asyncio.timeout(SILENT_S):
                    _, line = await loop.create_connection(lambda: _Line(self), *self.at)
            except (OSError, TimeoutError) as error:
                if not lost:
                    _log.warning("Kamailio at %s:%d does not answer (%s)", *self.at, error)
                lost = True
                await asyncio.sleep(wait)
                wait = min(2 * wait, AGAIN_S[1])
                continue
            if lost:
                _log.warning("Kamailio at %s:%d answers again", *self.at)
            wait, lost, self._line = AGAIN_S[0], False, line
            try:
                await line.watched()
            finally:
                self._line = None
                line.abort()
                for one in self._asked.values():
                    if not one.done():
                        one.set_result(False)
            self.counts["lines_lost"] += 1
            await asyncio.sleep(wait)

    async def end(self, call: Live, onward: str = "", side: str = "") -> bool:
        """The call was ended, or that side (`caller` or `callee`) of it was sent to the address; whether
        Kamailio says so.
        """
        line = self._line
        if line is None:
            return False
        self._number += 1
        name = str(self._number)
        done = self._asked[name] = asyncio.get_running_loop().create_future()
        line.say(
            "|".join(("e", name, call.call_id, call.from_tag, call.to_tag, onward, side)).encode("latin-1")
        )
        try:
            async with asyncio.timeout(END_S):
                return bool(await done)
        except TimeoutError:
            return False
        finally:
            del self._asked[name]

    def hear(self, message: bytes) -> bytes | None:
        """What the message is answered; None: nothing. One that makes no sense is counted."""
        try:
            if message.startswith(b"a|"):
                return self._verdict(message)
            what, *fields = message.decode("latin-1").split("|")
            self._told(what, fields)
        except (ValueError, KeyError, TypeError):
            self.counts["senseless"] += 1
        return None

    def _verdict(self, message: bytes) -> bytes | None:
        self.counts["asked"] += 1
        parts = message.split(b"|", 5)
        if len(parts) != 6 or not parts[1].isdigit() or not parts[2].lstrip(b"-").isdigit():
            self.counts["senseless"] += 1
            return None
        _, index, label, source, trunk, data = parts
        try:
            request = parse(data)
        except Malformed:
            # Kamailio took it for a call: what we cannot read is not for us to refuse.
            request = None
        if request is None:
            self.counts["unread"] += 1
            verdict = PASSES
        else:
            verdict = self._judge.of(request, source.decode("latin-1"), trunk.decode("latin-1"))
        # Kamailio reads whole numbers of 32 bits with a sign.
        signed = (int(label) + _WORD // 2) % _WORD - _WORD // 2
        return b"v|%s|%d|%d|%s|%s" % (
            index, signed, verdict.status, verdict.phrase.encode("latin-1"), verdict.card.encode("latin-1")
        )  # fmt: skip

    def _told(self, what: str, fields: list[str]) -> None:
        """Errors: ValueError, KeyError, TypeError for what makes no sense."""
        if what == "l":
            call_id, from_tag, to_tag, callee, caller = fields
            if len(call_id) + len(from_tag) + len(to_tag) > _LONGEST_NAME:
                raise ValueError("longer names than are kept")
            called = emergency(callee) or of_uri(callee).e164
            self.live.begun(Live(call_id, from_tag, to_tag, of_uri(caller).e164, called))
        elif what == "o":
            call_id, *_tags = fields
            self.live.ended(call_id)
        elif what == "h":
            unheard, unasked = map(int, fields)
            self.counts["passed_unheard"] += unheard
            self.counts["passed_unasked"] += unasked
            if unheard or unasked:
                self._passed_at = time.monotonic()
        elif what == "e":
            name, done = fields
            waiting = self._asked[name]
            if not waiting.done():
                waiting.set_result(done == "1")
        else:
            raise ValueError(what)


class _Line(asyncio.Protocol):
    """One connection: takes messages apart, and sends what they are answered."""

    def __init__(self, kamailio: Kamailio) -> None:
        self._kamailio = kamailio
        self._held = b""
        self._heard = 0
        self._closed = asyncio.Event()
        self._transport: asyncio.Transport | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast(asyncio.Transport, transport)
        self._socket = transport.get_extra_info("socket")

    def connection_lost(self, error: Exception | None) -> None:
        self._closed.set()

    def data_received(self, data: bytes) -> None:
        self._heard += 1
        # evapi writes under Nagle's rule: what is not acknowledged at once holds up the next by 40 ms.
        self._socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_QUICKACK, 1)
        held = self._held + data if self._held else data
        answers, at = [], 0
        while True:
            colon = held.find(b":", at, at + 8)
            if colon < 0:
                if len(held) - at >= 8:
                    self._senseless()
                    return
                break
            size = held[at:colon]
            if not size.isdigit() or int(size) > MOST_FRAME:
                self._senseless()
                return
            end = colon + 1 + int(size)
            if len(held) <= end:
                break
            if held[end] != ord(","):
                self._senseless()
                return
            answered = self._kamailio.hear(held[colon + 1 : end])
            if answered is not None:
                answers.append(b"%d:%s," % (len(answered), answered))
            at = end + 1
        self._held = held[at:]
        if answers:
            self._send(b"".join(answers))

    def say(self, message: bytes) -> None:
        """The message goes out."""
        self._send(b"%d:%s," % (len(message), message))

    async def watched(self) -> None:
        """The line is over: it was closed, or nothing came over it for long."""
        silent = 0
        while not self._closed.is_set():
            before = self._heard
            self.say(b"h")
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(ASK_S):
                    await self._closed.wait()
            silent = silent + 1 if self._heard == before else 0
            if silent * ASK_S >= SILENT_S:
                return

    def abort(self) -> None:
        """The line is let go."""
        if self._transport is not None:
            self._transport.abort()

    def _send(self, data: bytes) -> None:
        assert self._transport is not None
        self._transport.write(data)
        if self._transport.get_write_buffer_size() > MOST_HELD:
            self.abort()

    def _senseless(self) -> None:
        self._kamailio.counts["senseless"] += 1
        self._held = b""
        self.abort()

"""What passes between one ESME and the centre: a connection to each, and between them every octet as it came
but for messages that are held, answered here or put in quarantine.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, NamedTuple

from qingdun.intercept.messages import content, pdu
from qingdun.intercept.messages.line import Line
from qingdun.intercept.messages.receipts import renamed
from qingdun.intercept.messages.recipients import ANSWERS, Recipient, TakenOut, without
from qingdun.intercept.messages.sieve import Fate
from qingdun.intercept.messages.verdict import Act, Verdict

if TYPE_CHECKING:
    from qingdun.intercept.messages.proxy import Proxy

_FROM_ESME = frozenset((pdu.SUBMIT, pdu.REPLACE, pdu.MULTI, pdu.DATA, pdu.UNBIND, pdu.OUTBIND))
_FROM_CENTRE = frozenset((pdu.DELIVER, pdu.DATA, pdu.UNBIND, pdu.OUTBIND))
_BIND_ANSWERS = frozenset(one | pdu.ANSWER for one in pdu.BINDS)
_ANSWERS = frozenset((pdu.NACK, *(one | pdu.ANSWER for one in pdu.JUDGED)))
_MAY = {pdu.BIND_RECEIVER: "r", pdu.BIND_TRANSMITTER: "t", pdu.BIND_TRANSCEIVER: "rt"}
FURTHEST = 0x7FFF_FFFF
"""The greatest sequence number."""

_RECEIPT = Fate(False, None)
"""A receipt, perhaps of what was released."""
_FEWER = Fate(False, None)
"""A message to many that goes on to fewer."""
_NOBODY = Fate(False, Verdict(Act.REFUSED, None))
"""One of which nobody is left."""

Cut = tuple[int, int, int]
"""Where a PDU begins and ends, and its command."""


class _Sent(NamedTuple):
    """A message of ours that waits for its answer."""

    answer: asyncio.Future[tuple[int, str]]
    named: Callable[[str], None]


class Session:
    """From the connection of an ESME to the end of both."""

    def __init__(self, proxy: Proxy) -> None:
        self.proxy = proxy
        self.now = asyncio.get_running_loop().time
        self.esme, self.centre = Line(self, True), Line(self, False)
        self.esme.other, self.centre.other = self.centre, self.esme
        self.began_at = self.now()
        self.ended_at = 0.0
        """Since when one of the two has ended, or 0."""
        self.system = self.may = ""
        """As whom the ESME is bound, and whether for receiving (r), transmitting (t) or both."""
        self.has_asked = False
        """Whether it has sent a bind, which was not refused yet."""
        self._is_linked = self._is_closing = False
        self._linking: asyncio.Task[None] | None = None
        self._sent: dict[tuple[bool, int], _Sent] = {}
        self.taken_out = TakenOut()
        self._look()

    @property
    def is_bound(self) -> bool:
        """Whether the centre has taken the bind, and both are there."""
        return bool(self.may) and not self.ended_at

    def made(self, line: Line) -> None:
        """A connection stands."""
        if line.is_esme:
            self.proxy.begun(self)

    def take(self, line: Line, data: bytes) -> int:
        """The whole PDUs of the octets are done with; how many octets those were."""
        if self._is_closing:
            return len(data)
        if not self._is_linked:
            return self._open(data) if line.is_esme else 0
        looked_at, unpack = line.looked_at, pdu.FRAME.unpack_from
        cuts: list[Cut] = []
        at, end = 0, len(data)
        while end - at >= pdu.SHORTEST:
            length, command = unpack(data, at)
            if not pdu.SHORTEST <= length <= pdu.LONGEST:
                self._pass(line, data, at, cuts)
                self._spoilt(line, data, at)
                return end
            if at + length > end:
                break
            if command in looked_at:
                cuts.append((at, at + length, command))
            at += length
        if at:
            self._pass(line, data, at, cuts)
        return at

    def ended(self, line: Line) -> None:
        """Nothing more comes on the line; what is held of it goes on."""
        self.ended_at = self.ended_at or self.now()
        for one in self.proxy.sieve.segments.let_go(line):
            line.pass_on(one.pdu)

    def lost(self, line: Line) -> None:
        """The line is gone, and the other one ends once what came was taken."""
        self.ended_at = self.ended_at or self.now()
        self.proxy.counts.segments_lost += len(self.proxy.sieve.segments.let_go(line))
        if self._linking is not None and line.is_esme:
            self._linking.cancel()
        for sent in self._sent.values():
            if not sent.answer.done():
                sent.answer.set_exception(ConnectionError("the session ended"))
        self._sent.clear()
        line.other.close()
        if self.esme.is_lost and (self.centre.is_lost or self.centre.transport is None):
            self.proxy.over(self)

    def close(self) -> None:
        """Both end once what waits was taken, also what is being passed on now; nothing more is read."""
        self._is_closing = True
        self.ended_at = self.ended_at or self.now()
        loop = asyncio.get_running_loop()
        loop.call_soon(self.esme.close)
        loop.call_soon(self.centre.close)

    def abort(self) -> None:
        """Both end now."""
        self.esme.abort()
        self.centre.abort()

    def send(
        self, line: Line, octets: bytes, named: Callable[[str], None]
    ) -> asyncio.Future[tuple[int, str]]:
        """Whoever is at the line gets the message under a sequence number of ours, far from those in use; in
        time the status and the message's name, which `named` hears before anything that comes after. Errors
        of the future: ConnectionError.
        """
        future: asyncio.Future[tuple[int, str]] = asyncio.get_running_loop().create_future()
        _length, command, _status, _sequence = pdu.HEAD.unpack_from(octets)
        number = (line.other.sequence + FURTHEST // 2) % FURTHEST + 1
        while (line.is_esme, number) in self._sent:
            number = number % FURTHEST + 1
        if not self.is_bound:
            future.set_exception(ConnectionError("the session has ended"))
            return future
        self._sent[line.is_esme, number] = _Sent(future, named)
        self._look()
        line.write([pdu.HEAD.pack(len(octets), command, 0, number) + octets[16:]])
        return future

    def _look(self) -> None:
        answers = _ANSWERS if self._sent else frozenset()
        binding = frozenset() if self.may else pdu.BINDS
        self.esme.looked_at = _FROM_ESME | binding | answers
        many = ANSWERS if self.taken_out else frozenset()
        self.centre.looked_at = _FROM_CENTRE | (_BIND_ANSWERS if binding else binding) | answers | many

    def _open(self, data: bytes) -> int:
        """Before a bind: nothing passes, and the centre is not asked for a connection."""
        at = 0
        while self._linking is None and len(data) - at >= pdu.SHORTEST:
            length, command, _status, sequence = pdu.HEAD.unpack_from(data, at)
            if not pdu.SHORTEST <= length <= pdu.LONGEST:
                self._spoilt(self.esme, data, at)
                return len(data)
            if at + length > len(data):
                break
            if command in pdu.BINDS:
                self._bind(data, at, at + length)
                self.esme.halt(True)
                self._linking = asyncio.create_task(self._link(data[at : at + length]))
            elif command == pdu.ENQUIRE:
                self.esme.answer(pdu.answer(command, pdu.OK, sequence))
            elif command == pdu.OUTBIND:
                self.proxy.counts.outbinds_refused += 1
                self.close()
                return len(data)
            elif not command & pdu.ANSWER:
                self.esme.answer(pdu.answer(command, pdu.NOT_BOUND, sequence))
            at += length
        return at

    def _bind(self, data: bytes, at: int, end: int) -> None:
        self.system, self.has_asked = pdu.system_of(data, at, end), True

    async def _link(self, bind: bytes) -> None:
        """The centre is connected, and has the bind; or the ESME hears that it is away."""
        try:
            await self.proxy.connect(self.centre)
        except (OSError, TimeoutError) as error:
            _length, command, _status, sequence = pdu.HEAD.unpack_from(bind)
            self.proxy.away(error)
            self.esme.answer(pdu.answer(command, pdu.SYSTEM_ERROR, sequence))
            self.esme.close()
            return
        if self.esme.is_lost:
            self.centre.close()
            return
        self._is_linked = True
        self.centre.write([bind])
        self.esme.again()
        self.esme.halt(False)

    def _pass(self, line: Line, data: bytes, end: int, cuts: Sequence[Cut]) -> None:
        """`data[:end]` goes to the other line but for what is taken out at the cuts."""
        if not cuts:
            line.pass_on(data if end == len(data) else data[:end])
            return
        fates, fewer = self._fates(line, data, cuts)
        start = 0
        for (at, stop, command), fate in zip(cuts, fates, strict=True):
            if command in pdu.JUDGED:
                if fate is None:
                    continue
                if start < at:
                    line.pass_on(data[start:at])
                start = stop
                self._done(line, fewer.get(at) or data[at:stop], fate)
                continue
            # What a control PDU does comes after all before it.
            if start < at:
                line.pass_on(data[start:at])
            start = at if self._passes(line, data, at, stop, command) else stop
        if start < end:
            line.pass_on(data[start:end])

    def _fates(
        self, line: Line, data: bytes, cuts: Sequence[Cut]
    ) -> tuple[list[Fate | None], dict[int, bytes]]:
        """What becomes of each PDU; None for those that are no message, too. And, by where they begin, the
        octets of messages that go to fewer than they say.
        """
        fewer: dict[int, bytes] = {}
        fates: list[Fate | None] = [None] * len(cuts)
        now, proxy = self.now(), self.proxy
        works = proxy.sieve.works(now)
        may_name = not line.is_esme and bool(self._sent or proxy.names(self.system))
        places: list[int] = []
        messages: list[content.Message] = []
        for place, (at, stop, command) in enumerate(cuts):
            if command not in pdu.JUDGED:
                continue
            if not works:
                # Nothing is judged; yet a receipt names what its sender knows.
                proxy.counts.unjudged += 1
                if not may_name:
                    continue
            found = content.message(data, at, stop, command)
            if works and found is not None and found.many:
                gone = proxy.sieve.listed(found, now)
                if gone and len(gone) == len(found.many):
                    fates[place] = _NOBODY
                    continue
                if gone:
                    octets, fates[place] = self._to_fewer(data[at:stop], found, gone), _FEWER
                    fewer[at], found = octets, content.message(octets, 0, len(octets), command)
            if found is None:
                proxy.counts.malformed += 1
            elif line.is_esme or not found.is_receipt:
                if works:
                    places.append(place)
                    messages.append(found)
            elif may_name:
                fates[place] = _RECEIPT
        if messages:
            line.sequence = pdu.HEAD.unpack_from(data, cuts[places[-1]][0])[3]

            def whole(which: int) -> bytes:
                at, stop, _command = cuts[places[which]]
                return fewer.get(at) or data[at:stop]

            found_fates = proxy.sieve.sift(line, self.system, messages, whole, now)
            for place, fate in zip(places, found_fates, strict=True):
                fates[place] = fate or fates[place]
        return fates, fewer

    def _to_fewer(self, octets: bytes, found: content.Message, gone: Sequence[Recipient]) -> bytes:
        """A message to many for those who are left; its answer will list the others."""
        self.proxy.counts.recipients_refused += len(gone)
        self.taken_out.add(octets, gone, self.proxy.status)
        self._look()
        return without(octets, found.many, gone)

    def _done(self, line: Line, octets: bytes, fate: Fate) -> None:
        if fate is _RECEIPT:
            line.pass_on(renamed(octets, self.proxy.names(self.system)) or octets)
            return
        for one in fate.first:
            one.line.pass_on(one.pdu)
        if fate.waits:
            return
        act = 0 if fate.verdict is None else fate.verdict.act
        parts = [*((one.line, one.pdu) for one in fate.held), (line, octets)]
        if act == Act.REFUSED:
            self.proxy.refuse(parts)
        elif act == Act.QUARANTINED and pdu.FRAME.unpack_from(octets)[1] == pdu.REPLACE:
            # A person's word would come too late: what it shall replace is sent meanwhile.
            self.proxy.refuse(parts)
        elif act == Act.QUARANTINED:
            assert fate.verdict is not None
            self.proxy.detain(line, parts, fate.segments, fate.verdict)
        else:
            if act == Act.OBSERVED and fate.verdict is not None and fate.verdict.rule is None:
                self.proxy.counts.model_observed += 1
            for which, part in parts:
                which.pass_on(part)

    def _passes(self, line: Line, data: bytes, at: int, stop: int, command: int) -> bool:
        """Whether a PDU that is no message goes on."""
        _length, _command, status, sequence = pdu.HEAD.unpack_from(data, at)
        if command == pdu.OUTBIND:
            # A centre connects to whom it wakes; on a connection of ours it is out of place.
            self.proxy.counts.outbinds_refused += 1
            line.answer(pdu.answer(pdu.NACK, pdu.NOT_BOUND, sequence))
            return False
        if command == pdu.UNBIND:
            # Whatever a person releases from now on waits for the next bind.
            self.may = ""
            self._look()
            for one in self.proxy.sieve.segments.let_go(line):
                line.pass_on(one.pdu)
        elif command in pdu.BINDS:
            self._bind(data, at, stop)
        elif command in _BIND_ANSWERS:
            if status:
                self.has_asked, self.began_at = False, self.now()
                self.proxy.bind_refused(self, status)
            else:
                self.may = _MAY[command & ~pdu.ANSWER]
                self._look()
        else:
            sent = self._sent.pop((line.is_esme, sequence), None)
            if sent is not None:
                name = data[at + 16 : stop].partition(b"\0")[0].decode("latin-1")
                if status == pdu.OK:
                    sent.named(name)
                if not sent.answer.done():
                    sent.answer.set_result((status, name))
                self._look()
                return False
            if command in ANSWERS:
                line.pass_on(self.taken_out.told(data[at:stop]))
                self._look()
                return False
        return True

    def _spoilt(self, line: Line, data: bytes, at: int) -> None:
        """Where the next PDU begins is not known any more: both connections end."""
        self.proxy.counts.spoilt += 1
        sequence = int.from_bytes(data[at + 12 : at + 16], "big")
        line.answer(pdu.HEAD.pack(16, pdu.NACK, pdu.WRONG_LENGTH, sequence))
        self.close()

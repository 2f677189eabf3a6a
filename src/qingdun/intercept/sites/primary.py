"""The primary of the two zones: what it answers to whom. Over UDP how late a name server is, over TCP what it
lacks (AXFR, RFC 5936; IXFR, RFC 1995), to those who have the key (TSIG, RFC 8945).
"""

from __future__ import annotations

import logging
import struct
import time
from collections import Counter
from collections.abc import Collection, Generator, Iterable, Iterator
from dataclasses import dataclass
from itertools import chain
from typing import NamedTuple

import dns.exception
import dns.flags
import dns.message
import dns.name
import dns.rcode
import dns.rdataclass
import dns.rdatatype
import dns.rdtypes.ANY.SOA
import dns.tsig
from dns.rdtypes.ANY.TSIG import TSIG

from qingdun.intercept.copy import Copy
from qingdun.intercept.sites import wire, zone
from qingdun.intercept.sites.keys import FUDGE_S, Signer, with_signature
from qingdun.intercept.sites.zone import Zone

MOST_ASKED = 4096
"""Octets of a request; the longest that is meaningful has some hundred."""
_HEAD = 12
_ANSWER, _AUTHORITY = 0x8000, 0x0400
_OPCODE, _RECURSION = 0x7800, 0x0100
_OPT = b"\x00" + struct.pack("!HHIH", dns.rdatatype.OPT, 1232, 0, 0)

_log = logging.getLogger("qingdun.intercept")


class Peer(NamedTuple):
    """Whoever asks, and whether over TCP."""

    address: str
    over_tcp: bool


@dataclass(frozen=True, slots=True)
class _Request:
    identity: int
    flags: int
    asked: bytes
    message: dns.message.Message

    @property
    def kind(self) -> int:
        return int(self.message.question[0].rdtype)


class Primary:
    """Answers requests as octets; who carries them is somebody else's."""

    def __init__(
        self,
        copy: Copy,
        suffix: str,
        targets: wire.Targets,
        key: dns.tsig.Key,
        keyless: Collection[str] = (),
        parts: int = 1,
    ) -> None:
        """`suffix`: the name that all zones stand below; `keyless`: addresses that need no key; `parts`:
        zones of either kind.
        """
        self.names = {
            one: dns.name.from_text(f"{zone.title(one, parts)}.{suffix.strip('.')}.")
            for kind in Zone
            for one in zone.all_of(parts)
            if zone.kind_of(one) == kind
        }
        self._copy, self._key, self._keyless = copy, key, frozenset(keyless)
        self._zones = {name: one for one, name in self.names.items()}
        self._server = wire.name(f"ns.{suffix.strip('.')}.")
        self._tails = {Zone.BLOCK: wire.tails(targets), Zone.OBSERVE: wire.tails(None)}
        self.counts: Counter[str] = Counter()
        """How often what was answered or refused."""
        self._complained = 0.0

    @property
    def room(self) -> int:
        """Octets of the longer zone's name."""
        return max(len(name.to_wire() or b"") for name in self.names.values())

    @property
    def form(self) -> bytes:
        """What the zones make of every host."""
        return repr((sorted(self._tails.items()), [str(name) for name in self.names.values()])).encode()

    def serials(self) -> list[int]:
        """The zones' serials, in the order of their names."""
        with self._copy.reading() as db:
            return [zone.serial_of(db, one) for one in self.names]

    def answers(self, asked: bytes, peer: Peer) -> Generator[bytes]:
        """The messages that answer, in their order; none to what is no request."""
        if len(asked) < _HEAD or asked[2] & 0x80:
            self.counts["dropped"] += 1
            return
        if self._opcode(asked):
            yield self._refusal(asked, dns.rcode.NOTIMP)
            return
        request = self._read(asked, peer)
        if isinstance(request, bytes):
            yield request
            return
        yield from self._answered(request, asked, peer)

    @staticmethod
    def _opcode(asked: bytes) -> int:
        return asked[2] >> 3 & 0x0F

    def _read(self, asked: bytes, peer: Peer) -> _Request | bytes:
        """The request, if it is one and its signature holds; else what is answered instead."""
        try:
            message = dns.message.from_wire(asked, keyring={self._key.name: self._key})
        except dns.message.UnknownTSIGKey:
            return self._unsigned(asked, dns.rcode.BADKEY, peer)
        except (dns.tsig.BadKey, dns.tsig.BadAlgorithm):
            return self._unsigned(asked, dns.rcode.BADKEY, peer)
        except dns.tsig.BadSignature:
            return self._unsigned(asked, dns.rcode.BADSIG, peer)
        except dns.tsig.BadTime:
            return self._late(asked, peer)
        except Exception:  # whatever a parser stumbles over, it is no request
            self.counts["malformed"] += 1
            return self._refusal(asked, dns.rcode.FORMERR)
        if len(message.question) != 1:
            return self._refusal(asked, dns.rcode.FORMERR)
        identity, flags = struct.unpack("!HH", asked[:4])
        question = message.question[0]
        name = question.name.to_wire() or b"\x00"
        repeated = wire.question(name, int(question.rdtype), int(question.rdclass))
        return _Request(identity, flags, repeated, message)

    def _answered(self, request: _Request, asked: bytes, peer: Peer) -> Iterator[bytes]:
        signer = self._signer(request)
        where = self._zones.get(request.message.question[0].name)
        if where is None or request.message.question[0].rdclass != dns.rdataclass.IN:
            yield self._told(request, signer, dns.rcode.REFUSED)
        elif signer is None and peer.address not in self._keyless:
            self._complain(peer, "has no key")
            yield self._told(request, None, dns.rcode.REFUSED)
        elif request.kind in (dns.rdatatype.AXFR, dns.rdatatype.IXFR):
            yield from self._transfer(request, where, signer, peer)
        elif request.kind in (dns.rdatatype.SOA, dns.rdatatype.NS):
            with self._copy.reading() as db:
                start = wire.soa(zone.serial_of(db, where), self._server)
            answer = start if request.kind == dns.rdatatype.SOA else wire.ns(self._server)
            self.counts["asked"] += 1
            yield self._told(request, signer, dns.rcode.NOERROR, [answer])
        else:
            yield self._told(request, signer, dns.rcode.REFUSED)

    def _transfer(self, request: _Request, where: int, signer: Signer | None, peer: Peer) -> Iterator[bytes]:
        whole = request.kind == dns.rdatatype.AXFR
        if whole and not peer.over_tcp:
            yield self._told(request, signer, dns.rcode.FORMERR)
            return
        begin = None if whole else _serial_held(request.message)
        if not whole and begin is None:
            yield self._told(request, signer, dns.rcode.FORMERR)
            return
        with self._copy.reading() as db:
            now = zone.serial_of(db, where)
            start = wire.soa(now, self._server)
            if not whole and (begin == now or not peer.over_tcp):
                # Up to date; or it shall come back over TCP (RFC 1995, 2).
                yield self._told(request, signer, dns.rcode.NOERROR, [start])
                return
            steps = None if begin is None else zone.steps_since(db, where, begin)
            ends = self._tails[zone.kind_of(where)]
            if steps is not None and begin is not None:
                self.counts["ixfr"] += 1
                gone, come = wire.records(steps.gone, ends), wire.records(steps.come, ends)
                found: Iterable[bytes] = chain(
                    (start, wire.soa(begin, self._server)), gone, (start,), come, (start,)
                )
            else:
                self.counts["axfr"] += 1
                hosts = chain.from_iterable(zone.names(db, where))
                found = chain((start, wire.ns(self._server)), wire.records(hosts, ends), (start,))
            flags = _ANSWER | _AUTHORITY
            for one in wire.messages(request.identity, flags, request.asked, found):
                yield signer.sign(one) if signer else one

    def _told(
        self, request: _Request, signer: Signer | None, code: int, answers: Iterable[bytes] = ()
    ) -> bytes:
        """One message, with the marks of the request that an answer repeats."""
        flags = _ANSWER | (request.flags & _RECURSION) | code
        found = list(answers)
        if found:
            flags |= _AUTHORITY
        one = wire.message(request.identity, flags, request.asked, found)
        if request.message.edns >= 0:
            one = one[:10] + b"\x00\x01" + one[12:] + _OPT
        if code:
            self.counts["refused"] += 1
        return signer.sign(one) if signer else one

    def _signer(self, request: _Request) -> Signer | None:
        signature = request.message.tsig
        if not signature:
            return None
        return Signer(self._key, signature[0].mac, request.identity, int(time.time()))

    def _refusal(self, asked: bytes, code: int) -> bytes:
        """An answer to what cannot be read: its id and opcode, and the code."""
        self.counts["refused"] += 1
        identity, flags = struct.unpack("!HH", asked[:4])
        return wire.message(identity, _ANSWER | (flags & (_OPCODE | _RECURSION)) | code, b"", [])

    def _unsigned(self, asked: bytes, error: int, peer: Peer) -> bytes:
        """A key or a signature that is none of ours: said so, and not signed (RFC 8945, 5.3.2)."""
        self._complain(peer, "has a key that is not ours" if error == dns.rcode.BADKEY else "signs falsely")
        theirs = _signature_of(asked)
        if theirs is None:
            return self._refusal(asked, dns.rcode.FORMERR)
        owner, sent = theirs
        said = TSIG(
            dns.rdataclass.ANY, dns.rdatatype.TSIG, sent.algorithm, sent.time_signed, FUDGE_S, b"",
            struct.unpack("!H", asked[:2])[0], error, b"",
        )  # fmt: skip
        return with_signature(self._refusal(asked, dns.rcode.NOTAUTH), owner, said)

    def _late(self, asked: bytes, peer: Peer) -> bytes:
        """The signature is ours and its time is not: said so, signed, with the time here."""
        self._complain(peer, "has another time than we")
        theirs = _signature_of(asked)
        if theirs is None:
            return self._refusal(asked, dns.rcode.FORMERR)
        identity = struct.unpack("!H", asked[:2])[0]
        signer = Signer(
            self._key, theirs[1].mac, identity, theirs[1].time_signed, dns.rcode.BADTIME, int(time.time())
        )
        return signer.sign(self._refusal(asked, dns.rcode.NOTAUTH))

    def _complain(self, peer: Peer, what: str) -> None:
        """It is logged who was refused, once a second at most: a flood fills no disk."""
        self.counts["not allowed"] += 1
        now = time.monotonic()
        if now - self._complained >= 1:
            self._complained = now
            _log.warning(
                "%s is refused the zones: it %s (%d refused so far)",
                peer.address, what, self.counts["not allowed"],
            )  # fmt: skip


def _serial_held(message: dns.message.Message) -> int | None:
    """Which serial the asker has, by the record it sent with its question."""
    for found in message.authority:
        if found.rdtype == dns.rdatatype.SOA and found:
            record = found[0]
            assert isinstance(record, dns.rdtypes.ANY.SOA.SOA)
            return int(record.serial)
    return None


def _signature_of(asked: bytes) -> tuple[dns.name.Name, TSIG] | None:
    """The signature of a request, unchecked."""
    try:
        found = dns.message.from_wire(asked, keyring=False).tsig
    except Exception:  # as above
        return None
    return (found.name, found[0]) if found else None

"""Look-ups over DNS, as lists of blocked mail have been asked for long (RFC 5782): whether the name that was
asked for has an address is the answer. Packed by hand, and never much longer than its question.

    <number>.number.<zone>   <host>.host.<zone>   <sender>.sender.<zone>   <key>.text.<zone>
"""

from __future__ import annotations

import struct
from collections import Counter
from collections.abc import Callable
from typing import Final, NamedTuple

from qingdun.detect import entities
from qingdun.intercept.known import Rule
from qingdun.intercept.lookups.answers import Answers, entry, verdict

MOST_SENT: Final = 1232
"""Octets of a datagram that we say we take (EDNS)."""
BLOCK: Final = b"\x7f\x00\x00\x02"
OBSERVE: Final = b"\x7f\x00\x00\x03"
TTL_S: Final = 5
MOST_USUAL: Final = 1024
"""Kinds of questions whose answers are half ready: more are spellings of somebody who plays with capitals."""
NOERROR, FORMERR, NXDOMAIN, NOTIMP, REFUSED = 0, 1, 3, 4, 5
_A, _NS, _SOA, _HINFO, _TXT, _ANY = 1, 2, 6, 13, 16, 255
_HEAD: Final = 12
_LONGEST: Final = _HEAD + 255 + 4
_MOST_LABELS: Final = 6
"""Labels before the kind for which the short way is looked for."""
_NAME: Final = b"\xc0\x0c"
_RECORD: Final = struct.Struct("!HHIH")
_TIMES: Final = struct.pack("!IIIII", 1, 60, 10, 86_400, TTL_S)
"""Serial, refresh, retry and expiry, which nobody uses, for nothing is transferred; how long `no` is kept."""
_OPT_TYPE: Final = b"\x00\x00\x29"
_OPT: Final = _OPT_TYPE + struct.pack("!HIH", MOST_SENT, 0, 0)
_OPT_OTHER_VERSION: Final = _OPT_TYPE + struct.pack("!HIH", MOST_SENT, 1 << 24, 0)
_HEX: Final = frozenset("0123456789abcdef")
KEY_DIGITS: Final = 32
_TEST: Final = Rule(0, True, "test", 0, None)
"""What every such list has, so that a client can try whether it is asked at all (RFC 5782, 5)."""


class _Malformed(Exception):
    """What was sent is no question."""


class _Question(NamedTuple):
    starts: list[int]
    """Where the labels of the name begin."""
    end: int
    """Where the name has ended."""
    kind: int
    edns: bool


class _Usual(NamedTuple):
    """What is the same in all questions that differ in their first labels alone."""

    kind: str
    read: Callable[[list[bytes]], str | None]
    several: bool
    """Whether there are several such labels, or one."""
    rest: int
    """Octets of the question behind them."""
    zone: int
    """Where the zone's name begins behind them."""
    yes: bytes
    block: bytes
    observe: bytes
    no: bytes
    opt: bytes


class Dnsbl:
    """Answers questions as octets; who carries them is somebody else's."""

    def __init__(self, answers: Answers, zone: str) -> None:
        self._answers = answers
        labels = zone.lower().encode("ascii").strip(b".").split(b".")
        self._apex = b"".join(bytes((len(one),)) + one for one in labels) + b"\x00"
        self._depth = len(labels)
        self._usual: dict[bytes, _Usual] = {}
        self._soas: dict[int, bytes] = {}
        self.asked = 0
        """How many questions were answered."""
        self.counts: Counter[str] = Counter()
        """How often what was refused."""

    def answer(self, asked: bytes) -> bytes | None:
        """The answer; None to what is no request."""
        # Most questions differ from one asked before in their first labels alone.
        labels: list[bytes] = []
        at, size = _HEAD, len(asked)
        while at < size and 0 < asked[at] < 64 and len(labels) < _MOST_LABELS:
            begin, at = at + 1, at + 1 + asked[at]
            labels.append(asked[begin:at].lower())
            usual = self._usual.get(asked[2:12] + asked[at:])
            if usual is not None:
                if usual.several == (len(labels) > 1) and at + usual.rest <= _LONGEST:
                    return self._as_usual(asked, at, labels, usual)
                break
        if len(asked) < _HEAD or asked[2] & 0x80:
            self.counts["dropped"] += 1
            return None
        if asked[2] & 0x78:
            return self.refusal(asked, NOTIMP)
        try:
            question = _question(asked)
        except (_Malformed, IndexError):
            return self.refusal(asked, FORMERR)
        if question is None:
            self.counts["refused"] += 1
            return asked[:2] + struct.pack("!HHHHH", 0x8000 | _kept(asked), 0, 0, 0, 1) + _OPT_OTHER_VERSION
        if len(question.starts) > self._depth + 1 and len(self._usual) < MOST_USUAL:
            self._remember(asked, question)
        return self._found(asked, question)

    def _remember(self, asked: bytes, question: _Question) -> None:
        """How such a question is answered whatever its first labels are."""
        begin = question.starts[-self._depth - 1]
        name = asked[begin : question.end].lower()
        kind = name[1 : 1 + name[0]]
        if name[1 + name[0] :] != self._apex or question.kind != _A or kind not in _KINDS:
            return
        if asked[question.end + 2 : question.end + 4] != b"\x00\x01":
            return

        def head(code: int, answers: int) -> bytes:
            flags = 0x8400 | _kept(asked) | code
            return struct.pack("!HHHHH", flags, 1, answers, 1 - answers, question.edns)

        opt = _OPT if question.edns else b""
        block, observe = (_record(_NAME, _A, one) + opt for one in (BLOCK, OBSERVE))
        self._usual[asked[2:12] + asked[begin:]] = _Usual(
            kind.decode(), _KINDS[kind], kind == b"host", len(name) + 4, 1 + name[0],
            head(NOERROR, 1), block, observe, head(NXDOMAIN, 0), opt,
        )  # fmt: skip

    def _as_usual(self, asked: bytes, after: int, labels: list[bytes], usual: _Usual) -> bytes:
        self.asked += 1
        try:
            entity = usual.read(labels)
        except UnicodeDecodeError:
            entity = None
        rule = self._answers.rule(usual.kind, entity) if entity else _TEST if labels == [b"test"] else None
        question = asked[12 : after + usual.rest]
        if rule is not None:
            return asked[:2] + usual.yes + question + (usual.block if rule.enforced else usual.observe)
        at = after + usual.zone
        soa = self._soas.get(at)
        if soa is None:
            soa = self._soas[at] = _soa(struct.pack("!H", 0xC000 | at))
        return asked[:2] + usual.no + question + soa + usual.opt

    def refusal(self, asked: bytes, code: int) -> bytes:
        """An answer of the head alone: its id and opcode, and the code."""
        self.counts["refused"] += 1
        flags = 0x8000 | (asked[2] << 8 & 0x7900) | code
        return asked[:2] + struct.pack("!HHHHH", flags, 0, 0, 0, 0)

    def _found(self, asked: bytes, question: _Question) -> bytes:
        starts, end, kind, _edns = question
        depth = self._depth
        lower = asked[:end].lower()  # lengths of labels are below 64 and stay
        at = starts[-depth] if len(starts) >= depth else end
        if lower[at:] != self._apex or asked[end + 2 : end + 4] != b"\x00\x01":
            self.counts["refused"] += 1
            return _told(asked, question, 0x8000 | REFUSED, b"")
        self.asked += 1
        before = len(starts) - depth
        rule = None
        exists = before < 2
        if before:
            listed = lower[starts[before - 1] + 1 : at]
            if before > 1:
                found = [lower[one + 1 : one + 1 + lower[one]] for one in starts[: before - 1]]
                rule = self._rule(listed, found, kind == _A)
                # Of hosts a name of one label stands above others (RFC 8020).
                exists = rule is not None or (before == 2 and listed == b"host")
            else:
                exists = listed in _KINDS
        records = self._records(kind, rule, before == 0, at) if exists else b""
        if records:
            return _told(asked, question, 0x8400, records)
        zone = struct.pack("!H", 0xC000 | at)
        return _told(asked, question, 0x8400 | (NOERROR if exists else NXDOMAIN), b"", _soa(zone))

    def _records(self, kind: int, rule: Rule | None, apex: bool, at: int) -> bytes:
        """The record that answers, if there is one of that kind."""
        if rule is not None:
            if kind == _A:
                return _record(_NAME, _A, BLOCK if rule.enforced else OBSERVE)
            if kind == _TXT:
                return _record(_NAME, _TXT, _text(f"{entry(rule)} {verdict(rule)} {rule.scam_type}"))
        zone = struct.pack("!H", 0xC000 | at)
        if apex and kind == _SOA:
            return _soa(zone)
        if apex and kind == _NS:
            return _record(zone, _NS, b"\x02ns" + zone)
        return _record(_NAME, _HINFO, b"\x07RFC8482\x00") if kind == _ANY else b""

    def _rule(self, kind: bytes, labels: list[bytes], counts: bool) -> Rule | None:
        """The rule there is; of the questions about one visit that for an address alone is counted."""
        read = _KINDS.get(kind)
        if read is None:
            return None
        if labels == [b"test"]:
            return _TEST
        try:
            entity = read(labels)
        except UnicodeDecodeError:
            return None
        if not entity:
            return None
        return (self._answers.rule if counts else self._answers.find)(kind.decode(), entity)


def _question(asked: bytes) -> _Question | None:
    """What is asked; None if it is in a version of EDNS we do not know. Errors: _Malformed, IndexError."""
    if asked[4:10] != b"\x00\x01\x00\x00\x00\x00":
        raise _Malformed
    at, starts = _HEAD, []
    while length := asked[at]:
        if length > 63:
            raise _Malformed
        starts.append(at)
        at += length + 1
    end = at + 1
    rest = end + 4
    if end - _HEAD > 255 or rest > len(asked):
        raise _Malformed
    kind = asked[end] << 8 | asked[end + 1]
    more = asked[10:12]
    if more == b"\x00\x00":
        if len(asked) != rest:
            raise _Malformed
        return _Question(starts, end, kind, False)
    # OPT alone may follow, and nothing behind it.
    if more != b"\x00\x01" or asked[rest : rest + 3] != _OPT_TYPE:
        raise _Malformed
    if rest + 11 + (asked[rest + 9] << 8 | asked[rest + 10]) != len(asked):
        raise _Malformed
    return None if asked[rest + 6] else _Question(starts, end, kind, True)


def _told(asked: bytes, question: _Question, flags: int, answer: bytes, authority: bytes = b"") -> bytes:
    counts = (1, bool(answer), bool(authority), question.edns)
    head = struct.pack("!HHHHH", flags | _kept(asked), *counts)
    opt = _OPT if question.edns else b""
    return b"".join((asked[:2], head, asked[_HEAD : question.end + 4], answer, authority, opt))


def _kept(asked: bytes) -> int:
    """What an answer repeats of the flags: that recursion was desired, and that nothing be checked."""
    return (asked[2] & 0x01) << 8 | asked[3] & 0x10


def _record(name: bytes, kind: int, data: bytes) -> bytes:
    return b"".join((name, _RECORD.pack(kind, 1, TTL_S, len(data)), data))


def _soa(zone: bytes) -> bytes:
    return _record(zone, _SOA, b"\x02ns" + zone + b"\x0ahostmaster" + zone + _TIMES)


def _text(words: str) -> bytes:
    raw = words.encode("ascii", "replace")[:255]
    return bytes((len(raw),)) + raw


def _number(labels: list[bytes]) -> str | None:
    return entities.number(labels[0].decode("ascii")) if len(labels) == 1 else None


def _host(labels: list[bytes]) -> str | None:
    name = b".".join(labels).decode("ascii")
    return entities.host(name) if name.count(".") == len(labels) - 1 else None


def _sender(labels: list[bytes]) -> str | None:
    """Digits as they are; what has letters as `x` and its octets, for names know no capitals."""
    if len(labels) != 1:
        return None
    label = labels[0].decode("ascii")
    if label.lstrip("+").isdecimal():
        return entities.sender(label)
    if not label.startswith("x") or len(label) % 2 == 0 or not _HEX.issuperset(label[1:]):
        return None
    return entities.sender(bytes.fromhex(label[1:]).decode("utf-8"))


def _key(labels: list[bytes]) -> str | None:
    label = labels[0].decode("ascii")
    return label if len(labels) == 1 and len(label) == KEY_DIGITS and _HEX.issuperset(label) else None


_KINDS: Final = {b"number": _number, b"host": _host, b"sender": _sender, b"text": _key}

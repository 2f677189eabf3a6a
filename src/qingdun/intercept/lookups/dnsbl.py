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
NOERROR, FORMERR, NXDOMAIN, NOTIMP, REFUSED = 0, 1, 3, 4, 5
_A, _NS, _SOA, _HINFO, _TXT, _ANY = 1, 2, 6, 13, 16, 255
_HEAD: Final = 12
_LONGEST: Final = 255
"""Octets of a name."""
_LONGEST_LABEL: Final = 63
MOST_LABELS: Final = 6
"""Labels before the kind for which the short way is looked for."""
_ADDRESS: Final = b"\x00\x01\x00\x01"
"""Type and class of the question for an address."""
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


class _Head:
    """What is ready for answers to questions with such a head."""

    __slots__ = ("blocked", "denials", "no", "observed", "opt", "yes")

    def __init__(self, flags: int, edns: bool) -> None:
        self.opt = _OPT if edns else b""
        self.yes = struct.pack("!HHHHH", 0x8400 | flags | NOERROR, 1, 1, 0, edns)
        self.no = struct.pack("!HHHHH", 0x8400 | flags | NXDOMAIN, 1, 0, 1, edns)
        self.blocked, self.observed = (_record(_NAME, _A, one) + self.opt for one in (BLOCK, OBSERVE))
        self.denials: dict[int, bytes] = {}
        """By where the zone's name stands."""


class _End(NamedTuple):
    """What a question for an address that ends so is about."""

    kind: str
    read: Callable[[bytes], str | None]
    most: int
    """Octets that may stand before it in one label."""
    zone: int
    """Where in it the zone's name stands."""


class Dnsbl:
    """Answers questions as octets; who carries them is somebody else's."""

    def __init__(self, answers: Answers, zone: str) -> None:
        self._answers = answers
        labels = zone.lower().encode("ascii").strip(b".").split(b".")
        self._apex = b"".join(bytes((len(one),)) + one for one in labels) + b"\x00"
        self._depth = len(labels)
        self._heads = _heads()
        self._ends: dict[bytes, _End] = {}
        for kind, read in _READERS.items():
            end = bytes((len(kind),)) + kind + self._apex
            most = min(_LONGEST_LABEL, _LONGEST - len(end) - 1)
            self._ends[end + _ADDRESS] = _End(kind.decode(), read, most, 1 + len(kind))
        self._hosts = b"\x04host" + self._apex + _ADDRESS
        self.asked = 0
        """How many questions were answered."""
        self.at_length = 0
        """How many questions and what else was sent went the long way."""
        self.counts: Counter[str] = Counter()
        """How often what was refused."""

    def answer(self, asked: bytes) -> bytes | None:
        """The answer; None to what is no request."""
        # Most ask for an address and have one label or some, a kind, the zone, and perhaps an OPT without
        # options. Nothing is remembered of them, so nobody can spoil this way for others.
        head = self._heads.get(asked[2:_HEAD])
        size = len(asked)
        if head is None or size == _HEAD:
            return self.answer_at_length(asked)
        end = size
        if head.opt:
            end -= len(_OPT)
            if not (asked.startswith(_OPT_TYPE, end) and asked[end + 6] == 0 and asked.endswith(b"\x00\x00")):
                return self.answer_at_length(asked)
        first = asked[_HEAD]
        at = _HEAD + 1 + first
        about = self._ends.get(asked[at:end].lower())
        if about is None:
            return self._about_host(asked, head, end) or self.answer_at_length(asked)
        if not 0 < first <= about.most:
            return self.answer_at_length(asked)
        label = asked[_HEAD + 1 : at].lower()
        entity = about.read(label)
        rule = self._answers.rule(about.kind, entity) if entity else _TEST if label == b"test" else None
        return self._soon(asked, head, end, rule, at + about.zone)

    def _about_host(self, asked: bytes, head: _Head, end: int) -> bytes | None:
        """The answer to a question about a host; None if it is another, or one of many labels."""
        last = end - len(self._hosts)
        if asked[last:end].lower() != self._hosts or end - _HEAD - len(_ADDRESS) > _LONGEST:
            return None
        labels: list[bytes] = []
        at = _HEAD
        while at < last:
            length = asked[at]
            if not 0 < length <= _LONGEST_LABEL or len(labels) == MOST_LABELS:
                return None
            labels.append(asked[at + 1 : at + 1 + length])
            at += 1 + length
        if at != last or len(labels) < 2:
            return None
        entity = _host(labels)
        rule = self._answers.rule("host", entity) if entity else None
        return self._soon(asked, head, end, rule, last + len(b"\x04host"))

    def _soon(self, asked: bytes, head: _Head, end: int, rule: Rule | None, zone: int) -> bytes:
        """The answer of parts that are ready. `end`: that of the question; `zone`: where its name stands."""
        self.asked += 1
        question = asked[_HEAD:end]
        if rule is not None:
            return asked[:2] + head.yes + question + (head.blocked if rule.enforced else head.observed)
        denial = head.denials.get(zone)
        if denial is None:
            denial = head.denials[zone] = _soa(struct.pack("!H", 0xC000 | zone)) + head.opt
        return asked[:2] + head.no + question + denial

    def answer_at_length(self, asked: bytes) -> bytes | None:
        """The answer to whatever is sent; None to what is no request."""
        self.at_length += 1
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
        return self._found(asked, question)

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
                exists = listed in KINDS
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
        if kind not in KINDS:
            return None
        if labels == [b"test"]:
            return _TEST
        read = _READERS.get(kind)
        if read is not None and len(labels) > 1:
            return None
        entity = _host(labels) if read is None else read(labels[0])
        if not entity:
            return None
        return (self._answers.rule if counts else self._answers.find)(kind.decode(), entity)


def _question(asked: bytes) -> _Question | None:
    """What is asked; None if it is in a version of EDNS we do not know. Errors: _Malformed, IndexError."""
    if asked[4:10] != b"\x00\x01\x00\x00\x00\x00":
        raise _Malformed
    at, starts = _HEAD, []
    while length := asked[at]:
        if length > _LONGEST_LABEL:
            raise _Malformed
        starts.append(at)
        at += length + 1
    end = at + 1
    rest = end + 4
    if end - _HEAD > _LONGEST or rest > len(asked):
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


def _heads() -> dict[bytes, _Head]:
    """By the octets behind the id of a question for one thing, with and without three flags and EDNS."""
    return {
        struct.pack("!HHHHH", flags | authentic, 1, 0, 0, edns): _Head(flags, edns)
        for flags in (0, 0x0100, 0x0010, 0x0110)
        for authentic in (0, 0x0020)
        for edns in (False, True)
    }


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


def _number(label: bytes) -> str | None:
    # Most are written well already.
    if len(label) == 13 and label.isdigit() and b"8613" <= label < b"862":
        return "+" + label.decode("ascii")
    text = _ascii(label)
    return None if text is None else entities.number(text)


def _host(labels: list[bytes]) -> str | None:
    name = _ascii(b".".join(labels).lower())
    if name is None or name.count(".") != len(labels) - 1:
        return None
    return entities.host(name)


def _sender(label: bytes) -> str | None:
    """Digits as they are; what has letters as `x` and its octets, for names know no capitals."""
    text = _ascii(label)
    if text is None:
        return None
    if text.lstrip("+").isdecimal():
        return entities.sender(text)
    if not text.startswith("x") or len(text) % 2 == 0 or not _HEX.issuperset(text[1:]):
        return None
    try:
        return entities.sender(bytes.fromhex(text[1:]).decode("utf-8"))
    except UnicodeDecodeError:
        return None


def _key(label: bytes) -> str | None:
    text = _ascii(label)
    return text if text and len(text) == KEY_DIGITS and _HEX.issuperset(text) else None


def _ascii(label: bytes) -> str | None:
    return label.decode("ascii") if label.isascii() else None


_READERS: Final = {b"number": _number, b"sender": _sender, b"text": _key}
KINDS: Final = frozenset((*_READERS, b"host"))

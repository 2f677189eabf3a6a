"""Questions in octets, and answers as DNS has them; whatever is sent, it is answered or dropped."""

from __future__ import annotations

import struct
from collections.abc import Sequence
from ipaddress import ip_network
from typing import Any

import dns.edns
import dns.flags
import dns.message
import dns.name
import dns.opcode
import dns.rcode
import dns.rdatatype
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from qingdun.intercept.known import Rule
from qingdun.intercept.lookups import datagrams
from qingdun.intercept.lookups.answers import Answers
from qingdun.intercept.lookups.datagrams import REFUSED_PER_S, Datagrams
from qingdun.intercept.lookups.dnsbl import MOST_LABELS, MOST_SENT, Dnsbl
from tests import strokes

ZONE = "lookup.qingdun.invalid"
RULES = {
    ("number", "+8617258010001"): Rule(1, True, "phishing", 0, None),
    ("host", "bad.example"): Rule(2, False, "phishing", 0, None),
    ("sender", "10690001"): Rule(3, True, "phishing", 0, None),
}
MOST_MORE = 100
"""Octets that an answer may have more than its question: nobody's flood is made greater here."""


def dnsbl() -> Dnsbl:
    return Dnsbl(Answers(lambda kind, entity: RULES.get((kind, entity))), ZONE)


def asked(name: str, kind: str = "A", **options: Any) -> dns.message.Message:
    return dns.message.make_query(f"{name}.{ZONE}." if name else f"{ZONE}.", kind, **options)


def told(
    question: dns.message.Message, wire: bytes | None = None, by: Dnsbl | None = None
) -> dns.message.Message:
    answer = (by or dnsbl()).answer(wire or question.to_wire())
    assert answer is not None
    found = dns.message.from_wire(answer)
    assert question.is_response(found)
    assert not found.flags & dns.flags.RA
    return found


@pytest.mark.parametrize("edns", [-1, 0])
def test_listed_and_not(edns: int) -> None:
    one = dnsbl()
    for _ in range(2):  # the second time the short way
        found = told(asked("17258010001.number", use_edns=edns), by=one)
        assert (found.rcode(), str(found.answer[0][0]), found.edns) == (dns.rcode.NOERROR, "127.0.0.2", edns)
        assert found.flags & dns.flags.AA
        missing = told(asked("17258010002.number", use_edns=edns), by=one)
        assert missing.rcode() == dns.rcode.NXDOMAIN
        assert not missing.answer
        assert missing.authority[0].name == dns.name.from_text(ZONE)
        assert missing.authority[0][0].minimum == 5
    assert str(told(asked("bad.example.host")).answer[0][0]) == "127.0.0.3"
    assert str(told(asked("10690001.sender")).answer[0][0]) == "127.0.0.2"
    # RFC 5782, 5: a list has `test` and has not `invalid`.
    for kind in ("number", "host", "sender", "text"):
        assert str(told(asked(f"test.{kind}")).answer[0][0]) == "127.0.0.2"
        assert not told(asked(f"invalid.{kind}")).answer


def test_the_spelling_of_a_question_is_kept() -> None:
    one = dnsbl()
    for _ in range(2):
        question = asked("A.bAD.exaMPLE.HoSt")
        answer = one.answer(question.to_wire())
        assert answer is not None
        assert b"\x04HoSt" in answer
        told(question, by=one)


def test_odd_questions_make_no_others_slow() -> None:
    one = dnsbl()
    usual = [
        asked(name, use_edns=edns).to_wire()
        for name in ("17258010001.number", "a.bad.example.host")
        for edns in (-1, 0)
    ]

    def ask_as_usual() -> int:
        before = one.at_length
        for wire in usual:
            assert one.answer(wire) == one.answer_at_length(wire)
        return one.at_length - before - len(usual)

    assert ask_as_usual() == 0
    for place in range(200):
        spelt = "".join(c.upper() if place >> n & 1 else c for n, c in enumerate("numberlookup"))
        question = dns.message.make_query(f"17258010001.{spelt[:6]}.{spelt[6:]}.qingdun.invalid.", "A")
        question.use_edns(0, payload=512 + place)
        before = one.at_length
        assert told(question, by=one).answer
        assert one.at_length == before, "a spelling of its own is not odd"
        question.use_edns(0, options=[dns.edns.GenericOption(10, place.to_bytes(8, "big"))])
        assert told(question, by=one).answer
        told(dns.message.make_query(f"{place}.{ZONE}.", "A", flags=place % 128), by=one)
    assert one.at_length > 400
    assert ask_as_usual() == 0
    held = sum(len(head.denials) for head in one._heads.values())
    assert held <= 4, "nothing is kept but where the zone may stand"


def test_a_host_of_many_labels_is_looked_for_the_long_way() -> None:
    one = dnsbl()
    for labels in (MOST_LABELS, MOST_LABELS + 1):
        before = one.at_length
        assert told(asked("a." * (labels - 2) + "b.example.host"), by=one).rcode() == dns.rcode.NXDOMAIN
        assert one.at_length - before == labels - MOST_LABELS


def test_the_apex_and_what_only_stands_above_others() -> None:
    soa = told(asked("", "SOA"))
    assert soa.answer[0].rdtype == dns.rdatatype.SOA
    assert told(asked("", "NS")).answer[0].rdtype == dns.rdatatype.NS
    for name in ("", "number", "example.host"):
        nothing = told(asked(name))
        assert (nothing.rcode(), len(nothing.answer), len(nothing.authority)) == (dns.rcode.NOERROR, 0, 1)
    for name in ("other", "1.other", "1.2.number", "17258010001.number.number"):
        assert told(asked(name)).rcode() == dns.rcode.NXDOMAIN
    nothing = told(asked("17258010001.number", "AAAA"))
    assert (nothing.rcode(), len(nothing.answer), len(nothing.authority)) == (dns.rcode.NOERROR, 0, 1)


def test_any_is_answered_with_next_to_nothing() -> None:
    found = told(asked("17258010001.number", "ANY"))
    assert (found.answer[0].rdtype, found.answer[0][0].cpu) == (dns.rdatatype.HINFO, b"RFC8482")


def test_what_is_not_ours_or_no_question_is_refused() -> None:
    assert told(dns.message.make_query("www.example.", "A")).rcode() == dns.rcode.REFUSED
    assert told(asked("17258010001.number", rdclass="CH")).rcode() == dns.rcode.REFUSED
    notify = dns.message.make_query(f"{ZONE}.", "SOA")
    notify.set_opcode(dns.opcode.NOTIFY)
    one = dnsbl()
    wire = asked("17258010001.number").to_wire()
    for raw, code in (
        (notify.to_wire(), dns.rcode.NOTIMP),
        (wire[:-1], dns.rcode.FORMERR),
        (wire + b"\x00", dns.rcode.FORMERR),
        (wire[:12] + b"\xc0\x0c" + wire[14:], dns.rcode.FORMERR),
        (wire[:12] + b"\x00" + wire[13:], dns.rcode.FORMERR),
        (wire[:5] + b"\x02" + wire[6:], dns.rcode.FORMERR),
        (wire[:12], dns.rcode.FORMERR),
        (wire[:12] + b"\x3fa" * 200, dns.rcode.FORMERR),
    ):
        one.answer(wire)  # so that the short way is open
        answer = one.answer(raw)
        assert answer is not None
        assert (answer[:2], answer[3] & 0x0F) == (raw[:2], code), raw
    assert one.answer(wire[:11]) is None
    assert one.answer(wire[:2] + b"\x80" + wire[3:]) is None, "an answer is not answered"


def test_another_version_of_edns_is_said_to_be_unknown() -> None:
    answer = dnsbl().answer(asked("17258010001.number", use_edns=1).to_wire())
    assert answer is not None
    found = dns.message.from_wire(answer)
    assert (found.rcode(), found.edns) == (dns.rcode.BADVERS, 0)
    assert told(asked("17258010001.number", use_edns=0)).payload == MOST_SENT


class Line:
    """Keeps what is sent."""

    def __init__(self) -> None:
        self.sent: list[bytes] = []

    def sendto(self, data: bytes, addr: object) -> None:
        self.sent.append(data)


def test_who_may_not_ask_and_who_asks_too_often_is_refused_and_then_not_even_that(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    at = 0.0
    one, line = dnsbl(), Line()
    carrier = Datagrams(one, [ip_network("127.0.0.0/8"), ip_network("2001:db8::/32")], 10, lambda: at)
    carrier.connection_made(line)  # type: ignore[arg-type]
    wire = asked("17258010001.number").to_wire()

    def answered(source: str, times: int = 1) -> list[int]:
        line.sent.clear()
        for _ in range(times):
            carrier.datagram_received(wire, (source, 1, 0, 0) if ":" in source else (source, 1))
        return [answer[3] & 0x0F for answer in line.sent]

    assert answered("127.0.0.1", 22) == [0] * 20 + [dns.rcode.REFUSED] * 2
    assert answered("127.0.0.2") == [0], "another client has a bucket of its own"
    assert answered("2001:db8::1", 20) == [0] * 20
    assert answered("2001:db8::2") == [dns.rcode.REFUSED], "of IPv6 a network is one client"
    assert answered("192.0.2.1", 1000) == [dns.rcode.REFUSED] * (REFUSED_PER_S - 3)
    assert (one.counts["limited"], one.counts["strangers"]) == (3, 1000)
    at = 0.5
    assert answered("127.0.0.1", 6) == [0] * 5 + [dns.rcode.REFUSED]
    monkeypatch.setattr(datagrams, "MOST_SOURCES", 4)
    assert answered("2001:db8::3", 5) == [0] * 5
    for last in range(16, 32):
        assert answered(f"2001:db8::{last:x}") == [dns.rcode.REFUSED], "other addresses do not begin anew"
    assert answered("::ffff:127.0.0.1") == [dns.rcode.REFUSED], "nor does another way to write one"


LABELS = (
    b"17258010001", b"+8617258010001", b"test", b"x31303639303031", b"x434d4243", b"bad", b"a" * 32,
    b"0" * 63,
)  # fmt: skip
ENDS = tuple(
    name.replace(".lookup", f".{zone}")
    for name in (
        "number.lookup", "sender.lookup", "text.lookup", "host.lookup", "example.host.lookup",
        "NuMBer.lookup", "a.b.c.example.host.lookup", "a.b.c.d.e.example.hoST.lookup", "other.lookup",
        "lookup",
    )
    for zone in (ZONE, "LOOKUP.Qingdun.invalid", "example")
)  # fmt: skip
FLAGS = (0x0100, 0x0100, 0x0100, 0x0100, 0, 0x0120, 0x0110, 0x0130, 0x8000, 0x2800, 0x0400, 0x0101)
KINDS = (1, 1, 1, 1, 1, 1, 1, 16, 6, 2, 28, 255, 252, 65)
OPT = b"\x00\x00\x29\x04\xd0"
OPTS = (
    b"", OPT + b"\x00\x00\x00\x00\x00\x00", OPT + b"\x00\x00\x80\x00\x00\x00", OPT[:3],
    OPT + b"\x00\x00\x00\x00\x00\x0c\x00\x0a\x00\x08cookies!", OPT + b"\x00\x01\x00\x00\x00\x00",
)  # fmt: skip
packets = st.tuples(st.integers(0, 1 << 30), st.binary(max_size=70), strokes.SOME)


def packet(which: int, label: bytes, changed: bytes) -> bytes:
    """A question for the label or one that is known, changed by strokes."""

    def chosen(parts: Sequence[Any]) -> Any:
        nonlocal which
        which, place = divmod(which, len(parts))
        return parts[place]

    flags, end, kind, opt, known = (chosen(parts) for parts in (FLAGS, ENDS, KINDS, OPTS, LABELS))
    first = label if label and which % 4 == 0 else known
    name = [first, *end.encode().split(b".")]
    wire = b"".join(bytes((len(one) & 0x3F or 1,)) + one for one in name) + b"\x00"
    head = struct.pack("!HHHHHH", which & 0xFFFF, flags, 1, 0, 0, bool(opt))
    whole = head + wire + struct.pack("!HH", kind, 1) + opt
    return strokes.octets(whole, changed) if which % 3 else whole


SHARED = dnsbl()
CARRIER = Datagrams(SHARED, [ip_network("127.0.0.0/8")], 1e9)


def answers_as_it_must(wire: bytes) -> None:
    """Through everything between the socket and the lists."""
    answer = CARRIER.answer(wire, b"\x7f\x00\x00\x01")
    if len(wire) > MOST_SENT:
        return
    assert answer == SHARED.answer_at_length(wire), "the short way and the long one lead to the same answer"
    if len(wire) < 12 or wire[2] & 0x80:
        assert answer is None
        return
    assert answer is not None
    found = dns.message.from_wire(answer)
    assert found.id == struct.unpack("!H", wire[:2])[0]
    assert found.flags & dns.flags.QR
    assert not found.flags & dns.flags.RA
    assert len(answer) <= min(512, len(wire) + MOST_MORE)


@given(packets)
@settings(max_examples=400)
def test_whatever_is_sent_is_answered_or_dropped(drawn: tuple[int, bytes, bytes]) -> None:
    answers_as_it_must(packet(*drawn))


@pytest.mark.slow
@given(packets)
@settings(max_examples=100_000)
def test_whatever_is_sent_is_answered_or_dropped_a_hundred_thousand_times(
    drawn: tuple[int, bytes, bytes],
) -> None:
    answers_as_it_must(packet(*drawn))

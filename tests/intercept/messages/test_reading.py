"""Octets that do not say how they are written: 8-bit messages, pushes, and texts that replace others."""

from __future__ import annotations

import random
from pathlib import Path

import pytest

from qingdun.intercept.messages import pdu, push
from qingdun.intercept.messages.reading import read
from tests.intercept.messages.stories import BAD, SCAM, run
from tests.intercept.messages.wired import LISTED, Wired, message, refused, replacement, segment, tlv

PORTS = bytes((6, 5, 4, 0x0B, 0x84, 0x23, 0xF0))
"""The header of a message for the port of pushes."""
SI = b"\1\6\1\xae\2\5\x6a\0\x45\xc6"
SL = b"\1\6\1\xb0\2\6\x6a\0"


@pytest.mark.parametrize("codec", ["utf-8", "gbk", "gb18030", "utf-16-be", "utf-16-le", "utf-16"])
def test_gateways_put_texts_into_8_bits(codec: str) -> None:
    for text in (SCAM, "您好", "look at http://bad.example/x", "退款请加QQ群12345，谢谢！\n【客服】"):
        assert read(text.encode(codec)) == text


def test_what_is_for_a_machine_is_no_text() -> None:
    chance = random.Random(5)
    assert read(b"") == read(b"\xff\x00") == read(bytes(range(256))) == ""
    assert not any(read(chance.randbytes(100)) for _ in range(100))


def test_a_push_says_where_it_leads() -> None:
    href = b"\x0d\3pay\0\x85\3login\0\x11\3id\0\1"
    whole = SI + href + b"\3" + "退款到账".encode() + b"\0\1\1"
    assert push.words(whole) == "http://www.pay.com/login id 退款到账"
    assert push.words(SL + b"\x85\x0b\3bad.example/x\0\6\1") == "https://bad.example/x"
    # The address in the table of strings; a document without a public identifier; XML; another alphabet.
    assert push.words(b"\1\6\1\xae\2\5\x6a\4pay\0\x45\xc6\x0c\x83\0\x87\1\1\1") == "http://pay.net/"
    bare = b"\1\6\1\xae\2\0\0\x6a\0\x45\xc6\x0b\3http://bad.example\0\1"
    assert push.words(bare) == "http://bad.example"
    assert "bad.example" in push.words(b"\1\6\1\xad<si><indication href='http://bad.example'/></si>")
    assert push.words(SI.replace(b"\x6a", b"\x71") + b"\1\3" + "退款".encode("gbk") + b"\0") == "退款"
    said = [push.words(whole[:cut]) for cut in range(len(whole))]
    assert said[20] == "http://www.pay.com/lo", "of one that is cut short what is there"


def test_a_short_push_does_not_say_endlessly_much() -> None:
    """Two octets stand for all of the table: in 64 KiB half a gigabyte of text, for which all others wait."""
    table, again = b"a" * 30_000, b"\x83\0" * 15_000
    size = bytes((0x80 | len(table) >> 14, 0x80 | len(table) >> 7 & 0x7F, len(table) & 0x7F))
    found = push.words(b"\1\6\1\xae\2\5\x6a" + size + table + b"\x45\xc6" + again + b"\x0c\3bad.example\0")
    assert len(found) < 100_000
    assert "http://bad.example" in found, "what stands behind is read nevertheless"
    hidden = b"a" * 10_000 + b"\0bad.example"
    size = bytes((0x80 | len(hidden) >> 7, len(hidden) & 0x7F))
    last = b"\x83" + bytes((0x80 | 10_001 >> 7, 10_001 & 0x7F))
    found = push.words(b"\1\6\1\xae\2\5\x6a" + size + hidden + b"\x45\xc6\x83\0\x0c" + last)
    assert "bad.example" in found.split(), "and what stands in the table itself"


def test_8_bits_are_judged_by_what_they_say(tmp_path: Path) -> None:
    href = b"\x0c\3a.bad.example/x\0\1\3hello\0\1\1"

    async def story(wired: Wired) -> None:
        it = message(1, PORTS + SI + href, coding=4, esm=0x40)
        assert wired.send(it) == (b"", refused(1))
        parts = [segment(n, part, 2, n, coding=0xF5) for n, part in ((1, SI + href[:9]), (2, href[9:]))]
        assert wired.send(parts[0]) == (b"", b"")
        assert wired.send(parts[1]) == (b"", refused(1) + refused(2))
        assert wired.send(message(2, LISTED.format(7).encode("gbk"), coding=4)) == (b"", refused(2))
        assert wired.send(message(3, LISTED.format(7).encode("utf-16-be"), coding=2)) == (b"", refused(3))
        assert wired.send(message(4, "请登录 bad.example".encode(), coding=4)) == (b"", refused(4))
        assert wired.send(message(5, SCAM.encode("gbk"), coding=4))[0] == b"", "the model holds it"
        for number, octets in enumerate((bytes(range(128, 200)), b"\xff\x00\x80\x90" * 20), start=6):
            it = message(number, octets, coding=4)
            assert wired.send(it) == (it, b"")
        empty = message(8, b"", coding=4)
        assert wired.send(empty) == (empty, b"")
        assert wired.sieve.judge.unreadable == 2  # type: ignore[attr-defined]

    run(story, tmp_path)


def test_a_text_that_replaces_another_is_judged_as_that_was(tmp_path: Path) -> None:
    text = "请登录 a.bad.example"

    async def story(wired: Wired) -> None:
        clean = replacement(1, "您的订单已发货".encode("utf-16-be"))
        assert wired.send(clean) == (clean, b"")
        assert wired.deliver(pdu.answer(pdu.REPLACE, 0, 1)) == (pdu.answer(pdu.REPLACE, 0, 1), b"")
        written = [BAD, text.encode("utf-16-be"), text.encode("gb18030"), text.encode(), BAD + b"\0\x1b\x28"]
        for number, octets in enumerate(written, start=2):
            assert wired.send(replacement(number, octets)) == (b"", refused(number, pdu.REPLACE))
        listed = LISTED.format(3).encode("utf-16-be")
        assert wired.send(replacement(7, listed)) == (b"", refused(7, pdu.REPLACE))
        in_segments = bytes((5, 0, 3, 9, 2, 1)) + listed
        assert wired.send(replacement(8, in_segments)) == (b"", refused(8, pdu.REPLACE))
        sender = replacement(9, b"hello", source=b"106900009999")
        assert wired.send(sender) == (b"", refused(9, pdu.REPLACE))
        # What only the model suspects is not held: released, it would come after what it replaces.
        assert wired.send(replacement(10, SCAM.encode("utf-16-be"))) == (b"", refused(10, pdu.REPLACE))
        assert wired.quarantine.waiting() == []
        # A longer text is a parameter, as SMPP 5.0 has it.
        payload = tlv(0x0424, BAD)
        it = replacement(11, b"")
        it = pdu.LENGTH.pack(len(it) + len(payload)) + it[4:] + payload
        assert wired.send(it) == (b"", refused(11, pdu.REPLACE))
        # A text that begins as a push does: in GSM-7 its second letter is an accent.
        like_a_push = b"A\x06" + bytes((len(BAD) + 1,)) + b" " + BAD + b"<hello"
        assert push.words(like_a_push) == "<hello"
        assert wired.send(replacement(12, like_a_push)) == (b"", refused(12, pdu.REPLACE))
        # Traditional characters, in which a text is none of those it is most likely made of.
        rare = f"{'請點擊連結領取補償財產' * 3} a.bad.example".encode("utf-16-be")
        assert wired.send(replacement(13, rare)) == (b"", refused(13, pdu.REPLACE))
        for cut in range(16, len(clean)):
            short = pdu.LENGTH.pack(cut) + clean[4:cut]
            assert wired.send(short) == (short, b""), "the centre's to answer"

    run(story, tmp_path)

"""What is said of a text: how it is read, whose it is, and what becomes of it if nobody can say."""

from __future__ import annotations

import asyncio
import struct
from pathlib import Path

import pytest

from qingdun.intercept.messages import breaker, pdu
from qingdun.intercept.messages.breaker import State
from tests.intercept.messages.stories import BAD, SCAM, run
from tests.intercept.messages.wired import LISTED, Failing, Wired, lists_judge, message, refused, tlv


def test_all_ways_of_writing_are_read(tmp_path: Path) -> None:
    text = "请登录 a.bad.example"
    escaped = b"look {} bad.example".replace(b"{", b"\x1b\x28").replace(b"}", b"\x1b\x29")
    sar = tlv(0x020C, b"\0\7") + tlv(0x020E, b"\2")

    async def story(wired: Wired) -> None:
        assert wired.send(message(1, text.encode("utf-16-be"), coding=8)) == (b"", refused(1))
        assert wired.send(message(2, text.encode("gb18030"), coding=15)) == (b"", refused(2))
        assert wired.send(message(3, escaped, coding=0)) == (b"", refused(3))
        assert wired.send(message(4, BAD, coding=1)) == (b"", refused(4))
        assert wired.send(message(5, BAD, coding=0xF1)) == (b"", refused(5))
        assert wired.send(message(6, text.encode("utf-16-be"), coding=8, command=pdu.DATA)) == (
            b"",
            refused(6, pdu.DATA),
        )
        assert wired.send(message(7, b"", more=tlv(0x0424, BAD))) == (b"", refused(7))
        assert wired.send(message(8, "ｂａｄ．ｅｘａｍｐｌｅ".encode("utf-16-be"), coding=8))[1] == refused(8)
        assert wired.send(message(9, BAD, coding=4)) == (b"", refused(9))
        first = message(10, b"see bad.exa", more=sar + tlv(0x020F, b"\1"))
        last = message(11, b"mple", more=sar + tlv(0x020F, b"\2"))
        assert wired.send(first) == (b"", b"")
        assert wired.send(last) == (b"", refused(10) + refused(11))
        header = bytes((6, 8, 4, 1, 0, 2))
        assert wired.send(message(12, header + b"\1see bad.exa", esm=0x40)) == (b"", b"")
        assert wired.send(message(13, header + b"\2mple", esm=0x40)) == (b"", refused(12) + refused(13))
        assert wired.deliver(message(14, BAD, command=pdu.DELIVER)) == (b"", refused(14, pdu.DELIVER))
        receipt = message(15, BAD, command=pdu.DELIVER, esm=4)
        assert wired.deliver(receipt) == (receipt, b"")
        for number, command in enumerate((pdu.SUBMIT, pdu.DATA, pdu.MULTI), start=16):
            it = message(number, BAD, esm=4, command=command)
            assert wired.send(it) == (b"", refused(number, command)), "a sender calls nothing a receipt"
        many = message(19, b"hello", command=pdu.MULTI)
        assert wired.send(many) == (many, b"")
        of_a_template = message(23, LISTED.format(24).encode("utf-16-be"), coding=8)
        assert wired.send(of_a_template) == (b"", refused(23))
        # What is wrong behind the text, or with its length, hides nothing.
        assert wired.send(message(20, BAD, more=b"\0")) == (b"", refused(20))
        assert wired.send(message(21, b"", more=struct.pack(">HH", 0x0424, 900) + BAD)) == (b"", refused(21))
        short = bytearray(message(22, BAD))
        short[-len(BAD) - 1] = 255
        assert wired.send(bytes(short)) == (b"", refused(22))

    wired = run(story, tmp_path)
    assert sorted(one.entry_id for one in wired.met) == [1] * 18 + [5]


def test_nobody_stops_the_judging_with_long_texts(tmp_path: Path) -> None:
    most = 65_000
    dots, letters = b".a" * (most // 2), b"a" * most
    spaces, accents = b"a.b" + b" " * most, ("." + "\u0301\u0327" * (most // 4 - 1)).encode("utf-16-be")
    texts = [(dots, 3), (letters, 3), (spaces, 3), (accents, 8), ("一".encode("utf-16-be") * (most // 2), 8)]

    async def story(wired: Wired) -> None:
        for octets, coding in texts * 3:
            it = message(1, b"", coding=coding, more=tlv(0x0424, octets))
            assert wired.send(it)[1] == b""
        it = message(2, b"", more=tlv(0x0424, spaces + BAD))
        assert wired.send(it) == (b"", refused(2)), "where it stands in the text is all the same"
        assert wired.sieve.breaker.opened == 0

    assert run(story, tmp_path).counts.unjudged == 0


def test_the_model_stops_no_bank_however_its_number_is_written(tmp_path: Path) -> None:
    async def story(wired: Wired) -> None:
        for source in (b"95588", b"+8695588", b"8695588", b"106980095588", b"+86106980095588", b"02195588"):
            it = message(1, SCAM.encode("utf-16-be"), coding=8, source=source)
            assert wired.send(it) == (it, b""), source
        it = message(1, SCAM.encode("utf-16-be"), coding=8, source=b"+44955881")
        assert wired.send(it)[0] == b""

    run(story, tmp_path)


def test_who_reports_a_scam_may_repeat_its_words(tmp_path: Path) -> None:
    listed = LISTED.format(3).encode("utf-16-be")

    async def story(wired: Wired) -> None:
        services = [(b"12321", 0), (b"12110", 1), (b"8612321", 1), (b"95588", 0), (b"075712345", 0)]
        for number, ton in services:
            told = {"command": pdu.DELIVER, "destination": number, "ton": ton, "source": b"8613800138111"}
            for words in (listed, SCAM.encode("utf-16-be")):
                it = message(1, words, coding=8, **told)  # type: ignore[arg-type]
                assert wired.deliver(it) == (it, b""), number
        it = message(2, listed, coding=8, command=pdu.DELIVER, destination=b"1069")
        assert wired.deliver(it)[1] == refused(2, pdu.DELIVER)

    assert [one.entry_id for one in run(story, tmp_path).met] == [5]


def test_a_judge_that_fails_lets_all_pass_and_is_tried_again(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    judge = Failing(lists_judge(tmp_path, lambda rule: None))
    bad = message(1, BAD)

    async def story(wired: Wired) -> None:
        for _ in range(breaker.FAILURES):
            assert wired.send(bad) == (bad, b"")
        found = wired.sieve.breaker
        assert found.state is State.OPEN
        assert wired.send(bad) == (bad, b"")
        assert judge.asked == breaker.FAILURES, "it is not asked"
        found._opened_at -= breaker.REST_S
        assert wired.send(bad) == (bad, b"")
        assert (found.state, found.opened, judge.asked) == (State.OPEN, 2, breaker.FAILURES + 1)
        judge.is_mended = True
        assert wired.send(bad) == (bad, b"")
        found._opened_at -= breaker.REST_S
        assert wired.send(bad) == (b"", refused(1))
        assert found.state is State.CLOSED
        # Slowness counts as failure does.
        for _ in range(breaker.FAILURES):
            found.took(1.0, 10, wired.session.now())
        assert found.state is State.OPEN

    wired = run(story, tmp_path, judge=judge)
    assert wired.counts.unjudged == breaker.FAILURES + 3
    assert "ALARM: no message is judged for 5 s, all pass: MemoryError: no room to think" in caplog.text


def test_what_cannot_be_kept_passes(tmp_path: Path) -> None:
    held = message(1, SCAM.encode("utf-16-be"), coding=8)

    async def story(wired: Wired) -> None:
        assert wired.send(held) == (b"", b"")
        while not wired.esme.written:
            await asyncio.sleep(0.001)
        assert wired.esme.taken() == pdu.answer(pdu.SUBMIT, 0, 1, b"QD-1\0")
        wired.quarantine._db.execute("DROP TABLE texts")
        assert wired.send(held) == (b"", b"")
        while not wired.centre.written:
            await asyncio.sleep(0.001)
        assert (wired.centre.taken(), wired.esme.taken()) == (held, b"")

    wired = run(story, tmp_path)
    assert (wired.counts.quarantined, wired.counts.quarantine_full) == (1, 1)

"""What a session does with PDUs, in memory: what passes passes octet for octet, in any cut, and nothing that
anybody sends ends more than their own connection.
"""

from __future__ import annotations

import asyncio
import struct
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from qingdun.intercept.messages import breaker, pdu, proxy, segments
from qingdun.intercept.messages.breaker import State
from qingdun.intercept.messages.receipts import renamed
from tests.intercept.messages.wired import (
    BIND,
    BOUND,
    LISTED,
    Failing,
    Wired,
    lists_judge,
    message,
    refused,
    segment,
    tlv,
)

SCAM = "【平安银行】尊敬的客户，您的账户已被冻结，请点击 http://x.example 登录核实，退订回T"
BAD = b"look at http://a.bad.example/x"
ENQUIRE = struct.pack(">IIII", 16, pdu.ENQUIRE, 0, 77)
OUTBIND = pdu.HEAD.pack(16 + 6, pdu.OUTBIND, 0, 8) + b"a\0b\0cd"
UNKNOWN = struct.pack(">IIII", 20, 0x0210, 0, 78) + b"what"


def run(story: Callable[[Wired], Awaitable[None]], folder: Path, **more: object) -> Wired:
    """The story, with a session that is bound."""

    async def told() -> Wired:
        wired = Wired(folder, **more)  # type: ignore[arg-type]
        await wired.bind()
        async with working(wired), asyncio.timeout(20):
            await story(wired)
        return wired

    return asyncio.run(told())


@asynccontextmanager
async def working(wired: Wired) -> AsyncIterator[None]:
    """The quarantine works."""
    task = asyncio.create_task(wired.keeping.run(lambda: wired.proxy.sessions))
    await asyncio.sleep(0)
    try:
        yield
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)


@pytest.mark.parametrize("size", [1, 3, 15, 16, 17, 1000])
def test_octets_come_out_as_they_went_in_however_they_are_cut(size: int, tmp_path: Path) -> None:
    clean = [message(1, b"hello"), ENQUIRE, UNKNOWN, message(2, "你好".encode("utf-16-be"), coding=8)]
    stream = b"".join([*clean, message(3, BAD), message(4, b"\xff\x00", coding=4), UNKNOWN])

    async def story(wired: Wired) -> None:
        on, back = b"", b""
        for at in range(0, len(stream), size):
            there, here = wired.send(stream[at : at + size])
            on, back = on + there, back + here
        assert on == b"".join([*clean, message(4, b"\xff\x00", coding=4), UNKNOWN])
        assert back == refused(3)

    run(story, tmp_path)


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
        binary = message(9, BAD, coding=4)
        assert wired.send(binary) == (binary, b"")
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
    assert sorted(one.entry_id for one in wired.met) == [1] * 17 + [5]


def test_held_segments_hold_up_nothing_else(tmp_path: Path) -> None:
    parts = [segment(n, b"part", 3, n) for n in (1, 2, 3)]

    async def story(wired: Wired) -> None:
        assert wired.send(parts[0], ENQUIRE) == (ENQUIRE, b"")
        assert wired.send(parts[2], message(9, b"hello")) == (message(9, b"hello"), b"")
        assert wired.send(parts[1]) == (parts[0] + parts[2] + parts[1], b"")
        assert len(wired.segments) == 0
        # Another text under the same reference: the one before passes, late.
        assert wired.send(parts[0], parts[1]) == (b"", b"")
        assert wired.send(parts[1]) == (parts[0] + parts[1], b"")
        assert wired.send(parts[0]) == (b"", b"")
        assert wired.send(parts[2]) == (parts[1] + parts[0] + parts[2], b"")
        # An unbind comes after what was held before it.
        unbind = struct.pack(">IIII", 16, pdu.UNBIND, 0, 99)
        assert wired.send(parts[0], unbind, ENQUIRE) == (parts[0] + unbind + ENQUIRE, b"")

    wired = run(story, tmp_path)
    assert wired.counts.segments_late == 2


def test_segments_wait_neither_for_ever_nor_without_bound(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(segments, "MOST_OF_LINE", 2)
    parts = [segment(n, b"part", 9, n) for n in range(1, 6)]

    async def story(wired: Wired) -> None:
        now = wired.session.now()
        assert wired.send(parts[0], parts[1]) == (b"", b"")
        assert wired.send(parts[2]) == (parts[2], b""), "this line has no more room"
        wired.proxy.look(now + proxy.STALL_S / 2)
        assert wired.centre.taken() == b""
        wired.proxy.look(now + 2 * proxy.STALL_S)
        assert wired.centre.taken() == parts[0] + parts[1]
        assert wired.send(parts[3]) == (parts[3], b""), "its sender waits for answers"
        assert len(wired.segments) == 4, "what passed is remembered"
        wired.proxy.look(now + 6)
        assert len(wired.segments) == 0
        wired.session.esme.alone_until = 0
        assert wired.send(parts[0]) == (b"", b"")
        # Who stays busy does not stall; the time of the text runs out all the same.
        wired.session.esme.heard_at = now + 7
        wired.proxy.look(now + 7)
        assert wired.centre.taken() == parts[0]

    wired = run(story, tmp_path)
    counts = wired.counts
    assert (counts.segments_full, counts.segments_alone, counts.segments_late) == (1, 3, 1)


def test_whoever_is_not_bound_reaches_nobody(tmp_path: Path) -> None:
    async def story(wired: Wired) -> None:
        session, esme, centre = wired.connected()
        session.esme.data_received(ENQUIRE + message(5, b"hello") + UNKNOWN)
        nack = pdu.answer(0x0210, pdu.NOT_BOUND, 78)
        assert (
            esme.taken() == pdu.answer(pdu.ENQUIRE, 0, 77) + pdu.answer(pdu.SUBMIT, pdu.NOT_BOUND, 5) + nack
        )
        session.esme.data_received(BIND[:20])
        session.esme.data_received(BIND[20:] + message(6, BAD) + message(7, b"hello"))
        while not centre.written:
            await asyncio.sleep(0)
        assert centre.taken() == BIND + message(7, b"hello"), "judged before the centre has answered"
        assert esme.taken() == refused(6)
        session.centre.data_received(pdu.answer(pdu.BIND_TRANSCEIVER, 0x0E, 1))
        assert not session.is_bound
        session.esme.data_received(BIND)
        session.centre.data_received(BOUND)
        assert (session.is_bound, session.system, wired.counts.binds_refused) == (True, "bank", 1)
        assert centre.taken() == BIND
        esme.taken()
        session.centre.data_received(OUTBIND)
        assert (esme.taken(), centre.taken()) == (b"", pdu.HEAD.pack(16, pdu.NACK, pdu.NOT_BOUND, 8))
        late, slow, _centre = wired.connected()
        late.esme.data_received(OUTBIND)
        await asyncio.sleep(0)
        assert slow.is_closed
        late, slow, _centre = wired.connected()
        wired.proxy.look(late.now() + proxy.BIND_S - 1)
        assert not slow.is_closed
        wired.proxy.look(late.now() + proxy.BIND_S + 1)
        assert slow.is_closed
        await asyncio.sleep(0)
        many = [wired.connected()[1] for _ in range(20)]
        assert [one.is_closed for one in many] == [False] * 8 + [True] * 12

    wired = run(story, tmp_path)
    assert (wired.counts.clients_slow, wired.counts.clients_refused) == (1, 12)
    assert wired.counts.outbinds_refused == 2


def test_a_pdu_of_no_possible_length_ends_its_connection_and_no_other(tmp_path: Path) -> None:
    async def story(wired: Wired) -> None:
        for length in (0, 15, pdu.LONGEST + 1, 0xFFFF_FFFF):
            session, esme, centre = wired.connected()
            session.esme.data_received(BIND)
            while not centre.written:
                await asyncio.sleep(0)
            centre.taken()
            session.esme.data_received(
                message(1, b"hello") + pdu.HEAD.pack(length, pdu.SUBMIT, 0, 2) + b"more"
            )
            session.esme.data_received(message(3, b"hello"))
            assert centre.taken() == message(1, b"hello"), "what came before it"
            assert esme.taken() == pdu.HEAD.pack(16, pdu.NACK, pdu.WRONG_LENGTH, 2)
            await asyncio.sleep(0)
            assert esme.is_closed
            assert centre.is_closed
        assert wired.send(message(9, b"hello")) == (message(9, b"hello"), b"")
        # A PDU that never comes to its end.
        wired.session.esme.data_received(message(10, b"hello")[:40])
        begun = wired.session.esme.begun_at
        wired.session.esme.data_received(message(10, b"hello")[40:41])
        wired.proxy.look(begun + proxy.PDU_S - 1)
        assert not wired.esme.is_closed
        wired.proxy.look(begun + proxy.PDU_S)
        assert wired.esme.is_closed

    wired = run(story, tmp_path)
    assert (wired.counts.spoilt, wired.counts.clients_slow) == (4, 1)


def test_connections_end_in_order(tmp_path: Path) -> None:
    async def story(wired: Wired) -> None:
        held = segment(1, b"part", 2, 1)
        assert wired.send(held) == (b"", b"")
        assert wired.session.esme.eof_received(), "the centre may still answer"
        assert wired.centre.taken() == held
        assert wired.centre.has_ended
        assert wired.deliver(ENQUIRE) == (ENQUIRE, b"")
        assert not wired.session.centre.eof_received()
        assert wired.esme.is_closed
        wired.esme.close()
        wired.centre.close()
        await asyncio.sleep(0.01)
        assert wired.proxy.sessions == []
        session, esme, centre = wired.connected()
        session.esme.data_received(BIND)
        while not centre.written:
            await asyncio.sleep(0)
        session.esme.data_received(held)
        esme.close()
        await asyncio.sleep(0.01)
        assert centre.is_closed
        assert centre.taken() == BIND, "who is gone sends again what nobody answered"

    wired = run(story, tmp_path)
    assert wired.counts.segments_lost == 1


def test_nothing_is_read_that_nobody_takes(tmp_path: Path) -> None:
    async def story(wired: Wired) -> None:
        wired.session.centre.pause_writing()
        assert (wired.esme.is_reading, wired.centre.is_reading) == (False, True)
        wired.session.centre.resume_writing()
        assert wired.esme.is_reading
        wired.session.esme.pause_writing()
        assert (wired.esme.is_reading, wired.centre.is_reading) == (True, False), "it may still send"
        wired.send(message(1, BAD))
        assert not wired.esme.is_reading, "it takes no answers of ours"
        wired.session.esme.resume_writing()
        assert (wired.esme.is_reading, wired.centre.is_reading) == (True, True)

    run(story, tmp_path)


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


def test_who_was_told_the_end_is_told_nothing_more(tmp_path: Path) -> None:
    held = message(1, SCAM.encode("utf-16-be"), coding=8)

    async def story(wired: Wired) -> None:
        # The centre ends its sending while a text is being written down, of which the sender shall hear.
        assert wired.send(held) == (b"", b"")
        assert wired.session.centre.eof_received()
        assert wired.send(message(2, BAD), ENQUIRE) == (ENQUIRE, b"")
        while not wired.counts.quarantined:
            await asyncio.sleep(0.001)
        # The sender ends its own while a text waits that cannot be written down, and passes.
        session, esme, centre = wired.connected()
        session.esme.data_received(BIND)
        while not centre.written:
            await asyncio.sleep(0)
        session.esme.data_received(held)
        assert session.esme.eof_received()
        wired.quarantine._db.execute("DROP TABLE texts")
        while not wired.counts.quarantine_full and wired.counts.quarantined < 2:
            await asyncio.sleep(0.001)
        session.abort()
        await asyncio.sleep(0)
        # All others go on.
        session, esme, centre = wired.connected()
        session.esme.data_received(BIND)
        while not centre.written:
            await asyncio.sleep(0)
        centre.taken()
        session.esme.data_received(held)
        while not centre.written:
            await asyncio.sleep(0.001)
        assert (centre.taken(), esme.taken()) == (held, b"")

    run(story, tmp_path)


def test_whoever_is_not_read_is_not_slow(tmp_path: Path) -> None:
    async def story(wired: Wired) -> None:
        whole, held = message(1, b"hello"), segment(2, b"part", 2, 1)
        assert wired.send(held, whole[:20]) == (b"", b"")
        wired.session.centre.pause_writing()
        later = wired.session.now() + proxy.PDU_S + 1
        wired.proxy.look(later - proxy.PDU_S)
        assert wired.session.esme.alone_until == 0, "it cannot go on sending"
        wired.proxy.look(later)
        assert not wired.esme.is_closed
        wired.session.now = lambda: later
        wired.session.centre.resume_writing()
        wired.proxy.look(later + proxy.PDU_S - 1)
        assert not wired.esme.is_closed
        wired.proxy.look(later + proxy.PDU_S)
        assert wired.esme.is_closed

    assert run(story, tmp_path).counts.clients_slow == 1


def test_who_was_refused_has_as_long_again_to_bind_and_who_is_bound_for_ever(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    nameless = pdu.HEAD.pack(16 + 9, pdu.BIND_TRANSCEIVER, 0, 1) + b"\0\0\0\x34\0\0\0\0\0"

    async def story(wired: Wired) -> None:
        session, esme, centre = wired.connected()
        session.esme.data_received(nameless)
        while not centre.written:
            await asyncio.sleep(0)
        session.centre.data_received(BOUND)
        assert session.is_bound
        wired.proxy.look(session.now() + proxy.BIND_S + 1)
        assert not esme.is_closed
        session, esme, centre = wired.connected()
        session.esme.data_received(BIND)
        while not centre.written:
            await asyncio.sleep(0)
        session.centre.data_received(pdu.answer(pdu.BIND_TRANSCEIVER, 0x0E, 1))
        wired.proxy.look(session.now() + proxy.BIND_S - 1)
        assert not esme.is_closed
        wired.proxy.look(session.now() + proxy.BIND_S)
        assert esme.is_closed

    assert run(story, tmp_path).counts.clients_slow == 1
    assert "the centre refused a bind as 'bank' from ('192.0.2.1', 2): 0x0e" in caplog.text
    assert "secret" not in caplog.text


def test_what_is_released_waits_for_a_bind_and_a_nack_of_it_is_ours(tmp_path: Path) -> None:
    async def story(wired: Wired) -> None:
        asked = wired.session.send(wired.session.centre, message(1, b"hello"), lambda name: None)
        (number,) = struct.unpack_from(">I", wired.centre.taken(), 12)
        assert wired.deliver(pdu.HEAD.pack(16, pdu.NACK, 3, number)) == (b"", b"")
        assert await asked == (3, "")
        other = pdu.HEAD.pack(16, pdu.NACK, 3, 5)
        assert wired.deliver(other) == (other, b"")
        unbind = struct.pack(">IIII", 16, pdu.UNBIND, 0, 99)
        assert wired.send(unbind) == (unbind, b"")
        assert not wired.session.is_bound
        wired.send(BIND)
        wired.deliver(BOUND)
        assert wired.session.is_bound

    run(story, tmp_path)


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


def test_one_phone_is_one_phone_however_its_number_is_written(tmp_path: Path) -> None:
    async def story(wired: Wired) -> None:
        first = segment(1, b"see bad.exa", 2, 1)
        last = segment(2, b"mple", 2, 2, destination=b"13800138000", ton=0)
        assert wired.send(first) == (b"", b"")
        assert wired.send(last) == (b"", refused(1) + refused(2))
        # Of an address that is none so much is kept and no more.
        long = segment(3, b"part", 2, 1, source=b"1" * 60_000)
        wired.send(long)
        (group,) = wired.segments._groups.values()
        assert len(group.messages[1].source) == 65

    run(story, tmp_path)


def test_the_model_stops_no_bank_however_its_number_is_written(tmp_path: Path) -> None:
    async def story(wired: Wired) -> None:
        for source in (b"95588", b"+8695588", b"8695588", b"106980095588", b"+86106980095588", b"02195588"):
            it = message(1, SCAM.encode("utf-16-be"), coding=8, source=source)
            assert wired.send(it) == (it, b""), source
        it = message(1, SCAM.encode("utf-16-be"), coding=8, source=b"+44955881")
        assert wired.send(it)[0] == b""

    run(story, tmp_path)


def test_a_receipt_is_told_by_its_name_also_while_nothing_is_judged(tmp_path: Path) -> None:
    theirs = message(5, b"id:c1 stat:DELIVRD", command=pdu.DELIVER, esm=4)
    ours = message(5, b"id:QD-1 stat:DELIVRD", command=pdu.DELIVER, esm=4)
    bad = message(6, BAD, command=pdu.DELIVER)

    async def story(wired: Wired) -> None:
        wired.keeping.names["bank"] = {b"c1": b"QD-1"}
        for _ in range(breaker.FAILURES):
            wired.sieve.breaker.failed("a trial", wired.session.now())
        assert wired.deliver(theirs, bad) == (ours + bad, b"")

    assert run(story, tmp_path).counts.unjudged == 2


def test_a_text_counts_once_however_many_segments_it_has(tmp_path: Path) -> None:
    async def story(wired: Wired) -> None:
        parts = [segment(n, b"part", 3, n, source=b"106900009999") for n in (1, 2, 3)]
        assert wired.send(*parts) == (b"", b"".join(refused(n) for n in (1, 2, 3)))

    assert [one.entry_id for one in run(story, tmp_path).met] == [4]


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


def test_a_receipt_names_what_its_sender_was_told() -> None:
    names = {b"0A1B": b"QD-7-2"}
    words = b"id:%s sub:001 dlvrd:001 stat:DELIVRD text:id:0A1B"

    def receipt(name: bytes, tag: bytes, command: int = pdu.DELIVER) -> bytes:
        return message(5, words % name, command=command, esm=4, more=tlv(0x0427, b"\2") + tlv(0x001E, tag))

    for command in (pdu.DELIVER, pdu.DATA):
        theirs = receipt(b"0A1B", b"0A1B\0", command)
        assert renamed(theirs, names) == receipt(b"QD-7-2", b"QD-7-2\0", command)
        assert renamed(receipt(b"0A1BC", b"0A1BC\0", command), names) is None
    assert renamed(receipt(b"0A1B", b"0A1B\0")[:40], names) is None
    cut = receipt(b"0A1BC", b"0A1BC\0") + b"\0"
    assert renamed(pdu.LENGTH.pack(len(cut)) + cut[4:], names) is None, "what is wrong stays as it came"


NOISE = st.binary(max_size=80)
TEXTS = st.one_of(NOISE, st.sampled_from([BAD, b"id:a x", "你好".encode("utf-16-be")]))
PDUS = st.one_of(
    st.builds(
        message, st.integers(1, 2**31), TEXTS,
        coding=st.integers(0, 255), command=st.sampled_from([pdu.SUBMIT, pdu.DELIVER, pdu.DATA, pdu.MULTI]),
        esm=st.sampled_from([0, 0x40, 4, 0x44, 255]), more=st.one_of(st.just(b""), NOISE),
    ),
    st.builds(
        segment, st.integers(1, 2**31), NOISE, st.integers(0, 4), st.integers(0, 5), st.integers(0, 2),
        coding=st.sampled_from([0, 8, 4]),
    ),
    st.builds(
        lambda command, body: pdu.HEAD.pack(16 + len(body), command, 0, 1) + body,
        st.one_of(st.integers(0, 2**32 - 1), st.sampled_from([1, 2, 9, 6, 11, 21, 1 << 31 | 4, 1 << 31 | 9])),
        NOISE,
    ),
    NOISE,
)  # fmt: skip


@st.composite
def streams(draw: st.DrawFn) -> list[tuple[bool, bytes]]:
    """Octets from either side, in pieces: PDUs, some with a few octets changed, and noise; none: it ends."""
    pieces = []
    for _ in range(draw(st.integers(1, 6))):
        octets = bytearray(b"".join(draw(st.lists(PDUS, max_size=4))))
        for _ in range(draw(st.integers(0, 3))) if octets else ():
            octets[draw(st.integers(0, len(octets) - 1))] = draw(st.integers(0, 255))
        pieces.append((draw(st.booleans()), bytes(octets)))
    return pieces


@pytest.fixture(scope="module")
def proxied(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[asyncio.AbstractEventLoop, Wired]]:
    """A proxy that goes through everything that comes."""
    loop = asyncio.new_event_loop()

    async def made() -> Wired:
        return Wired(tmp_path_factory.mktemp("fuzz"))

    wired = loop.run_until_complete(made())
    wired.keeping.names["bank"] = {b"a": b"QD-1"}
    yield loop, wired
    wired.quarantine.close()
    loop.close()


async def survives(wired: Wired, pieces: list[tuple[bool, bytes]]) -> None:
    """Whatever comes, the proxy stands, keeps nothing of a session that is over, and answers the next one."""
    await wired.bind()
    session, esme, centre = wired.session, wired.esme, wired.centre
    for from_esme, octets in pieces:
        line, wire = (session.esme, esme) if from_esme else (session.centre, centre)
        if not wire.is_closed and not line.has_ended:
            if octets:
                line.data_received(octets)
            elif not line.eof_received():
                wire.close()
            await asyncio.sleep(0)
    assert wired.sieve.breaker.state is State.CLOSED
    assert wired.counts.unjudged == 0
    for wire in (esme, centre):
        for at, length, _command in whole(bytes(wire.written)):
            assert pdu.SHORTEST <= length <= pdu.LONGEST, f"octet {at} begins no PDU"
    wired.proxy.look(session.now() + 100)
    session.abort()
    await asyncio.sleep(0)
    await asyncio.sleep(0)
    assert (wired.proxy.sessions, len(wired.segments)) == ([], 0)
    assert not wired.segments._of_line
    while not wired.keeping._new.empty():
        wired.keeping._new.get_nowait()
    wired.session, wired.esme, wired.centre = wired.connected()
    await wired.bind()
    assert wired.send(message(1, BAD), ENQUIRE) == (ENQUIRE, refused(1))
    wired.session.abort()
    await asyncio.sleep(0)
    wired.met.clear()
    wired.session, wired.esme, wired.centre = wired.connected()


def whole(octets: bytes) -> list[tuple[int, int, int]]:
    """Where each PDU begins, its length and command."""
    found, at = [], 0
    while len(octets) - at >= pdu.SHORTEST:
        length, command = pdu.FRAME.unpack_from(octets, at)
        found.append((at, length, command))
        at += max(length, pdu.SHORTEST)
    return found


@given(pieces=streams())
@settings(max_examples=300, deadline=None, suppress_health_check=[HealthCheck.too_slow])
def test_noise_ends_nothing(
    proxied: tuple[asyncio.AbstractEventLoop, Wired], pieces: list[tuple[bool, bytes]]
) -> None:
    loop, wired = proxied
    loop.run_until_complete(survives(wired, pieces))


@pytest.mark.slow
@given(pieces=streams())
@settings(max_examples=100_000, deadline=None, suppress_health_check=[HealthCheck.too_slow])
def test_much_noise_ends_nothing(
    proxied: tuple[asyncio.AbstractEventLoop, Wired], pieces: list[tuple[bool, bytes]]
) -> None:
    loop, wired = proxied
    loop.run_until_complete(survives(wired, pieces))

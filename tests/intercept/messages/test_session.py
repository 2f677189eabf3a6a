"""What a session does with octets and connections, in memory: what passes passes octet for octet, in any cut,
and nobody ends more than their own.
"""

from __future__ import annotations

import asyncio
import struct
from pathlib import Path

import pytest

from qingdun.intercept.messages import pdu, proxy
from tests.intercept.messages.stories import BAD, ENQUIRE, OUTBIND, SCAM, UNKNOWN, run
from tests.intercept.messages.wired import BIND, BOUND, Wired, message, refused, segment


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

"""Nothing that anybody sends ends more than their own connection."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from qingdun.intercept.messages import pdu, recipients
from qingdun.intercept.messages.breaker import State
from tests.intercept.messages.stories import BAD, ENQUIRE
from tests.intercept.messages.wired import Wired, message, refused, replacement, segment, to_many

NOISE = st.binary(max_size=80)
PUSH = b"\1\6\1\xae\2\5\x6a\0\x45\xc6\x0c\3a.bad\0\x85\1\3hello\0\1\1"
TEXTS = st.one_of(NOISE, st.sampled_from([BAD, b"id:a x", "你好".encode("utf-16-be"), PUSH]))
NUMBERS = (b"8613800138000", b"8613800138111", b"13800138222", b"12321", b"friends")
PDUS = st.one_of(
    st.builds(
        message, st.integers(1, 2**31), TEXTS,
        coding=st.integers(0, 255), command=st.sampled_from([pdu.SUBMIT, pdu.DELIVER, pdu.DATA, pdu.MULTI]),
        esm=st.sampled_from([0, 0x40, 4, 0x44, 255]), more=st.one_of(st.just(b""), NOISE),
    ),
    st.builds(
        lambda sequence, octets, numbers, coding: to_many(sequence, octets, *numbers, coding=coding),
        st.integers(1, 2**31), TEXTS, st.lists(st.sampled_from(NUMBERS), max_size=6), st.integers(0, 255),
    ),
    st.builds(replacement, st.integers(1, 2**31), TEXTS),
    st.builds(
        segment, st.integers(1, 2**31), NOISE, st.integers(0, 4), st.integers(0, 5), st.integers(0, 2),
        coding=st.sampled_from([0, 8, 4]),
    ),
    st.builds(
        lambda command, body: pdu.HEAD.pack(16 + len(body), command, 0, 1) + body,
        st.one_of(
            st.integers(0, 2**32 - 1),
            st.sampled_from([1, 2, 9, 6, 7, 11, 21, 33, *(1 << 31 | answer for answer in (4, 7, 9, 33))]),
        ),
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
    assert len(session.taken_out) <= recipients.MOST_WAITING
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

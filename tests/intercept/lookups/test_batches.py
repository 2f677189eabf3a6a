"""Datagrams that are taken and sent many at a time, over real sockets of both families."""

from __future__ import annotations

import asyncio
import ctypes
import errno
import socket
from collections.abc import Iterator
from ipaddress import ip_network

import dns.asyncquery
import dns.message
import pytest

from qingdun.intercept.lookups import batches
from qingdun.intercept.lookups.answers import Answers
from qingdun.intercept.lookups.batches import AT_ONCE, Batches
from qingdun.intercept.lookups.datagrams import Datagrams, bound, carrying
from qingdun.intercept.lookups.dnsbl import Dnsbl

pytestmark = pytest.mark.skipif(not batches.possible(), reason="this machine has no such calls")
HOSTS = ["127.0.0.1", "::1"]


@pytest.fixture(params=HOSTS)
def line(request: pytest.FixtureRequest) -> Iterator[socket.socket]:
    """A socket that answers."""
    with bound(request.param, 0, socket.SOCK_DGRAM) as made:
        yield made


def asker(line: socket.socket) -> socket.socket:
    made = socket.socket(line.family, socket.SOCK_DGRAM)
    made.connect(line.getsockname())
    made.settimeout(5)
    return made


def test_calls_that_a_sandbox_forbids_are_not_waited_for(monkeypatch: pytest.MonkeyPatch) -> None:
    class Forbidden:
        """A library that has both calls, on a kernel that makes none."""

        def recvmmsg(self, *_about: object) -> int:
            ctypes.set_errno(errno.ENOSYS)
            return -1

        sendmmsg = recvmmsg

    monkeypatch.setattr(batches, "_LIBC", Forbidden())
    assert not batches.possible()


def test_each_datagram_is_answered_to_whom_it_came_from(line: socket.socket) -> None:
    sources = set()

    def answer(asked: bytes, source: bytes) -> bytes | None:
        sources.add(source)
        return None if asked.startswith(b"no") else asked * 2

    ours = Batches(line, answer)
    ours.turn()  # nothing has come
    with asker(line) as one, asker(line) as other:
        for place in range(AT_ONCE + 10):
            (one, other)[place % 2].send(b"no" if place % 5 == 0 else b"%d." % place)
        ours.turn()
        answered = [place for place in range(AT_ONCE + 10) if place % 5]
        for place in (place for place in answered if place < AT_ONCE):
            assert (one, other)[place % 2].recv(4096) == b"%d." % place * 2
        ours.turn()
        for place in (place for place in answered if place >= AT_ONCE):
            assert (one, other)[place % 2].recv(4096) == b"%d." % place * 2
    assert sources == {socket.inet_pton(line.family, line.getsockname()[0])}


def test_empty_and_long_ones_are_taken_as_they_are_and_cut(line: socket.socket) -> None:
    lengths = []

    def answer(asked: bytes, source: bytes) -> bytes:
        lengths.append(len(asked))
        return b"x" * len(asked)

    ours = Batches(line, answer)
    with asker(line) as one:
        for length in (0, 1, 2047, 2048, 9000, 3):
            one.send(b"a" * length)
        ours.turn()
        assert [len(one.recv(4096)) for _ in range(6)] == [0, 1, 2047, 2048, 2048, 3]
    assert lengths == [0, 1, 2047, 2048, 2048, 3]


def test_an_answer_that_cannot_go_holds_up_no_other(line: socket.socket) -> None:
    def answer(asked: bytes, _source: bytes) -> bytes:
        if asked == b"1":
            ours._names[2:4] = b"\x00\x00"  # port 0, where nothing can be sent to
        return asked

    ours = Batches(line, answer)
    with asker(line) as one:
        for asked in (b"1", b"2"):
            one.send(asked)
        ours.turn()
        assert one.recv(100) == b"2"


@pytest.mark.parametrize("many", [True, False])
def test_questions_are_answered_with_and_without_such_calls(
    many: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(batches, "possible", lambda: many)
    dnsbl = Dnsbl(Answers(lambda _kind, _entity: None), "lookup.qingdun.invalid")
    question = dns.message.make_query("test.number.lookup.qingdun.invalid.", "A")

    async def ask(host: str) -> dns.message.Message:
        line = bound(host, 0, socket.SOCK_DGRAM)
        carrier = Datagrams(dnsbl, [ip_network(one) for one in ("127.0.0.0/8", "::1/128")], 100)
        async with carrying(line, carrier):
            return await dns.asyncquery.udp(question, host, port=line.getsockname()[1], timeout=5)

    for host in HOSTS:
        assert str(asyncio.run(ask(host)).answer[0][0]) == "127.0.0.2"

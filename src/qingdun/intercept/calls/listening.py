"""Carries requests to the redirect server and its answers back, over UDP and TCP; whoever is slow or sends
too much is let go.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import cast

from qingdun.intercept.calls.redirect import Redirect
from qingdun.intercept.calls.sip import LONGEST, return_address
from qingdun.intercept.connections import cannot_listen, connections

MOST_CONNECTIONS = 256
MOST_HEAD = 16_384
"""Octets of a header over TCP."""
IDLE_S = 60.0
"""How long a connection may say nothing."""
SENT_S = 5.0
"""How long the rest of a request, and the reading of an answer, may take."""


class _Datagrams(asyncio.DatagramProtocol):
    def __init__(self, redirect: Redirect) -> None:
        self._redirect = redirect
        self._transport: asyncio.DatagramTransport | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast(asyncio.DatagramTransport, transport)

    def datagram_received(self, data: bytes, addr: tuple[str, int]) -> None:
        assert self._transport is not None
        found = self._redirect.answer(data, addr[:2])
        if found is not None:
            self._transport.sendto(found[0], (*return_address(found[1], addr[:2]), *addr[2:]))


@asynccontextmanager
async def listening(redirect: Redirect, host: str, port: int) -> AsyncIterator[None]:
    """The server answers on the address, over UDP and TCP. Errors: ConfigurationError."""

    async def take(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        peer = (writer.get_extra_info("peername") or ())[:2]
        # Who is gone already has none.
        while peer and (request := await _request(reader)):
            found = redirect.answer(request, peer)
            if found is not None:
                writer.write(found[0])
                async with asyncio.timeout(SENT_S):
                    await writer.drain()

    loop = asyncio.get_running_loop()
    try:
        datagrams, _ = await loop.create_datagram_endpoint(
            lambda: _Datagrams(redirect), local_addr=(host, port)
        )
    except OSError as error:
        raise cannot_listen(host, port, error) from error
    try:
        async with connections(take, host, port, MOST_CONNECTIONS, MOST_HEAD):
            yield
    finally:
        datagrams.close()


async def _request(reader: asyncio.StreamReader) -> bytes:
    """The next request; none at the end of the line, or if where it ends cannot be told (RFC 3261, 18.3)."""
    async with asyncio.timeout(IDLE_S):
        first = b""
        # Empty lines keep a line open.
        while first in (b"", b"\r", b"\n"):
            first = await reader.read(1)
            if not first:
                return b""
    async with asyncio.timeout(SENT_S):
        try:
            head = first + await reader.readuntil(b"\r\n\r\n")
        except asyncio.LimitOverrunError:
            return b""
        length = _length(head)
        if length is None or len(head) + length > LONGEST:
            return b""
        return head + await reader.readexactly(length)


def _length(head: bytes) -> int | None:
    """What Content-Length says; None if it says nothing, or no number."""
    for line in head.split(b"\r\n"):
        name, _, value = line.partition(b":")
        if name.strip().lower() in (b"content-length", b"l"):
            number = value.strip()
            return int(number) if number.isdigit() and len(number) <= 5 else None
    return None

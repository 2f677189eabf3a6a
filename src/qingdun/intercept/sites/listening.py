"""Carries requests to the primary and its answers back, over UDP and TCP; whoever is slow or sends too much
is let go.
"""

from __future__ import annotations

import asyncio
import struct
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, closing
from typing import cast

from qingdun.intercept.connections import cannot_listen, connections
from qingdun.intercept.sites.primary import MOST_ASKED, Peer, Primary

MOST_CONNECTIONS = 64
IDLE_S = 10.0
"""How long a connection may take to send a request."""
TAKEN_S = 60.0
"""How long a name server may take for the next part of a transfer."""
_HELD = 1 << 20


class _Datagrams(asyncio.DatagramProtocol):
    def __init__(self, primary: Primary) -> None:
        self._primary = primary
        self._transport: asyncio.DatagramTransport | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast(asyncio.DatagramTransport, transport)

    def datagram_received(self, data: bytes, addr: tuple[str, int]) -> None:
        assert self._transport is not None
        for answer in self._primary.answers(data, Peer(addr[0], False)):
            self._transport.sendto(answer, addr)


@asynccontextmanager
async def listening(primary: Primary, host: str, port: int) -> AsyncIterator[None]:
    """The primary answers on the address, over UDP and TCP. Errors: ConfigurationError."""

    async def take(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.transport.set_write_buffer_limits(high=_HELD)
        peer = Peer(writer.get_extra_info("peername")[0], True)
        while asked := await _request(reader):
            with closing(primary.answers(asked, peer)) as answers:
                for answer in answers:
                    writer.write(struct.pack("!H", len(answer)) + answer)
                    async with asyncio.timeout(TAKEN_S):
                        await writer.drain()
                    await asyncio.sleep(0)

    loop = asyncio.get_running_loop()
    try:
        datagrams, _ = await loop.create_datagram_endpoint(
            lambda: _Datagrams(primary), local_addr=(host, port)
        )
    except OSError as error:
        raise cannot_listen(host, port, error) from error
    try:
        async with connections(take, host, port, MOST_CONNECTIONS, MOST_ASKED):
            yield
    finally:
        datagrams.close()


async def _request(reader: asyncio.StreamReader) -> bytes:
    """The next request; none if there is none, or a longer one than any can be."""
    async with asyncio.timeout(IDLE_S):
        head = await reader.read(1)
        if not head:
            return b""
        (length,) = struct.unpack("!H", head + await reader.readexactly(1))
        return await reader.readexactly(length) if length <= MOST_ASKED else b""

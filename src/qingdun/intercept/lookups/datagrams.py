"""Carries questions over UDP to the list and its answers back: to whom it may, and so often as it may."""

from __future__ import annotations

import asyncio
import socket
import time
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from ipaddress import IPv4Network, IPv6Address, IPv6Network, ip_address
from typing import Any, Final, cast

from qingdun.intercept.connections import cannot_listen
from qingdun.intercept.lookups import batches
from qingdun.intercept.lookups.batches import Batches
from qingdun.intercept.lookups.dnsbl import FORMERR, MOST_SENT, REFUSED, Dnsbl
from qingdun.intercept.lookups.limits import Bucket

Network = IPv4Network | IPv6Network

REFUSED_PER_S: Final = 100
"""How many a second are told that they may not ask, all together; the others are dropped: an address that
sends is easily forged.
"""
MOST_SOURCES: Final = 1 << 16
_PREFIX = 64
"""Bits of an IPv6 address that are one client."""
_RECEIVED: Final = 1 << 22


class Datagrams(asyncio.DatagramProtocol):
    """One socket, with a bucket for each address that asks."""

    def __init__(
        self,
        dnsbl: Dnsbl,
        clients: Sequence[Network],
        rate: float,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        """`clients`: who may ask; `rate`: how often in a second, saved up for two."""
        self._dnsbl, self._clients, self._rate, self._clock = dnsbl, clients, rate, clock
        self._buckets: dict[bytes, Bucket] = {}
        self._seen: dict[bytes, Bucket] = {}
        """By the whole address, of those that may ask."""
        self._refusals = Bucket(REFUSED_PER_S, REFUSED_PER_S, clock())
        self._send: Callable[[bytes, Any], None] = _nowhere

    def answer(self, asked: bytes, source: bytes) -> bytes | None:
        """What is answered to the datagram from the address, as octets; None: nothing."""
        bucket = self._seen.get(source) or self._bucket(source)
        if bucket is None:
            return self._refusal(asked, "strangers")
        if bucket.take(self._clock()):
            return self._refusal(asked, "limited")
        if len(asked) > MOST_SENT and not asked[2] & 0x80:
            return self._dnsbl.refusal(asked, FORMERR)
        return self._dnsbl.answer(asked)

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """There is a socket that is read one datagram at a time."""
        self._send = cast(asyncio.DatagramTransport, transport).sendto

    def datagram_received(self, data: bytes, addr: tuple[Any, ...]) -> None:
        """Somebody asks there."""
        family = socket.AF_INET6 if ":" in addr[0] else socket.AF_INET
        answer = self.answer(data, socket.inet_pton(family, addr[0].partition("%")[0]))
        if answer is not None:
            self._send(answer, addr)

    def _bucket(self, source: bytes) -> Bucket | None:
        """That of the client; None if it may not ask."""
        address = ip_address(source)
        if isinstance(address, IPv6Address) and address.ipv4_mapped is not None:
            address = address.ipv4_mapped
        if not any(address in network for network in self._clients):
            return None
        # Under its prefix alone: whoever has many addresses would else fill this, and begin anew by it.
        client = address.packed if address.version == 4 else address.packed[: _PREFIX // 8]
        bucket = self._buckets.get(client)
        if bucket is None:
            if len(self._buckets) >= MOST_SOURCES:
                self._buckets.clear()
                self._seen.clear()
            bucket = self._buckets[client] = Bucket(self._rate, 2 * self._rate, self._clock())
        if len(self._seen) >= MOST_SOURCES:
            self._seen.clear()
        self._seen[source] = bucket
        return bucket

    def _refusal(self, asked: bytes, why: str) -> bytes | None:
        self._dnsbl.counts[why] += 1
        is_request = len(asked) >= 12 and not asked[2] & 0x80
        if is_request and not self._refusals.take(self._clock()):
            return self._dnsbl.refusal(asked, REFUSED)
        return None


@asynccontextmanager
async def carrying(line: socket.socket, carrier: Datagrams) -> AsyncIterator[None]:
    """What comes over the socket is answered; it is closed in the end."""
    loop = asyncio.get_running_loop()
    if batches.possible():
        loop.add_reader(line, Batches(line, carrier.answer).turn)
        try:
            yield
        finally:
            loop.remove_reader(line)
            line.close()
        return
    transport, _ = await loop.create_datagram_endpoint(lambda: carrier, sock=line)
    try:
        yield
    finally:
        transport.close()


def bound(host: str, port: int, kind: socket.SocketKind) -> socket.socket:
    """A socket at the address, which others of ours may share. Errors: ConfigurationError."""
    made = socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET, kind)
    try:
        made.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)
        if kind == socket.SOCK_DGRAM:
            made.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, _RECEIVED)
        else:
            made.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        made.setblocking(False)
        made.bind((host, port))
    except OSError as error:
        made.close()
        raise cannot_listen(host, port, error) from error
    return made


def _nowhere(data: bytes, addr: Any) -> None:
    """Nothing is carried before there is a socket."""

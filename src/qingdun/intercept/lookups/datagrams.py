"""Carries questions over UDP to the list and its answers back: to whom it may, and so often as it may."""

from __future__ import annotations

import asyncio
import socket
import time
from collections.abc import Callable, Sequence
from ipaddress import IPv4Network, IPv6Network, ip_address
from typing import Any, Final, cast

from qingdun.intercept.connections import cannot_listen
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
        self._buckets: dict[str, Bucket] = {}
        self._refusals = Bucket(REFUSED_PER_S, REFUSED_PER_S, clock())
        self._send: Callable[[bytes, Any], None] = _nowhere

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """There is a socket."""
        self._send = cast(asyncio.DatagramTransport, transport).sendto

    def datagram_received(self, data: bytes, addr: tuple[Any, ...]) -> None:
        """Somebody asks."""
        bucket = self._buckets.get(addr[0])
        if bucket is None and (bucket := self._bucket(addr[0])) is None:
            self._refuse(data, addr, "strangers")
        elif bucket.take(self._clock()):
            self._refuse(data, addr, "limited")
        elif len(data) > MOST_SENT and not data[2] & 0x80:
            self._send(self._dnsbl.refusal(data, FORMERR), addr)
        elif (answer := self._dnsbl.answer(data)) is not None:
            self._send(answer, addr)

    def _bucket(self, source: str) -> Bucket | None:
        """That of the client; None if it may not ask."""
        address = ip_address(source)
        if address.version == 6 and address.ipv4_mapped is not None:
            address = address.ipv4_mapped
        if not any(address in network for network in self._clients):
            return None
        # Under its prefix alone: whoever has many addresses would else fill this, and begin anew by it.
        prefix = IPv6Network((int(address), _PREFIX), strict=False) if address.version == 6 else None
        known = str(prefix or address)
        bucket = self._buckets.get(known)
        if bucket is None:
            if len(self._buckets) >= MOST_SOURCES:
                self._buckets.clear()
            bucket = self._buckets[known] = Bucket(self._rate, 2 * self._rate, self._clock())
        return bucket

    def _refuse(self, data: bytes, addr: tuple[Any, ...], why: str) -> None:
        self._dnsbl.counts[why] += 1
        is_request = len(data) >= 12 and not data[2] & 0x80
        if is_request and not self._refusals.take(self._clock()):
            self._send(self._dnsbl.refusal(data, REFUSED), addr)


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

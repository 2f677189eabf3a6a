"""Tells name servers that a zone has changed (NOTIFY, RFC 1996), again until each has said that it heard."""

from __future__ import annotations

import asyncio
import logging
import secrets
import struct
import time
from collections.abc import Callable, Collection, Sequence

import dns.name
import dns.tsig

from qingdun.intercept.sites import wire
from qingdun.intercept.sites.keys import Signer

AGAIN_S = (0.3, 1.0, 2.0, 5.0, 15.0)
"""Waits for an answer, one after the other; then the name server's own clock must do."""
_NOTIFY = 4 << 11 | 0x0400
_SOA = 6

_log = logging.getLogger("qingdun.intercept")


class _Answer(asyncio.DatagramProtocol):
    def __init__(self, identity: int) -> None:
        self.identity = identity
        self.heard: asyncio.Future[None] = asyncio.get_running_loop().create_future()

    def datagram_received(self, data: bytes, addr: tuple[str, int]) -> None:
        known = len(data) >= 12 and struct.unpack("!H", data[:2])[0] == self.identity and data[2] & 0x80
        if known and not self.heard.done():
            self.heard.set_result(None)


class Notices:
    """For each name server a task that tells it of changes, the latest only, and of zones that have changed
    alone: BIND asks back about one zone after the other, half a second apart unless its `serial-query-rate`
    is raised.
    """

    def __init__(
        self,
        names: Sequence[dns.name.Name],
        serials: Callable[[], Sequence[int]],
        servers: Sequence[tuple[str, int]],
        key: dns.tsig.Key,
        keyless: Collection[str] = (),
    ) -> None:
        """`serials`: those of the zones as they stand, in the order of their names."""
        self._names, self._serials = names, serials
        self._servers, self._key, self._keyless = servers, key, keyless
        self._changed = [asyncio.Event() for _ in servers]

    def tell(self) -> None:
        """Every name server will be told."""
        for changed in self._changed:
            changed.set()

    async def run(self) -> None:
        """Tells, until it is cancelled."""
        async with asyncio.TaskGroup() as tasks:
            tasks.create_task(asyncio.Event().wait())  # with nobody to tell it goes on all the same
            for server, changed in zip(self._servers, self._changed, strict=True):
                tasks.create_task(self._serve(server, changed))

    async def _serve(self, server: tuple[str, int], changed: asyncio.Event) -> None:
        known: dict[dns.name.Name, int] = {}
        while True:
            await changed.wait()
            changed.clear()
            for wait_s in AGAIN_S:
                serials = dict(zip(self._names, self._serials(), strict=True))
                news = [name for name, serial in serials.items() if known.get(name) != serial]
                heard = await asyncio.gather(*(self._told(server, name, wait_s) for name in news))
                known |= {name: serials[name] for name, told in zip(news, heard, strict=True) if told}
                if all(heard) or changed.is_set():
                    break
            else:
                _log.warning("%s:%d does not answer to notices; it asks by its own clock", *server)

    async def _told(self, server: tuple[str, int], name: dns.name.Name, wait_s: float) -> bool:
        """Whether the name server said within that time that it heard."""
        loop = asyncio.get_running_loop()
        identity = secrets.randbelow(1 << 16)
        one = wire.message(identity, _NOTIFY, wire.question(name.to_wire() or b"", _SOA), [])
        if server[0] not in self._keyless:
            one = Signer(self._key, b"", identity, int(time.time())).sign(one)
        try:
            transport, answer = await loop.create_datagram_endpoint(
                lambda: _Answer(identity), remote_addr=server
            )
        except OSError:
            await asyncio.sleep(wait_s)
            return False
        try:
            transport.sendto(one)
            async with asyncio.timeout(wait_s):
                await answer.heard
        except TimeoutError:
            return False
        finally:
            transport.close()
        return True

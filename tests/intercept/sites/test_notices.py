"""Name servers are told of the zones that have changed, again until they heard."""

from __future__ import annotations

import asyncio
from pathlib import Path

import dns.message
import dns.name

from qingdun.intercept.sites import notices
from qingdun.intercept.sites.keys import shared_key
from qingdun.intercept.sites.notices import Notices

NAMES = [dns.name.from_text(text) for text in ("block.invalid.", "observe.invalid.")]


class Secondary(asyncio.DatagramProtocol):
    """A name server that writes down what it is told of."""

    def __init__(self) -> None:
        self.deaf = False
        self.told: asyncio.Queue[str] = asyncio.Queue()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport = transport

    def datagram_received(self, data: bytes, addr: tuple[str, int]) -> None:
        asked = dns.message.from_wire(data, keyring=False)
        self.told.put_nowait(str(asked.question[0].name))
        if not self.deaf:
            self.transport.sendto(data[:2] + bytes((data[2] | 0x80,)) + data[3:], addr)  # type: ignore[attr-defined]


def test_only_zones_that_have_changed_are_told_of_and_again_until_it_is_heard(tmp_path: Path) -> None:
    key = shared_key(tmp_path / "key")

    async def story() -> None:
        loop = asyncio.get_running_loop()
        transport, secondary = await loop.create_datagram_endpoint(Secondary, local_addr=("127.0.0.1", 0))
        serials = [1, 1]
        told = Notices(NAMES, lambda: serials, [transport.get_extra_info("sockname")[:2]], key)
        running = asyncio.create_task(told.run())

        async def heard(count: int) -> set[str]:
            async with asyncio.timeout(sum(notices.AGAIN_S)):
                return {await secondary.told.get() for _ in range(count)}

        told.tell()
        assert await heard(2) == {"block.invalid.", "observe.invalid."}
        serials[1] = 2
        told.tell()
        assert await heard(1) == {"observe.invalid."}
        serials[0], secondary.deaf = 2, True
        told.tell()
        assert await heard(1) == {"block.invalid."}
        secondary.deaf = False
        assert await heard(1) == {"block.invalid."}
        assert secondary.told.empty()
        running.cancel()
        await asyncio.gather(running, return_exceptions=True)
        transport.close()

    asyncio.run(story())

"""Granian with our short way: what is not answered there goes the long way, and a failure ends nothing."""

from __future__ import annotations

import asyncio
import http.client
import threading
from typing import Any

from qingdun.intercept.connections import Address
from qingdun.intercept.lookups.serving import Serving
from tests.intercept.running import free_port, until

PATHS = ("/soon", "/later", "/fails", "/fails-later", "/soon")


class Target:
    """Answers by path, and keeps in which thread."""

    def __init__(self) -> None:
        self.threads: dict[str, int] = {}

    def at_once(self, scope: Any, protocol: Any) -> bool:
        if scope.path == "/fails":
            raise ValueError("as it may")
        if scope.path == "/soon":
            self.threads["soon"] = threading.get_ident()
            protocol.response_bytes(200, [], b"soon")
        return bool(scope.path == "/soon")

    async def __rsgi__(self, scope: Any, protocol: Any) -> None:
        self.threads["later"] = threading.get_ident()
        await asyncio.sleep(0.01)
        if scope.path == "/fails-later":
            raise ValueError("as it may")
        protocol.response_bytes(200, [], b"later")


def test_each_way_is_answered_and_a_failure_ends_nothing() -> None:
    target, address = Target(), Address("127.0.0.1", free_port())
    found: list[tuple[int, bytes]] = []

    def listens() -> bool:
        line = http.client.HTTPConnection(*address, timeout=10)
        try:
            line.request("GET", "/soon")
            return line.getresponse().status == 200
        except OSError:
            return False
        finally:
            line.close()

    def ask() -> None:
        until(listens)
        line = http.client.HTTPConnection(*address, timeout=10)
        for path in PATHS:
            line.request("GET", path)
            answer = line.getresponse()
            said = answer.read()
            found.append((answer.status, said if answer.status == 200 else b""))
        line.close()

    async def run() -> None:
        server = Serving(target, address)
        serving = asyncio.create_task(server.serve())
        try:
            await asyncio.to_thread(ask)
        finally:
            server.stop()  # type: ignore[no-untyped-call]
            await serving
        assert target.threads["later"] == threading.get_ident()

    asyncio.run(run())
    assert found == [(200, b"soon"), (200, b"later"), (500, b""), (500, b""), (200, b"soon")]
    assert target.threads["soon"] != target.threads["later"]

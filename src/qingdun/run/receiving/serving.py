"""The receiver behind granian, until it is stopped."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Final

from granian.constants import HTTPModes, Interfaces
from granian.http import HTTP1Settings
from granian.server.embed import Server

from qingdun.contract.alone import alone
from qingdun.contract.tokens import Tokens, clients
from qingdun.run.receiving.bodies import clear, lay
from qingdun.run.receiving.web import LEAST_RATE, Receiver

MOST_CONNECTIONS: Final = 64
HEAD_S: Final = 10.0
"""How long a client may take to send the head of a request, and keep a connection without one."""
MOST_HEAD: Final = 16_384


async def receive(
    landing: Path,
    host: str,
    port: int,
    tokens: Path,
    most_waiting: int,
    stop: asyncio.Event,
    least_rate: int = LEAST_RATE,
) -> Receiver:
    """Bodies are received until `stop`; what came of them. Errors: InputError if another process
    receives there; ConfigurationError, OSError."""
    clients(tokens)  # whoever starts this is told of a line that cannot be read
    with alone(landing, "receive"):
        clear(landing)
        lay(landing)
        receiver = Receiver(landing, Tokens(tokens), most_waiting, least_rate)
        await _serve(receiver, host, port, stop)
        return receiver


async def _serve(receiver: Receiver, host: str, port: int, stop: asyncio.Event) -> None:
    server = Server(
        receiver,
        host,
        port,
        interface=Interfaces.RSGI,
        http=HTTPModes.http1,
        websockets=False,
        backpressure=MOST_CONNECTIONS,
        http1_settings=HTTP1Settings(header_read_timeout=round(HEAD_S * 1000), max_buffer_size=MOST_HEAD),
        log_enabled=False,
    )
    serving = asyncio.create_task(server.serve())
    stopping = asyncio.create_task(stop.wait())
    await asyncio.wait([serving, stopping], return_when=asyncio.FIRST_COMPLETED)
    stopping.cancel()
    if not serving.done():
        server.stop()  # type: ignore[no-untyped-call]
    await serving

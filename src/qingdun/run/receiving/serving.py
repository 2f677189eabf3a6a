"""The receiver behind granian, until it is stopped."""

from __future__ import annotations

import asyncio
import errno
import socket
from collections.abc import Callable
from ipaddress import ip_address
from pathlib import Path
from typing import Final

from granian.constants import HTTPModes, Interfaces
from granian.http import HTTP1Settings
from granian.server.embed import Server

from qingdun.contract.alone import alone
from qingdun.contract.tokens import Tokens, clients
from qingdun.errors import ConfigurationError, InputError, MissingFile
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
    ready: Callable[[], object] = lambda: None,
) -> Receiver:
    """Bodies are received until `stop`; what came of them. `ready` is called once nothing is in the way.

    Errors: InputError if another process receives there, or tokens or address are none; ConfigurationError
    if the address is taken; OSError.
    """
    if not tokens.exists():
        raise MissingFile(f"{tokens}: no such file; `qingdun receive-token` makes it")
    clients(tokens)  # whoever starts this is told of a line that cannot be read
    check_address(host, port)
    with alone(landing, "receive"):
        clear(landing)
        lay(landing)
        receiver = Receiver(landing, Tokens(tokens), most_waiting, least_rate)
        ready()
        await _serve(receiver, host, port, stop)
        return receiver


def check_address(host: str, port: int) -> None:
    """Nobody listens there, and one can. Errors: InputError, ConfigurationError.

    The server shares its port with others of its kind, so it would not notice by itself: each would get a
    part of what is sent.
    """
    try:
        version = ip_address(host).version
    except ValueError as error:
        raise InputError(f"{host}: expected an IP address of this machine, as 127.0.0.1") from error
    with socket.socket(socket.AF_INET6 if version == 6 else socket.AF_INET) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError as error:
            taken = error.errno == errno.EADDRINUSE
            why = "is taken" if taken else f"cannot be listened on: {error.strerror}"
            raise ConfigurationError(f"{host}:{port} {why}; expected a free address") from error


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

"""Connections over TCP, so many at once and no more; with their listener they all end."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from typing import NamedTuple

from qingdun.errors import ConfigurationError

Take = Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]]


class Address(NamedTuple):
    """Where something listens."""

    host: str
    port: int


@asynccontextmanager
async def connections(take: Take, host: str, port: int, most: int, limit: int) -> AsyncIterator[None]:
    """`take` is called for every connection to the address; it may raise what a line that breaks off, or is
    slow, raises. `most`: at once; `limit`: octets that are read ahead. Errors: ConfigurationError.
    """
    open_now: set[asyncio.Task[None]] = set()
    ending = False

    async def begin(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        if task is None or len(open_now) >= most:
            writer.transport.abort()
            return
        open_now.add(task)
        try:
            await take(reader, writer)
            writer.close()
        except (TimeoutError, asyncio.IncompleteReadError, ConnectionError):
            writer.transport.abort()
        except asyncio.CancelledError:
            writer.transport.abort()
            if not ending:
                raise
        finally:
            open_now.discard(task)
        with contextlib.suppress(OSError, asyncio.CancelledError):
            await writer.wait_closed()

    try:
        server = await asyncio.start_server(begin, host, port, limit=limit)
    except OSError as error:
        raise cannot_listen(host, port, error) from error
    try:
        yield
    finally:
        ending = True
        server.close()
        for task in open_now:
            task.cancel()
        await asyncio.gather(*open_now, return_exceptions=True)


def cannot_listen(host: str, port: int, error: OSError) -> ConfigurationError:
    """What is wrong with the address."""
    return ConfigurationError(f"{host}:{port} cannot be listened on: {error.strerror}")

"""What the process that follows the lists and those that answer say to each other, over a pair of sockets."""

from __future__ import annotations

import asyncio
import pickle
import socket
import struct
from collections.abc import Mapping, Sequence
from contextlib import suppress
from typing import Any, Final, NamedTuple

from qingdun.contract.lists import ListedEntry
from qingdun.intercept.known import Rule

_LENGTH: Final = struct.Struct("!I")


class Changes(NamedTuple):
    """What a transaction of the copy has changed."""

    gone: Sequence[ListedEntry]
    come: Sequence[ListedEntry]


class Heard(NamedTuple):
    """Of when what is known is: the serial, and the moment the lists last answered."""

    serial: int | None
    at: int | None


class Ready(NamedTuple):
    """It answers."""


class Told(NamedTuple):
    """Some of what was met, and the figures as they stand."""

    met: Sequence[tuple[Rule, int]]
    figures: Mapping[str, int]


class End(NamedTuple):
    """It shall say what it has left to say, and end."""


class Channel:
    """One end; who holds the other is ours, or has ended."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._reader, self._writer = reader, writer

    @classmethod
    async def of(cls, end: socket.socket) -> Channel:
        """Over that socket."""
        return cls(*await asyncio.open_connection(sock=end))

    def say(self, what: object) -> None:
        """It is sent when there is time."""
        raw = pickle.dumps(what, pickle.HIGHEST_PROTOCOL)
        self._writer.write(_LENGTH.pack(len(raw)) + raw)

    def unsaid(self) -> int:
        """Octets that the other has not taken yet."""
        return self._writer.transport.get_write_buffer_size()

    async def heard(self) -> Any:
        """What the other said next; None if it has ended."""
        try:
            (length,) = _LENGTH.unpack(await self._reader.readexactly(_LENGTH.size))
            return pickle.loads(await self._reader.readexactly(length))
        except (asyncio.IncompleteReadError, ConnectionError):
            return None

    async def close(self) -> None:
        """What was said is sent, and nothing more."""
        with suppress(ConnectionError):
            await self._writer.drain()
        self._writer.close()

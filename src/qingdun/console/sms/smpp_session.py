"""One SMPP 3.4 connection: bind, requests with their answers, what the operator sends of its own accord.

The octets are made and read by aiosmpplib's PDU classes. Its own client is not used: it keeps messages in
memory, forgets what was in flight when a connection breaks, ends the connection on a status code it does not
know, and logs texts and numbers (docs/dependencies.md).
"""

from __future__ import annotations

import asyncio
import struct
from collections.abc import Awaitable, Callable
from contextlib import suppress
from itertools import count
from typing import Any

from aiosmpplib.protocol import BindTransceiver, SmppMessage
from aiosmpplib.state import PduHeader, SmppCommand, SmppCommandStatus

HEADER = struct.Struct("!IIII")
RESPONSE = 0x80000000
NACK = 0x80000000
LONGEST_PDU = 70_000
OK = 0
ENQUIRE_LINK, UNBIND, DELIVER_SM = 0x15, 0x06, 0x05
UNKNOWN_COMMAND = 0x03
ANSWER_S = 15.0
"""How long an answer may take."""
QUIET_S = 30.0
"""Silence after which the line is tried."""

Deliver = Callable[[SmppMessage], Awaitable[None]]


class Answer:
    """What the operator has answered: the status as a number, since operators have codes of their own."""

    def __init__(self, status: int, body: bytes) -> None:
        self.status = status
        self.text = body.split(b"\0", 1)[0].decode("latin-1")
        """The first string of the body: a message id, a system id."""


class Refused(Exception):
    """The bind was refused; the message is the status."""


class Session:
    """A bound connection, until it ends."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, deliver: Deliver) -> None:
        self._reader, self._writer, self._deliver = reader, writer, deliver
        self._numbers = count(1)
        self._waiting: dict[int, asyncio.Future[Answer]] = {}
        self._tasks: set[asyncio.Task[None]] = set()
        self._over = asyncio.Event()

    @classmethod
    async def connect(cls, host: str, port: int, system_id: str, password: str, deliver: Deliver) -> Session:
        """A bound transceiver. Errors: OSError, TimeoutError, Refused."""
        async with asyncio.timeout(ANSWER_S):
            reader, writer = await asyncio.open_connection(host, port)
        session = cls(reader, writer, deliver)
        session._start(session._read())
        try:
            answer = await session.request(BindTransceiver(system_id=system_id, password=password))
        except BaseException:
            await session.end()
            raise
        if answer.status != OK:
            await session.end()
            raise Refused(status_name(answer.status))
        session._start(session._keep_alive())
        return session

    async def request(self, message: SmppMessage) -> Answer:
        """The operator's answer. Errors: ConnectionError if the line breaks first, TimeoutError."""
        number = next(self._numbers) & 0x7FFFFFFF
        message.sequence_num = number
        waiting: asyncio.Future[Answer] = asyncio.get_running_loop().create_future()
        self._waiting[number] = waiting
        try:
            # No suspension before the octets are in the transport: what raises here was not written.
            if self._writer.is_closing():
                raise ConnectionResetError("the line is closed")
            self._writer.write(message.pdu())
            async with asyncio.timeout(ANSWER_S):
                return await waiting
        finally:
            self._waiting.pop(number, None)

    @property
    def open(self) -> bool:
        """Whether requests can be written."""
        return not self._writer.is_closing()

    async def ended(self) -> None:
        """Returns when the line is gone."""
        await self._over.wait()

    async def end(self, unbind: bool = False) -> None:
        """The line is closed, after an unbind if one is wanted."""
        if unbind and self.open:
            with suppress(OSError, TimeoutError):
                await self.request(_plain(UNBIND))
        self._close()
        for task in list(self._tasks):
            if task is not asyncio.current_task():
                task.cancel()
        with suppress(OSError):
            await self._writer.wait_closed()

    def _start(self, work: Any) -> None:
        task = asyncio.create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    def _close(self) -> None:
        self._over.set()
        self._writer.close()
        for waiting in self._waiting.values():
            if not waiting.done():
                waiting.set_exception(ConnectionResetError("the line broke before the answer"))

    async def _read(self) -> None:
        try:
            while True:
                length, command, status, number = HEADER.unpack(await self._reader.readexactly(HEADER.size))
                if not HEADER.size <= length <= LONGEST_PDU:
                    break
                body = await self._reader.readexactly(length - HEADER.size)
                if command & RESPONSE:
                    waiting = self._waiting.get(number)
                    if waiting and not waiting.done():
                        waiting.set_result(Answer(status, body))
                elif command == DELIVER_SM:
                    self._start(self._take(number, body))
                else:
                    known = command in (ENQUIRE_LINK, UNBIND)
                    answer = (command | RESPONSE, OK) if known else (NACK, UNKNOWN_COMMAND)
                    self._write(HEADER.pack(HEADER.size, *answer, number))
                    if command == UNBIND:
                        break
        except (OSError, asyncio.IncompleteReadError):
            pass
        finally:
            self._close()

    async def _take(self, number: int, body: bytes) -> None:
        """What the operator delivers is acknowledged once it is kept, and not before."""
        from aiosmpplib.protocol import DeliverSm

        header = PduHeader(
            HEADER.size + len(body), SmppCommand.DELIVER_SM, SmppCommandStatus.ESME_ROK, number
        )
        raw = HEADER.pack(header.pdu_length, DELIVER_SM, 0, number) + body
        try:
            message = DeliverSm.from_pdu(raw, header, default_encoding="latin_1")
        except (ValueError, LookupError, struct.error):
            message = None  # unreadable for ever: taken, so that it does not come again and again
        if message is not None:
            await self._deliver(message)
        self._write(HEADER.pack(HEADER.size + 1, DELIVER_SM | RESPONSE, OK, number) + b"\0")

    async def _keep_alive(self) -> None:
        try:
            while True:
                await asyncio.sleep(QUIET_S)
                await self.request(_plain(ENQUIRE_LINK))
        except (OSError, TimeoutError):
            self._close()

    def _write(self, octets: bytes) -> None:
        if not self._writer.is_closing():
            self._writer.write(octets)


def _plain(command: int) -> SmppMessage:
    from aiosmpplib.protocol import MESSAGE_TYPE_MAP

    made: SmppMessage = MESSAGE_TYPE_MAP[SmppCommand(command)]()
    return made


def status_name(status: int) -> str:
    """The name of a status, or its number where an operator made it up."""
    try:
        return str(SmppCommandStatus(status).name)
    except ValueError:
        return f"0x{status:08X}"

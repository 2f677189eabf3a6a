"""The process that sends: it takes messages from the ledger and hands their parts to the gateway.

Two at once do no harm: a message is one worker's alone, and the rate is kept by the ledger for all of them.
"""

from __future__ import annotations

import asyncio
import datetime as dt
import logging
import signal
import uuid
from collections.abc import Callable
from typing import Any, TypeVar

from asgiref.sync import async_to_sync, sync_to_async
from django.db import DatabaseError, close_old_connections, connection
from django.utils import timezone

from qingdun.console.sms import sending
from qingdun.console.sms.configured import gateway, rate
from qingdun.console.sms.gateway import (
    GatewayLost,
    GatewayReceipt,
    GatewayRefused,
    OutgoingPart,
    Reply,
    SmsGateway,
)
from qingdun.console.sms.models import Message, Part

WINDOW = 8
"""Messages on their way at once; parts of one message go one after the other."""
IDLE_S = 0.1
"""How long the worker rests when nothing is due: a call to duty waits for no more than that."""
T = TypeVar("T")
log = logging.getLogger(__name__)


def run_worker(
    gateway: SmsGateway, rate: int, stopped: Callable[[], bool] = lambda: False, idle_s: float = IDLE_S
) -> None:
    """Messages that are due are sent, at most `rate` parts a second, until `stopped`; what is under way is
    finished then.

    Runs its own event loop; the database is used from the calling thread alone.
    """
    async_to_sync(Worker(gateway, rate, stopped, idle_s).run)()


def run_configured() -> None:
    """Sends with the gateway and the rate of the settings until the process is told to end; what is under way
    is finished first.

    Errors: ConfigurationError if no gateway is named or its settings are incomplete.
    """
    told: list[int] = []
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda got, _frame: told.append(got))
    run_worker(gateway(), rate(), lambda: bool(told))


class Worker:
    """One worker with its one connection."""

    def __init__(
        self, gateway: SmsGateway, rate: int, stopped: Callable[[], bool], idle_s: float = IDLE_S
    ) -> None:
        self.gateway, self.rate, self.stopped, self.idle_s = gateway, rate, stopped, idle_s
        self.name = str(uuid.uuid4())
        self._under_way: set[asyncio.Task[None]] = set()

    async def run(self) -> None:
        """Sends until stopped."""
        await self.gateway.open(self)
        try:
            while not self.stopped():
                try:
                    await self._round()
                except DatabaseError:
                    log.exception("sms: the database failed; tried again")
                    await asyncio.sleep(max(self.idle_s, 1.0))
        finally:
            if self._under_way:
                await asyncio.wait(self._under_way)
            await self.gateway.close()

    async def receipt(self, said: GatewayReceipt) -> None:
        """A receipt from the gateway is in the ledger."""
        await ledger(sending.take_receipt, self.gateway.code, said, timezone.now())

    async def reply(self, said: Reply) -> None:
        """A reply from the gateway is in the ledger, if it asks for something."""
        await ledger(sending.take_reply, said.sender, said.text, timezone.now())

    async def _round(self) -> None:
        await ledger(_fresh_connection)
        await ledger(sending.recover, timezone.now())
        ready = asyncio.ensure_future(self.gateway.ready())
        await asyncio.wait({ready}, timeout=self.idle_s)
        if not ready.done():
            ready.cancel()
            return
        while len(self._under_way) < WINDOW and not self.stopped():
            message = await ledger(sending.claim, self.name, timezone.now())
            if message is None:
                break
            task = asyncio.create_task(self._send(message))
            self._under_way.add(task)
            task.add_done_callback(self._under_way.discard)
        if self._under_way:
            await asyncio.wait(self._under_way, timeout=self.idle_s, return_when=asyncio.FIRST_COMPLETED)
        else:
            await asyncio.sleep(self.idle_s)

    async def _send(self, message: Message) -> None:
        """Each open part of the message has been tried, up to the first that did not go."""
        try:
            parts = await ledger(sending.open_parts, message)
            total = await ledger(message.parts.count)
            for part in parts:
                if not await self._send_part(message, part, total):
                    return
            await ledger(sending.finish, message, timezone.now())
        except DatabaseError:
            # The lease runs out, and whoever finds the message then decides.
            log.exception("sms: message %s could not be written down", message.pk)

    async def _send_part(self, message: Message, part: Part, total: int) -> bool:
        now = timezone.now()
        slot = await ledger(sending.begin, part, self.name, self.gateway.code, self.rate, now)
        if slot is None:
            return False
        part.gateway = self.gateway.code
        await asyncio.sleep(max(0.0, (slot - timezone.now()).total_seconds()))
        try:
            taken = await self.gateway.submit(_outgoing(message, part, total, timezone.now()))
        except GatewayRefused as no:
            await ledger(sending.refused, part, no.code, no.passing, timezone.now())
            return False
        except GatewayLost as silence:
            await ledger(sending.lost, part, str(silence), silence.written, timezone.now())
            return False
        await ledger(sending.accepted, part, taken, timezone.now())
        return True


async def ledger(work: Callable[..., T], *arguments: Any) -> T:
    """The work was done on the database, in the one thread that uses it."""

    return await sync_to_async(work)(*arguments)


def _fresh_connection() -> None:
    """A connection that broke or is old is not used again."""
    if not connection.in_atomic_block:
        close_old_connections()


def _outgoing(message: Message, part: Part, total: int, now: dt.datetime) -> OutgoingPart:
    left_s = max(60, int((message.expires_at - now).total_seconds()))
    return OutgoingPart(part.pk, message.pk, part.number, total, message.msisdn, part.text, left_s)

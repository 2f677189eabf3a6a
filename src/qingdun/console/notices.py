"""PostgreSQL says when an event was committed; while it cannot be listened to, the events are polled.

A notice carries nothing: whoever gets one reads the table after the last id they know. So none can be missed
that matters: after every new beginning of listening the table is read once, whether or not a notice came.
"""

from __future__ import annotations

import asyncio
import logging
from typing import Any

import psycopg
from django.db import connection

from qingdun.console.kernel.events import CHANNEL
from qingdun.console.kernel.tailing import Poll, Waiter

NAME = "qingdun events"
"""What the listening connection is called in `pg_stat_activity`."""
CHECK_S = 30.0
"""After so long without a notice the connection is tried: one that a firewall has dropped is silent."""
PATIENCE_S = 5.0
"""How long connecting, and an answer to that trial, may take."""
RETRY_S = 1.0
"""How long the events are polled before listening is tried again."""

_log = logging.getLogger("qingdun.console")


class Notices:
    """Waits for the database's word that events were committed."""

    def __init__(self) -> None:
        self._listening: psycopg.AsyncConnection[Any] | None = None
        self._retry_at = 0.0
        self._poll = Poll()

    async def wait(self) -> None:
        """There may be new events; sooner than that only if listening has just begun or has broken off."""
        if self._listening is None:
            if not await self._listen():
                await self._poll.wait()
            return
        try:
            heard = False
            async for _ in self._listening.notifies(timeout=CHECK_S, stop_after=1):
                heard = True
            if not heard:
                async with asyncio.timeout(PATIENCE_S):
                    await self._listening.execute("SELECT 1")
        except (psycopg.Error, TimeoutError) as error:
            _log.warning("listening for events broke off (%s); they are polled until it stands again", error)
            await self.close()

    async def close(self) -> None:
        """Nothing is listened to any more."""
        listening, self._listening = self._listening, None
        if listening is not None:
            await listening.close()

    async def _listen(self) -> bool:
        """Whether listening has begun; it is tried once in `RETRY_S`."""
        now = asyncio.get_running_loop().time()
        if now < self._retry_at:
            return False
        self._retry_at = now + RETRY_S
        parts = connection.settings_dict
        try:
            self._listening = await psycopg.AsyncConnection.connect(
                dbname=parts["NAME"],
                user=parts["USER"] or None,
                password=parts["PASSWORD"] or None,
                host=parts["HOST"] or None,
                port=parts["PORT"] or None,
                application_name=NAME,
                connect_timeout=round(PATIENCE_S),
                autocommit=True,
            )
            await self._listening.execute(f"LISTEN {CHANNEL}")
        except psycopg.Error as error:
            _log.warning("the database cannot be listened to (%s); events are polled", error)
            await self.close()
            return False
        return True


def waiter() -> Waiter:
    """Notices where the database gives them, polling where it does not (SQLite)."""
    return Notices() if connection.vendor == "postgresql" else Poll()

"""The plane of look-ups: one process follows the lists, others answer from memory."""

from __future__ import annotations

import asyncio
import logging
import os
import socket
import sqlite3
import threading
from collections.abc import Callable
from contextlib import suppress
from typing import Final

from qingdun.contract.alone import alone
from qingdun.contract.tokens import Tokens
from qingdun.intercept.copy import Copy, fact, true_as_of
from qingdun.intercept.feed import Limits, Source
from qingdun.intercept.figures import Figures
from qingdun.intercept.following import Following, Waiter
from qingdun.intercept.lookups.channel import Heard, Told
from qingdun.intercept.lookups.datagrams import bound
from qingdun.intercept.lookups.processes import Processes
from qingdun.intercept.lookups.relay import Relay
from qingdun.intercept.lookups.settings import NAME, Settings

HEARD_EVERY_S: Final = 1.0
"""How often those that answer are told how old their knowledge is."""
WAY: Final = 10
"""By how much the thread that writes gives way to those that answer, where processors are short (nice)."""

_log = logging.getLogger("qingdun.intercept")


async def run(
    settings: Settings,
    processes: int,
    limits: Limits,
    source: Source,
    waiter: Waiter,
    stop: asyncio.Event,
    ready: Callable[[], None] = lambda: None,
) -> None:
    """The plane works until `stop` is set. `ready`: called once look-ups are answered. Errors:
    ConfigurationError; InputError if it works here already, which its ports do not tell: those that answer
    share them.
    """
    settings.folder.mkdir(parents=True, exist_ok=True)
    with alone(settings.folder, NAME):
        await _Plane(settings, processes, limits, source).run(waiter, stop, ready)


class _Plane:
    def __init__(self, settings: Settings, processes: int, limits: Limits, source: Source) -> None:
        # What those that answer would fail of, again and again, is said here at once.
        bound(*settings.http, socket.SOCK_STREAM).close()
        bound(*settings.dns, socket.SOCK_DGRAM).close()
        self._tokens = Tokens(settings.tokens)
        self._complain()
        self._copy = Copy(settings.copy)
        self._processes = Processes(settings, processes, self._met)
        relay = Relay(self._processes.give)
        self._following = Following(NAME, self._copy, source, [relay], limits, self._figures)

    async def run(self, waiter: Waiter, stop: asyncio.Event, ready: Callable[[], None]) -> None:
        await self._following.run(waiter, stop, self._processes.run(), self._hear(ready))

    async def _hear(self, ready: Callable[[], None]) -> None:
        # After the first look at the lists, which those that answer wait for.
        await self._following.alone(_give_way)
        await self._processes.answering.wait()
        ready()
        while True:
            try:
                self._processes.hear(await self._following.alone(self._heard))
            except sqlite3.Error as error:
                self._following.alarm(error)
            await asyncio.sleep(HEARD_EVERY_S)

    def _figures(self) -> Figures:
        return {**self._processes.figures(), "token_faults": len(self._tokens.faults)}

    def _complain(self) -> None:
        """What of the file of tokens cannot be read is said once; nobody is let in by that, and those that
        answer go by the rest.
        """
        for fault in self._tokens.faults:
            _log.warning("%s; nobody is let in by that", fault)

    def _heard(self) -> Heard:
        if self._tokens.look():
            self._complain()
        with self._copy.reading() as db:
            return Heard(fact(db, "serial"), true_as_of(db))

    def _met(self, told: Told) -> None:
        for rule, times in told.met:
            self._following.met(rule, times)


def _give_way() -> None:
    with suppress(OSError):
        os.setpriority(os.PRIO_PROCESS, threading.get_native_id(), WAY)

"""A process that answers: what is listed in memory, HTTP and UDP on one loop, nothing that holds it up. It
is started by the one that follows the lists (`processes`), and ends with it.
"""

from __future__ import annotations

import asyncio
import gc
import logging
import socket
import sqlite3
import sys
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, closing, suppress
from ipaddress import ip_network
from itertools import islice
from typing import Final

import uvloop

from qingdun.contract.tokens import Tokens
from qingdun.intercept.copy import Copy, fact, true_as_of
from qingdun.intercept.following import now
from qingdun.intercept.known import KINDS, Known
from qingdun.intercept.lookups.answers import Answers, Knowledge
from qingdun.intercept.lookups.channel import Changes, Channel, End, Heard, Ready, Told
from qingdun.intercept.lookups.datagrams import Datagrams, bound, carrying
from qingdun.intercept.lookups.dnsbl import Dnsbl
from qingdun.intercept.lookups.serving import Serving
from qingdun.intercept.lookups.settings import Settings
from qingdun.intercept.lookups.web import Web

TELL_S: Final = 1.0
"""How often it says what was met, and looks whether tokens have changed."""
AGED_S: Final = 0.25
TOLD_AT_ONCE: Final = 200
BREATH_S: Final = 0.0005
"""For questions, between two pieces of work that is not theirs."""
_TRIED_S = 0.01

_log = logging.getLogger("qingdun.intercept")


class Answering:
    """What one process knows and how it stands."""

    def __init__(self, settings: Settings) -> None:
        """Everything is loaded. Errors: InputError."""
        gc.disable()
        with closing(Copy(settings.copy)) as copy:
            self._known = Known(copy, now)
            with copy.reading() as db:
                self._heard = Heard(fact(db, "serial"), true_as_of(db))
        # A million entries that never die need not be looked through for garbage.
        gc.freeze()
        gc.enable()
        self._settings = settings
        self.answers = Answers(self._known.find)
        self.tokens = Tokens(settings.tokens)
        self.web = Web(self.answers, self.tokens, settings.rate)
        self.dnsbl = Dnsbl(self.answers, settings.zone)
        self._nothing = sqlite3.connect(":memory:")
        self.age()

    def hear(self, said: Heard) -> None:
        """That is how old the knowledge is."""
        self._heard = said

    def age(self) -> None:
        """Answers say how old the knowledge is now."""
        entries = sum(map(self._known.size, KINDS))
        self.answers.told(Knowledge(self._heard.serial, self._heard.at, entries), now())

    async def take(self, changes: Changes) -> None:
        """What has changed counts, and then questions have their turn."""
        if _spares_hosts(changes):
            # All hosts are looked through, a tenth of a second for a million: beside the answers.
            await asyncio.to_thread(self._apply, changes)
        else:
            self._apply(changes)
        await asyncio.sleep(BREATH_S)

    def _apply(self, changes: Changes) -> None:
        self._known.begin(self._nothing)
        self._known.take(self._nothing, changes.gone, changes.come, 0)
        self._known.kept()

    def told(self) -> Iterator[Told]:
        """What was met up to the last time, and the figures; in pieces that take no while."""
        tallies = self.answers.tally, self.web.tally
        web, dns = self.web.refused, self.dnsbl.counts
        figures = {
            "asked_http": self.web.asked,
            "asked_dns": self.dnsbl.asked,
            "passed": sum(one.passed for one in tallies),
            "refused_tokens": web[401],
            "over_limit": web[429] + dns["limited"],
            "not_understood": web[400] + web[422] + dns["refused"] + dns["dropped"],
            "strangers": dns["strangers"],
        }
        yield Told([], figures)
        for tally in tallies:
            met = iter(tally.taken().items())
            while some := list(islice(met, TOLD_AT_ONCE)):
                yield Told(some, figures)

    def look(self) -> None:
        """Tokens that were taken out of the file are no longer good."""
        if self.tokens.look():
            self.web.forget()

    @asynccontextmanager
    async def listening(self) -> AsyncIterator[asyncio.Task[None]]:
        """It answers on both addresses; the task ends if HTTP does. Errors: ConfigurationError."""
        settings = self._settings
        carrier = Datagrams(self.dnsbl, [ip_network(one) for one in settings.clients], settings.rate)
        server = Serving(self.web, settings.http)
        async with carrying(bound(*settings.dns, socket.SOCK_DGRAM), carrier):
            serving = asyncio.create_task(server.serve())
            try:
                await self._asked_by_itself(serving)
                yield serving
            finally:
                server.stop()  # type: ignore[no-untyped-call]
                await serving

    async def _asked_by_itself(self, serving: asyncio.Task[None]) -> None:
        """Granian does not say when it listens; others may have the same port, and answer in its place."""
        host, port = self._settings.http
        while not self.web.seen and not serving.done():
            with suppress(OSError):
                reader, writer = await asyncio.open_connection(host, port)
                writer.write(b"GET /v1/health HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n")
                await reader.read()
                writer.close()
            await asyncio.sleep(_TRIED_S)


def _spares_hosts(changes: Changes) -> bool:
    """Whether a host is never to be blocked any more, or may be again."""
    return any(
        one.list_name == "never_block" and one.entity_kind == "host"
        for some in (changes.gone, changes.come)
        for one in some
    )


async def work(end: socket.socket) -> None:
    """Answers until whoever holds the other end says so, or has ended."""
    # Requests are answered in a thread of their own: it waits no longer for what the loop does than that.
    sys.setswitchinterval(BREATH_S)
    channel = await Channel.of(end)
    settings = await channel.heard()
    if not isinstance(settings, Settings):
        return
    answering = Answering(settings)

    async def follow() -> None:
        while (said := await channel.heard()) is not None and not isinstance(said, End):
            if isinstance(said, Changes):
                await answering.take(said)
            else:
                answering.hear(said)

    async def tell() -> None:
        while True:
            for _ in range(round(TELL_S / AGED_S)):
                await asyncio.sleep(AGED_S)
                answering.age()
            answering.look()
            pieces = answering.told()
            try:
                for one in pieces:
                    channel.say(one)
                    await asyncio.sleep(BREATH_S)
            finally:
                for one in pieces:  # it shall end just now
                    channel.say(one)

    async with answering.listening() as serving:
        channel.say(Ready())
        tasks = [serving, asyncio.create_task(follow()), asyncio.create_task(tell())]
        await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
        for task in tasks[1:]:
            task.cancel()
    for _ in range(2):  # what was met up to the last time, and since
        for one in answering.told():
            channel.say(one)
    await channel.close()


if __name__ == "__main__":
    logging.basicConfig(format="%(message)s")
    uvloop.run(work(socket.socket(fileno=int(sys.argv[1]))))

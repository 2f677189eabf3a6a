"""The plane of sites as one process: it follows the lists, serves the zones and the warning page, and counts
what name servers log.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import time
from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import NamedTuple, Protocol, TypeVar

from qingdun.errors import Unreachable
from qingdun.intercept import counts
from qingdun.intercept.connections import connections
from qingdun.intercept.copy import Copy
from qingdun.intercept.feed import Follower, Limits, Source
from qingdun.intercept.sites import zone
from qingdun.intercept.sites.keys import shared_key
from qingdun.intercept.sites.listening import listening
from qingdun.intercept.sites.log import Log
from qingdun.intercept.sites.notices import Notices
from qingdun.intercept.sites.page import WarningPage
from qingdun.intercept.sites.primary import Primary
from qingdun.intercept.sites.web import MOST_CONNECTIONS, MOST_HEAD, Web
from qingdun.intercept.sites.wire import Targets

T = TypeVar("T")

NAME = "sites"
LOOK_S = 1.0
"""How long nothing need be heard before it is looked: terms end, and a person may have said a word."""
BREATH_S = 0.02
"""Between two looks, however much is told: a busy desk is not asked for every event."""
COUNT_S = 1.0
TELL_S = 5.0
"""How often the log is read, and the console told."""
_TOLD_AT_ONCE = 1000

_log = logging.getLogger("qingdun.intercept")


class Waiter(Protocol):
    """Says when to look for changes."""

    async def wait(self) -> None:
        """There may be changes."""
        ...

    async def close(self) -> None:
        """What the waiter holds is let go."""
        ...


class Address(NamedTuple):
    """Where something listens."""

    host: str
    port: int


class Settings(NamedTuple):
    """What the plane is told."""

    folder: Path
    """Of the copy and the key."""
    listen: Address
    page: Address
    targets: Targets
    """The addresses of the page as visitors reach it."""
    suffix: str
    secondaries: tuple[Address, ...]
    keyless: tuple[str, ...]
    log: Path | None
    limits: Limits
    appeal: str
    zone: str


def copy_of(folder: Path) -> Copy:
    """The plane's copy of the lists."""
    return Copy(folder / "sites.sqlite3", zone.TABLES + counts.TABLES)


async def run(settings: Settings, source: Source, waiter: Waiter, stop: asyncio.Event) -> None:
    """The plane works until `stop` is set. Errors: ConfigurationError."""
    await _Plane(settings, source).run(waiter, stop)


class _Plane:
    def __init__(self, settings: Settings, source: Source) -> None:
        self._settings, self._source = settings, source
        self._key = shared_key(settings.folder / "sites.key")
        self._copy = copy_of(settings.folder)
        self._primary = Primary(self._copy, settings.suffix, settings.targets, self._key, settings.keyless)
        with self._copy.writing() as db:
            zone.prepare(db, int(time.time()), self._primary.form)
        self._follower = Follower(self._copy, source, [zone.Sites(self._primary.room)], settings.limits, _now)
        # Whatever writes or asks the source does so in this one thread, one thing after the other.
        self._one = ThreadPoolExecutor(1, "lists")
        self._notices = Notices(
            tuple(self._primary.names.values()), settings.secondaries, self._key, settings.keyless
        )

    async def run(self, waiter: Waiter, stop: asyncio.Event) -> None:
        settings = self._settings
        web = Web(WarningPage(self._copy, settings.appeal, settings.zone, _now))
        heard = asyncio.Event()
        async with (
            listening(self._primary, *settings.listen),
            connections(web.take, *settings.page, MOST_CONNECTIONS, MOST_HEAD),
        ):
            tasks = [
                asyncio.create_task(one)
                for one in (
                    _waited(waiter, heard),
                    self._follow(heard),
                    self._notices.run(),
                    self._tell(),
                    *([self._count(settings.log)] if settings.log else []),
                )
            ]
            stopping = asyncio.create_task(stop.wait())
            try:
                await asyncio.wait([*tasks, stopping], return_when=asyncio.FIRST_COMPLETED)
            finally:
                await _ended([*tasks, stopping])
                await waiter.close()
                self._one.shutdown()
                self._copy.close()

    async def _follow(self, heard: asyncio.Event) -> None:
        away = False
        # Name servers may have missed what was kept just before the end of the process before.
        self._notices.tell()
        while True:
            try:
                if await self._alone(self._follower.step):
                    self._notices.tell()
                if away:
                    _log.warning("the lists answer again")
                away = False
            except Unreachable as error:
                if not away:
                    _log.warning("the lists do not answer (%s); what is known stays in force", error)
                away = True
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(LOOK_S):
                    await heard.wait()
            heard.clear()
            await asyncio.sleep(BREATH_S)

    async def _count(self, path: Path) -> None:
        log = Log(self._copy, path, {one: str(name) for one, name in self._primary.names.items()})
        with contextlib.closing(log):
            while True:
                if not await self._alone(lambda: log.step(_now())):
                    await asyncio.sleep(COUNT_S)

    async def _tell(self) -> None:
        while True:
            await asyncio.sleep(TELL_S)
            with contextlib.suppress(Unreachable):
                while await self._alone(self._told) == _TOLD_AT_ONCE:
                    pass

    def _told(self) -> int:
        with self._copy.reading() as db:
            found = counts.untold(db, _TOLD_AT_ONCE)
        if found:
            self._source.report(NAME, found)
            with self._copy.writing() as db:
                counts.told(db, found, _now())
        return len(found)

    async def _alone(self, work: Callable[[], T]) -> T:
        return await asyncio.get_running_loop().run_in_executor(self._one, work)


async def _waited(waiter: Waiter, heard: asyncio.Event) -> None:
    while True:
        await waiter.wait()
        heard.set()


async def _ended(tasks: Iterable[asyncio.Task[object]]) -> None:
    """All tasks have ended; what one of them failed of is raised."""
    waiting = list(tasks)
    for task in waiting:
        task.cancel()
    found = await asyncio.gather(*waiting, return_exceptions=True)
    for one in found:
        if isinstance(one, BaseException) and not isinstance(one, asyncio.CancelledError):
            raise one


def _now() -> int:
    return time.time_ns() // 1000

"""The plane of sites as one process: it follows the lists, serves the zones and the warning page, and counts
what name servers log.
"""

from __future__ import annotations

import asyncio
import contextlib
import sqlite3
import time
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

from qingdun.intercept import counts
from qingdun.intercept.connections import Address, connections
from qingdun.intercept.copy import SUFFIX, Copy
from qingdun.intercept.feed import Limits, Source
from qingdun.intercept.figures import Figures
from qingdun.intercept.following import COUNT_S, Following, Waiter, now
from qingdun.intercept.sites import zone
from qingdun.intercept.sites.keys import shared_key
from qingdun.intercept.sites.listening import listening
from qingdun.intercept.sites.log import Log
from qingdun.intercept.sites.notices import Notices
from qingdun.intercept.sites.page import WarningPage
from qingdun.intercept.sites.primary import Primary
from qingdun.intercept.sites.web import MOST_CONNECTIONS, MOST_HEAD, Web
from qingdun.intercept.sites.wire import Targets

NAME = "sites"


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
    parts: int = 1
    """Zones of either kind that the names are shared out among."""


def copy_of(folder: Path) -> Copy:
    """The plane's copy of the lists."""
    return Copy(folder / f"{NAME}{SUFFIX}", zone.TABLES + counts.TABLES)


async def run(
    settings: Settings,
    source: Source,
    waiter: Waiter,
    stop: asyncio.Event,
    ready: Callable[[], None] = lambda: None,
) -> None:
    """The plane works until `stop` is set. `ready`: called once zones and page are served. Errors:
    ConfigurationError.
    """
    await _Plane(settings, source).run(waiter, stop, ready)


class _Plane:
    def __init__(self, settings: Settings, source: Source) -> None:
        self._settings = settings
        self._key = shared_key(settings.folder / "sites.key")
        self._copy = copy_of(settings.folder)
        self._primary = Primary(
            self._copy, settings.suffix, settings.targets, self._key, settings.keyless, settings.parts
        )
        with self._copy.writing() as db:
            zone.prepare(db, int(time.time()), self._primary.form, settings.parts)
        self._notices = Notices(
            tuple(self._primary.names.values()),
            self._primary.serials,
            settings.secondaries,
            self._key,
            settings.keyless,
        )
        # Told once at the start too: name servers may have missed what was kept just before the last end.
        self._following = Following(
            NAME, self._copy, source, [zone.Sites(self._primary.room, settings.parts)], settings.limits,
            self._figures, self._notices.tell,
        )  # fmt: skip

    async def run(self, waiter: Waiter, stop: asyncio.Event, ready: Callable[[], None]) -> None:
        settings = self._settings
        web = Web(WarningPage(self._copy, settings.appeal, settings.zone, now))
        async with (
            listening(self._primary, *settings.listen),
            connections(web.take, *settings.page, MOST_CONNECTIONS, MOST_HEAD),
        ):
            counting = [self._count(settings.log)] if settings.log else []
            await self._following.run(waiter, stop, self._notices.run(), *counting, ready=ready)

    async def _count(self, path: Path) -> None:
        log = Log(
            self._copy,
            path,
            {one: str(name) for one, name in self._primary.names.items()},
            self._settings.parts,
        )
        with contextlib.closing(log):
            while True:
                try:
                    more = await self._following.alone(lambda: log.step(now()))
                except sqlite3.Error as error:
                    self._following.alarm(error)
                    more = False
                if not more:
                    await asyncio.sleep(COUNT_S)

    def _figures(self) -> Figures:
        with self._copy.reading() as db:
            found: dict[str, int | str] = {}
            for kind in zone.Zone:
                parts = [one for one in self._primary.names if zone.kind_of(one) == kind]
                name = kind.name.lower()
                found[f"{name}_sites"] = sum(zone.size(db, one) for one in parts)
                found[f"{name}_serial"] = max(zone.serial_of(db, one) for one in parts)
            return found | {f"refused_{why}": count for why, count in zone.refused(db).items()}

"""The plane of calls as one process: it follows the lists, answers Kamailio and whoever asks its redirect
server, and ends live calls that it is told to end.
"""

from __future__ import annotations

import asyncio
import contextlib
import sqlite3
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from functools import partial
from pathlib import Path
from typing import NamedTuple

from qingdun.errors import Unreachable
from qingdun.intercept.calls import announcing
from qingdun.intercept.calls.announcing import Asked, Outcome, Urgent
from qingdun.intercept.calls.kamailio import Kamailio
from qingdun.intercept.calls.listening import listening
from qingdun.intercept.calls.live import Live
from qingdun.intercept.calls.numbers import Number
from qingdun.intercept.calls.redirect import Redirect
from qingdun.intercept.calls.verdicts import Judge, Policy
from qingdun.intercept.connections import Address
from qingdun.intercept.copy import SUFFIX, Copy
from qingdun.intercept.feed import Limits, Source
from qingdun.intercept.figures import Figures
from qingdun.intercept.following import Following, Waiter, now
from qingdun.intercept.known import Known
from qingdun.intercept.never import dialled

NAME = "calls"
HANG_UP = "hang_up"
"""How an announcement is made if nothing is said: both sides are told that the call is over."""
ASKED_S = 0.2
"""How often it is looked whether a person on this machine has asked for something."""
BREATH_S = 0.05
"""Between two questions for urgent alerts, however much is told."""
URGENT_S = 1.0
"""How long nothing need be heard before urgent alerts are asked for."""


class Settings(NamedTuple):
    """What the plane is told."""

    folder: Path
    """Of the copy."""
    listen: Address | None
    """Of the redirect server; None: there is none."""
    onward: str
    """Where it sends calls that pass, with {user} for whom they ask."""
    kamailios: tuple[Address, ...]
    """Their evapi."""
    policy: Policy
    announce: str
    """`hang_up`, the SIP address of an announcement, or empty: live calls are left alone."""
    limits: Limits


def copy_of(folder: Path) -> Copy:
    """The plane's copy of the lists."""
    return Copy(folder / f"{NAME}{SUFFIX}", announcing.TABLES)


async def run(
    settings: Settings,
    source: Source,
    waiter: Waiter,
    stop: asyncio.Event,
    urgent: Urgent | None = None,
    ready: Callable[[], None] = lambda: None,
) -> None:
    """The plane works until `stop` is set. `urgent`: None if nobody tells of alerts; `ready`: called once
    calls are judged. Errors: ConfigurationError.
    """
    await _Plane(settings, source, urgent).run(waiter, stop, ready)


class _Heard:
    """Hands the waiter on, and says when it was told something."""

    def __init__(self, waiter: Waiter) -> None:
        self._waiter = waiter
        self.told = asyncio.Event()

    async def wait(self) -> None:
        await self._waiter.wait()
        self.told.set()

    async def close(self) -> None:
        await self._waiter.close()


class _Plane:
    def __init__(self, settings: Settings, source: Source, urgent: Urgent | None) -> None:
        self._settings, self._urgent = settings, urgent
        self._copy = copy_of(settings.folder)
        self._known = known = Known(self._copy, now, ("number",))
        self._following = Following(NAME, self._copy, source, [known], settings.limits, self._figures)
        self._judge = Judge(known, self._following.met, settings.policy)
        self._kamailios = [Kamailio(at, self._judge) for at in settings.kamailios]
        self._redirect = Redirect(self._judge, settings.onward, time.monotonic)

    async def run(self, waiter: Waiter, stop: asyncio.Event, ready: Callable[[], None]) -> None:
        heard = _Heard(waiter)
        urgent = [self._hear(self._urgent, heard.told)] if self._urgent and self._settings.announce else []
        async with self._listening():
            await self._following.run(
                heard, stop, *(one.run() for one in self._kamailios), self._announce(), *urgent, ready=ready
            )

    def find(self, asked: Asked) -> Live | None:
        """The call that is meant, if it is live."""
        # An alert names numbers as they were presented, a call that is live as lists write them.
        protected, other = Number.of(asked.protected).e164, Number.of(asked.other).e164
        for one in self._kamailios:
            found = one.live.by_id(asked.call_id) if asked.call_id else None
            if not asked.call_id and protected and other:
                found = one.live.between(protected, other)
            if found is not None:
                return found
        return None

    def protects(self, call: Live) -> bool:
        """Whether it is a call to a number that is never blocked: who was dialled shows no false number."""
        return any(self._known.never("number", one) for one in (call.callee, dialled(call.callee)))

    async def announce(self, call: Live, protected: str) -> bool:
        """The call was ended, or the protected side of it sent to the announcement; whether that is sure."""
        to = self._settings.announce
        side = "caller" if call.caller == Number.of(protected).e164 else "callee"
        for one in self._kamailios:
            if one.live.by_id(call.call_id) is call:
                return await (one.end(call) if to == HANG_UP else one.end(call, to, side))
        return False

    @asynccontextmanager
    async def _listening(self) -> AsyncIterator[None]:
        if self._settings.listen is None:
            yield
            return
        async with listening(self._redirect, *self._settings.listen):
            yield

    async def _hear(self, urgent: Urgent, told: asyncio.Event) -> None:
        def hear() -> None:
            if found := urgent.since(now() - announcing.LAPSES_US):
                with self._copy.writing() as db:
                    announcing.hear(db, found)
            with self._copy.reading() as db:
                untold = announcing.untold(db)
            if untold:
                urgent.told(untold)
                with self._copy.writing() as db:
                    announcing.told(db, untold)

        while True:
            told.clear()
            try:
                with contextlib.suppress(Unreachable):
                    await self._following.alone(hear)
            except sqlite3.Error as error:
                self._following.alarm(error)
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(URGENT_S):
                    await told.wait()
            await asyncio.sleep(BREATH_S)

    async def _announce(self) -> None:
        def waiting() -> list[Asked]:
            with self._copy.reading() as db:
                return announcing.waiting(db)

        announcer = self if self._settings.announce else None
        while True:
            try:
                asked = await self._following.alone(waiting)
                found = [(one, await announcing.carry_out(one, announcer, now())) for one in asked]
                if found:
                    await self._following.alone(partial(self._came, found))
            except sqlite3.Error as error:
                self._following.alarm(error)
            await asyncio.sleep(ASKED_S)

    def _came(self, found: list[tuple[Asked, Outcome]]) -> None:
        with self._copy.writing() as db:
            announcing.came(db, found, now())

    def _figures(self) -> Figures:
        kamailios = self._kamailios
        at = time.monotonic()
        found: dict[str, int | str] = {
            "breaker": "open" if any(one.passes(at) for one in kamailios) else "closed",
            "numbers": self._known.size("number"),
            "kamailio_connected": sum(one.connected for one in kamailios),
            "live_calls": sum(len(one.live) for one in kamailios),
            "live_forgotten": sum(one.live.forgotten for one in kamailios),
            "remembered": self._redirect.remembered(),
        }
        counts = [self._judge.counts, self._redirect.counts, *(one.counts for one in kamailios)]
        for one in counts:
            # Of a copy, which is made at once: calls are counted meanwhile.
            for name, count in dict(one).items():
                found[name] = int(found.get(name, 0)) + count
        return found

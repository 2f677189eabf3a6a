"""What every plane's process does beside what it serves: it follows the lists, counts what was met, and tells
the console both.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import sqlite3
import time
from collections import Counter
from collections.abc import Callable, Coroutine, Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from typing import Any, Protocol, TypeVar

from qingdun.contract.lists import PlaneState
from qingdun.errors import Unreachable
from qingdun.intercept import counts, figures
from qingdun.intercept.copy import Copy
from qingdun.intercept.feed import Follower, Limits, Plane, Source
from qingdun.intercept.figures import Figures
from qingdun.intercept.known import Rule

T = TypeVar("T")

LOOK_S = 1.0
"""How long nothing need be heard before it is looked: terms end, and a person may have said a word."""
BREATH_S = 0.02
"""Between two looks, however much is told: a busy desk is not asked for every event."""
COUNT_S = 1.0
"""How often what was met is written; whoever is killed loses the counts of so long."""
TELL_S = 5.0
"""How often the console is told."""
_TOLD_AT_ONCE = 1000
ALARM_S = 60.0
"""How often it is said that the copy fails."""

_log = logging.getLogger("qingdun.intercept")


class Waiter(Protocol):
    """Says when to look for changes."""

    async def wait(self) -> None:
        """There may be changes."""
        ...

    async def close(self) -> None:
        """What the waiter holds is let go."""
        ...


def no_figures() -> Figures:
    """A plane that tells nothing more of itself."""
    return {}


class Following:
    """One plane's following of the lists, from its copy, which it closes at the end."""

    def __init__(
        self,
        name: str,
        copy: Copy,
        source: Source,
        planes: Sequence[Plane],
        limits: Limits,
        tells: Callable[[], Figures] = no_figures,
        changed: Callable[[], None] = lambda: None,
    ) -> None:
        """`tells`: what the plane tells of itself, asked in the thread of the lists; `changed`: called after
        the planes have changed, and once at the start.
        """
        self.name = name
        self._copy, self._source = copy, source
        self._tells, self._changed = tells, changed
        self._said: Figures | None = None
        self._follower = Follower(copy, source, planes, limits, now)
        # Whatever writes or asks the source does so in this one thread, one thing after the other.
        self._one = ThreadPoolExecutor(1, "lists")
        self._met: Counter[tuple[int, bool]] = Counter()
        self._alarmed_at = -ALARM_S
        with copy.writing() as db:
            db.executescript(counts.TABLES + figures.TABLES)

    async def run(
        self,
        waiter: Waiter,
        stop: asyncio.Event,
        *beside: Coroutine[Any, Any, None],
        ready: Callable[[], None] = lambda: None,
    ) -> None:
        """The lists are followed, and what stands beside runs, until `stop` is set or one of them fails: that
        is raised. What was met is written before the end. `ready`: called after the first look at the lists,
        whether they answered or not.
        """
        heard = asyncio.Event()
        work = (_waited(waiter, heard), self._follow(heard, ready), self._count(), self._tell(), *beside)
        tasks: list[asyncio.Task[Any]] = [asyncio.create_task(one) for one in work]
        tasks.append(asyncio.create_task(stop.wait()))
        try:
            await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
        finally:
            await _ended(tasks)
            await waiter.close()
            try:
                await self._count_once()
            except sqlite3.Error as error:
                self.alarm(error)
            self._one.shutdown()
            self._copy.close()

    def met(self, rule: Rule, times: int = 1) -> None:
        """The entry was met: blocked if it is enforced, otherwise let pass. Called in the loop's thread."""
        self._met[rule.entry_id, rule.enforced] += times

    async def alone(self, work: Callable[[], T]) -> T:
        """What writes the copy or asks the source, in the thread for that."""
        return await asyncio.get_running_loop().run_in_executor(self._one, work)

    def alarm(self, error: sqlite3.Error) -> None:
        """The copy cannot be written or read: what the plane serves goes on by what it knows. Said once a
        minute.
        """
        at = time.monotonic()
        if at - self._alarmed_at >= ALARM_S:
            self._alarmed_at = at
            _log.error("ALARM: the copy of the lists fails (%s); what is known stays in force", error)

    async def _follow(self, heard: asyncio.Event, ready: Callable[[], None]) -> None:
        away = looked = False
        self._changed()
        while True:
            try:
                if await self.alone(self._follower.step):
                    self._changed()
                if away:
                    _log.warning("the lists answer again")
                away = False
            except Unreachable as error:
                if not away:
                    _log.warning("the lists do not answer (%s); what is known stays in force", error)
                away = True
            except sqlite3.Error as error:
                self.alarm(error)
            if not looked:
                looked = True
                ready()
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(LOOK_S):
                    await heard.wait()
            heard.clear()
            await asyncio.sleep(BREATH_S)

    async def _count(self) -> None:
        while True:
            await asyncio.sleep(COUNT_S)
            try:
                await self._count_once()
            except sqlite3.Error as error:
                self.alarm(error)

    async def _count_once(self) -> None:
        # Taken here and not in the thread that writes: somebody may be counting just then.
        met, self._met = self._met, Counter()
        try:
            await asyncio.shield(self.alone(partial(self._write, met)))
        except sqlite3.Error:
            self._met.update(met)
            raise

    def _write(self, met: Counter[tuple[int, bool]]) -> None:
        if met:
            with self._copy.writing() as db:
                counts.add(db, met, now())

    async def _tell(self) -> None:
        while True:
            try:
                with contextlib.suppress(Unreachable):
                    await self.alone(self._state)
                    while await self.alone(self._told) == _TOLD_AT_ONCE:
                        pass
            except sqlite3.Error as error:
                self.alarm(error)
            await asyncio.sleep(TELL_S)

    def _state(self) -> None:
        said = dict(self._tells())
        if said != self._said:
            with self._copy.writing() as db:
                figures.tell(db, said)
            self._said = said
        at = self._copy.heard()
        self._source.state(
            PlaneState(
                self.name, now(), at.serial, at.heard_at, at.entries, at.stopped_at, at.stopped_size, said
            )
        )

    def _told(self) -> int:
        with self._copy.reading() as db:
            found = counts.untold(db, _TOLD_AT_ONCE)
        if found:
            self._source.report(self.name, found)
            with self._copy.writing() as db:
                counts.told(db, found, now())
        return len(found)


def now() -> int:
    """The present moment, UTC microseconds."""
    return time.time_ns() // 1000


async def _waited(waiter: Waiter, heard: asyncio.Event) -> None:
    while True:
        await waiter.wait()
        heard.set()


async def _ended(tasks: Iterable[asyncio.Task[Any]]) -> None:
    """All tasks have ended; what one of them failed of is raised."""
    waiting = list(tasks)
    for task in waiting:
        task.cancel()
    found = await asyncio.gather(*waiting, return_exceptions=True)
    for one in found:
        if isinstance(one, BaseException) and not isinstance(one, asyncio.CancelledError):
            raise one

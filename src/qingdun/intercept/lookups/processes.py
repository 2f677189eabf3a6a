"""The processes that answer, as the one that follows the lists keeps them: begun, told what changes, begun
anew when one has ended or hangs, and ended.
"""

from __future__ import annotations

import asyncio
import logging
import socket
import subprocess
import sys
from collections import Counter
from collections.abc import Callable, Coroutine, Mapping
from typing import Final

from qingdun.intercept.lookups.channel import Changes, Channel, End, Heard, Ready, Told
from qingdun.intercept.lookups.relay import pieces
from qingdun.intercept.lookups.settings import Settings

SILENT_S: Final = 10.0
"""A process that says nothing for so long hangs, and is ended."""
LOADED_S: Final = 300.0
"""How long one may take to load."""
ENDED_S: Final = 5.0
AGAIN_S: Final = 0.5
"""Between the end of one and the beginning of the next."""
MOST_UNSAID: Final = 1 << 26

_log = logging.getLogger("qingdun.intercept")


class _One:
    """A process that was begun."""

    def __init__(self) -> None:
        ours, theirs = socket.socketpair()
        command = [sys.executable, "-m", "qingdun.intercept.lookups.process", str(theirs.fileno())]
        # In a session of its own: a Ctrl-C is for the one that follows, which ends it.
        self.process = subprocess.Popen(command, pass_fds=[theirs.fileno()], start_new_session=True)
        theirs.close()
        self._ours = ours
        self.channel: Channel | None = None
        self.figures: Mapping[str, int] = {}
        self.ready = asyncio.Event()

    async def run(
        self, settings: Settings, heard: Heard, met: Callable[[Told], None], answering: asyncio.Event
    ) -> None:
        """It works, until it has ended; `answering` is set once it answers."""
        self._ours.setblocking(False)
        channel = self.channel = await Channel.of(self._ours)
        channel.say(settings)
        channel.say(heard)
        try:
            while True:
                async with asyncio.timeout(SILENT_S if self.ready.is_set() else LOADED_S):
                    said = await channel.heard()
                if said is None:
                    return
                if isinstance(said, Ready):
                    self.ready.set()
                    answering.set()
                elif isinstance(said, Told):
                    self.figures = said.figures
                    met(said)
        except TimeoutError:
            _log.warning("a process that answers look-ups hangs, and is ended")
        finally:
            self.process.kill()
            await asyncio.get_running_loop().run_in_executor(None, self.process.wait)
            await channel.close()

    def say(self, what: object) -> None:
        """It is told, unless it has stopped to listen."""
        if self.channel is None:
            return
        if self.channel.unsaid() > MOST_UNSAID:
            self.process.kill()
        self.channel.say(what)


class Processes:
    """All that answer: always so many, whatever becomes of one."""

    def __init__(self, settings: Settings, count: int, met: Callable[[Told], None]) -> None:
        """`met`: called in the loop's thread with what one of them has met."""
        self._settings, self._count, self._met = settings, count, met
        self._heard = Heard(None, None)
        self._running: dict[_One, asyncio.Task[None]] = {}
        self._anew = [asyncio.Event() for _ in range(count)]
        self._loop: asyncio.AbstractEventLoop | None = None
        self._begun = 0
        self.answering = asyncio.Event()
        """One of them has answered, at some time."""

    def give(self, changes: Changes | None) -> None:
        """They are told of the changes; of too many to tell by beginning anew. From any thread."""
        if self._loop is not None:
            self._loop.call_soon_threadsafe(self._given, changes)

    def hear(self, heard: Heard) -> None:
        """They are told how old the knowledge is."""
        self._heard = heard
        for one in self._running:
            one.say(heard)

    def figures(self) -> dict[str, int]:
        """What they have told of themselves, together."""
        told: Counter[str] = Counter()
        # Asked for in the thread of the lists, while the loop may begin and end processes.
        for one in list(self._running):
            told.update(one.figures)
        return {"processes": len(self._running), "begun_again": max(self._begun - self._count, 0), **told}

    async def run(self) -> None:
        """They work, until this is cancelled; then they end."""
        self._loop = asyncio.get_running_loop()
        try:
            async with asyncio.TaskGroup() as tasks:
                for place in range(self._count):
                    tasks.create_task(self._keep(self._anew[place]))
        finally:
            for one in self._running:
                one.say(End())
            if left := list(self._running.values()):
                await asyncio.wait(left, timeout=ENDED_S)
            for task in left:
                task.cancel()
            await asyncio.gather(*left, return_exceptions=True)

    async def _keep(self, anew: asyncio.Event) -> None:
        """In this place one works, and another one as soon as it has ended or is to be begun anew."""
        one = self._begin()
        while True:
            await self._first(anew.wait(), one)
            if self._running[one].done():
                one = await self._again(one)
                continue
            anew.clear()
            next_one = self._begin()
            await self._first(next_one.ready.wait(), next_one)
            if self._running[next_one].done():
                # What is known stays answered by the one there was.
                await self._again(next_one, begin=False)
                anew.set()
                continue
            one, before = next_one, one
            before.say(End())
            await asyncio.wait((self._running[before],), timeout=ENDED_S)
            before.process.kill()
            await self._running.pop(before)

    async def _first(self, what: Coroutine[object, object, object], one: _One) -> None:
        """One of both has happened: that, or the process has ended."""
        waiting = asyncio.ensure_future(what)
        try:
            await asyncio.wait((waiting, self._running[one]), return_when=asyncio.FIRST_COMPLETED)
        finally:
            waiting.cancel()

    async def _again(self, ended: _One, begin: bool = True) -> _One:
        """Another one in place of one that has ended."""
        failed = self._running.pop(ended).exception()
        _log.warning("a process that answers look-ups has ended%s", f" ({failed!r})" if failed else "")
        await asyncio.sleep(AGAIN_S)
        return self._begin() if begin else ended

    def _begin(self) -> _One:
        one = _One()
        self._begun += 1
        self._running[one] = asyncio.create_task(
            one.run(self._settings, self._heard, self._met, self.answering)
        )
        return one

    def _given(self, changes: Changes | None) -> None:
        if changes is None:
            for anew in self._anew:
                anew.set()
            return
        for piece in pieces(changes):
            for one in self._running:
                one.say(piece)

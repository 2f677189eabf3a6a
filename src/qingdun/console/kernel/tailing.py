"""Reads new events for the whole event process, once, and hands each to the streams that may hear it.

A stream that comes back is told what it missed from the events held in memory: after a fall of the process
a thousand browsers come back within two seconds, and none of them makes the database read an hour's events.
"""

from __future__ import annotations

import asyncio
import logging
from collections import deque
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import NamedTuple, ParamSpec, Protocol, TypeVar

from asgiref.sync import sync_to_async
from django.db import Error, connection

from qingdun.console.kernel import stream
from qingdun.console.kernel.events import newest_id
from qingdun.console.kernel.stream import Event, Listener

P = ParamSpec("P")
R = TypeVar("R")

POLL_S = 0.25
HELD = 20_000
"""Events kept in memory; a stream that saw the last one before them loads its page again."""
MOST_MISSED = 2000
"""So does one for which there are more than these: that is quicker than telling them one by one."""
QUEUE_LENGTH = 2000
READ_AT_ONCE = 2000

_log = logging.getLogger("qingdun.console")


class Waiter(Protocol):
    """Says when to look for new events."""

    async def wait(self) -> None:
        """There may be new events."""
        ...

    async def close(self) -> None:
        """What the waiter holds is let go."""
        ...


class Poll:
    """Looks four times a second."""

    async def wait(self) -> None:
        """Some time has passed."""
        await asyncio.sleep(POLL_S)

    async def close(self) -> None:
        """Nothing is held."""


async def answered(read: Callable[P, R], *args: P.args, **names: P.kwargs) -> R:
    """The answer of the database, asked again until it gives one: a stream outlives its restart."""
    while True:
        try:
            return await sync_to_async(read)(*args, **names)
        except Error as error:
            _log.warning("the database does not answer (%s); it is asked again", error)
            await sync_to_async(_let_go)()
            await asyncio.sleep(POLL_S)


def _let_go() -> None:
    """The connection of the thread that reads, which broke off, is closed; the next one may be whole.

    Looked up here, in that thread: `sync_to_async(connection.close)` would close the event loop's own, and
    the reading one would stay broken for ever.
    """
    connection.close()


@dataclass(eq=False, slots=True)
class Seat:
    """A stream's place: who listens, to which topics (none: to all), and what they are still to be told."""

    listener: Listener
    topics: frozenset[str]
    queue: asyncio.Queue[Event | None] = field(default_factory=asyncio.Queue)
    """None in it means that the reader was too slow and must leave."""

    def hears(self, event: Event) -> bool:
        """Whether the event is one for this stream."""
        return (not self.topics or event.topic in self.topics) and self.listener.hears(event)


class Past(NamedTuple):
    """Where a stream begins, what it missed before, and whether that is all there was."""

    position: int
    missed: list[Event]
    whole: bool


class _Reading:
    """What one run of the tailer holds: the latest events without a gap, behind `begin` up to `position`."""

    def __init__(self) -> None:
        self.held: deque[Event] = deque()
        self.begin = self.position = 0
        self.ready = asyncio.Event()
        self.task: asyncio.Task[None] | None = None

    def keep(self, event: Event) -> None:
        self.held.append(event)
        self.position = event.id
        if len(self.held) > HELD:
            self.begin = self.held.popleft().id


class Tailer:
    """Reads new events whenever its waiter says so, as long as anybody has a seat."""

    def __init__(self, waiter: Callable[[], Waiter] = Poll) -> None:
        self._waiter = waiter
        self._seats: set[Seat] = set()
        self._reading: _Reading | None = None

    @property
    def running(self) -> bool:
        """Whether events are read."""
        return self._reading is not None

    @property
    def position(self) -> int:
        """Id of the last event that was handed out."""
        return self._reading.position if self._reading else 0

    @contextmanager
    def joined(self, listener: Listener, topics: frozenset[str] = frozenset()) -> Iterator[Seat]:
        """A seat, whose queue gets every event for it from now on.

        No `await` between the look for the task and its start, or two streams would start two.
        """
        seat = Seat(listener, topics)
        self._seats.add(seat)
        if self._reading is None:
            self._reading = _Reading()
            self._reading.task = asyncio.get_running_loop().create_task(self._tail(self._reading))
        try:
            yield seat
        finally:
            self._seats.discard(seat)
            if not self._seats and self._reading is not None and self._reading.task is not None:
                self._reading.task.cancel()
                self._reading = None

    async def past(self, seat: Seat, since: int | None) -> Past:
        """What the seat's stream, which saw the event `since` last, has missed up to its position; a new
        stream (`since` None) nothing. Its queue may hold events of before that position: they are told here.
        """
        reading = self._reading
        assert reading is not None, "only a seat has a past"
        await reading.ready.wait()
        if since is None:
            return Past(reading.position, [], True)
        if since > reading.position:
            # Just committed and not read here yet; or an id of another database, and then the page that it
            # came from shows nothing that is true here.
            newest = await answered(newest_id)
            return Past(since, [], True) if since <= newest else Past(reading.position, [], False)
        missed = [event for event in reading.held if event.id > since and seat.hears(event)]
        if since < reading.begin or len(missed) > MOST_MISSED:
            return Past(reading.position, [], False)
        return Past(reading.position, missed, True)

    async def _tail(self, reading: _Reading) -> None:
        waiter = self._waiter()
        try:
            reading.begin = reading.position = await answered(stream.start_of_last, HELD)
            while True:
                events = await answered(stream.after, reading.position, READ_AT_ONCE)
                for event in events:
                    reading.keep(event)
                    # What was there before is read for those who come back, and is news to nobody: handed
                    # out, it would fill the queue of who came first, who would have to leave at once.
                    if reading.ready.is_set():
                        self._hand(event)
                # A full batch may not have been the last.
                if len(events) < READ_AT_ONCE:
                    reading.ready.set()
                    await self._wait(waiter)
        finally:
            await waiter.close()

    @staticmethod
    async def _wait(waiter: Waiter) -> None:
        """Whatever befalls the waiter, every stream goes on being read for."""
        try:
            await waiter.wait()
        except Exception:
            _log.exception("waiting for events failed; they are looked for again")
            await asyncio.sleep(POLL_S)

    def _hand(self, event: Event) -> None:
        for seat in tuple(self._seats):
            if not seat.hears(event):
                continue
            if seat.queue.qsize() < QUEUE_LENGTH:
                seat.queue.put_nowait(event)
            else:
                seat.queue.put_nowait(None)
                self._seats.discard(seat)

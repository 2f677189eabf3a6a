"""What the event process reads: who is listening, what they missed, what is new."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any, NamedTuple, Protocol

from asgiref.sync import sync_to_async
from django.conf import settings
from django.contrib.auth import get_user
from django.contrib.sessions.backends.db import SessionStore
from django.db import Error, connection
from django.http import HttpRequest
from django.utils import timezone

from qingdun.console.kernel import second_factor
from qingdun.console.kernel.events import TOPICS
from qingdun.console.kernel.middleware import SEEN_AT
from qingdun.console.kernel.models import LiveEvent, User
from qingdun.console.kernel.roles import PERMISSIONS, Permission, Role
from qingdun.console.kernel.scope import in_station

POLL_S = 0.25
MOST_MISSED = 2000
"""A stream that missed more than this is told to load its page again."""
QUEUE_LENGTH = 2000

_log = logging.getLogger("qingdun.console")


class Event(NamedTuple):
    """One row of `LiveEvent`."""

    id: int
    topic: str
    region_path: str
    payload: dict[str, Any]
    stations: tuple[int, ...] = ()
    users: tuple[int, ...] = ()


class Listener(NamedTuple):
    """The user of a stream, as far as it matters to it."""

    user_id: int
    permissions: frozenset[Permission]
    region_path: str
    in_station: bool
    station_id: int | None

    def hears(self, event: Event) -> bool:
        """Whether the listener may hear of the topic, and the event lies in their subtree and is theirs."""
        topic = TOPICS.get(event.topic)
        if topic is None or not topic.permissions & self.permissions or not self.region_path:
            return False
        if not topic.everywhere and not event.region_path.startswith(self.region_path):
            return False
        if not topic.held or not self.in_station:
            return True
        return self.station_id in event.stations or self.user_id in event.users


def listener(session_key: str) -> Listener | None:
    """Who holds the session; None if it is unknown, ended or idle, or if its user lacks a second factor
    they must have.
    """
    if not session_key.isalnum():
        return None
    request = HttpRequest()
    request.session = SessionStore(session_key)
    user = get_user(request)
    if not isinstance(user, User) or not user.is_active or user.must_change_password:
        return None
    if second_factor.is_missing(user):
        return None
    idle_s = timezone.now().timestamp() - request.session.get(SEEN_AT, 0)
    if idle_s > settings.IDLE.total_seconds():
        return None
    return Listener(
        user.pk, PERMISSIONS[Role(user.role)], user.region_path, in_station(user), user.organisation_id
    )


def missed(since: int | None) -> tuple[int, list[Event], bool]:
    """Where a stream begins, the events after `since`, and whether these are all there were.

    A new stream (`since` None) begins at the newest event and has missed nothing.
    """
    newest = newest_id()
    if since is None:
        return newest, [], True
    oldest = LiveEvent.objects.order_by("id").values_list("id", flat=True).first()
    purged = since < newest if oldest is None else since < oldest - 1
    # An id from the future is of another database: the page it came from shows nothing that is true here.
    if purged or since > newest:
        return newest, [], False
    events = after(since, MOST_MISSED + 1)
    return (newest, [], False) if len(events) > MOST_MISSED else (since, events, True)


def newest_id() -> int:
    """Id of the newest event; 0 if there is none."""
    return LiveEvent.objects.order_by("-id").values_list("id", flat=True).first() or 0


def after(last: int, most: int) -> list[Event]:
    """The first `most` events after `last`."""
    rows = LiveEvent.objects.filter(id__gt=last).order_by("id")[:most]
    return [
        Event(row.id, row.topic, row.region_path, row.payload, tuple(row.stations), tuple(row.users))
        for row in rows
    ]


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


class Tailer:
    """Reads new events for a whole process whenever its waiter says so, and hands them to every stream that
    has joined.
    """

    def __init__(self, waiter: Callable[[], Waiter] = Poll) -> None:
        self._waiter = waiter
        self._queues: set[asyncio.Queue[Event | None]] = set()
        self._task: asyncio.Task[None] | None = None

    @contextmanager
    def joined(self) -> Iterator[asyncio.Queue[Event | None]]:
        """A queue of every event committed from now on; None in it means that its reader was too slow and
        must leave.

        No `await` between the look for the task and its start, or two streams would start two.
        """
        queue: asyncio.Queue[Event | None] = asyncio.Queue()
        self._queues.add(queue)
        if self._task is None or self._task.done():
            self._task = asyncio.get_running_loop().create_task(self._tail())
        try:
            yield queue
        finally:
            self._queues.discard(queue)
            if not self._queues and self._task is not None:
                self._task.cancel()
                self._task = None

    async def _tail(self) -> None:
        waiter = self._waiter()
        try:
            await self._read_on(waiter)
        finally:
            await waiter.close()

    async def _read_on(self, waiter: Waiter) -> None:
        last: int | None = None
        while True:
            try:
                if last is None:
                    # What was committed just before is read by the streams themselves.
                    last = max(0, await sync_to_async(newest_id)() - QUEUE_LENGTH)
                events = await sync_to_async(after)(last, QUEUE_LENGTH)
            except Error:
                _log.exception("the event tailer cannot read; it goes on trying")
                await sync_to_async(connection.close)()
                await asyncio.sleep(POLL_S)
                continue
            for event in events:
                last = event.id
                for queue in tuple(self._queues):
                    self._hand(queue, event)
            # A full batch may not have been the last.
            if len(events) < QUEUE_LENGTH:
                await waiter.wait()

    def _hand(self, queue: asyncio.Queue[Event | None], event: Event) -> None:
        if queue.qsize() > 2 * QUEUE_LENGTH:
            queue.put_nowait(None)
            self._queues.discard(queue)
        else:
            queue.put_nowait(event)

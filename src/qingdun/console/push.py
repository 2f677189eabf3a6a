"""The event process: server-sent events for those who are logged in, each only what their region covers.

`granian --interface asginl qingdun.console.push:application`. It is an ASGI application of its own and not
Django's: a stream per open browser needs neither middleware nor a thread. One tailer a process reads new
rows and hands them to every stream: told by PostgreSQL when there are any, four times a second on SQLite.

Address: `/events`, with `?topics=a,b` for some topics only, and `?since=ID` or the header Last-Event-ID to
resume.
"""

from __future__ import annotations

import asyncio
import json
import os
from collections.abc import AsyncIterator, Awaitable, Callable
from http.cookies import CookieError, SimpleCookie
from typing import Any
from urllib.parse import parse_qs

import django

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "qingdun.console.settings")
django.setup()

from django.conf import settings  # noqa: E402

from qingdun.console.kernel import stream  # noqa: E402
from qingdun.console.kernel.entry import whole  # noqa: E402
from qingdun.console.kernel.tailing import Seat, Tailer, answered  # noqa: E402
from qingdun.console.notices import waiter  # noqa: E402

Scope = dict[str, Any]
Receive = Callable[[], Awaitable[dict[str, Any]]]
Send = Callable[[dict[str, Any]], Awaitable[None]]

HEARTBEAT_S = 15.0
"""A comment goes out this often, so that proxies keep the stream and we notice who has gone."""
RECHECK_S = 60.0
"""How long a stream outlives the session it was opened with, at most."""

tailer = Tailer(waiter)


async def application(scope: Scope, receive: Receive, send: Send) -> None:
    """One request: `/events` streams, everything else is 404."""
    if scope["type"] != "http":
        return
    headers = {name.decode("latin-1").lower(): value.decode("latin-1") for name, value in scope["headers"]}
    cross = _cross_origin(headers)
    if scope["path"] != "/events" or scope["method"] != "GET":
        await _refuse(send, 404, cross)
        return
    session_key = _session_key(headers.get("cookie", ""))
    asked = parse_qs(scope["query_string"].decode("latin-1"))
    # A browser that comes back by itself keeps the address and knows better in the header.
    since = headers.get("last-event-id") or asked.get("since", [""])[0]
    topics = frozenset(part for part in asked.get("topics", [""])[0].split(",") if part)
    sending = asyncio.ensure_future(_answer(send, session_key, topics, since, cross))
    leaving = asyncio.ensure_future(_gone(receive))
    try:
        await asyncio.wait({sending, leaving}, return_when=asyncio.FIRST_COMPLETED)
    finally:
        for task in (sending, leaving):
            task.cancel()
        await asyncio.gather(sending, leaving, return_exceptions=True)


async def _answer(
    send: Send, session_key: str, topics: frozenset[str], since: str, cross: list[tuple[bytes, bytes]]
) -> None:
    """The stream, for whoever may have one. While the database does not answer, the browser waits."""
    listener = await answered(stream.listener, session_key)
    if listener is None:
        await _refuse(send, 403, cross)
        return
    await send(
        {
            "type": "http.response.start",
            "status": 200,
            "headers": [
                (b"content-type", b"text/event-stream; charset=utf-8"),
                (b"cache-control", b"no-store"),
                (b"x-accel-buffering", b"no"),
                *cross,
            ],
        }
    )

    async def write(text: str, more: bool = True) -> None:
        await send({"type": "http.response.body", "body": text.encode(), "more_body": more})

    loop = asyncio.get_running_loop()
    checked = loop.time()
    await write("retry: 2000\n\n")
    with tailer.joined(listener, topics) as seat:
        async for text in _texts(seat, whole(since)):
            if loop.time() - checked > RECHECK_S:
                checked = loop.time()
                renewed = await answered(stream.listener, session_key)
                if renewed is None:
                    break
                seat.listener = renewed
            await write(text)
    await write("", more=False)


async def _texts(seat: Seat, since: int | None) -> AsyncIterator[str]:
    """What the stream says in turn: what was missed, where it stands, then everything new, beats in between.

    The seat was taken before the past is looked at: what is read in between is in both and is told once.
    """
    last, missed, complete = await tailer.past(seat, since)
    if not complete:
        yield "event: reset\ndata: {}\n\n"
    yield "".join(map(_text, missed)) + f"id: {last}\nevent: hello\ndata: {{}}\n\n"
    while True:
        try:
            async with asyncio.timeout(HEARTBEAT_S):
                events = [await seat.queue.get()]
        except TimeoutError:
            # With an id, or a browser that hears little would come back as if it had missed everything.
            last = max(last, tailer.position)
            yield f"id: {last}\n: beat\n\n"
            continue
        while not seat.queue.empty():
            events.append(seat.queue.get_nowait())
        fresh = [event for event in events if event is not None and event.id > last]
        if fresh:
            last = fresh[-1].id
            yield "".join(map(_text, fresh))
        if None in events:
            # The stream could not keep up: it ends, and the browser comes back with the last id it saw.
            return


def _text(event: stream.Event) -> str:
    body = {"id": event.id, "topic": event.topic, "region": event.region_path, "payload": event.payload}
    return f"id: {event.id}\ndata: {json.dumps(body, ensure_ascii=False)}\n\n"


async def _gone(receive: Receive) -> None:
    while (await receive())["type"] != "http.disconnect":
        pass


async def _refuse(send: Send, status: int, cross: list[tuple[bytes, bytes]]) -> None:
    await send({"type": "http.response.start", "status": status, "headers": cross})
    await send({"type": "http.response.body", "body": b""})


def _session_key(cookie: str) -> str:
    try:
        found = SimpleCookie(cookie).get(settings.SESSION_COOKIE_NAME)
    except CookieError:
        return ""
    return found.value if found else ""


def _cross_origin(headers: dict[str, str]) -> list[tuple[bytes, bytes]]:
    """The console's own origins may read across ports; nobody else may."""
    origin = headers.get("origin", "")
    if origin not in settings.ORIGINS:
        return []
    return [
        (b"access-control-allow-origin", origin.encode("latin-1")),
        (b"access-control-allow-credentials", b"true"),
        (b"vary", b"Origin"),
    ]

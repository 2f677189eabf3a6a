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

from asgiref.sync import sync_to_async  # noqa: E402
from django.conf import settings  # noqa: E402

from qingdun.console.kernel import stream  # noqa: E402
from qingdun.console.kernel.entry import whole  # noqa: E402
from qingdun.console.notices import waiter  # noqa: E402

Scope = dict[str, Any]
Receive = Callable[[], Awaitable[dict[str, Any]]]
Send = Callable[[dict[str, Any]], Awaitable[None]]

HEARTBEAT_S = 15.0
"""A comment goes out this often, so that proxies keep the stream and we notice who has gone."""
RECHECK_S = 60.0
"""How long a stream outlives the session it was opened with, at most."""

tailer = stream.Tailer(waiter)


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
    listener = await sync_to_async(stream.listener)(session_key)
    if listener is None:
        await _refuse(send, 403, cross)
        return
    asked = parse_qs(scope["query_string"].decode("latin-1"))
    # A browser that comes back by itself keeps the address and knows better in the header.
    since = headers.get("last-event-id") or asked.get("since", [""])[0]
    topics = frozenset(part for part in asked.get("topics", [""])[0].split(",") if part)
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
    sending = asyncio.ensure_future(_stream(send, session_key, listener, topics, since))
    leaving = asyncio.ensure_future(_gone(receive))
    try:
        await asyncio.wait({sending, leaving}, return_when=asyncio.FIRST_COMPLETED)
    finally:
        for task in (sending, leaving):
            task.cancel()
        await asyncio.gather(sending, leaving, return_exceptions=True)


async def _stream(
    send: Send, session_key: str, listener: stream.Listener, topics: frozenset[str], since: str
) -> None:
    async def write(text: str, more: bool = True) -> None:
        await send({"type": "http.response.body", "body": text.encode(), "more_body": more})

    loop = asyncio.get_running_loop()
    checked = loop.time()
    await write("retry: 2000\n\n")
    async for item in _items(whole(since)):
        if loop.time() - checked > RECHECK_S:
            checked = loop.time()
            renewed = await sync_to_async(stream.listener)(session_key)
            if renewed is None:
                break
            listener = renewed
        match item:
            case stream.Event() if listener.hears(item) and (not topics or item.topic in topics):
                body = {
                    "id": item.id,
                    "topic": item.topic,
                    "region": item.region_path,
                    "payload": item.payload,
                }
                await write(f"id: {item.id}\ndata: {json.dumps(body, ensure_ascii=False)}\n\n")
            case int():
                await write(f"id: {item}\nevent: hello\ndata: {{}}\n\n")
            case "reset":
                await write("event: reset\ndata: {}\n\n")
            case "beat":
                await write(": beat\n\n")
    await write("", more=False)


async def _items(since: int | None) -> AsyncIterator[stream.Event | int | str]:
    """What the stream says in turn: where it begins, what was missed, then everything new, beats in between.

    The queue is joined before the past is read: what is committed in between comes twice and is told once.
    """
    with tailer.joined() as queue:
        start, missed, whole = await sync_to_async(stream.missed)(since)
        last = start
        if not whole:
            yield "reset"
        for earlier in missed:
            yield earlier
            last = earlier.id
        yield last
        while True:
            try:
                async with asyncio.timeout(HEARTBEAT_S):
                    event = await queue.get()
            except TimeoutError:
                yield "beat"
                continue
            if event is None:
                # The stream could not keep up: it ends, and the browser comes back with the last id it saw.
                return
            if event.id > last:
                last = event.id
                yield event


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

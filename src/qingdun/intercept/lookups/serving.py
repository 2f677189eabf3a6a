"""Granian in a loop of ours, with a short way: most requests are answered where granian hands them over, in
its own thread. The way over the loop, with a task for each, costs as much as all the rest of an answer.
"""

from __future__ import annotations

import asyncio
from asyncio.tasks import _enter_task, _leave_task
from functools import partial
from typing import Any, Final, Protocol

from granian import _futures, _granian
from granian.constants import HTTPModes, Interfaces
from granian.http import HTTP1Settings
from granian.server.embed import AsyncWorker, Server

from qingdun.intercept.connections import Address

MOST_CONNECTIONS: Final = 512
HEAD_S: Final = 10.0
"""How long a client may take to send the head of a request, and keep a connection without one."""
MOST_HEAD: Final = 16_384
_FUTURES: Final[Any] = _futures
_INNER: Final[Any] = _granian
"""What granian has for itself; pyproject.toml holds to the versions that have it so."""


class Target(Protocol):
    """Whatever answers requests."""

    def at_once(self, scope: Any, protocol: Any) -> bool:
        """Whether the request is answered now, in granian's thread; else it goes the long way."""

    async def __rsgi__(self, scope: Any, protocol: Any) -> None:
        """Answers any request, on the loop."""


class Serving(Server):
    """The server; it serves and is stopped as granian's own."""

    def __init__(self, target: Target, address: Address) -> None:
        super().__init__(
            target,
            *address,
            interface=Interfaces.RSGI,
            http=HTTPModes.http1,
            websockets=False,
            backlog=1024,
            backpressure=MOST_CONNECTIONS,
            http1_settings=HTTP1Settings(header_read_timeout=round(HEAD_S * 1000), max_buffer_size=MOST_HEAD),
            log_enabled=False,
        )

    @staticmethod
    @AsyncWorker.wrap_target  # type: ignore[untyped-decorator]
    async def _spawn_rsgi_worker(
        worker_id: int,
        stopped: Any,
        target: Target,
        sock: Any,
        loop: asyncio.AbstractEventLoop,
        *settings: Any,
    ) -> None:
        """As granian's own of that name, but for the scheduler."""
        threads, runtime_blocking, blocking, idle_s, backpressure, _tasks, *http, _log, ssl, _scope = settings
        worker = _INNER.RSGIWorker(
            worker_id, sock, None, threads, runtime_blocking, blocking, idle_s, backpressure, *http, *ssl,
            (None, None),
        )  # fmt: skip
        ended = loop.create_future()
        stopped.add_cb(lambda: loop.call_soon_threadsafe(ended.set_result, None))
        worker.serve_async(_scheduler(target, loop), loop, stopped)
        await ended


def _scheduler(target: Target, loop: asyncio.AbstractEventLoop) -> Any:
    """What granian hands requests to, from its own thread."""
    answer = _FUTURES._future_watcher_wrapper(target.__rsgi__)
    made = _INNER.CallbackScheduler(
        loop, answer, None, partial(_enter_task, loop), partial(_leave_task, loop)
    )
    long_way = _FUTURES._cbsched_aioschedule(loop, made._ctx, answer)

    def schedule(watcher: Any) -> None:
        try:
            answered = target.at_once(watcher.scope, watcher.proto)
        except BaseException as error:
            watcher.err(error)
            return
        if answered:
            watcher.done()
        else:
            long_way(watcher)

    made._schedule_fn = schedule
    return made

"""The process that decides what is due: every second, and when a module says so within it, it asks every
module, and remembers nothing itself.

Each module is asked in a thread of its own: one that is slow, or waits for a lock, delays itself alone and
never the clocks of tasks.
"""

from __future__ import annotations

import datetime as dt
import logging
import math
import time
from collections.abc import Callable
from threading import Thread

from django.db import close_old_connections, connection
from django.utils import timezone
from django.utils.module_loading import import_string

from qingdun.console.wiring import DUE, RESTS, TICKS

Tick = Callable[[dt.datetime], int]
log = logging.getLogger(__name__)


def tick_once(now: dt.datetime | None = None) -> dict[str, int]:
    """Every module of `wiring.TICKS` has done what was due at `now`; gives how much each did.

    One that fails is logged and tried again at the next tick; the others are not held up by it.
    """
    at = now or timezone.now()
    done = {name: _tick(name, at) for name in TICKS}
    return {name: count for name, count in done.items() if count is not None}


def tick_forever(every_s: float = 1.0, stopped: Callable[[], bool] = lambda: False) -> None:
    """What is due is done every `every_s` seconds until `stopped`. Two such processes at once do no harm."""
    threads = [Thread(target=_keep, args=(name, every_s, stopped), daemon=True) for name in TICKS]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()


def _keep(name: str, every_s: float, stopped: Callable[[], bool]) -> None:
    """One module is asked until `stopped`, over a connection of its own."""
    try:
        while not stopped():
            began = time.monotonic()
            close_old_connections()
            _tick(name, timezone.now())
            time.sleep(min(rest_s(name, time.monotonic() - began, every_s), _due_in_s(name)))
    finally:
        connection.close()


def rest_s(name: str, took_s: float, every_s: float = 1.0) -> float:
    """How long a module rests that has worked so long: until its next second, and with much to do as long as
    `wiring.RESTS` says, for the desk shares the machine.

    >>> rest_s("any", 0.1), rest_s("any", 3.0)
    (0.9, 3.0)
    """
    return max(RESTS.get(name, 1.0) * took_s, every_s - took_s)


def _due_in_s(name: str) -> float:
    """In how many seconds the module said to be due; endless for one that says nothing."""
    if name not in DUE:
        return math.inf
    due_next: Callable[[dt.datetime], dt.datetime | None] = import_string(DUE[name])
    try:
        due = due_next(timezone.now())
    except Exception:
        log.exception("tick: %s does not say when it is due next", name)
        return math.inf
    return math.inf if due is None else max(0.0, (due - timezone.now()).total_seconds())


def _tick(name: str, at: dt.datetime) -> int | None:
    """How much the module did; None if it failed."""
    tick: Tick = import_string(name)
    try:
        return tick(at)
    except Exception:
        log.exception("tick: %s failed; tried again at the next", name)
        return None

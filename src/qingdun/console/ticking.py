"""The process that decides what is due: once a second it asks every module, and remembers nothing itself."""

from __future__ import annotations

import datetime as dt
import logging
import time
from collections.abc import Callable

from django.db import close_old_connections
from django.utils import timezone
from django.utils.module_loading import import_string

from qingdun.console.wiring import TICKS

Tick = Callable[[dt.datetime], int]
log = logging.getLogger(__name__)


def tick_once(now: dt.datetime | None = None) -> dict[str, int]:
    """Every module of `wiring.TICKS` has done what was due at `now`; gives how much each did.

    One that fails is logged and tried again at the next tick; the others are not held up by it.
    """
    at, done = now or timezone.now(), {}
    for name in TICKS:
        tick: Tick = import_string(name)
        try:
            done[name] = tick(at)
        except Exception:
            log.exception("tick: %s failed; tried again at the next", name)
    return done


def tick_forever(every_s: float = 1.0, stopped: Callable[[], bool] = lambda: False) -> None:
    """What is due is done every `every_s` seconds until `stopped`. Two such processes at once do no harm."""
    while not stopped():
        began = time.monotonic()
        close_old_connections()
        tick_once()
        time.sleep(max(0.0, every_s - (time.monotonic() - began)))

"""The plane of messages as one process: it follows the lists, and stands between ESMEs and their centre."""

from __future__ import annotations

import asyncio
import gc
import sys
from collections.abc import Callable
from dataclasses import asdict
from pathlib import Path
from typing import NamedTuple

from qingdun.intercept import counts
from qingdun.intercept.copy import SUFFIX, Copy
from qingdun.intercept.feed import Limits
from qingdun.intercept.figures import Figures
from qingdun.intercept.following import Following, Waiter, now
from qingdun.intercept.known import Known
from qingdun.intercept.messages.figures import Counts
from qingdun.intercept.messages.keeping import Keeping
from qingdun.intercept.messages.proxy import Ends, Proxy
from qingdun.intercept.messages.quarantine import WAITING, Quarantine
from qingdun.intercept.messages.review import Review, Reviewers
from qingdun.intercept.messages.segments import Segments
from qingdun.intercept.messages.sieve import Sieve
from qingdun.intercept.messages.verdict import Judge, Model

NAME = "messages"
SWITCH_S = 0.0005


class Settings(NamedTuple):
    """What the plane is told."""

    folder: Path
    """Of the copy and the quarantine."""
    ends: Ends
    model: Model
    least: float
    """The probability from which the model speaks."""
    coding: str
    """What a data_coding of 0 means to the centre: `gsm`, or a codec of Python."""
    hold_s: float
    """How long segments wait for the rest of their text."""
    quarantine_status: int
    days: int
    """After which texts leave the quarantine unseen."""
    limits: Limits


def copy_of(folder: Path) -> Copy:
    """The plane's copy of the lists."""
    return Copy(folder / f"{NAME}{SUFFIX}", counts.TABLES)


async def run(
    settings: Settings,
    source: Reviewers,
    waiter: Waiter,
    stop: asyncio.Event,
    ready: Callable[[], None] = lambda: None,
) -> None:
    """The plane works until `stop` is set. `ready`: called once messages are judged. Errors:
    ConfigurationError.
    """
    await _Plane(settings, source).run(waiter, stop, ready)


class _Plane:
    def __init__(self, settings: Settings, source: Reviewers) -> None:
        copy = copy_of(settings.folder)
        known = Known(copy, now)
        self._following = Following(NAME, copy, source, [known], settings.limits, self._figures)
        self._counts = Counts()
        self._store = Quarantine(settings.folder)
        self._review = Review(NAME, settings.folder, source, settings.days)
        self._keeping = Keeping(self._store, self._counts, settings.quarantine_status, settings.days)
        self._judge = Judge(known, self._following.met, settings.model, settings.least, settings.coding)
        self._sieve = Sieve(self._judge, Segments(settings.hold_s), self._counts)
        self._proxy = Proxy(settings.ends, self._sieve, self._keeping, self._counts)

    async def run(self, waiter: Waiter, stop: asyncio.Event, ready: Callable[[], None]) -> None:
        # The thread of the lists gives way to messages at once, and not after 5 ms.
        sys.setswitchinterval(SWITCH_S)
        # What stands now stays: nobody need look through a million entries for garbage.
        gc.collect()
        gc.freeze()
        async with self._proxy.listening():
            await self._following.run(
                waiter, stop, self._proxy.watch(), self._keeping.run(lambda: self._proxy.sessions),
                self._review.run(self._following), ready=ready,
            )  # fmt: skip

    def _figures(self) -> Figures:
        breaker = self._sieve.breaker
        waiting = self._keeping.sizes
        return {
            "breaker": str(breaker.state),
            "breaker_opened": breaker.opened,
            "sessions": len(self._proxy.sessions),
            "sessions_bound": sum(one.is_bound for one in self._proxy.sessions),
            "segments_held": len(self._sieve.segments),
            "unreadable": self._judge.unreadable,
            **asdict(self._counts),
        } | {f"quarantine_{state}": waiting.get(state, 0) for state in WAITING}

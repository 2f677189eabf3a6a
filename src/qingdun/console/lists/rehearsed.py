"""A demonstration's networks: every plane follows the lists as the real ones do, from a copy of its own, and
what it meets is drawn by lot. Where a real plane works on this machine, that one speaks.
"""

from __future__ import annotations

import asyncio
import datetime as dt
import random
from collections.abc import Callable, Coroutine
from pathlib import Path
from typing import Any

from qingdun.console.lists import demo_held
from qingdun.console.lists.demo import FOLDER, PLANES_OF, busy
from qingdun.console.lists.planes import NAMES
from qingdun.intercept.copy import SUFFIX, Copy, held
from qingdun.intercept.feed import Limits
from qingdun.intercept.following import Following, Waiter, now
from qingdun.intercept.known import Known
from qingdun.intercept.messages.review import Reviewers

EVERY_S = 1.0
_PER_HOUR = 25
"""How often an entry is met in a busy hour, on average."""


async def rehearse(
    folder: Path, source: Callable[[], Reviewers], waiter: Callable[[], Waiter], stop: asyncio.Event
) -> None:
    """Every plane of which no real one has a copy in the folder follows the lists until `stop` is set."""
    await asyncio.gather(
        *(_plane(name, folder, source(), waiter(), stop) for name in NAMES if not _is_real(folder, name))
    )


async def _plane(name: str, folder: Path, source: Reviewers, waiter: Waiter, stop: asyncio.Event) -> None:
    copy = Copy(folder / FOLDER / f"{name}{SUFFIX}")
    known = Known(copy, now)
    following = Following(name, copy, source, [known], Limits(), lambda: {"traffic": "synthetic"})
    work: list[Coroutine[Any, Any, None]] = [_traffic(name, folder, copy, known, following)]
    if name == "messages":
        work.append(demo_held.rehearse(folder / FOLDER, source, following))
    await following.run(waiter, stop, *work)


async def _traffic(name: str, folder: Path, copy: Copy, known: Known, following: Following) -> None:
    """Entries are met now and then; ends once a real plane of that name has a copy."""
    dice = random.Random(name)
    kinds = [kind for kind, planes in PLANES_OF.items() if name in planes]
    marks = ", ".join("?" * len(kinds))
    while not _is_real(folder, name):
        await asyncio.sleep(EVERY_S)
        with copy.reading() as db:
            entries = [(one.entity_kind, one.entity) for one in held(db, f"entity_kind IN ({marks})", kinds)]
        chance = busy(dt.datetime.now(dt.UTC)) * _PER_HOUR * EVERY_S / 3600
        for kind, entity in entries:
            if dice.random() < chance and (rule := known.find(kind, entity)) is not None:
                following.met(rule)


def _is_real(folder: Path, name: str) -> bool:
    return (folder / f"{name}{SUFFIX}").exists()

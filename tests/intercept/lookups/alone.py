"""The plane of look-ups as a process of its own, on lists in force or away: run by a test, and killed.

python -m tests.intercept.lookups.alone FOLDER HTTP DNS here|away
"""

from __future__ import annotations

import asyncio
import sys
from pathlib import Path

from qingdun.intercept.connections import Address
from qingdun.intercept.lookups import plane
from qingdun.intercept.lookups.settings import Settings
from tests.intercept.lookups.asking import LIMITS, ZONE
from tests.intercept.memory import MemoryLists, listed
from tests.intercept.running import Often

NUMBERS = 200


def number(place: int) -> str:
    """A number that is listed, one of `NUMBERS`."""
    return f"+861725800{place:04d}"


def main(folder: str, http: str, dns: str, lists: str) -> None:
    """Works until it is killed."""
    source = MemoryLists()
    for place in range(NUMBERS):
        source.put(listed(place + 1, number(place), kind="number"))
    source.away = lists == "away"
    settings = Settings(
        Path(folder),
        Address("127.0.0.1", int(http)),
        Address("127.0.0.1", int(dns)),
        ZONE,
        ("127.0.0.0/8",),
        1_000_000,
    )
    asyncio.run(plane.run(settings, 1, LIMITS, source, Often(), asyncio.Event()))


if __name__ == "__main__":
    main(*sys.argv[1:])

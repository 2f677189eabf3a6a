"""The plane of calls as a process of its own, for who kills or stops it: `python -m
tests.intercept.calls.serving FOLDER KAMAILIO REDIRECT LISTED…` with the ports (0: none) and the numbers
that are listed.
"""

from __future__ import annotations

import asyncio
import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from qingdun.intercept.calls import plane
from qingdun.intercept.connections import Address
from tests.intercept.calls import running
from tests.intercept.memory import MemoryLists, listed
from tests.intercept.running import Often

ROOT = Path(__file__).parents[3]


@contextmanager
def serving(
    folder: Path, kamailio: int, redirect: int = 0, *numbers: str
) -> Iterator[subprocess.Popen[bytes]]:
    """The plane works, as a process of its own."""
    command = [sys.executable, "-m", "tests.intercept.calls.serving", str(folder), str(kamailio)]
    process = subprocess.Popen([*command, str(redirect), *numbers], cwd=ROOT, env={**os.environ})
    try:
        yield process
    finally:
        process.kill()
        process.wait()


def main() -> None:
    import uvloop

    folder, kamailio, redirect, *numbers = sys.argv[1:]
    lists = MemoryLists(listed(n, number, kind="number") for n, number in enumerate(numbers, 1))
    chosen = running.settings(
        Path(folder), int(kamailio), listen=Address("127.0.0.1", int(redirect)) if int(redirect) else None
    )

    async def run() -> None:
        await plane.run(chosen, lists, Often(), asyncio.Event())

    uvloop.run(run())


if __name__ == "__main__":
    main()

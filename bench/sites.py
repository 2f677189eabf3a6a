"""How soon a name server enforces what was listed and lets go what was released, and what that costs in memory.

Run by hand: ``python -m bench sites``; ``python bench/sites.py --rules 100000 --parts 1 --rounds 3`` for a look. Needs BIND.
"""

# ruff: noqa: E501
from __future__ import annotations

import argparse
import asyncio
import os
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

BULK = 10_000
LOOKED_AT = 40
"""Names of a bulk that must all be enforced, or released, before it counts as done."""
GIVEN_UP_S = 600.0


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rules", type=int, nargs="+", default=[100_000, 1_000_000])
    parser.add_argument("--rounds", type=int, default=7)
    parser.add_argument(
        "--parts",
        type=int,
        nargs="+",
        default=[1, 32],
        help="zones of either kind, one number for each of --rules",
    )
    parser.add_argument("--plane", help=argparse.SUPPRESS)
    chosen = parser.parse_args()
    sys.path.insert(0, os.getcwd())
    if chosen.plane:
        _plane(chosen.plane, chosen.rules[0], chosen.parts[0])
        return
    print(
        "A plane of sites and Debian's BIND on the loopback address, each a process of its own. Names are shared out among so many zones of either kind. *All*: from the start of the plane, "
        f"with nothing on disk, to a BIND that rewrites every one of {LOOKED_AT} names or more, spread over the zones. *One*, *10,000*: from "
        f"the lists' change to a BIND that does so. A plane that is started again has its copy. Times in s, medians of {chosen.rounds} "
        "for one name; memory is resident, MB.\n\n"
        "| names | zones | all | again | one listed | one released | 10,000 listed | 10,000 released | plane | BIND | copy on disk |\n"
        "|---:|---:|---:|---:|---:|---:|---:|---:|---:|---:|---:|",
        flush=True,
    )
    for rules, parts in zip(chosen.rules, chosen.parts, strict=True):
        with tempfile.TemporaryDirectory() as folder:
            _measure(Path(folder), rules, parts, chosen.rounds)


def host(number: int) -> str:
    return f"{number * 2654435761 % 4294967296:08x}.n{number}.example"


def _measure(folder: Path, rules: int, parts: int, rounds: int) -> None:
    from qingdun.intercept.sites.keys import shared_key
    from tests.intercept.running import REAL, TARGET, bind, free_port

    listen, port = free_port(), free_port()
    key = folder / "plane" / "sites.key"
    shared_key(key)
    places = max(LOOKED_AT, 8 * parts)  # so that every zone has some
    spread = [rules * place // places for place in range(places)]
    with bind(folder / "bind", listen, key, port, parts) as server:

        def reached(numbers: list[int], wanted: list[str]) -> Callable[[], bool]:
            return lambda: all(server.addresses(host(number)) == wanted for number in numbers)

        def timed(words: str, numbers: list[int], wanted: list[str]) -> float:
            begun = time.monotonic()
            plane.say(words)
            _until(reached(numbers, wanted))
            return time.monotonic() - begun

        with _Plane(folder / "plane", rules, parts, listen, port) as plane:
            begun = plane.begun
            _until(reached(spread, [TARGET]))
            whole = time.monotonic() - begun
            ones = [rules + n for n in range(rounds)]
            one = statistics.median(timed(f"put {n} {n + 1}", [n], [TARGET]) for n in ones)
            gone = statistics.median(timed(f"reverse {n} {n + 1}", [n], REAL) for n in ones)
            first = rules + 1000
            some = [first + BULK * place // LOOKED_AT for place in range(LOOKED_AT)] + [first + BULK - 1]
            bulk = timed(f"put {first} {first + BULK}", some, [TARGET])
            released = timed(f"reverse {first} {first + BULK}", some, REAL)
            memory, theirs = _memory(plane.process.pid), _memory(server.process.pid)
        with _Plane(folder / "plane", rules, parts, listen, port, 2 * (rounds + BULK)) as plane:
            begun = plane.begun
            n = rules + 5000
            plane.say(f"put {n} {n + 1}")
            _until(reached([n], [TARGET]))
            again = time.monotonic() - begun
        disk = sum(path.stat().st_size for path in (folder / "plane").iterdir()) / 1e6
    print(
        f"| {rules:,} | {parts} | {whole:.1f} | {again:.1f} | {one:.3f} | {gone:.3f} | {bulk:.2f} | {released:.2f} "
        f"| {memory:.0f} | {theirs:.0f} | {disk:.0f} |",
        flush=True,
    )


def _until(found: Callable[[], bool]) -> None:
    end = time.monotonic() + GIVEN_UP_S
    while not found():
        if time.monotonic() > end:
            raise TimeoutError(f"{GIVEN_UP_S} s, and it has not happened")
        time.sleep(0.002)


def _memory(pid: int) -> float:
    line = next(
        one for one in Path(f"/proc/{pid}/status").read_text().splitlines() if one.startswith("VmRSS")
    )
    return int(line.split()[1]) / 1024


class _Plane:
    """The plane in a process of its own, which is told over its input what the lists say."""

    def __init__(
        self, folder: Path, rules: int, parts: int, listen: int, secondary: int, serial: int = 0
    ) -> None:
        where = f"{folder},{listen},{secondary},{serial}"
        self._words = [
            sys.executable,
            __file__,
            "--rules",
            str(rules),
            "--parts",
            str(parts),
            "--plane",
            where,
        ]

    def __enter__(self) -> _Plane:
        self.begun = time.monotonic()
        self.process = subprocess.Popen(self._words, stdin=subprocess.PIPE, text=True)
        return self

    def say(self, words: str) -> None:
        assert self.process.stdin is not None
        self.process.stdin.write(words + "\n")
        self.process.stdin.flush()

    def __exit__(self, *_: object) -> None:
        self.process.kill()
        self.process.wait()
        assert self.process.stdin is not None
        self.process.stdin.close()


def _plane(where: str, rules: int, parts: int) -> None:
    from qingdun.contract.lists import FeedLine, FeedSnapshot
    from qingdun.intercept.sites import plane
    from qingdun.intercept.sites.plane import Address
    from tests.intercept import running
    from tests.intercept.memory import MemoryLists, listed

    folder, listen, secondary, serial = where.split(",")

    class Generated(MemoryLists):
        """Holds no entries: what is in force is made when it is asked for."""

        def snapshot(self) -> FeedSnapshot:
            return FeedSnapshot(0, (listed(n, host(n)) for n in range(rules)))

        def say(self, what: str, numbers: range) -> None:
            begin = self.lines[-1].serial if self.lines else 0
            for place, n in enumerate(numbers, start=1):
                self.lines.append(FeedLine(begin + place, what, 0, listed(n, host(n)), "", ""))

    class Said:
        """Wakes the plane when something was said, as the database does."""

        def __init__(self) -> None:
            self.event = asyncio.Event()

        async def wait(self) -> None:
            await self.event.wait()
            self.event.clear()

        async def close(self) -> None:
            pass

    lists = Generated()
    if int(serial):
        lists.lines.append(FeedLine(int(serial), "unlisted", 0, listed(0, host(0)), "", ""))

    async def run() -> None:
        said, loop = Said(), asyncio.get_running_loop()

        def hear() -> None:
            for line in sys.stdin:
                what, begin, end = line.split()
                lists.say({"put": "listed", "reverse": "unlisted"}[what], range(int(begin), int(end)))
                loop.call_soon_threadsafe(said.event.set)

        threading.Thread(target=hear, daemon=True).start()
        chosen: Any = running.settings(Path(folder))
        chosen = chosen._replace(
            listen=Address("127.0.0.1", int(listen)),
            secondaries=(Address("127.0.0.1", int(secondary)),),
            parts=parts,
        )
        await plane.run(chosen, lists, said, asyncio.Event())

    asyncio.run(run())


if __name__ == "__main__":
    main()

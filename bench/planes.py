"""How long after an entry is enforced on the console a real message is refused, and a real call; and after its
reversal each passes again.

Run by hand: ``python -m bench planes``; ``python bench/planes.py --rounds 3`` for a look.
"""

# ruff: noqa: E501
from __future__ import annotations

import argparse
import contextlib
import itertools
import os
import random
import socket
import statistics
import struct
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from _databases import PARTS, on_each

ASKED_S = 1.0
EVERY_S = 0.005
GIVEN_UP_S = 60.0
NUMBER = "+8617258013111"
REFUSED_MESSAGE, REFUSED_CALL, PASSED_CALL = 0x66, 608, 302
_marks = itertools.count(1)

Enforced = Callable[[], bool]
"""Whether the next message, or call, is refused."""


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--part", choices=PARTS)
    parser.add_argument("--rounds", type=int, default=15)
    chosen = parser.parse_args()
    if chosen.part:
        _part(chosen.part, chosen.rounds)
        return
    print(
        f"A console, `qingdun intercept messages` before a message centre, and `qingdun intercept calls`, each a process of its own. A number is enforced and reversed {chosen.rounds} times at "
        f"uneven moments; from the commit on, a message to it is submitted (SMPP) or a call from it is made (SIP over UDP) every {EVERY_S * 1e3:g} ms, one plane at a time, until the answer "
        "has changed: how long that took.\n\n"
        "| database | plane | what | rounds | least s | median s | p95 s | longest s | asked for s | kept |\n"
        "|---|---|---|---:|---:|---:|---:|---:|---:|---|",
        flush=True,
    )
    on_each(__file__)


def _part(part: str, rounds: int) -> None:
    from qingdun.console import serving

    serving.setup()
    serving.prepare()
    for plane, way in (("messages", _messages), ("calls", _calls)):
        with way() as is_refused:
            took = _measure(plane, is_refused, rounds)
        for what, found in took.items():
            found.sort()
            p95 = found[max(0, round(0.95 * len(found)) - 1)]
            print(
                f"| {part} | {plane} | {what} | {len(found)} | {found[0]:.3f} | {statistics.median(found):.3f} | {p95:.3f} | {found[-1]:.3f} | {ASKED_S:g} "
                f"| {'yes' if found[-1] < ASKED_S else 'no'} |",
                flush=True,
            )


def _measure(plane: str, is_refused: Enforced, rounds: int) -> dict[str, list[float]]:
    from qingdun.console.kernel.models import Region
    from qingdun.console.kernel.roles import Role
    from qingdun.console.lists import actions
    from qingdun.console.lists.candidates import Candidate
    from qingdun.console.lists.codes import Source
    from tests.console.alerts.world import make_user

    analyst = make_user(f"bench-{plane}", Role.CITY_ANALYST, Region.objects.get(level="city"), "演练值班员")
    luck = random.Random(1)
    took: dict[str, list[float]] = {"enforced": [], "reversed": []}

    def timed(what: str, wanted: bool, act: Callable[[], Any]) -> None:
        time.sleep(luck.uniform(0.1, 0.6))
        (done,) = act()
        begun = time.monotonic()
        assert done.ok, done.message
        while is_refused() is not wanted:
            if time.monotonic() - begun > GIVEN_UP_S:
                raise TimeoutError(f"{GIVEN_UP_S} s, and it is not {what}")
            time.sleep(EVERY_S)
        took[what].append(time.monotonic() - begun)

    for number in range(rounds):
        wanted = [Candidate("number", NUMBER, "black", "演练名单")]
        (entry,) = actions.propose(analyst, wanted, Source.HAND, f"bench-{plane}-{number}").entries
        rows = [(entry.pk, None)]
        actions.approve(analyst, rows)
        timed("enforced", True, lambda rows=rows: actions.enforce(analyst, rows, "演练"))
        timed("reversed", False, lambda rows=rows: actions.reverse(analyst, rows, "演练撤销"))
    return took


@contextlib.contextmanager
def _messages() -> Iterator[Enforced]:
    """A sender bound through the plane to a centre that says yes to everything."""
    from tests.intercept.messages.peers import listens, until
    from tests.intercept.messages.wired import BIND, message
    from tests.intercept.running import free_port

    theirs, ours = free_port(), free_port()
    script = Path(__file__).parent / "messages.py"
    centre = subprocess.Popen([sys.executable, str(script), "--role", "centre", str(theirs)])
    try:
        until(lambda: listens(theirs))
        with _plane("messages", lambda: listens(ours), MESSAGES_LISTEN=f"127.0.0.1:{ours}", MESSAGES_CENTRE=f"127.0.0.1:{theirs}"), \
                socket.create_connection(("127.0.0.1", ours), 10) as line:  # fmt: skip
            line.sendall(BIND)
            line.recv(1000)

            def is_refused() -> bool:
                line.sendall(message(next(_marks) + 1, b"hello", destination=NUMBER[1:].encode()))
                (status,) = struct.unpack_from(">I", line.recv(1000), 8)
                return bool(status == REFUSED_MESSAGE)

            yield is_refused
    finally:
        centre.kill()
        centre.wait()


@contextlib.contextmanager
def _calls() -> Iterator[Enforced]:
    """Calls to the redirect server of the plane."""
    from qingdun.intercept.connections import Address
    from tests.intercept.calls import running, scenarios
    from tests.intercept.running import free_port

    at = Address("127.0.0.1", free_port())
    with _plane("calls", lambda: running.answers(at), CALLS_LISTEN=f"{at.host}:{at.port}"):

        def is_refused() -> bool:
            mark = next(_marks)
            request = scenarios.request(
                caller=f"<sip:{NUMBER}@127.0.0.1>", branch=f"z9hG4bK-{mark}", call_id=f"{mark}@127.0.0.1"
            )
            status = int(running.asked(at, request).split()[1])
            assert status in (REFUSED_CALL, PASSED_CALL), status
            return status == REFUSED_CALL

        yield is_refused


@contextlib.contextmanager
def _plane(name: str, begun: Callable[[], object], **more: str) -> Iterator[None]:
    from tests.intercept.running import until

    command = [sys.executable, "-m", "qingdun.cli", "intercept", name]
    env = os.environ | {f"QINGDUN_{setting}": value for setting, value in more.items()}
    process = subprocess.Popen(command, env=env, stdout=subprocess.DEVNULL)
    try:
        until(begun)
        yield
    finally:
        process.kill()
        process.wait()


if __name__ == "__main__":
    main()

"""What the proxy of messages costs: one sender and one centre, straight against through us, in turns.

Run by hand: ``python -m bench messages``; ``python bench/messages.py --seconds 1 --rounds 1`` for a look.
"""

# ruff: noqa: E501
from __future__ import annotations

import argparse
import asyncio
import json
import os
import random
import statistics
import struct
import subprocess
import sys
import tempfile
import time
from contextlib import contextmanager
from pathlib import Path
from typing import Any, NamedTuple

HEAD = struct.Struct(">IIII")
ENTRIES = 100_000
TEXTS = 4_000
LONG, SCAMS = 0.1, 0.02
"""The shares of texts of two segments, and of scams."""


class Run(NamedTuple):
    rate: float
    p50: float
    p99: float
    esme: float
    centre: float
    proxy: float
    """Seconds of processor time a message: sender, centre, proxy."""


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seconds", type=float, default=3.0)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--role", choices=["esme", "centre", "plane"], help=argparse.SUPPRESS)
    parser.add_argument("words", nargs="*", help=argparse.SUPPRESS)
    chosen = parser.parse_args()
    sys.path.insert(0, os.getcwd())
    if chosen.role:
        {"esme": esme, "centre": centre, "plane": plane}[chosen.role](*chosen.words)
        return
    print(
        f"A sender and a centre that do nothing but count (asyncio and uvloop, about 1 µs a message each), straight against through the proxy, in turns; each is a "
        f"process of its own on the loopback address. {TEXTS:,} texts of our corpus with numbers filled in, {SCAMS:.0%} of them scams, {LONG:.0%} in two segments, "
        f"mostly UCS-2; {ENTRIES:,} entries are listed and the model observes every text. Medians of {chosen.rounds} rounds of {chosen.seconds:g} s, the range in brackets; processor time "
        "in µs a message of the way through. *Paced*: so many are sent a second, whatever was answered. Peers that cost nothing show what the proxy can take, not what "
        "share of a real centre's rate it leaves: that is the second table.\n\n"
        "| asked of it | straight/s | through/s | share | p50 straight | p50 through | p99 straight | p99 through | sender | centre | proxy |\n"
        "|---|---:|---:|---:|---:|---:|---:|---:|---:|---:|---:|",
        flush=True,
    )
    with tempfile.TemporaryDirectory() as folder, peers(Path(folder), "") as ports:
        for window, rate in ((50, 0), (100, 0), (100, 2000), (100, 5000), (100, 10000)):
            compare(chosen, ports, window, rate)
    with tempfile.TemporaryDirectory() as folder, peers(Path(folder), "texts") as ports:
        compare(chosen, ports, 100, 0, ", texts listed too")
    print(
        "\nA sender and a centre that read and write every field (npm `smpp` in Node.js on both ends), window 50, one text of GSM-7 with a number in it. On a machine of two cores they "
        f"keep both busy by themselves, so that what the proxy takes is missing for them.\n\n{npm(chosen)}",
        flush=True,
    )


def compare(chosen: argparse.Namespace, ports: Ports, window: int, rate: int, more: str = "") -> None:
    straight: list[Run] = []
    through: list[Run] = []
    for _ in range(chosen.rounds):
        straight.append(ran(ports.centre, chosen.seconds, window, rate, ports.pids))
        through.append(ran(ports.proxy, chosen.seconds, window, rate, ports.pids))

    def middle(runs: list[Run], name: str) -> float:
        return statistics.median(getattr(one, name) for one in runs)

    def spread(runs: list[Run]) -> str:
        rates = [one.rate for one in runs]
        return f"{statistics.median(rates):,.0f} ({min(rates):,.0f}–{max(rates):,.0f})"

    what = (f"{rate:,}/s paced" if rate else f"window {window}") + more
    share = middle(through, "rate") / middle(straight, "rate")
    print(
        f"| {what} | {spread(straight)} | {spread(through)} | {share:.0%} | "
        + " | ".join(f"{middle(runs, name) * 1e3:.2f} ms" for name in ("p50", "p99") for runs in (straight, through))
        + " | " + " | ".join(f"{middle(through, name) * 1e6:.1f}" for name in ("esme", "centre", "proxy")) + " |",
        flush=True,
    )  # fmt: skip


class Ports(NamedTuple):
    centre: int
    proxy: int
    pids: tuple[int, int]
    """Of the centre and the proxy."""


@contextmanager
def peers(folder: Path, more: str) -> Any:
    from tests.intercept.messages.peers import listens, until
    from tests.intercept.running import free_port

    theirs, ours = free_port(), free_port()
    running = [
        subprocess.Popen([sys.executable, __file__, "--role", "centre", str(theirs)]),
        subprocess.Popen(
            [sys.executable, __file__, "--role", "plane", str(folder), str(ours), str(theirs), more]
        ),
    ]
    try:
        until(lambda: listens(theirs) and listens(ours))
        yield Ports(theirs, ours, (running[0].pid, running[1].pid))
    finally:
        for one in running:
            one.kill()
            one.wait()


def ran(port: int, seconds: float, window: int, rate: int, pids: tuple[int, int]) -> Run:
    before = [used(pid) for pid in pids]
    words = [sys.executable, __file__, "--role", "esme", str(port), str(seconds), str(window), str(rate)]
    found = json.loads(subprocess.run(words, check=True, capture_output=True, text=True).stdout)
    after = [used(pid) for pid in pids]
    count = found["count"]
    spent = [(b - a) / count for a, b in zip(before, after, strict=True)]
    return Run(count / found["took"], found["p50"], found["p99"], found["used"] / count, spent[0], spent[1])


def used(pid: int) -> float:
    fields = Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def pool() -> list[list[bytes]]:
    """PDUs, those of one text together; their sequence numbers are written later."""
    from importlib import resources

    from tests.intercept.messages.wired import message, segment

    def corpus(name: str) -> list[str]:
        raw = resources.files("qingdun.detect.text").joinpath(f"corpus/{name}.tsv").read_text("utf-8")
        return [line.split("\t")[-1] for line in raw.splitlines() if line and not line.startswith("#")]

    ordinary, scams = corpus("ordinary_messages"), corpus("scam_messages")
    chance = random.Random(7)
    found: list[list[bytes]] = []
    for number in range(TEXTS):
        to = b"861380%07d" % chance.randrange(10**7)
        words = scams if chance.random() < SCAMS else ordinary
        text = chance.choice(words)[:60] + str(chance.randrange(10**6))
        if number % 5 == 0:
            found.append(
                [
                    message(
                        0,
                        f"Your code is {chance.randrange(10**6)}, valid for 5 minutes.".encode(),
                        coding=0,
                        destination=to,
                    )
                ]
            )
        elif chance.random() < LONG * 1.25:
            octets = (text + chance.choice(words))[:120].encode("utf-16-be")
            cut = len(octets) // 4 * 2
            reference = chance.randrange(256)
            found.append(
                [
                    segment(0, part, 2, place, reference, coding=8, destination=to)
                    for place, part in ((1, octets[:cut]), (2, octets[cut:]))
                ]
            )
        else:
            found.append([message(0, text.encode("utf-16-be"), coding=8, destination=to)])
    return found


def esme(port: str, seconds: str, window: str, rate: str) -> None:
    import uvloop

    from tests.intercept.messages.wired import BIND

    flat = [one for some in pool() for one in some]
    parts = [(one[:12], one[16:]) for one in flat]
    pack = struct.Struct(">I").pack
    clock = time.perf_counter

    class Sender(asyncio.Protocol):
        def __init__(self) -> None:
            self.done: asyncio.Future[None] = asyncio.get_running_loop().create_future()
            self.sent_at: list[float] = []
            self.took: list[float] = []
            self.rest = b""
            self.bound = False

        def connection_made(self, transport: Any) -> None:
            self.transport = transport
            transport.write(BIND)

        def begin(self) -> None:
            self.begun = clock()
            self.end = self.begun + float(seconds)
            if int(rate):
                self.pace()
            else:
                self.more(int(window))

        def pace(self) -> None:
            now = clock()
            if now < self.end:
                self.more(int((now - self.begun) * int(rate)) + 1 - len(self.sent_at))
                asyncio.get_running_loop().call_later(0.001, self.pace)
            else:
                self.finish()

        def finish(self) -> None:
            if len(self.took) == len(self.sent_at) and not self.done.done():
                self.done.set_result(None)

        def more(self, count: int) -> None:
            now = clock()
            out = []
            for _ in range(count):
                number = len(self.sent_at)
                head, body = parts[number % len(parts)]
                out.append(head + pack(number + 2) + body)
                self.sent_at.append(now)
            if out:
                self.transport.write(b"".join(out))

        def data_received(self, data: bytes) -> None:
            if self.rest:
                data = self.rest + data
            at, end = 0, len(data)
            now = clock()
            before = len(self.took)
            while end - at >= 16:
                length, command, status, sequence = HEAD.unpack_from(data, at)
                if at + length > end:
                    break
                at += length
                if command == 0x8000_0004:
                    assert status == 0, status
                    self.took.append(now - self.sent_at[sequence - 2])
                else:
                    self.begin()
            self.rest = data[at:]
            if now < self.end:
                if not int(rate):
                    self.more(len(self.took) - before)
            else:
                self.finish()

    async def work() -> Sender:
        _transport, sender = await asyncio.get_running_loop().create_connection(
            Sender, "127.0.0.1", int(port)
        )
        async with asyncio.timeout(float(seconds) + 30):
            await sender.done
        return sender

    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        begun_used = time.process_time()
        sender = runner.run(work())
    took = sorted(sender.took)
    print(json.dumps({
        "count": len(took), "took": clock() - sender.begun, "used": time.process_time() - begun_used,
        "p50": took[len(took) // 2], "p99": took[len(took) * 99 // 100],
    }))  # fmt: skip


def centre(port: str) -> None:
    import uvloop

    class Centre(asyncio.Protocol):
        def connection_made(self, transport: Any) -> None:
            self.transport, self.rest = transport, b""

        def data_received(self, data: bytes) -> None:
            if self.rest:
                data = self.rest + data
            at, end, out = 0, len(data), []
            while end - at >= 16:
                length, command, _status, sequence = HEAD.unpack_from(data, at)
                if at + length > end:
                    break
                at += length
                out.append(HEAD.pack(25, command | 0x8000_0000, 0, sequence) + b"00000001\0")
            self.rest = data[at:]
            self.transport.write(b"".join(out))

    async def work() -> None:
        await (await asyncio.get_running_loop().create_server(Centre, "127.0.0.1", int(port))).serve_forever()

    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        runner.run(work())


def plane(folder: str, listen: str, theirs: str, more: str) -> None:
    import uvloop

    from qingdun.intercept.connections import Address
    from qingdun.intercept.messages import plane as ours
    from qingdun.intercept.messages.verdict import Model
    from tests.intercept.memory import MemoryLists, listed
    from tests.intercept.messages.peers import settings

    class Still:
        """A waiter to whom nothing is told: the lists are looked at by the clock alone."""

        async def wait(self) -> None:
            await asyncio.Event().wait()

        async def close(self) -> None:
            pass

    half = ENTRIES // 2
    entries = [listed(n, f"n{n}.example") for n in range(1, half)]
    entries += [listed(half + n, f"+86139{n:08}", kind="number") for n in range(half)]
    if more:
        entries += [listed(ENTRIES + n, f"{n:032x}", kind="text") for n in range(1000)]
    chosen = settings(
        Path(folder), int(theirs), listen=Address("127.0.0.1", int(listen)), model=Model.OBSERVE
    )
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        runner.run(ours.run(chosen, MemoryLists(entries), Still(), asyncio.Event()))


def npm(chosen: argparse.Namespace) -> str:
    from tests.intercept.messages.peers import Esme, Process, Smsc, settings

    with tempfile.TemporaryDirectory() as folder:
        smsc, sender = Smsc(), Esme()
        made = settings(Path(folder), smsc.port)
        proxy = Process(made)
        rates: dict[int, list[float]] = {smsc.port: [], made.ends.listen.port: []}
        count = int(2500 * chosen.seconds)
        try:
            for place in range(chosen.rounds + 1):
                for port, found in rates.items():
                    assert sender.bind(port) == 0
                    begun = time.monotonic()
                    sender.tell(load={"count": count, "window": 50, "from": 0, "text": "Your code is"})
                    sender.wait("done")
                    if place:  # the first one warms both up
                        found.append(count / (time.monotonic() - begun))
                    sender.tell(unbind=True)
                    sender.wait("closed")
        finally:
            proxy.kill()
            smsc.stop()
            sender.stop()
    straight, through = (statistics.median(found) for found in rates.values())
    return (
        "| straight/s | through/s | share |\n|---:|---:|---:|\n"
        f"| {straight:,.0f} | {through:,.0f} | {through / straight:.0%} |"
    )


if __name__ == "__main__":
    main()

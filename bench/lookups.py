"""How many look-ups a second one core answers, over HTTP and UDP, how late, and while the lists change.

Run by hand: ``python -m bench lookups``; ``python bench/lookups.py --keys 100000 --seconds 3 --rounds 1`` for a
look. Needs wrk and dnsperf.
"""

# ruff: noqa: E501
from __future__ import annotations

import argparse
import asyncio
import json
import os
import re
import shutil
import socket
import statistics
import subprocess
import sys
import tempfile
import threading
import time
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple

ZONE = "lookup.qingdun.invalid"
BULK = 10_000
CONNECTIONS = 48
IN_BATCH = 500
ASKING_CORE, ANSWERING_CORE = 1, 0
ASKED_FILE = 20_000
"""Different names that dnsperf asks for, and paths that wrk does; half of them are listed."""
PATIENCE_S = 600.0


class Load(NamedTuple):
    """What a client measured in one run, and what the server's process used meanwhile."""

    rate: float
    p50_ms: float
    p99_ms: float
    cores: float


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--keys", type=int, default=1_000_000)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--seconds", type=int, default=5)
    parser.add_argument("--plane", help=argparse.SUPPRESS)
    parser.add_argument("--peer", help=argparse.SUPPRESS)
    chosen = parser.parse_args()
    sys.path.insert(0, os.getcwd())
    if chosen.plane:
        _plane(chosen.plane, chosen.keys)
        return
    if chosen.peer:
        _peer(chosen.peer)
        return
    if missing := [name for name in ("wrk", "dnsperf") if shutil.which(name) is None]:
        print(
            f"Not measured: {' and '.join(missing)} missing; `apt-get install {' '.join(missing)}` brings that."
        )
        return
    with tempfile.TemporaryDirectory() as folder:
        _measure(Path(folder), chosen.keys, chosen.rounds, chosen.seconds)


def number(place: int) -> str:
    """A number that is listed, if the place is below that of the keys."""
    return f"+861{3_000_000_000 + place:010d}"


def _measure(folder: Path, keys: int, rounds: int, seconds: int) -> None:
    from qingdun.contract.tokens import make
    from qingdun.intercept.lookups.settings import NAME
    from tests.intercept.running import free_port

    http, dns, peer, usual = free_port(), free_port(), free_port(), free_port()
    token = make(folder / f"{NAME}.tokens", "bench")
    ways: dict[str, list[Load]] = {}
    asked = _asked(folder, keys)
    with _started("--plane", f"{folder},{http},{dns}", "--keys", str(keys)) as plane:
        begun = time.monotonic()
        _until(lambda: _entries(http) == keys)
        loaded = time.monotonic() - begun
        # The one that began without a list has ended.
        _until(lambda: len(_children(plane.pid)) == 1)
        answering = _children(plane.pid)[0]
        with _started("--peer", f"{peer},{usual}") as other:
            time.sleep(1)
            # Whoever asks has a core of its own; those that follow the lists go where there is room.
            _pin(os.getpid(), ASKING_CORE)
            for pid in (answering, other.pid):
                _pin(pid, ANSWERING_CORE)
            for _ in range(rounds):
                for name, run in {
                    "HTTP, constant answer in granian's usual way": lambda: _wrk(
                        folder, usual, token, seconds, other.pid
                    ),
                    "HTTP, constant answer in its thread (the limit)": lambda: _wrk(
                        folder, peer, token, seconds, other.pid
                    ),
                    "HTTP, look-ups": lambda: _wrk(folder, http, token, seconds, answering),
                    f"HTTP, batches of {IN_BATCH}: numbers": lambda: _wrk(
                        folder, http, token, seconds, answering, IN_BATCH
                    ),
                    "UDP, echo (the limit)": lambda: _dnsperf(asked, peer, seconds, other.pid),
                    "UDP, look-ups": lambda: _dnsperf(asked, dns, seconds, answering),
                }.items():
                    ways.setdefault(name, []).append(run())
        changing = {
            "HTTP while 10,000 entries change": lambda: _wrk(folder, http, token, seconds, answering),
            "UDP while 10,000 entries change": lambda: _dnsperf(asked, dns, seconds, answering),
        }
        place = keys
        took: list[float] = []
        for _ in range(rounds):
            for name, run in changing.items():
                begin = place
                place += BULK

                def change(begin: int = begin) -> None:
                    time.sleep(1)
                    said = time.monotonic()
                    plane.say(f"put {begin} {begin + BULK}")
                    wanted = keys + begin + BULK - keys
                    _until(lambda: _entries(http) == wanted)
                    took.append(time.monotonic() - said)

                changer = threading.Thread(target=change)
                changer.start()
                ways.setdefault(name, []).append(run())
                changer.join()
        ones = []
        for n in range(rounds):
            said = time.monotonic()
            plane.say(f"put {place + n} {place + n + 1}")
            _until(lambda n=n: _verdict(http, token, number(place + n)) == "block")
            ones.append(time.monotonic() - said)
        memory, following = _memory(answering), _memory(plane.pid)
    print(
        f"One answering process, {keys:,} numbers in memory; wrk with one thread and {CONNECTIONS} connections, dnsperf with one thread. Whoever "
        f"asks is held to one core and what answers to the other (`taskset`); half of what is asked is listed; every request over HTTP has its token. {rounds} rounds of {seconds} s, each way in turn; "
        "medians, and lowest to highest. *Cores*: what the process used of the machine; *a core*: rate divided by that.\n\n"
        "| way | a second | lowest to highest | cores | a second a core | p50, ms | p99, ms |\n|---|---:|---:|---:|---:|---:|---:|"
    )
    for name, found in ways.items():
        rate, p50, p99, cores = (statistics.median(one) for one in zip(*found, strict=True))
        a_core = statistics.median(one.rate / one.cores for one in found)
        low, high = min(one.rate for one in found), max(one.rate for one in found)
        print(
            f"| {name} | {rate:,.0f} | {low:,.0f} to {high:,.0f} | {cores:.2f} | {a_core:,.0f} | {p50:.2f} | {p99:.2f} |"
        )
    print(
        f"\nFrom a start with nothing on disk to answering: {loaded:.0f} s. Memory: {memory:.0f} MB the process that answers, {following:.0f} MB the one that "
        f"follows the lists. One entry is answered {statistics.median(ones) * 1000:.0f} ms after the lists changed, 10,000 of them, under that load, "
        f"{statistics.median(took):.2f} s after. Percentiles over UDP are those of a second client beside dnsperf, which tells none."
    )


def _asked(folder: Path, keys: int) -> Path:
    """Files of what is asked: listed and not in turn."""
    places = [(n * 2654435761 % keys if n % 2 else 50_000_000 + n) for n in range(ASKED_FILE)]
    found = folder / "asked"
    found.write_text("".join(f"{number(one)[1:]}.number.{ZONE} A\n" for one in places))
    paths = ",".join(f'"/v1/number/{number(one)[3:]}"' for one in places[:2000])
    (folder / "asked.lua").write_text(
        f"local paths = {{{paths}}}\nlocal ready, n = {{}}, 0\n"
        'init = function()\n  for i, path in ipairs(paths) do ready[i] = wrk.format("GET", path) end\nend\n'
        "request = function()\n  n = n % #ready + 1\n  return ready[n]\nend\n"
    )
    batches = [
        [{"number": number(one)[3:]} for one in places[n : n + IN_BATCH]] for n in range(0, 5000, IN_BATCH)
    ]
    bodies = ",".join(f"[[{json.dumps({'ask': one})}]]" for one in batches)
    (folder / "batch.lua").write_text(
        f"local bodies = {{{bodies}}}\nlocal ready, n = {{}}, 0\n"
        'init = function()\n  for i, body in ipairs(bodies) do ready[i] = wrk.format("POST", "/v1/batch", nil, body) end\nend\n'
        "request = function()\n  n = n % #ready + 1\n  return ready[n]\nend\n"
    )
    return found


def _wrk(folder: Path, port: int, token: str, seconds: int, pid: int, things: int = 1) -> Load:
    """`things`: how many one request asks about."""
    script = "asked.lua" if things == 1 else "batch.lua"
    used, begun = _used(pid), time.monotonic()
    said = subprocess.run(
        ["wrk", "-t1", f"-c{CONNECTIONS}", f"-d{seconds}", "--latency", "-s", folder / script, "-H", f"Authorization: Bearer {token}",
         f"http://127.0.0.1:{port}"],
        check=True, capture_output=True, text=True,
    ).stdout  # fmt: skip
    cores = (_used(pid) - used) / (time.monotonic() - begun)
    if "Non-2xx" in said or "Socket errors" in said:
        raise RuntimeError(said)
    rate = float(re.search(r"Requests/sec:\s+([\d.]+)", said)[1])  # type: ignore[index]
    p50, p99 = (_ms(*re.search(rf"{part}%\s+([\d.]+)(us|ms|s)", said).groups()) for part in (50, 99))  # type: ignore[union-attr]
    return Load(rate * things, p50, p99, cores)


def _dnsperf(asked: Path, port: int, seconds: int, pid: int) -> Load:
    used, begun = _used(pid), time.monotonic()
    with _Probe(port) as probe:
        said = subprocess.run(
            ["dnsperf", "-s", "127.0.0.1", "-p", str(port), "-d", asked, "-l", str(seconds), "-c", "4", "-T", "1", "-q", "60"],
            check=True, capture_output=True, text=True,
        ).stdout  # fmt: skip
    cores = (_used(pid) - used) / (time.monotonic() - begun)
    rate = float(re.search(r"Queries per second:\s+([\d.]+)", said)[1])  # type: ignore[index]
    lost = int(re.search(r"Queries lost:\s+(\d+)", said)[1])  # type: ignore[index]
    if lost:
        print(f"dnsperf: {lost} of its questions had no answer", file=sys.stderr)
    taken = sorted(probe.taken_ms)
    return Load(rate, taken[len(taken) // 2], taken[len(taken) * 99 // 100], cores)


class _Probe:
    """Asks beside dnsperf, which says no percentiles, one question after the other, a millisecond apart."""

    def __init__(self, port: int) -> None:
        self.taken_ms: list[float] = []
        self._port, self._ended = port, threading.Event()

    def __enter__(self) -> _Probe:
        self._thread = threading.Thread(target=self._run)
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._ended.set()
        self._thread.join()

    def _run(self) -> None:
        name = b"".join(bytes((len(one),)) + one for one in f"13800000000.number.{ZONE}".encode().split(b"."))
        asked = b"\x12\x34\x01\x00\x00\x01\x00\x00\x00\x00\x00\x00" + name + b"\x00\x00\x01\x00\x01"
        with socket.socket(type=socket.SOCK_DGRAM) as line:
            line.connect(("127.0.0.1", self._port))
            line.settimeout(5)
            while not self._ended.wait(0.001):
                begun = time.perf_counter()
                line.send(asked)
                line.recv(512)
                self.taken_ms.append((time.perf_counter() - begun) * 1000)


def _ms(value: str, unit: str) -> float:
    return float(value) * {"us": 0.001, "ms": 1, "s": 1000}[unit]


def _entries(port: int) -> int:
    try:
        with urllib.request.urlopen(f"http://127.0.0.1:{port}/v1/health", timeout=5) as answer:
            return int(json.load(answer)["entries"])
    except OSError:
        return -1


def _verdict(port: int, token: str, asked: str) -> str:
    address = f"http://127.0.0.1:{port}/v1/number/{asked[3:]}"
    request = urllib.request.Request(address, headers={"Authorization": f"Bearer {token}"})
    with urllib.request.urlopen(request, timeout=5) as answer:
        return str(json.load(answer)["verdict"])


def _until(found: Callable[[], bool]) -> None:
    end = time.monotonic() + PATIENCE_S
    while not found():
        if time.monotonic() > end:
            raise TimeoutError(f"{PATIENCE_S} s, and it has not happened")
        time.sleep(0.01)


def _pin(pid: int, core: int) -> None:
    """All threads of the process run there, and those it begins later."""
    if (os.cpu_count() or 1) > max(ASKING_CORE, ANSWERING_CORE):
        for task in Path(f"/proc/{pid}/task").iterdir():
            os.sched_setaffinity(int(task.name), {core})


def _used(pid: int) -> float:
    """Seconds of processors that the process has used."""
    parts = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(parts[11]) + int(parts[12])) / os.sysconf("SC_CLK_TCK")


def _memory(pid: int) -> float:
    lines = Path(f"/proc/{pid}/status").read_text().splitlines()
    return int(next(one for one in lines if one.startswith("VmRSS")).split()[1]) / 1024


def _children(pid: int) -> list[int]:
    found = [
        int(one)
        for task in Path(f"/proc/{pid}/task").iterdir()
        for one in (task / "children").read_text().split()
    ]
    return sorted(found)


class _Process:
    """One of ours, which is told over its input what the lists say."""

    def __init__(self, words: tuple[str, ...]) -> None:
        self._process = subprocess.Popen([sys.executable, __file__, *words], stdin=subprocess.PIPE, text=True)
        self.pid = self._process.pid

    def say(self, words: str) -> None:
        assert self._process.stdin is not None
        self._process.stdin.write(words + "\n")
        self._process.stdin.flush()

    def end(self) -> None:
        self._process.terminate()
        self._process.wait()
        assert self._process.stdin is not None
        self._process.stdin.close()


@contextmanager
def _started(*words: str) -> Iterator[_Process]:
    process = _Process(words)
    try:
        yield process
    finally:
        process.end()


def _peer(ports: str) -> None:
    """What could be reached at best: granian that answers a constant, in either way, and a datagram sent back as
    it came.
    """
    import uvloop
    from granian.constants import HTTPModes, Interfaces
    from granian.server.embed import Server

    from qingdun.intercept.connections import Address
    from qingdun.intercept.lookups.serving import Serving

    head = [("content-type", "application/json"), ("cache-control", "private, max-age=5")]
    body = b'{"verdict":"block","entry":"QD-1234567","scam_type":"phishing","since":"2026-11-29T00:00:00Z","until":"2027-11-29T00:00:00Z","age_s":1}'

    class Constant:
        async def __rsgi__(self, scope: object, protocol: object) -> None:
            protocol.response_bytes(200, head, body)  # type: ignore[attr-defined]

        def at_once(self, scope: object, protocol: object) -> bool:
            protocol.response_bytes(200, head, body)  # type: ignore[attr-defined]
            return True

    class Echo(asyncio.DatagramProtocol):
        def connection_made(self, transport: asyncio.BaseTransport) -> None:
            self.send = transport.sendto  # type: ignore[attr-defined]

        def datagram_received(self, data: bytes, addr: tuple[str, int]) -> None:
            # As an answer: else the client would wait for one.
            self.send(data[:2] + b"\x84\x00" + data[4:], addr)

    at_once, usual = map(int, ports.split(","))

    async def run() -> None:
        await asyncio.get_running_loop().create_datagram_endpoint(Echo, local_addr=("127.0.0.1", at_once))
        server = Server(
            Constant(),
            "127.0.0.1",
            usual,
            interface=Interfaces.RSGI,
            http=HTTPModes.http1,
            websockets=False,
            log_enabled=False,
        )
        await asyncio.gather(server.serve(), Serving(Constant(), Address("127.0.0.1", at_once)).serve())

    uvloop.run(run())


def _plane(where: str, keys: int) -> None:
    """The plane of look-ups, on lists that are made when they are asked for."""
    import signal

    from qingdun.contract.lists import FeedLine, FeedSnapshot, ListedEntry
    from qingdun.intercept.connections import Address
    from qingdun.intercept.feed import Limits
    from qingdun.intercept.lookups import plane
    from qingdun.intercept.lookups.settings import Settings
    from tests.intercept.memory import MemoryLists, listed

    folder, http, dns = where.split(",")

    def entry(place: int) -> ListedEntry:
        return listed(place + 1, number(place), kind="number")

    class Generated(MemoryLists):
        def snapshot(self) -> FeedSnapshot:
            return FeedSnapshot(0, map(entry, range(keys)))

        def say(self, numbers: range) -> None:
            begin = self.lines[-1].serial if self.lines else 0
            self.lines += [
                FeedLine(begin + place, "listed", 0, entry(n), "", "")
                for place, n in enumerate(numbers, start=1)
            ]

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

    async def run() -> None:
        said, stop, loop = Said(), asyncio.Event(), asyncio.get_running_loop()
        loop.add_signal_handler(signal.SIGTERM, stop.set)

        def hear() -> None:
            for line in sys.stdin:
                _, begin, end = line.split()
                lists.say(range(int(begin), int(end)))
                loop.call_soon_threadsafe(said.event.set)

        threading.Thread(target=hear, daemon=True).start()
        chosen = Settings(
            Path(folder),
            Address("127.0.0.1", int(http)),
            Address("127.0.0.1", int(dns)),
            ZONE,
            ("127.0.0.0/8",),
            10_000_000,
        )
        await plane.run(chosen, 1, Limits(10_000_000, 100), lists, said, stop)

    asyncio.run(run())


if __name__ == "__main__":
    main()

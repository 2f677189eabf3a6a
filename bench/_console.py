"""The console as it is served, kept running as a supervisor of services would, and people who use it."""

# ruff: noqa: E501
from __future__ import annotations

import http.client
import json
import os
import signal
import socket
import statistics
import subprocess
import sys
import threading
import time
from pathlib import Path
from typing import Any

TOKEN = "b" * 32
RESTART_S = 1.0


class Served:
    """`qingdun serve`, started again a second after it ends."""

    def __init__(self) -> None:
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            self.port = min(probe.getsockname()[1], 60_000)
        self.ends: list[float] = []
        self._stopping = False
        self.process: subprocess.Popen[bytes] | None = None
        self._thread = threading.Thread(target=self._keep, daemon=True)
        self._thread.start()
        self.wait()

    def _keep(self) -> None:
        command = [sys.executable, "-m", "qingdun.cli", "serve", "--port", str(self.port)]
        while not self._stopping:
            self.process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
            self.process.wait()
            self.ends.append(time.monotonic())
            time.sleep(RESTART_S)

    def wait(self) -> None:
        """Pages and events answer."""
        until = time.monotonic() + 90
        while True:
            try:
                for port, path in ((self.port, "/health"), (self.port + 1, "/nothing")):
                    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=5)
                    connection.request("GET", path)
                    connection.getresponse().read()
                return
            except OSError as error:
                if time.monotonic() > until:
                    raise SystemExit("the console does not answer") from error
                time.sleep(0.1)

    def settle(self, most_s: float = 180) -> float:
        """What was due when it started is done: its tick process takes less than a third of a core; after how
        many seconds, or after `most_s`.
        """
        began = time.monotonic()
        while time.monotonic() < began + most_s:
            before = self.cpu_s("cli tick")
            time.sleep(2)
            if self.cpu_s("cli tick") - before < 2 / 3:
                break
        return time.monotonic() - began

    def children(self, words: str) -> list[int]:
        """Processes whose command line holds the words, the one `serve` itself has started first."""
        found = []
        for path in Path("/proc").glob("[0-9]*/cmdline"):
            try:
                line = path.read_bytes().replace(b"\0", b" ").decode()
                parent = int((path.parent / "stat").read_text().rsplit(")", 1)[1].split()[1])
            except OSError:
                continue
            if words in line and self.process and parent == self.process.pid:
                found.append(int(path.parent.name))
        return found

    def cpu_s(self, words: str) -> float:
        """Seconds of processor time of those processes and of what they have started."""
        total = 0.0
        for pid in self.children(words):
            for path in Path("/proc").glob("[0-9]*/stat"):
                try:
                    fields = path.read_text().rsplit(")", 1)[1].split()
                except OSError:
                    continue
                if pid in (int(path.parent.name), int(fields[1])):
                    total += (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")
        return total

    def stop(self) -> None:
        """It has ended, and nobody starts it again."""
        self._stopping = True
        if self.process and self.process.poll() is None:
            self.process.send_signal(signal.SIGTERM)
            self.process.wait(30)


class Person:
    """Somebody with a session; asks over one connection."""

    def __init__(self, port: int, session: str) -> None:
        self._port, self._session = port, session
        self._connection: http.client.HTTPConnection | None = None

    def ask(self, path: str, body: Any = None, form: str = "") -> tuple[int, bytes, float]:
        """Status, answer and milliseconds. Errors: OSError or HTTPException if nobody answers."""
        headers = {"Cookie": f"sessionid={self._session}; csrftoken={TOKEN}", "X-CSRFToken": TOKEN}
        if body is not None:
            headers["Content-Type"] = "application/json"
        elif form:
            headers["Content-Type"] = "application/x-www-form-urlencoded"
        data = json.dumps(body).encode() if body is not None else form.encode() if form else None
        if self._connection is None:
            self._connection = http.client.HTTPConnection("127.0.0.1", self._port, timeout=30)
            self._connection.connect()
            self._connection.sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        began = time.perf_counter()
        try:
            self._connection.request("POST" if data else "GET", path, data, headers)
            response = self._connection.getresponse()
            text = response.read()
        except (OSError, http.client.HTTPException):
            self._connection.close()
            self._connection = None
            raise
        return response.status, text, (time.perf_counter() - began) * 1000


def spread(times: list[float]) -> tuple[float, float, float, float]:
    """Median, 95th and 99th percentile, and the longest."""
    if not times:
        return (0.0,) * 4
    ordered = sorted(times)

    def at(share: float) -> float:
        return ordered[min(len(ordered) - 1, int(share * len(ordered)))]

    return statistics.median(ordered), at(0.95), at(0.99), ordered[-1]


def line(name: str, times: list[float], most: float) -> str:
    """A row of a table: the times, the figure asked for, and whether it is kept."""
    p50, p95, p99, longest = spread(times)
    return (
        f"| {name} | {len(times)} | {p50:.0f} | {p95:.0f} | {p99:.0f} | {longest:.0f} | {most:.0f} | "
        f"{'yes' if p95 < most else 'no'} |"
    )


HEAD = "| what | asked | median ms | p95 ms | p99 ms | longest ms | p95 asked for | kept |\n|---|---:|---:|---:|---:|---:|---:|---|"

"""The desk under load: alerts come in, browsers listen, people work; then processes are killed."""

# ruff: noqa: E501
from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

from _desk import ACT_MS, LIST_MS, Desk, say

ROOT = Path(__file__).parent.parent
RATE = 61_000 / 3600
GRACE_S = 5
"""An event that nobody has heard this long after the last alert is lost."""


def load(desk: Desk) -> None:
    """Alerts come in, browsers listen, people work; then each process is killed; then everything at once."""
    from _console import HEAD, line
    from _faults import faults

    folder = Path(os.environ["QINGDUN_VAR"])
    of = {
        role: [u for u in desk.users if u.role == role]
        for role in ("city_analyst", "county_officer", "station_officer")
    }
    many = desk.chosen.browsers
    listening = of["city_analyst"][: many // 50] + of["county_officer"][: many * 8 // 50]
    listening += of["station_officer"][: many - len(listening)]
    sessions, out = folder / "sessions.json", folder / "heard.json"
    sessions.write_text(json.dumps([desk.sessions[u.pk] for u in listening]))
    browsers = subprocess.Popen(
        [sys.executable, ROOT / "bench/_browsers.py", str(desk.served.port + 1), sessions, out]
    )
    began = time.monotonic()
    while not out.with_suffix(".ready").exists() and time.monotonic() - began < 120:
        time.sleep(0.2)
    say(f"{len(listening)} browsers, connected or given up after {time.monotonic() - began:.0f} s.\n")
    count = round(RATE * desk.chosen.seconds)
    feed = Feed(0, count, RATE, desk.counts["kernel_person"], folder / "fed")
    times: dict[str, list[float]] = {}
    lists: list[float] = []
    began, started = time.monotonic(), time.time()
    while time.monotonic() - began < desk.chosen.seconds / 2:
        feed.keep()
        lists.append(desk.turn().ask("/alerts/rows/")[2])
        desk.work(times)
    calm_until = time.time()
    say(
        f"While {RATE:.0f} alerts a second come in and browsers listen, load {os.getloadavg()[0]:.1f}:\n\n{HEAD}"
    )
    say(line("list, default filters, all viewers in turn", lists, LIST_MS))
    for verb, taken in times.items():
        say(line(verb, taken, ACT_MS))
    say(line("all actions", [t for taken in times.values() for t in taken], ACT_MS))
    say("")
    faults(desk, feed)
    while not feed.done():
        feed.keep()
        desk.work(times)
    took = feed.took_s
    say(
        f"\n{count:,} alerts, asked for within {count / RATE:.0f} s, had come in after {took:.0f} s, kills included."
    )
    time.sleep(GRACE_S)
    ended = time.time()
    browsers.send_signal(signal.SIGTERM)
    browsers.wait(60)
    heard = json.loads(out.read_text())
    from _checks import lost_events, nothing_lost

    lost_events(listening, heard, started, calm_until, ended)
    if desk.chosen.burst:
        burst(desk, count, folder)
    # Whoever appends while the chain is read makes it look cut off.
    desk.served.stop()
    nothing_lost(desk, count + desk.chosen.burst)


def burst(desk: Desk, first: int, folder: Path) -> None:
    """As many as come in an hour, as quick as they go, while people work."""
    from _console import HEAD, line

    feed = Feed(first, desk.chosen.burst, 0, desk.counts["kernel_person"], folder / "burst")
    times: dict[str, list[float]] = {}
    lists: list[float] = []
    while not feed.done():
        feed.keep()
        lists.append(desk.who(desk.city).ask("/alerts/rows/")[2])
        desk.work(times)
    say(
        f"\n{desk.chosen.burst:,} alerts at once were taken in {feed.took_s:.0f} s, "
        f"{desk.chosen.burst / feed.took_s:.0f} a second; 61,000 would take {61_000 / desk.chosen.burst * feed.took_s / 60:.0f} min. "
        f"Meanwhile, load {os.getloadavg()[0]:.1f}:\n\n{HEAD}"
    )
    say(line("list, default filters, city", lists, LIST_MS))
    say(line("all actions", [t for taken in times.values() for t in taken], ACT_MS))


class Feed:
    """The process that hands alerts in, started again when it ends before its time."""

    def __init__(self, first: int, count: int, rate: float, persons: int, file: Path) -> None:
        self._command = [
            sys.executable,
            str(ROOT / "bench/_feed.py"),
            str(first),
            str(count),
            str(rate),
            str(persons),
            str(file),
        ]
        self._began, self.starts, self.took_s = time.monotonic(), 0, 0.0
        self.process = self._start()

    def _start(self) -> subprocess.Popen[bytes]:
        self.starts += 1
        return subprocess.Popen(self._command, stderr=subprocess.DEVNULL)

    def keep(self) -> None:
        """It runs, or is done."""
        code = self.process.poll()
        if code:
            self.process = self._start()
        elif code == 0 and not self.took_s:
            self.took_s = time.monotonic() - self._began

    def done(self) -> bool:
        """Whether every alert was acknowledged."""
        self.keep()
        return bool(self.took_s)

"""The gang graph at 5,000 nodes: until it is drawn, and what each act takes; beside a page that draws as much.

Asked: drawn within 2 s of the navigation, acts within 100 ms at the 95th percentile. Needs Chromium. Times are
those of a user: from the navigation, or from the event, until the frame that shows it has been handed over.
"""

# ruff: noqa: E501
from __future__ import annotations

import os
import shutil
import socket
import statistics
import subprocess
import sys
import tempfile
import threading
import time
import urllib.request
from collections.abc import Callable
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parent.parent
sys.path.insert(0, str(ROOT))
sys.path.insert(0, str(Path(__file__).parent))
FIRST_ROUNDS, ACT_ROUNDS = 9, 20
FIRST_MS, ACT_MS = 2000, 100
WATCH = """() => {
  window.took = [];
  const seen = (event) => {
    const began = event.timeStamp;
    requestAnimationFrame(() => { const channel = new MessageChannel(); channel.port1.onmessage = () => window.took.push(performance.now() - began); channel.port2.postMessage(0); });
  };
  for (const kind of ["pointermove", "wheel", "click", "input", "change", "keydown"]) addEventListener(kind, seen, true);
  new PerformanceObserver((list) => { for (const one of list.getEntries()) window.took.push(one.duration); }).observe({ type: "event", durationThreshold: 16 });
}"""
"""From the event to the frame after it; and what the browser itself says it took, in steps of 8 ms, if longer."""
DRAWN = """() => new Promise((told) => {
  const look = () => performance.getEntriesByName("graph-drawn").length
    ? requestAnimationFrame(() => requestAnimationFrame(() => told(performance.now()))) : requestAnimationFrame(look);
  look();
})"""


def main() -> None:
    with tempfile.TemporaryDirectory() as folder:
        os.environ |= {"QINGDUN_VAR": folder, "QINGDUN_DEMO": "1"}
        session = _city()
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            port = probe.getsockname()[1]
        command = [
            *(
                sys.executable,
                "-m",
                "granian",
                "--interface",
                "wsgi",
                "--host",
                "127.0.0.1",
                "--workers",
                "1",
            ),
            *("--log-level", "error", "--port", str(port), "qingdun.console.wsgi:application"),
        ]
        served = subprocess.Popen(command, cwd=ROOT)
        try:
            _measure(f"http://127.0.0.1:{port}", session, Path(folder))
        finally:
            served.terminate()
            served.wait(15)


def _city() -> str:
    """The city stands; a session of its analyst."""
    from qingdun.console import serving

    serving.setup()
    from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY
    from django.contrib.sessions.backends.db import SessionStore
    from django.core.management import call_command

    call_command("migrate", interactive=False, verbosity=0)
    import _gangs

    from qingdun.console.kernel.middleware import SEEN_AT
    from qingdun.console.kernel.models import User
    from tests.console.alerts import world

    world.build_world()
    analyst = User.objects.get(username="city")
    _gangs.load(analyst)
    session = SessionStore()
    session[SESSION_KEY] = str(analyst.pk)
    session[BACKEND_SESSION_KEY] = "qingdun.console.kernel.accounts.ConsoleBackend"
    session[HASH_SESSION_KEY] = analyst.get_session_auth_hash()
    session[SEEN_AT] = int(time.time())
    session.save()
    return str(session.session_key)


def _measure(address: str, session: str, folder: Path) -> None:
    from playwright.sync_api import sync_playwright

    _wait_for(f"{address}/health")
    chromium = shutil.which("chromium") or shutil.which("chromium-browser") or "/usr/bin/chromium"
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium, args=["--no-sandbox", "--disable-gpu"])
        context = browser.new_context(viewport={"width": 1440, "height": 900}, timezone_id="Asia/Shanghai")
        context.add_cookies([{"name": "sessionid", "value": session, "url": address}])
        page = context.new_page()
        page.set_default_timeout(60_000)
        answer = page.request.get(f"{address}/cases/graph/data/")
        data = answer.json()
        print(
            f"{len(data['id']):,} nodes, {len(data['from']):,} ties, {len(answer.body()) / 1e6:.1f} MB; "
            f"Chromium {browser.version} without a graphics card, 1440 × 900, SQLite, one process of pages.\n"
        )
        bare = _bare(folder, answer.body())
        ours, plain = [], []
        for _ in range(FIRST_ROUNDS):  # in turn, so that what else the machine does falls on both
            page.goto(f"{address}/cases/graph/", wait_until="commit")
            ours.append(page.evaluate(DRAWN))
            page.goto(bare, wait_until="commit")
            plain.append(page.evaluate(DRAWN))
        print(
            "| until drawn | rounds | median ms | least | longest | asked for | kept |\n|---|---:|---:|---:|---:|---:|---|"
        )
        _first(
            "the gang graph, from the navigation",
            ours,
            f"{FIRST_MS} | {'yes' if statistics.median(ours) < FIRST_MS else 'no'}",
        )
        _first("5,000 circles and 10,000 lines on a bare page, its data from a file", plain, "|")
        print(f"\nRatio of the medians: {statistics.median(ours) / statistics.median(plain):.1f}.\n")
        page.goto(f"{address}/cases/graph/")
        page.evaluate(DRAWN)
        _acts(page)
        browser.close()


def _first(name: str, times: list[float], kept: str) -> None:
    print(
        f"| {name} | {len(times)} | {statistics.median(times):.0f} | {min(times):.0f} | {max(times):.0f} | {kept} |"
    )


def _acts(page: Any) -> None:
    """Every act, many times over; a row for each and one for all."""
    from _console import HEAD, line

    print(HEAD)
    page.evaluate(WATCH)
    everything: list[float] = []
    for name, act in _what(page).items():
        times: list[float] = []
        for round_ in range(ACT_ROUNDS):
            page.evaluate("window.took.length = 0")
            act(round_)
            # Until what was done has been drawn, also what is drawn a moment later, and the browser has told.
            page.evaluate(
                "() => new Promise((told) => setTimeout(() => requestAnimationFrame(() => setTimeout(told)), 150))"
            )
            times += page.evaluate("window.took")
        everything += times
        print(line(name, times, ACT_MS))
    print(line("all", everything, ACT_MS))


def _what(page: Any) -> dict[str, Callable[[int], None]]:
    box = page.locator("#graph").bounding_box()
    middle = (box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)

    def drag(round_: int) -> None:
        page.mouse.move(box["x"] + 8, box["y"] + 8)
        page.mouse.down()
        for step in range(1, 7):
            page.mouse.move(box["x"] + 8 + (step if round_ % 2 else -step) * 12 + 80, box["y"] + 8 + step * 4)
        page.mouse.up()

    def wheel(round_: int) -> None:
        page.mouse.move(*middle)
        for _ in range(4):
            page.mouse.wheel(0, 90 if round_ % 2 else -90)

    def find(round_: int) -> None:
        page.locator("#g-find").fill(f"{round_ % 10}")

    def choose(round_: int) -> None:
        page.locator("#g-rows button").nth(round_).click()

    def press(name: str, _round: int) -> None:
        page.locator(name).click()

    def kind(round_: int) -> None:
        page.locator("#g-form [name=kind]").nth((round_ // 2) % 5).click()

    def slide(round_: int) -> None:
        page.locator("#g-until").press("PageDown" if round_ < 9 else "PageUp")

    def way(round_: int) -> None:
        page.locator("#g-rows button").nth(round_).click()
        page.locator("#g-from").click()
        page.locator("#g-rows button").nth(49 - round_).click()
        page.locator("#g-to").click()

    def focus(round_: int) -> None:
        page.locator("#g-focus" if round_ % 2 == 0 else "#g-fit").click()

    return {
        "move the view": drag, "nearer and farther": wheel, "find": find, "choose": choose,
        "show and hide a kind": kind, "from day to day": slide, "the way between two": way,
        "only around it, and everything": focus, "expand": partial(press, "#g-expand"),
        "pin and unpin": partial(press, "#g-pin"),
    }  # fmt: skip


def _bare(folder: Path, data: bytes) -> str:
    """The address of the bare page, with the same data in a file."""
    pages = folder / "bare"
    pages.mkdir()
    (pages / "graph.json").write_bytes(data)
    script = (Path(__file__).parent / "peers" / "bare.mjs").read_text("utf-8")
    (pages / "bare.js").write_text(script, "utf-8")
    (pages / "index.html").write_text(
        '<!doctype html><meta charset="utf-8"><style>html,body{margin:0;height:100%}</style><body><script type="module" src="bare.js"></script>'
    )

    class Quiet(SimpleHTTPRequestHandler):
        def log_message(self, *_args: Any) -> None:
            """Nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), partial(Quiet, directory=str(pages)))
    threading.Thread(target=server.serve_forever, daemon=True).start()
    return f"http://127.0.0.1:{server.server_address[1]}/"


def _wait_for(address: str) -> None:
    until = time.monotonic() + 60
    while True:
        try:
            urllib.request.urlopen(address, timeout=2).close()
            return
        except OSError:
            if time.monotonic() > until:
                raise
            time.sleep(0.1)


if __name__ == "__main__":
    main()

"""`qingdun serve` with its processes killed: each is started again, every browser is told what it missed, and
what does not stay is given up.
"""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import sys
import threading
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import psycopg
import pytest

from qingdun.console.keeping import ASK_S, FILE, PAUSES_S, Kept, Needed
from qingdun.errors import ConfigurationError
from tests.console.test_serving import LOGGED_IN, PATIENCE_S, free_port
from tests.laid import cluster, of_template
from tests.postgres import server, stoppable

TELL = """
import sys
from qingdun.console import serving
serving.setup()
from django.db import transaction
from qingdun.console.kernel.events import publish
from qingdun.console.kernel.models import Region
city = Region.objects.get(level="city").path
for number in range(int(sys.argv[1]), int(sys.argv[2])):
    with transaction.atomic():
        publish("feed", city, {"n": number})
"""


class Browser:
    """Listens as browsers do: comes back by itself, with the last id it was told."""

    def __init__(self, port: int, key: str, last: str = "") -> None:
        self.address, self.key = f"http://127.0.0.1:{port}/events", key
        self.last, self.heard, self.resets = last, list[int](), 0
        self.ended, self.begun = threading.Event(), threading.Event()
        self._thread = threading.Thread(target=self._listen, daemon=True)
        self._thread.start()

    def _listen(self) -> None:
        while not self.ended.is_set():
            headers = {"Cookie": f"sessionid={self.key}"} | (
                {"Last-Event-ID": self.last} if self.last else {}
            )
            try:
                request = urllib.request.Request(self.address, headers=headers)
                with urllib.request.urlopen(request, timeout=20) as stream:
                    self._read(stream)
            except (OSError, urllib.error.URLError):
                self.ended.wait(0.2)

    def _read(self, stream: Iterator[bytes]) -> None:
        said: dict[str, str] = {}
        for raw in stream:
            if line := raw.decode().strip("\n"):
                name, _, value = line.partition(": ")
                said[name] = value
                continue
            # Only the blank line makes it an event: what is cut off before was not heard.
            if self.ended.is_set():
                return
            self.last = said.get("id", self.last)
            self.begun.set()
            if said.get("event") == "reset":
                self.resets += 1
            elif "data" in said and "event" not in said:
                self.heard.append(json.loads(said["data"])["payload"]["n"])
            said = {}

    def has_heard(self, count: int) -> bool:
        """Whether everything came, in order, once, and nothing else."""
        wait_until(lambda: len(self.heard) >= count)
        return self.heard == list(range(count)) and not self.resets

    def leave(self) -> None:
        """It listens no more."""
        self.ended.set()


def tell(environment: dict[str, str], first: int, end: int) -> None:
    """Events with these numbers are committed."""
    subprocess.run([sys.executable, "-c", TELL, str(first), str(end)], env=environment, check=True)


def wait_until(done: Callable[[], bool]) -> None:
    deadline = time.monotonic() + PATIENCE_S
    while not done() and time.monotonic() < deadline:
        time.sleep(0.05)


@contextmanager
def served(folder: Path, **more: str) -> Iterator[tuple[int, dict[str, str], str]]:
    """The port of a running console, the environment it runs in and the key of somebody's session."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("QINGDUN_", "DJANGO_"))}
    environment = kept | {"QINGDUN_VAR": str(folder), "QINGDUN_DEMO": "1"} | more
    made = subprocess.run([sys.executable, "-c", LOGGED_IN], env=environment, check=True, capture_output=True)
    port = free_port()
    command = [sys.executable, "-m", "qingdun.cli", "serve", "--port", str(port)]
    with (folder / "words").open("wb") as words:
        console = subprocess.Popen(command, env=environment, stdout=subprocess.DEVNULL, stderr=words)
    try:
        wait_until(lambda: answers(port) and len(processes(folder)) >= 3)
        yield port, environment, made.stdout.decode().strip()
    finally:
        console.send_signal(signal.SIGTERM)
        assert console.wait(30) == 0


def answers(port: int) -> bool:
    try:
        return bool(urllib.request.urlopen(f"http://127.0.0.1:{port}/health", timeout=5).status == 200)
    except OSError:
        return False


def processes(folder: Path) -> dict[str, int | None]:
    """By name, the processes as `serve` tells them."""
    try:
        return {name: state["pid"] for name, state in json.loads((folder / FILE).read_text()).items()}
    except (OSError, ValueError):
        return {}


def kill(folder: Path, name: str) -> None:
    """That process is killed outright, and another has taken its place."""
    old = processes(folder)[name]
    assert old is not None
    os.kill(old, signal.SIGKILL)
    wait_until(lambda: processes(folder).get(name) not in (None, old))


def test_every_browser_is_told_everything_though_each_process_is_killed(tmp_path: Path, tables: Path) -> None:
    shutil.copytree(tables, tmp_path, dirs_exist_ok=True)
    with served(tmp_path) as (port, environment, key):
        browsers = [Browser(port + 1, key) for _ in range(5)]
        assert all(browser.begun.wait(PATIENCE_S) for browser in browsers)
        count = 0
        for name in ("event stream", "pages", "qingdun tick", "event stream"):
            for moment in (lambda: None, lambda: kill(tmp_path, name)):  # noqa: B023
                moment()
                tell(environment, count, count + 3)
                count += 3
        assert all(browser.has_heard(count) for browser in browsers)
        wait_until(lambda: answers(port))
        assert answers(port)
        for browser in browsers:
            browser.leave()
        words = (tmp_path / "words").read_text()
    assert words.count("ended with -9; it is started again in") == 4
    assert not (tmp_path / FILE).exists()


def test_every_browser_is_told_everything_though_the_database_falls(tmp_path: Path) -> None:
    """PostgreSQL ends every connection when one of its processes is killed, and recovers by itself.

    What is committed outlives that, as in use: only a server that commits later than it says would lose it.
    """
    with (
        server("-F", cluster()) as address,
        served(tmp_path, QINGDUN_DATABASE=of_template(address)) as (port, environment, key),
    ):
        browsers = [Browser(port + 1, key) for _ in range(5)]
        assert all(browser.begun.wait(PATIENCE_S) for browser in browsers)
        tell(environment, 0, 3)
        fell(address)
        tell(environment, 3, 6)
        assert all(browser.has_heard(6) for browser in browsers)
        for browser in browsers:
            browser.leave()
        tell(environment, 6, 8)
        # Nobody listens now, so nobody in the event process has noticed this when the next one comes.
        fell(address)
        late = Browser(port + 1, key, browsers[0].last)
        wait_until(lambda: len(late.heard) == 2)
        tell(environment, 8, 9)
        wait_until(lambda: len(late.heard) == 3)
        assert (late.heard, late.resets) == ([6, 7, 8], 0)
        assert answers(port)
        late.leave()


def fell(address: str) -> None:
    """A process of the server was killed outright, and the server answers again."""
    with closing(psycopg.connect(address)) as database:
        row = database.execute("SELECT pg_backend_pid(), pg_postmaster_start_time()").fetchone()
        assert row is not None
        os.kill(row[0], signal.SIGKILL)

    def back() -> bool:
        try:
            psycopg.connect(address).close()
        except psycopg.OperationalError:
            return False
        return True

    wait_until(back)


def test_what_does_not_stay_is_started_later_each_time_and_then_given_up() -> None:
    """Times are handed in: nobody waits."""
    child, now = Kept("the one that falls", [sys.executable, "-c", "raise SystemExit(7)"]), 100.0
    for pause in PAUSES_S:
        child.look(now)
        assert child.process is not None
        child.process.wait()
        assert child.look(now) == f"the one that falls: ended with 7; it is started again in {pause:g} s"
        assert child.state()["pid"] is None
        assert child.look(now + pause * 0.9) == ""
        assert child.state()["pid"] is None
        now += pause
    child.look(now)
    child.process.wait()
    with pytest.raises(
        ConfigurationError, match="ended 6 times within 5 minutes, at last with 7; it is given"
    ):
        child.look(now)


def test_who_falls_seldom_is_never_given_up() -> None:
    child, now = Kept("seldom", [sys.executable, "-c", "raise SystemExit(7)"]), 100.0
    for _ in range(3 * len(PAUSES_S)):
        child.look(now)
        assert child.process is not None
        child.process.wait()
        assert f"again in {PAUSES_S[0]:g} s" in child.look(now)
        now += 1000.0


def test_while_the_database_is_away_nothing_is_started_and_no_end_is_a_fall() -> None:
    """Times are handed in: nobody waits. It is away for ten minutes, far beyond six falls in five."""
    away = ["connection refused"]
    needed = Needed(lambda: away[0])
    child, now = Kept("the one that falls", [sys.executable, "-c", "raise SystemExit(3)"]), 100.0
    away[0] = ""
    child.look(now, needed)
    assert child.process is not None
    child.process.wait()
    away[0] = "connection refused"
    now += 1.5
    assert child.look(now, needed) == (
        "the one that falls: ended with 3 without the database; it is started again with it"
    )
    said = []
    while now < 700:
        assert child.look(now, needed) == ""
        said += [words for words in (needed.words(now),) if words]
        now += 0.5
    assert child.falls == []
    assert len(said) == 10
    assert said[0] == "the database does not answer, waited for 0 s so far: connection refused"
    assert said[-1].startswith("the database does not answer, waited for 540 s")
    away[0] = ""
    now += ASK_S[1]
    child.look(now, needed)
    assert child.state()["pid"] is not None
    assert child.process is not None
    child.process.wait()
    assert needed.words(now).startswith("the database answers again after 6")
    assert needed.words(now) == ""


def test_a_database_that_was_stopped_is_waited_for_and_everything_goes_on(tmp_path: Path) -> None:
    """Longer than all pauses between falls together, so that a fall for each would have ended it all."""
    with (
        stoppable("-F", cluster()) as database,
        served(tmp_path, QINGDUN_DATABASE=of_template(database.address)) as (port, environment, key),
    ):
        browser = Browser(port + 1, key)
        assert browser.begun.wait(PATIENCE_S)
        tell(environment, 0, 2)
        assert browser.has_heard(2)
        database.stop()
        stopped = time.monotonic()
        old = processes(tmp_path)["qingdun tick"]
        assert old is not None
        os.kill(old, signal.SIGKILL)
        wait_until(lambda: "the database does not answer" in (tmp_path / "words").read_text())
        wait_until(lambda: time.monotonic() > stopped + sum(PAUSES_S) + 5)
        assert not answers(port)
        assert processes(tmp_path)["qingdun tick"] is None
        database.start()
        wait_until(lambda: answers(port) and processes(tmp_path).get("qingdun tick") is not None)
        tell(environment, 2, 4)
        assert browser.has_heard(4)
        browser.leave()
        words = (tmp_path / "words").read_text()
    assert "ended with -9 without the database; it is started again with it" in words
    assert "the database answers again after" in words
    assert "given up" not in words


def test_work_that_is_done_is_left_alone() -> None:
    child = Kept("a feed", [sys.executable, "-c", ""], may_end=True)
    child.look(0.0)
    assert child.process is not None
    child.process.wait()
    assert child.look(1.0) == ""
    assert child.state()["done"]
    other = Kept("tick", [sys.executable, "-c", ""])
    other.look(0.0)
    assert other.process is not None
    other.process.wait()
    assert "ended with 0" in other.look(1.0)

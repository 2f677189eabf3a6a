"""`qingdun serve` as it runs: pages, event stream and the process that does what is due, ended together."""

from __future__ import annotations

import contextlib
import os
import pty
import shutil
import signal
import socket
import sqlite3
import subprocess
import sys
import time
import urllib.request
from contextlib import closing
from pathlib import Path

import pytest

PATIENCE_S = 90.0
OLD = """
import datetime as dt
from qingdun.console import serving
serving.setup()
serving.prepare()
from django.utils import timezone
from qingdun.console.alerts.models import RejectedRow
RejectedRow.objects.create(source="/flows", flow="calls", row=1, reason="x", received_at=timezone.now() - dt.timedelta(days=31))
RejectedRow.objects.create(source="/flows", flow="calls", row=2, reason="x", received_at=timezone.now())
"""  # noqa: E501


def free_port() -> int:
    """A port with a free one after it."""
    while True:
        with socket.socket() as one, socket.socket() as other:
            one.bind(("127.0.0.1", 0))
            port = one.getsockname()[1]
            try:
                other.bind(("127.0.0.1", port + 1))
            except OSError:
                continue
            return int(port)


def test_serving_shows_pages_purges_by_itself_and_ends_whole(tmp_path: Path, tables: Path) -> None:
    shutil.copytree(tables, tmp_path, dirs_exist_ok=True)
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("QINGDUN_", "DJANGO_"))}
    environment = kept | {"QINGDUN_VAR": str(tmp_path), "QINGDUN_SECRET_KEY": "only-for-tests-" * 4}
    subprocess.run([sys.executable, "-c", OLD], env=environment, check=True)
    port = free_port()
    command = [sys.executable, "-m", "qingdun.cli", "serve", "--port", str(port)]
    console = subprocess.Popen(command, env=environment, stdout=subprocess.DEVNULL)
    try:
        deadline = time.monotonic() + PATIENCE_S
        rows, page = [1, 2], 0
        while (rows != [2] or page != 200) and time.monotonic() < deadline and console.poll() is None:
            with closing(sqlite3.connect(tmp_path / "qingdun.sqlite3")) as database:
                rows = [row for (row,) in database.execute("SELECT row FROM alerts_rejectedrow")]
            try:
                page = urllib.request.urlopen(f"http://127.0.0.1:{port}/accounts/login/", timeout=5).status
            except OSError:
                time.sleep(0.1)
        assert (rows, page) == ([2], 200)
        children = Path(f"/proc/{console.pid}/task/{console.pid}/children").read_text().split()
        assert len(children) == 3
    finally:
        console.send_signal(signal.SIGTERM)
        ended = console.wait(30)
    assert ended == 0
    assert not [pid for pid in children if Path(f"/proc/{pid}").exists()]


LOGGED_IN = """
from qingdun.console import serving
serving.setup()
serving.prepare()
from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY
from django.contrib.sessions.backends.db import SessionStore
from qingdun.console.kernel.middleware import SEEN_AT
from qingdun.console.kernel.models import Region, User
import time
city = Region.objects.get(level="city")
user = User.objects.create(username="watching", role="viewer", region=city)
session = SessionStore()
session[SESSION_KEY] = str(user.pk)
session[BACKEND_SESSION_KEY] = "qingdun.console.kernel.accounts.ConsoleBackend"
session[HASH_SESSION_KEY] = user.get_session_auth_hash()
session[SEEN_AT] = int(time.time())
session.create()
print(session.session_key)
"""


def family(pid: int) -> set[int]:
    """The process and all below it."""
    found, waiting = set[int](), [pid]
    while waiting:
        one = waiting.pop()
        found.add(one)
        with contextlib.suppress(OSError):
            waiting += map(int, Path(f"/proc/{one}/task/{one}/children").read_text().split())
    return found


def alive(pid: int) -> bool:
    """Whether the process runs; one that has ended and was not fetched does not."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except OSError:
        return False


def listening(port: int, key: str) -> socket.socket:
    """A browser's open event stream, which has received its beginning."""
    deadline = time.monotonic() + PATIENCE_S
    while True:
        try:
            stream = socket.create_connection(("127.0.0.1", port + 1), timeout=PATIENCE_S)
            break
        except OSError:
            assert time.monotonic() < deadline
            time.sleep(0.1)
    words = f"GET /events HTTP/1.1\r\nHost: 127.0.0.1\r\nCookie: sessionid={key}\r\n\r\n"
    stream.sendall(words.encode())
    received = b""
    while b"event: hello" not in received:
        part = stream.recv(4096)
        assert part, received
        received += part
    assert b" 200 " in received
    return stream


@pytest.mark.parametrize("whole_group", [True, False], ids=["terminal", "parent alone"])
def test_ctrl_c_ends_everything_though_a_page_is_open(
    tmp_path: Path, tables: Path, whole_group: bool
) -> None:
    shutil.copytree(tables, tmp_path, dirs_exist_ok=True)
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("QINGDUN_", "DJANGO_"))}
    environment = kept | {
        "QINGDUN_VAR": str(tmp_path),
        "QINGDUN_SECRET_KEY": "only-for-tests-" * 4,
        "QINGDUN_DEMO": "1",
    }
    made = subprocess.run([sys.executable, "-c", LOGGED_IN], env=environment, check=True, capture_output=True)
    port = free_port()
    command = [sys.executable, "-m", "qingdun.cli", "serve", "--port", str(port)]
    screen, terminal = pty.openpty()
    console = subprocess.Popen(
        command, env=environment, stdin=terminal, stdout=terminal, stderr=terminal,
        preexec_fn=lambda: os.login_tty(terminal),
    )  # fmt: skip
    os.close(terminal)
    try:
        with listening(port, made.stdout.decode().strip()):
            started = family(console.pid)
            assert len(started) >= 6
            if whole_group:
                os.write(screen, b"\x03")
            else:
                console.send_signal(signal.SIGINT)
            ended = console.wait(PATIENCE_S)
            left = {pid for pid in started if alive(pid)}
    finally:
        for pid in {pid for pid in family(console.pid) if alive(pid)}:
            os.kill(pid, signal.SIGKILL)
    said = b""
    with contextlib.suppress(OSError):
        while part := os.read(screen, 4096):
            said += part
    os.close(screen)
    assert (ended, left) == (0, set())
    assert said.decode().count("stopped") == 1
    assert "interrupted" not in said.decode()


def test_a_taken_port_is_named_before_anything_is_said(tmp_path: Path) -> None:
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("QINGDUN_", "DJANGO_"))}
    environment = kept | {"QINGDUN_VAR": str(tmp_path), "QINGDUN_SECRET_KEY": "only-for-tests-" * 4}
    port = free_port()
    with socket.socket() as other:
        other.bind(("127.0.0.1", port + 1))
        other.listen()
        command = [sys.executable, "-m", "qingdun.cli", "serve", "--port", str(port)]
        done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout) == (3, "")
    assert f"{port + 1}, for the event stream" in done.stderr
    assert not list(tmp_path.iterdir())

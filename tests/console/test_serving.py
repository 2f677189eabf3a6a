"""`qingdun serve` as it runs: pages, event stream and the process that does what is due, ended together."""

from __future__ import annotations

import os
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


@pytest.mark.xdist_group("browser")
def test_serving_shows_pages_purges_by_itself_and_ends_whole(tmp_path: Path) -> None:
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

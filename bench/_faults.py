"""Each process is killed in turn while alerts come in and people work."""

# ruff: noqa: E501
from __future__ import annotations

import os
import signal
import time
from typing import Any


def faults(desk: Any, feed: Any) -> None:
    """One row for each process: what was killed, until when nobody answered, whether all of it began anew."""
    from _desk import ask, say

    say(
        "| killed with -9 | `serve` went down | pages and events answer again after s | acts answered meanwhile |\n|---|---|---:|---:|"
    )
    for name, words in (
        ("pages", "wsgi:application"),
        ("events", "push:application"),
        ("tick", "qingdun.cli tick"),
        ("the process that hands alerts in", ""),
        ("a PostgreSQL backend", "postgres"),
    ):
        ends, began, acts = len(desk.served.ends), time.monotonic(), len(desk.acted)
        if words == "postgres":
            found = ask(
                "SELECT pid FROM pg_stat_activity WHERE backend_type = 'client backend' AND pid <> pg_backend_pid() "
                "AND datname IS NOT NULL ORDER BY query_start DESC LIMIT 1"
            )
            os.kill(found[0][0], signal.SIGKILL)
        elif words:
            for pid in desk.served.children(words):
                os.kill(pid, signal.SIGKILL)
        else:
            feed.process.kill()
        time.sleep(0.5)
        desk.served.wait()
        back = time.monotonic() - began
        while time.monotonic() - began < 12:
            feed.keep()
            desk.work({})
        back = max(back, 0.0)
        down = len(desk.served.ends) > ends
        say(f"| {name} | {'yes' if down else 'no'} | {back:.1f} | {len(desk.acted) - acts} |")

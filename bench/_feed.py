"""Hands made-up alerts to the console as the engine does, through `ConsoleSink`: `_feed.py FIRST COUNT RATE
PERSONS FILE`. After each commit the file says how far it came; started anew, the last batch is told again.
"""

# ruff: noqa: E501
from __future__ import annotations

import os
import sys
import time
from pathlib import Path

from qingdun.console import serving

BATCH_S = 0.5
AT_ONCE = 50


def main(first: int, count: int, rate: float, persons: int, file: Path) -> None:
    serving.setup()
    from qingdun.console.alerts.sink import ConsoleSink

    sink, began = ConsoleSink(source="bench"), time.monotonic()
    size = max(1, round(rate * BATCH_S)) if rate else AT_ONCE
    acknowledged = int(file.read_text().split()[-1]) if file.exists() and file.read_text() else first
    start = done = max(first, acknowledged - size)
    kept = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_APPEND)
    while done < first + count:
        if rate:
            time.sleep(max(0.0, began + (done - start) / rate - time.monotonic()))
        rows = [alert(k, persons) for k in range(done, min(done + size, first + count))]
        sink.alerts(rows, {row.alert_id: around(row) for row in rows})
        done += len(rows)
        os.write(kept, f"{done}\n".encode())


def alert(k: int, persons: int):  # type: ignore[no-untyped-def]
    """Of ten alerts one is a rise of an earlier one's level, one a new episode of a person who has a task."""
    from qingdun.contract.tables import Alert, Evidence

    same = {7: k - 7, 8: k - 8}.get(k % 10, k)
    person = 1 + (same * 104_729) % persons
    level = "urgent" if k % 10 == 7 else ("medium", "high", "low", "medium", "urgent")[same % 5]
    now = time.time_ns() // 1000
    evidence = tuple(
        Evidence(
            code, now - 60_000_000, "number", f"+8613{k % 10**9:09d}", bits, "呼叫了许多陌生人", "Many calls"
        )
        for code, bits in (("call.fanout", 6.5), ("message.script", 4.25))
    )
    return Alert(
        f"n{k}", f"ne{k if k % 10 == 8 else same}", f"p{person}", f"+86138{person % 10**8:08d}", "police", level,
        "control", 0.9, now, evidence,
    )  # fmt: skip


def around(row):  # type: ignore[no-untyped-def]
    """Three events of the person's last day."""
    from qingdun.detect.evidence import ContextEvent

    return [
        ContextEvent(
            row.raised_at - n * 10**8,
            "calls",
            "answered",
            f"+861390000000{n}",
            f"来电{n}",
            f"Call {n}",
            True,
            60,
        )
        for n in range(3)
    ]


if __name__ == "__main__":
    main(int(sys.argv[1]), int(sys.argv[2]), float(sys.argv[3]), int(sys.argv[4]), Path(sys.argv[5]))

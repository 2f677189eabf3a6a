"""What the tick process calls once a second: files are taken in."""

from __future__ import annotations

import datetime as dt

from qingdun.console.cases.imports import take_rows


def tick(now: dt.datetime) -> int:
    """What is due at `now` is done; how much it was."""
    return take_rows(now)

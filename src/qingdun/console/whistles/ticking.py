"""What the tick process calls once a second."""

from __future__ import annotations

import datetime as dt

from qingdun.console.whistles.listing import take_rows


def tick(now: dt.datetime) -> int:
    """Rows of lists that wait have been taken in, some hundred at a time; how many."""
    return take_rows(now)

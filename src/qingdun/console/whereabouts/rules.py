"""While a task is in which state whereabouts may be looked at, for how long, and how much is shown."""

from __future__ import annotations

import datetime as dt

from qingdun.console import environment
from qingdun.console.alerts.states import State

OPEN_IN = (
    State.STATION, State.SIGNED, State.CALLING, State.REACHED, State.UNREACHABLE, State.REFUSED,
    State.SEARCHING, State.ESCALATED,
)  # fmt: skip
"""From the order to the station until the person is met; after that nobody needs to look for them."""
MOST_BRANCHES = 5
LEAST_BRANCHES = 2
NEAR_KM = 5.0
"""Branches further away are shown only where there are fewer than `LEAST_BRANCHES` nearer."""


def look_lasts() -> dt.timedelta:
    """How long one stated purpose opens the panel."""
    return dt.timedelta(minutes=max(1, environment.number("QINGDUN_WHEREABOUTS_MINUTES")))

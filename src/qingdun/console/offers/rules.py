"""How many are asked at once, how long an offer stands, how old the place of a visit may be."""

from __future__ import annotations

import datetime as dt

from qingdun.console import environment


def at_once() -> int:
    """How many officers are asked at the same time."""
    return max(1, environment.number("QINGDUN_OFFER_AT_ONCE"))


def stands() -> dt.timedelta:
    """How long an offer waits for an answer before the next nearest are asked."""
    return dt.timedelta(seconds=max(5, environment.number("QINGDUN_OFFER_SECONDS")))


def fresh() -> dt.timedelta:
    """How long an officer is held to be near the place of their last visit."""
    return dt.timedelta(minutes=max(1, environment.number("QINGDUN_OFFER_FRESH_MINUTES")))

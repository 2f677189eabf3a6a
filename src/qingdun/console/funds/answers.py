"""What a bank says of an order, whatever the file it says it in."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

from qingdun.console.funds.models import StopPayment

PREFIX = "QD-STOP-"
MOST_ROWS = 20_000
"""Answers of one file."""


@dataclass(frozen=True, slots=True)
class Answer:
    """What a bank says of one order: the four things that must match, what it did, and why not."""

    row: int
    order: str
    name: str
    account: str
    fen: int | None
    at: dt.datetime | dt.date | None
    """A message of ISO 20022 tells the day alone."""
    result: str
    """`held`, `refused`, `pending`; empty if it says none of them."""
    told: str
    """The word or code it says it with."""
    reason: str


def reference(stop: StopPayment) -> str:
    """What the order is called in files."""
    return f"{PREFIX}{stop.pk:08}"

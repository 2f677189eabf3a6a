"""What the console and the plane of calls tell each other of live calls. Moments are UTC microseconds."""

from __future__ import annotations

from typing import NamedTuple


class UrgentCall(NamedTuple):
    """An urgent alert on somebody who is talking to a scammer now."""

    alert_id: str
    at: int
    """When it came."""
    protected: str
    """The number of the person who is being scammed."""
    numbers: tuple[str, ...]
    """The numbers that the evidence names."""


class Announced(NamedTuple):
    """What came of an urgent alert for one of its numbers."""

    alert_id: str
    number: str
    outcome: str
    """`done`, `not_live`, `failed`, `lapsed` or `off`."""
    done_at: int

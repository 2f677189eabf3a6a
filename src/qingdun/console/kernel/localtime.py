"""Days and moments as they are in the city."""

from __future__ import annotations

import datetime as dt

from django.utils import timezone


def midnight(day: dt.date) -> dt.datetime:
    """The moment at which the day begins."""
    return timezone.make_aware(dt.datetime.combine(day, dt.time()))


def written(at: dt.datetime | None) -> str:
    """Day and minute, as the cells of ledgers have them; empty for none."""
    return f"{timezone.localtime(at):%Y-%m-%d %H:%M}" if at else ""


def written_day(day: dt.date | None) -> str:
    """The day as those cells have it; empty for none."""
    return f"{day}" if day else ""

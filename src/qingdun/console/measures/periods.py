"""From one local day to another, both included, and the period of the same length before."""

from __future__ import annotations

import datetime as dt
from typing import NamedTuple

from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from qingdun.console.kernel.localtime import midnight

LONGEST = 3660
BY_WEEK_FROM = 63
"""Days from which on a trend is drawn by week."""


class Period(NamedTuple):
    """Local days, both included."""

    since: dt.date
    until: dt.date

    @property
    def length(self) -> int:
        """Days."""
        return (self.until - self.since).days + 1

    @property
    def begins(self) -> dt.datetime:
        """The first moment."""
        return midnight(self.since)

    @property
    def ends(self) -> dt.datetime:
        """The first moment after it."""
        return midnight(self.until + dt.timedelta(days=1))

    @property
    def before(self) -> Period:
        """As many days right before."""
        last = self.since - dt.timedelta(days=1)
        return Period(last - dt.timedelta(days=self.length - 1), last)

    @property
    def by_week(self) -> bool:
        """Whether its trend has a point a week."""
        return self.length >= BY_WEEK_FROM

    def parts(self) -> list[Period]:
        """Its days, or its weeks from Monday to Sunday, cut at both ends."""
        found, day = [], self.since
        while day <= self.until:
            last = day + dt.timedelta(days=6 - day.weekday()) if self.by_week else day
            found.append(Period(day, min(last, self.until)))
            day = found[-1].until + dt.timedelta(days=1)
        return found


def presets(today: dt.date) -> list[tuple[str | Promise, Period]]:
    """The periods that are one click away."""
    month = today.replace(day=1)
    last_month = month - dt.timedelta(days=1)
    return [
        (_("Today"), Period(today, today)),
        (_("7 days"), Period(today - dt.timedelta(days=6), today)),
        (_("30 days"), Period(today - dt.timedelta(days=29), today)),
        (_("This month"), Period(month, today)),
        (_("Last month"), Period(last_month.replace(day=1), last_month)),
        (_("This year"), Period(today.replace(month=1, day=1), today)),
    ]


def period_of(since: str, until: str) -> Period:
    """What an address asks for; the last 30 days if it names no day, never more than ten years."""
    today = timezone.localdate()
    last = _day(until) or today
    first = _day(since) or last - dt.timedelta(days=29)
    first, last = min(first, last), max(first, last)
    return Period(max(first, last - dt.timedelta(days=LONGEST - 1)), last)


def _day(text: str) -> dt.date | None:
    try:
        day = dt.date.fromisoformat(text)
    except ValueError:
        return None
    return day if 2000 <= day.year <= 2200 else None

"""The periods of rankings: calendar months of towns, weeks from Monday of villages."""

from __future__ import annotations

import calendar
import datetime as dt
from typing import NamedTuple

from qingdun.console.assessment.codes import Ranked, Span

WEEK = dt.timedelta(days=7)
DAY = dt.timedelta(days=1)


class Period(NamedTuple):
    """From one day to another, both included."""

    since: dt.date
    until: dt.date


def period_of(level: str, day: dt.date) -> Period:
    """The period of such a ranking in which the day lies.

    >>> [f"{end}" for end in period_of("town", dt.date(2026, 2, 10))]
    ['2026-02-01', '2026-02-28']
    >>> [f"{end}" for end in period_of("village", dt.date(2026, 3, 3))]
    ['2026-03-02', '2026-03-08']
    """
    if level == Ranked.VILLAGE:
        monday = day - dt.timedelta(days=day.weekday())
        return Period(monday, monday + WEEK - DAY)
    first = day.replace(day=1)
    return Period(first, first.replace(day=calendar.monthrange(first.year, first.month)[1]))


def before(level: str, period: Period) -> Period:
    """The period before that one."""
    return period_of(level, period.since - DAY)


def year_before(level: str, period: Period) -> Period:
    """The same month of the year before; of a week the one that began 364 days earlier.

    >>> [f"{end}" for end in year_before("town", period_of("town", dt.date(2026, 3, 31)))]
    ['2025-03-01', '2025-03-31']
    """
    if level == Ranked.VILLAGE:
        return Period(period.since - 52 * WEEK, period.until - 52 * WEEK)
    return period_of(level, period.since.replace(year=period.since.year - 1))


def last_over(level: str, today: dt.date) -> Period:
    """The latest period that is over."""
    return before(level, period_of(level, today))


def spans(level: str, period: Period) -> dict[Span, Period]:
    """The periods whose incidents a ranking counts."""
    return {
        Span.NOW: period,
        Span.BEFORE: before(level, period),
        Span.YEAR: year_before(level, period),
    }

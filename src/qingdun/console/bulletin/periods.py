"""From one local day to another, both included; what a bulletin compares it with, and what a schedule asks
for.
"""

from __future__ import annotations

import datetime as dt
from typing import NamedTuple

from django.db.models import TextChoices
from django.utils.translation import gettext_lazy as _

DAY = dt.timedelta(days=1)


class Span(TextChoices):
    """How long the periods of a schedule are."""

    WEEK = "week", _("Week, from Monday")
    MONTH = "month", _("Month")
    HALF = "half", _("Half-year")


class Period(NamedTuple):
    """Local days, both included."""

    since: dt.date
    until: dt.date

    @property
    def before(self) -> Period:
        """As many days right before; before whole months, as many whole months.

        >>> print(*Period(dt.date(2021, 3, 1), dt.date(2021, 3, 31)).before)
        2021-02-01 2021-02-28
        >>> print(*Period(dt.date(2021, 3, 8), dt.date(2021, 3, 14)).before)
        2021-03-01 2021-03-07
        """
        last = self.since - DAY
        if self.since.day == 1 and (self.until + DAY).day == 1:
            months = 12 * (self.until.year - self.since.year) + self.until.month - self.since.month
            return Period(_month_on(last.replace(day=1), -months), last)
        return Period(last - (self.until - self.since), last)

    @property
    def year_before(self) -> Period:
        """The same days of the year before.

        >>> print(*Period(dt.date(2024, 2, 29), dt.date(2024, 3, 31)).year_before)
        2023-02-28 2023-03-31
        """
        since, until = _year_before(self.since), _year_before(self.until)
        whole = self.since.day == 1 and (self.until + DAY).day == 1
        return Period(since, _month_on(until.replace(day=1), 1) - DAY if whole else until)


def last_over(span: str, today: dt.date) -> Period:
    """The latest period of that length that was over before the day.

    >>> print(*last_over("month", dt.date(2021, 7, 1)))
    2021-06-01 2021-06-30
    >>> print(*last_over("week", dt.date(2021, 6, 27)))
    2021-06-14 2021-06-20
    """
    if span == Span.WEEK:
        monday = today - DAY * today.weekday()
        return Period(monday - 7 * DAY, monday - DAY)
    if span == Span.HALF:
        first = today.replace(month=1 if today.month < 7 else 7, day=1)
        return Period(_month_on(first, -6), first - DAY)
    first = today.replace(day=1)
    return Period(_month_on(first, -1), first - DAY)


def _month_on(first: dt.date, months: int) -> dt.date:
    index = first.year * 12 + first.month - 1 + months
    return dt.date(index // 12, index % 12 + 1, 1)


def _year_before(day: dt.date) -> dt.date:
    try:
        return day.replace(year=day.year - 1)
    except ValueError:
        return day.replace(year=day.year - 1, day=28)

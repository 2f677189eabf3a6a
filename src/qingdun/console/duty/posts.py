"""Days of a roster in the city's time, and who belongs to a post."""

from __future__ import annotations

import datetime as dt

from django.db.models import Q, QuerySet
from django.utils import timezone

from qingdun.console.kernel.models import Organisation, User
from qingdun.console.kernel.roles import Role


def local_midnight(date: dt.date) -> dt.datetime:
    """When that day begins in the city."""
    return dt.datetime.combine(date, dt.time(), timezone.get_current_timezone())


def monday_of(date: dt.date) -> dt.date:
    """The first day of that date's week.

    >>> monday_of(dt.date(2026, 3, 5))
    datetime.date(2026, 3, 2)
    """
    return date - dt.timedelta(days=date.weekday())


def staff(post: Organisation) -> QuerySet[User]:
    """Open accounts of the officers who work there; a bureau's are those of its region without a station."""
    found = User.objects.filter(is_active=True)
    if post.kind == Organisation.Kind.STATION:
        return found.filter(organisation=post)
    role = Role.COUNTY_OFFICER if post.kind == Organisation.Kind.COUNTY_BUREAU else Role.CITY_ANALYST
    return found.filter(Q(organisation=post) | Q(organisation=None, region=post.region), role=role)

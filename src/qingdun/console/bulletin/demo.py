"""Bulletins of a demonstration, made by the module's own acts: two issued, one to be, and a schedule."""

from __future__ import annotations

import datetime as dt

from django.conf import settings
from django.utils import timezone

from qingdun.console.bulletin import actions
from qingdun.console.bulletin.models import Bulletin
from qingdun.console.bulletin.periods import Period, Span, last_over
from qingdun.console.kernel.demo import clock_at
from qingdun.console.kernel.localtime import midnight
from qingdun.console.kernel.models import User
from qingdun.errors import NotPermitted


def create_demo_bulletins() -> int:
    """The bulletins of two months are issued, that of the latest one is signed by one person, and a schedule
    makes further ones; how many are new, none the second time. Errors: NotPermitted outside demo mode.
    """
    if not settings.DEMO:
        raise NotPermitted("demo bulletins exist in demo mode only; set QINGDUN_DEMO=1 for a demonstration")
    first = User.objects.filter(username="demo-city").first()
    second = User.objects.filter(username="demo-deputy").first()
    if first is None or second is None or Bulletin.objects.exists():
        return 0
    latest = last_over(Span.MONTH, timezone.localdate())
    months = [latest.before.before, latest.before, latest]
    for month in months:
        with clock_at(min(_morning(month), timezone.now())):
            made = actions.draft(first, "", month)
            actions.sign_bulletin(first, made.pk)
            if month != latest:
                actions.countersign_bulletin(second, made.pk)
    actions.set_schedule(first, "", Span.MONTH)
    return len(months)


def _morning(month: Period) -> dt.datetime:
    """Ten o'clock on the day after."""
    return midnight(month.until + dt.timedelta(days=1)) + dt.timedelta(hours=10)

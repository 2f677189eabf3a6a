"""Looks that are over are gone: their time has passed, or nobody is looked for in the task any more."""

from __future__ import annotations

import datetime as dt

from django.db.models import Q

from qingdun.console.whereabouts import rules
from qingdun.console.whereabouts.models import Look


def tick(now: dt.datetime) -> int:
    """Every look that is over has been deleted; how many that were. A task taken up again asks anew."""
    over = Look.objects.filter(Q(until__lte=now) | ~Q(task__state__in=rules.OPEN_IN))
    deleted, _ = over.delete()
    return deleted

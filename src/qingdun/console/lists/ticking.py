"""What happens to entries by the clock: they end with their term."""

from __future__ import annotations

import datetime as dt

from django.db import transaction

from qingdun.console.kernel.audit import record
from qingdun.console.lists.acting import AT_ONCE, Act, announce, by_list
from qingdun.console.lists.codes import What
from qingdun.console.lists.models import Entry
from qingdun.console.lists.moves import OPEN, State


def tick(now: dt.datetime) -> int:
    """Every entry whose term is over has expired, those in force are off their list; how many.

    Whoever locks a row first decides it: a second process, or a restart, finds it decided.
    """
    count = 0
    while some := _some(now):
        count += some
    return count


def _some(now: dt.datetime) -> int:
    due = Entry.objects.filter(state__in=OPEN, until__lte=now)
    if not due.exists():
        return 0
    with transaction.atomic():
        act = Act(None, "expire", "", now, list(due.select_for_update().order_by("pk")[:AT_ONCE]))
        for entry in act.moved:
            if entry.state == State.ACTIVE:
                act.changed.append((entry, What.UNLISTED))
            source = entry.state
            act.set(entry, state=State.EXPIRED)
            act.log(entry, "expire", source)
        if act.moved:
            act.keep()
            after = {"ids": [entry.pk for entry in act.moved], "lists": by_list(act.moved)}
            record(None, "expire_entries", ("lists", "clock"), None, after)
            announce("expire", len(act.moved))
        return len(act.moved)

"""What the tick process calls once a second: holds end by law, banks' replies are taken in, old rows go."""

from __future__ import annotations

import datetime as dt

from django.db import transaction

from qingdun.console.funds import retention
from qingdun.console.funds.models import StopPayment
from qingdun.console.funds.moves import State
from qingdun.console.funds.statements import take_rows
from qingdun.console.kernel.audit import record


def tick(now: dt.datetime) -> int:
    """What is due at `now` is done; how much it was."""
    return end_holds(now) + take_rows(now) + retention.tick(now)


def end_holds(now: dt.datetime) -> int:
    """Every hold that has run out at `now` is expired; how many this call expired.

    Each in a transaction of its own, by one conditional update: who sets the state has decided it, so a
    second process, or a restart, does nothing twice.
    """
    due = StopPayment.objects.filter(state=State.HELD, ends_at__lte=now).order_by("ends_at")
    return sum(_expire(pk, now) for pk in due.values_list("pk", flat=True))


@transaction.atomic
def _expire(stop_id: int, now: dt.datetime) -> bool:
    held = StopPayment.objects.filter(pk=stop_id, state=State.HELD, ends_at__lte=now)
    if not held.update(state=State.EXPIRED, ended_at=now):
        return False
    stop = StopPayment.objects.get(pk=stop_id)
    record(
        None, "stop_expire", stop, {"state": State.HELD}, {"state": State.EXPIRED, "ends_at": stop.ends_at}
    )
    return True

"""What the tick process calls once a second: orders end by law, what is late is said to be, old rows go."""

from __future__ import annotations

import datetime as dt

from django.db import transaction

from qingdun.console.funds import holding, lapsing, retention, rules
from qingdun.console.funds.lapses import NoticeKind, Told
from qingdun.console.funds.models import Freeze, StopPayment
from qingdun.console.funds.moves import FreezeState, RefundState, State
from qingdun.console.funds.telling import people, tell
from qingdun.console.kernel.audit import record

ENDED = "冻结期满"
"""Why a refund is withdrawn whose freeze ran out, in the city's language, as documents are: nobody asks."""


def tick(now: dt.datetime) -> int:
    """What is due at `now` is done; how much it was."""
    return end_orders(now) + warn_of_ends(now) + lapsing.tick(now) + retention.tick(now)


def end_orders(now: dt.datetime) -> int:
    """Every hold and every freeze that has run out at `now` is expired; how many this call expired.

    Each in a transaction of its own, by one conditional update: who sets the state has decided it, so a
    second process, or a restart, does nothing twice.
    """
    done = 0
    for model, state, _ahead in _running():
        due = model.objects.filter(state=state, ends_at__lte=now).order_by("ends_at")
        done += sum(_expire(model, state, pk, now) for pk in due.values_list("pk", flat=True))
    return done


def warn_of_ends(now: dt.datetime) -> int:
    """It is said once of every hold and freeze whose end is near, to whoever asked for it; how many this
    call warned of.
    """
    done = 0
    for model, state, ahead in _running():
        near = model.objects.filter(state=state, warned_at=None, ends_at__lte=now + ahead)
        done += sum(_warn(model, pk, now) for pk in near.values_list("pk", flat=True))
    return done


def _running() -> tuple[tuple[type[StopPayment] | type[Freeze], str, dt.timedelta], ...]:
    """Orders with a clock, the state in which it runs, and how long before its end a warning is due."""
    return (
        (StopPayment, State.HELD, dt.timedelta(hours=rules.limit("warn_stop_h"))),
        (Freeze, FreezeState.FROZEN, dt.timedelta(days=rules.limit("warn_freeze_days"))),
    )


@transaction.atomic
def _expire(model: type[StopPayment] | type[Freeze], state: str, pk: int, now: dt.datetime) -> bool:
    running = model.objects.filter(pk=pk, state=state, ends_at__lte=now)
    if not running.update(state=State.EXPIRED, ended_at=now):
        return False
    order = model.objects.get(pk=pk)
    verb = "stop_expire" if isinstance(order, StopPayment) else "freeze_expire"
    if isinstance(order, Freeze):
        holding.let_go(order)
        # What the bank was already ordered to return may have been on its way.
        holding.withdraw_refunds(None, order, ENDED, now, (RefundState.PREPARED, RefundState.NOTICED))
    record(None, verb, order, {"state": state}, {"state": order.state, "ends_at": order.ends_at})
    return True


@transaction.atomic
def _warn(model: type[StopPayment] | type[Freeze], pk: int, now: dt.datetime) -> bool:
    if not model.objects.filter(pk=pk, warned_at=None).update(warned_at=now):
        return False
    order = model.objects.get(pk=pk)
    record(None, "warn_of_end", order, None, {"ends_at": order.ends_at})
    kind = NoticeKind.STOP_ENDS if isinstance(order, StopPayment) else NoticeKind.FREEZE_ENDS
    if order.ends_at is not None:
        told = people(order.region_path, Told.HOLDER, order.by_id)
        tell(told, kind, order.pk, order.ends_at, order.region_path, now)
    return True

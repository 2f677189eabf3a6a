"""Every legal move of an order, once: from which states, by whom."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

from django.db.models import TextChoices
from django.utils.functional import Promise
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from qingdun.console.kernel.roles import Permission
from qingdun.errors import IllegalMove, InputError


class State(TextChoices):
    """Where an order stands."""

    REQUESTED = "requested", _("Asked of the bank")
    HELD = "held", _("Payment stopped")
    REFUSED = "refused", _("Refused by the bank")
    RELEASED = "released", _("Released")
    EXPIRED = "expired", _("Expired")


class FreezeState(TextChoices):
    """Where a freeze stands."""

    REQUESTED = "requested", _("Asked of the bank")
    FROZEN = "frozen", _("Frozen")
    RETURNED = "returned", _("Returned to victims")
    REFUSED = "refused", _("Refused by the bank")
    RELEASED = "released", _("Released")
    EXPIRED = "expired", _("Expired")


class RefundState(TextChoices):
    """Where a refund stands."""

    PREPARED = "prepared", _("Prepared")
    NOTICED = "noticed", _("On notice")
    ORDERED = "ordered", _("Ordered of the bank")
    RETURNED = "returned", _("Returned")
    WITHDRAWN = "withdrawn", _("Refund withdrawn")


class RefundWay(TextChoices):
    """By which rule shares are found."""

    SINGLE = "single", _("Direct: one victim alone")
    TIMED = "timed", _("Direct: times resolve whose it is")
    PRO_RATA = "pro_rata", _("Pro rata of the losses")


class DocumentKind(TextChoices):
    """Legal documents that are issued."""

    STOP = "stop", _("Notice of an urgent stop of payment")
    FREEZE = "freeze", _("Notice to freeze property")
    RENEWAL = "renewal", _("Notice to continue a freeze")
    RELEASE = "release", _("Notice of release")
    NOTICE = "notice", _("Notice of shares to be returned")
    REFUND = "refund", _("Notice to return frozen funds")


@dataclass(frozen=True, slots=True)
class Move:
    """One line of the table."""

    verb: str
    label: str | Promise
    sources: tuple[TextChoices, ...]
    target: TextChoices
    permission: Permission | None
    """Who may; None: nobody, the clock alone."""
    needs_note: bool = False


P = Permission

MOVES: tuple[Move, ...] = (
    Move("hold", _("The bank has stopped it"), (State.REQUESTED,), State.HELD, Permission.WORK_ALERTS),
    Move("turn_down", _("The bank refuses"), (State.REQUESTED,), State.REFUSED, Permission.WORK_ALERTS, True),
    Move(
        "release", _("Release"), (State.REQUESTED, State.HELD), State.RELEASED, Permission.REVIEW_ALERTS, True
    ),
    Move("expire", _("Expire"), (State.HELD,), State.EXPIRED, None),
)
FREEZE_MOVES: tuple[Move, ...] = (
    Move("freeze", _("The bank has frozen it"), (FreezeState.REQUESTED,), FreezeState.FROZEN, P.TRACE_FUNDS),
    Move(
        "turn_down", _("The bank refuses"), (FreezeState.REQUESTED,), FreezeState.REFUSED,
        P.TRACE_FUNDS, True,
    ),
    Move("renew", _("Continue the freeze"), (FreezeState.FROZEN,), FreezeState.FROZEN, P.REVIEW_ALERTS),
    Move(
        "release", _("Release"), (FreezeState.REQUESTED, FreezeState.FROZEN), FreezeState.RELEASED,
        P.REVIEW_ALERTS, True,
    ),
    Move("give_back", _("Return the whole of it"), (FreezeState.FROZEN,), FreezeState.RETURNED, None),
    Move("expire", _("Expire"), (FreezeState.FROZEN,), FreezeState.EXPIRED, None),
)  # fmt: skip
BY_VERB: dict[str, Move] = {move.verb: move for move in MOVES}


R = RefundState
OPEN_REFUNDS = (R.PREPARED, R.NOTICED, R.ORDERED)
"""Where a refund stands that is neither done nor given up."""
REFUND_MOVES: tuple[Move, ...] = (
    Move("publish", _("Put on notice"), (R.PREPARED,), R.NOTICED, P.REVIEW_ALERTS),
    Move("order", _("Order the return"), (R.PREPARED, R.NOTICED), R.ORDERED, P.REVIEW_ALERTS),
    Move("pay", _("The bank has returned it"), (R.ORDERED,), R.RETURNED, P.TRACE_FUNDS),
    Move(
        "withdraw",
        _("Withdraw the refund"),
        OPEN_REFUNDS,
        R.WITHDRAWN,
        P.REVIEW_ALERTS,
        True,
    ),
)


def done_at(told: dt.datetime | None, asked_at: dt.datetime, now: dt.datetime) -> dt.datetime:
    """When the bank has done what it was asked: as it told, to the minute, else now. Its hours run from then.

    Errors: InputError (before it was asked, or in the future).
    """
    if told is None:
        return now
    if not asked_at.replace(second=0, microsecond=0) <= told <= now:
        raise InputError(gettext("The bank can have done it only since it was asked, and not in the future."))
    return max(told, asked_at)


def check(verb: str, state: str, table: tuple[Move, ...] = MOVES, states: type[TextChoices] = State) -> Move:
    """The move `verb`, which is legal from there. Errors: IllegalMove, naming what is."""
    move = next((one for one in table if one.verb == verb), None)
    if move is None or state not in move.sources:
        legal = [str(one.label) for one in table if state in one.sources]
        raise IllegalMove(
            gettext("The order stands at “%(state)s” now; possible from there: %(legal)s.")
            % {"state": states(state).label, "legal": ", ".join(legal) or gettext("nothing")}
        )
    return move

"""Every legal move of a stop-payment order, once: from which states, by whom."""

from __future__ import annotations

from dataclasses import dataclass

from django.db.models import TextChoices
from django.utils.functional import Promise
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from qingdun.console.kernel.roles import Permission
from qingdun.errors import IllegalMove


class State(TextChoices):
    """Where an order stands."""

    REQUESTED = "requested", _("Asked of the bank")
    HELD = "held", _("Payment stopped")
    REFUSED = "refused", _("Refused by the bank")
    RELEASED = "released", _("Released")
    EXPIRED = "expired", _("Expired")


@dataclass(frozen=True, slots=True)
class Move:
    """One line of the table."""

    verb: str
    label: str | Promise
    sources: tuple[State, ...]
    target: State
    permission: Permission | None
    """Who may; None: nobody, the clock alone."""
    needs_note: bool = False


MOVES: tuple[Move, ...] = (
    Move("hold", _("The bank has stopped it"), (State.REQUESTED,), State.HELD, Permission.WORK_ALERTS),
    Move("turn_down", _("The bank refuses"), (State.REQUESTED,), State.REFUSED, Permission.WORK_ALERTS, True),
    Move(
        "release", _("Release"), (State.REQUESTED, State.HELD), State.RELEASED, Permission.REVIEW_ALERTS, True
    ),
    Move("expire", _("Expire"), (State.HELD,), State.EXPIRED, None),
)
BY_VERB: dict[str, Move] = {move.verb: move for move in MOVES}


def check(verb: str, state: str) -> Move:
    """The move `verb`, which is legal from there. Errors: IllegalMove, naming what is."""
    move = BY_VERB.get(verb)
    if move is None or state not in move.sources:
        legal = [str(one.label) for one in MOVES if state in one.sources]
        raise IllegalMove(
            gettext("The order stands at “%(state)s” now; possible from there: %(legal)s.")
            % {"state": State(state).label, "legal": ", ".join(legal) or gettext("nothing")}
        )
    return move

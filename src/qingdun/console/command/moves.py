"""Legal moves of an undertaking, as a table."""

from __future__ import annotations

from typing import NamedTuple

from django.db.models import TextChoices
from django.utils.functional import Promise
from django.utils.translation import gettext, pgettext_lazy
from django.utils.translation import gettext_lazy as _

from qingdun.errors import IllegalMove


class UndertakingState(TextChoices):
    """Where an undertaking stands."""

    OPEN = "open", pgettext_lazy("of an undertaking", "Under way")
    REPORTED = "reported", _("Reported, to be accepted")
    ACCEPTED = "accepted", pgettext_lazy("of an undertaking", "Accepted")
    WITHDRAWN = "withdrawn", pgettext_lazy("of an undertaking", "Withdrawn")


class Move(NamedTuple):
    """One legal move."""

    verb: str
    sources: tuple[UndertakingState, ...]
    target: UndertakingState
    label: str | Promise
    from_above: bool
    """Whether it is made by whoever stands above, and not by who reports."""


S = UndertakingState
MOVES: tuple[Move, ...] = (
    Move("report_progress", (S.OPEN,), S.OPEN, _("Report progress"), False),
    Move("report_done", (S.OPEN,), S.REPORTED, _("Report as done"), False),
    Move("accept_undertaking", (S.REPORTED,), S.ACCEPTED, pgettext_lazy("an undertaking", "Accept"), True),
    Move("return_undertaking", (S.REPORTED,), S.OPEN, pgettext_lazy("an undertaking", "Send back"), True),
    Move("postpone_undertaking", (S.OPEN,), S.OPEN, _("Change the deadline"), True),
    Move("withdraw_undertaking", (S.OPEN, S.REPORTED), S.WITHDRAWN, _("Withdraw the undertaking"), True),
)
BY_VERB = {move.verb: move for move in MOVES}


def check(verb: str, state: str) -> Move:
    """The move, which is legal from there. Errors: IllegalMove, naming what is."""
    move = BY_VERB[verb]
    if state not in move.sources:
        words = gettext("It stands at “%(state)s” now.")
        raise IllegalMove(words % {"state": UndertakingState(state).label})
    return move

"""Legal moves of rounds and findings, as tables."""

from __future__ import annotations

from typing import NamedTuple

from django.db.models import TextChoices
from django.utils.functional import Promise
from django.utils.translation import gettext, pgettext_lazy
from django.utils.translation import gettext_lazy as _

from qingdun.errors import IllegalMove


class RoundState(TextChoices):
    """Where a round of assignment stands."""

    DRAFT = "draft", pgettext_lazy("of a round", "Draft")
    CONFIRMED = "confirmed", pgettext_lazy("of a round", "In force")
    OVER = "over", pgettext_lazy("of a round", "Over")


class ShortcomingState(TextChoices):
    """Where a finding stands."""

    OPEN = "open", _("To be put right")
    ANSWERED = "answered", _("To be inspected again")
    PASSED = "passed", _("Put right")
    DROPPED = "dropped", pgettext_lazy("of a finding", "Dropped")


class Move(NamedTuple):
    """One legal move."""

    verb: str
    sources: tuple[TextChoices, ...]
    target: TextChoices
    label: str | Promise


R, S = RoundState, ShortcomingState
UNSETTLED = (S.OPEN, S.ANSWERED)
"""States in which a finding still has a deadline."""
ROUND_MOVES = (
    Move("confirm_round", (R.DRAFT,), R.CONFIRMED, _("Confirm the assignment")),
    Move("end_round", (R.CONFIRMED,), R.OVER, _("end a round of assignment")),
)
SHORTCOMING_MOVES = (
    Move("answer_shortcoming", (S.OPEN,), S.ANSWERED, _("Report it put right")),
    Move("pass_shortcoming", UNSETTLED, S.PASSED, _("Inspected again: put right")),
    Move("fail_shortcoming", UNSETTLED, S.OPEN, _("Inspected again: not put right")),
    Move("drop_shortcoming", UNSETTLED, S.DROPPED, _("Drop the finding")),
)
MOVES: tuple[Move, ...] = (*ROUND_MOVES, *SHORTCOMING_MOVES)


def check(verb: str, state: str) -> Move:
    """The move, which is legal from there. Errors: IllegalMove, naming what is."""
    move = next(one for one in MOVES if one.verb == verb)
    if state not in move.sources:
        kind = type(move.target)
        raise IllegalMove(gettext("It stands at “%(state)s” now.") % {"state": kind(state).label})
    return move

"""Legal moves of rounds and findings, as tables."""

from __future__ import annotations

from django.db.models import TextChoices
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from qingdun.console.kernel.moving import Move


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

"""Every legal move of a case, a gang and a campaign, once: from which states, and what must be said."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from django.db.models import TextChoices
from django.utils.functional import Promise
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from qingdun.errors import IllegalMove


class CaseState(TextChoices):
    """Where a case stands."""

    FILED = "filed", _("Under investigation")
    SOLVED = "solved", _("Solved")
    TRANSFERRED = "transferred", _("Sent to the prosecutor")
    CONCLUDED = "concluded", _("Concluded")
    WITHDRAWN = "withdrawn", _("Withdrawn")


class GangState(TextChoices):
    """Whether a gang still works."""

    WATCHED = "watched", _("Under investigation")
    BROKEN_UP = "broken_up", _("Broken up")


class CampaignState(TextChoices):
    """How far a campaign is."""

    PLANNED = "planned", _("Planned")
    RUNNING = "running", _("Under way")
    ENDED = "ended", _("Ended")


@dataclass(frozen=True, slots=True)
class Move:
    """One line of a table."""

    verb: str
    label: str | Promise
    sources: tuple[str, ...]
    target: str
    needs_note: bool = False


CASE_MOVES = (
    Move("solve_case", _("Solved"), (CaseState.FILED,), CaseState.SOLVED),
    Move("transfer_case", _("Send to the prosecutor"), (CaseState.SOLVED,), CaseState.TRANSFERRED),
    Move("conclude_case", _("Conclude"), (CaseState.TRANSFERRED,), CaseState.CONCLUDED),
    Move("withdraw_case", _("Withdraw"), (CaseState.FILED, CaseState.SOLVED), CaseState.WITHDRAWN, True),
    Move(
        "reopen_case",
        _("Investigate again"),
        (CaseState.SOLVED, CaseState.TRANSFERRED, CaseState.CONCLUDED, CaseState.WITHDRAWN),
        CaseState.FILED,
        True,
    ),
)
GANG_MOVES = (
    Move("break_up_gang", _("Broken up"), (GangState.WATCHED,), GangState.BROKEN_UP),
    Move("watch_gang", _("Investigate again"), (GangState.BROKEN_UP,), GangState.WATCHED, True),
)
CAMPAIGN_MOVES = (
    Move("begin_campaign", _("Begin"), (CampaignState.PLANNED,), CampaignState.RUNNING),
    Move("end_campaign", _("End"), (CampaignState.RUNNING,), CampaignState.ENDED),
)
MOVES = (*CASE_MOVES, *GANG_MOVES, *CAMPAIGN_MOVES)


def check(table: Sequence[Move], verb: str, state: str) -> Move:
    """The move `verb`, which is legal from there. Errors: IllegalMove, naming what is."""
    for move in table:
        if move.verb == verb and state in move.sources:
            return move
    legal = [str(one.label) for one in table if state in one.sources]
    raise IllegalMove(
        gettext("Not possible from there; possible: %(legal)s.")
        % {"legal": ", ".join(legal) or gettext("nothing")}
    )

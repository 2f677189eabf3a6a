"""Legal moves of an undertaking, as a table."""

from __future__ import annotations

from django.db.models import TextChoices
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from qingdun.console.kernel.moving import Move


class UndertakingState(TextChoices):
    """Where an undertaking stands."""

    OPEN = "open", pgettext_lazy("of an undertaking", "Under way")
    REPORTED = "reported", _("Reported, to be accepted")
    ACCEPTED = "accepted", pgettext_lazy("of an undertaking", "Accepted")
    WITHDRAWN = "withdrawn", pgettext_lazy("of an undertaking", "Withdrawn")


S = UndertakingState
REPORTS = (
    Move("report_progress", (S.OPEN,), S.OPEN, _("Report progress")),
    Move("report_done", (S.OPEN,), S.REPORTED, _("Report as done")),
)
"""Made by who has undertaken it."""
VERDICTS = (
    Move("accept_undertaking", (S.REPORTED,), S.ACCEPTED, pgettext_lazy("an undertaking", "Accept")),
    Move("return_undertaking", (S.REPORTED,), S.OPEN, pgettext_lazy("an undertaking", "Send back")),
    Move("postpone_undertaking", (S.OPEN,), S.OPEN, _("Change the deadline")),
    Move("withdraw_undertaking", (S.OPEN, S.REPORTED), S.WITHDRAWN, _("Withdraw the undertaking")),
)
"""Made by whoever stands above."""
MOVES = (*REPORTS, *VERDICTS)

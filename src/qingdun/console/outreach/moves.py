"""Legal moves of a mailing, as a table. Who holds people out does not approve it alone."""

from __future__ import annotations

from django.db.models import TextChoices
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from qingdun.console.kernel.moving import Move


class MailingState(TextChoices):
    """Where a mailing stands."""

    PREPARED = "prepared", _("Waits for approval")
    APPROVED = "approved", _("Being queued")
    SENT = "sent", pgettext_lazy("of a mailing", "Sent")
    DROPPED = "dropped", pgettext_lazy("of a mailing", "Dropped")
    STOPPED = "stopped", pgettext_lazy("of a mailing", "Stopped")


S = MailingState
MOVES: tuple[Move, ...] = (
    Move("approve_mailing", (S.PREPARED,), S.APPROVED, _("Approve and send")),
    Move("drop_mailing", (S.PREPARED,), S.DROPPED, _("Drop the mailing")),
    Move("stop_mailing", (S.APPROVED,), S.STOPPED, _("Stop the mailing")),
    Move("finish_mailing", (S.APPROVED,), S.SENT, _("finish a mailing")),
)
"""Every move; the last is made by the tick when nobody waits any more."""
BY_VERB = {move.verb: move for move in MOVES}

"""Where a bulletin stands, and every legal move, as a table."""

from __future__ import annotations

from django.db.models import TextChoices
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from qingdun.console.kernel.moving import Move


class BulletinState(TextChoices):
    """Where a bulletin stands."""

    DRAFT = "draft", pgettext_lazy("of a bulletin", "Draft")
    SIGNED = "signed", _("Signed, waits for the second person")
    ISSUED = "issued", pgettext_lazy("of a bulletin", "Issued")
    DROPPED = "dropped", pgettext_lazy("of a bulletin", "Dropped")


S = BulletinState
MOVES: tuple[Move, ...] = (
    Move("edit_bulletin", (S.DRAFT,), S.DRAFT, _("edit a bulletin")),
    Move("recount_bulletin", (S.DRAFT,), S.DRAFT, _("Count again")),
    Move("sign_bulletin", (S.DRAFT,), S.SIGNED, pgettext_lazy("a bulletin", "Sign")),
    Move("countersign_bulletin", (S.SIGNED,), S.ISSUED, _("Sign as the second and issue")),
    Move("send_back_bulletin", (S.SIGNED,), S.DRAFT, pgettext_lazy("a bulletin", "Send back")),
    Move("drop_bulletin", (S.DRAFT,), S.DROPPED, _("Drop the draft")),
)
PAIRS = tuple(
    (source.value, move.target.value) for move in MOVES for source in move.sources if source != move.target
)
"""From which state to which; the database refuses others."""

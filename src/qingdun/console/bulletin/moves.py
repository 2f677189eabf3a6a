"""Where a bulletin stands, and every legal move, as a table."""

from __future__ import annotations

from typing import NamedTuple

from django.db.models import TextChoices
from django.utils.functional import Promise
from django.utils.translation import gettext, pgettext_lazy
from django.utils.translation import gettext_lazy as _

from qingdun.errors import IllegalMove


class BulletinState(TextChoices):
    """Where a bulletin stands."""

    DRAFT = "draft", pgettext_lazy("of a bulletin", "Draft")
    SIGNED = "signed", _("Signed, waits for the second person")
    ISSUED = "issued", pgettext_lazy("of a bulletin", "Issued")
    DROPPED = "dropped", pgettext_lazy("of a bulletin", "Dropped")


class Move(NamedTuple):
    """One legal move."""

    verb: str
    sources: tuple[TextChoices, ...]
    target: TextChoices
    label: str | Promise


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


def check(verb: str, state: str) -> Move:
    """The move, which is legal from there. Errors: IllegalMove, naming where it stands."""
    move = next((one for one in MOVES if one.verb == verb), None)
    if move is None:
        raise IllegalMove(gettext("Nobody may do that by hand."))
    if state not in move.sources:
        raise IllegalMove(gettext("It stands at “%(state)s” now.") % {"state": BulletinState(state).label})
    return move

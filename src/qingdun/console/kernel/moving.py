"""Tables of legal moves: what every module's own table is made of."""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple

from django.db.models import TextChoices
from django.utils.functional import Promise
from django.utils.translation import gettext

from qingdun.errors import IllegalMove


class Move(NamedTuple):
    """One legal move: from which states, to which."""

    verb: str
    sources: tuple[TextChoices, ...]
    target: TextChoices
    label: str | Promise


def check(moves: Iterable[Move], verb: str, state: str) -> Move:
    """The move of that table, which is legal from there. Errors: IllegalMove, naming where it stands."""
    move = next((one for one in moves if one.verb == verb), None)
    if move is None:
        raise IllegalMove(gettext("Nobody may do that by hand."))
    if state not in move.sources:
        stands = type(move.target)(state).label
        raise IllegalMove(gettext("It stands at “%(state)s” now.") % {"state": stands})
    return move

"""Every legal move of an entry, once: from which states, by whom, whether a reason is needed.

The drawing in docs/lists.md is made from this table.
"""

from __future__ import annotations

from dataclasses import dataclass

from django.db.models import TextChoices
from django.utils.functional import Promise
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from qingdun.console.kernel.roles import PERMISSIONS, Permission, Role
from qingdun.errors import IllegalMove, NotPermitted


class State(TextChoices):
    """Where an entry stands."""

    PROPOSED = "proposed", _("Proposed")
    APPROVED = "approved", _("Approved")
    ACTIVE = "active", _("In force")
    EXPIRED = "expired", _("Expired")
    REVERSED = "reversed", _("Reversed")
    REFUSED = "refused", _("Not approved")


OPEN = (State.PROPOSED, State.APPROVED, State.ACTIVE)
"""States in which an entry stands in the way of another one for the same entity on the same list."""


@dataclass(frozen=True, slots=True)
class Move:
    """One line of the table; `permission` None: it follows by itself, from another move or the clock."""

    verb: str
    label: str | Promise
    sources: tuple[State, ...]
    target: State | None
    """None: the state stays."""
    permission: Permission | None
    needs_note: bool = False

    @property
    def roles(self) -> tuple[Role, ...]:
        """The roles that may make it; none for what follows by itself."""
        return tuple(role for role in Role if self.permission in PERMISSIONS[role])


PROPOSE = _("Propose")
"""The act that an entry begins with."""
APPROVE = Permission.APPROVE_LISTS

MOVES: tuple[Move, ...] = (
    Move("approve", _("Approve"), (State.PROPOSED,), State.APPROVED, APPROVE),
    Move("second", _("Approve as the second person"), (State.APPROVED,), State.APPROVED, APPROVE),
    Move("start", _("Come into force"), (State.APPROVED,), State.ACTIVE, None),
    Move("refuse", _("Do not approve"), (State.PROPOSED, State.APPROVED), State.REFUSED, APPROVE, True),
    Move("extend", _("Change the term"), (State.ACTIVE,), None, APPROVE, True),
    Move("enforce", _("Enforce"), (State.ACTIVE,), None, APPROVE, True),
    Move("reverse", _("Reverse"), (State.ACTIVE,), State.REVERSED, APPROVE, True),
    Move("put_back", _("Put back"), (State.REVERSED,), State.ACTIVE, APPROVE),
    Move("expire", _("Expire"), OPEN, State.EXPIRED, None),
)
BY_VERB: dict[str, Move] = {move.verb: move for move in MOVES}


def legal(state: str, role: str | None = None) -> list[Move]:
    """The moves that are legal from `state`, to `role` if one is given."""
    return [m for m in MOVES if state in m.sources and (role is None or role in m.roles)]


def check(verb: str, state: str, role: str, note: str = "") -> Move:
    """The move `verb`, which is legal now and open to that role.

    Errors: IllegalMove says where the entry stands; NotPermitted names the role.
    """
    move = BY_VERB.get(verb)
    if move is None or state not in move.sources:
        raise IllegalMove(
            gettext("The entry is “%(state)s”: %(verb)s is not possible from there.")
            % {"state": State(state).label, "verb": move.label if move else verb}
        )
    if role not in move.roles:
        raise NotPermitted(
            gettext("%(role)s may not: %(verb)s") % {"role": Role(role).label, "verb": move.label}
        )
    if move.needs_note and not note.strip():
        raise IllegalMove(gettext("Give a reason."))
    return move

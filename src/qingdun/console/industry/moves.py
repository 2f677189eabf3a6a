"""Every legal move of assignments, restrictions and appeals, once: from which states, by whom.

The migration that ends in `legal_moves` holds the same pairs as triggers, so that the database refuses the
others too; a test compares the two.
"""

from __future__ import annotations

from dataclasses import dataclass

from django.db.models import TextChoices
from django.utils.functional import Promise
from django.utils.translation import gettext, pgettext_lazy
from django.utils.translation import gettext_lazy as _

from qingdun.console.kernel.models import User
from qingdun.console.kernel.roles import Permission, may, require
from qingdun.errors import IllegalMove


class AssignmentState(TextChoices):
    """Where a list for a party stands."""

    DRAFTED = "drafted", _("Waits for confirmation")
    CONFIRMED = "confirmed", _("Waits for a second person")
    SENT = "sent", _("Sent to the party")
    CANCELLED = "cancelled", _("Cancelled")


class State(TextChoices):
    """Where a restriction stands."""

    PROPOSED = "proposed", _("Proposed")
    ORDERED = "ordered", _("Waits for the party")
    DISPUTED = "disputed", _("Disputed by the party")
    IN_FORCE = "in_force", _("In force")
    RELEASING = "releasing", _("To be released")
    RELEASED = "released", _("Released")
    REFUSED = "refused", _("Not confirmed")
    WITHDRAWN = "withdrawn", pgettext_lazy("of a restriction", "Withdrawn")


class AppealState(TextChoices):
    """Where an appeal stands."""

    FILED = "filed", _("Waits for a decision")
    UPHELD = "upheld", _("Upheld")
    REJECTED = "rejected", _("Rejected")


class FindingState(TextChoices):
    """Where a party's own finding stands."""

    PUSHED = "pushed", _("Pushed to the police")
    CONFIRMED = "confirmed", pgettext_lazy("of a finding", "Confirmed")
    DISMISSED = "dismissed", _("Not fraud")


class CheckState(TextChoices):
    """Where the second real-name check of a card stands."""

    FLAGGED = "flagged", _("High risk, holder to be told")
    NOTICED = "noticed", _("Holder told, to be checked")
    PASSED = "passed", _("Check passed")
    SUSPENDED = "suspended", _("Suspended")
    OBJECTED = "objected", _("Objection waits")
    RESTORING = "restoring", _("To be restored")
    RESTORED = "restored", _("Restored")
    KEPT = "kept", _("Stays suspended")


S, L, A, P = State, AssignmentState, AppealState, Permission
F, C = FindingState, CheckState
OPEN = (S.PROPOSED, S.ORDERED, S.DISPUTED, S.IN_FORCE, S.RELEASING)
"""States in which a second restriction of the same kind on the same thing would be one too many."""
CONFIRMED = (S.ORDERED, S.DISPUTED, S.IN_FORCE, S.RELEASING, S.RELEASED, S.WITHDRAWN)
"""States that a restriction reaches only after a human has confirmed it."""


CHECK_OPEN = (C.FLAGGED, C.NOTICED, C.SUSPENDED, C.OBJECTED, C.RESTORING, C.KEPT)
"""States of a check in which another one of the same number would be one too many."""
SUSPENSIONS = (C.SUSPENDED, C.OBJECTED, C.RESTORING, C.KEPT)
"""States in which a card is suspended: somebody has done it, and it has an end."""


@dataclass(frozen=True, slots=True)
class Move:
    """One line of the table."""

    verb: str
    label: str | Promise
    sources: tuple[TextChoices, ...]
    target: TextChoices
    permissions: tuple[Permission, ...]
    """Who may: whoever has one of them; nobody but the clock, or what it follows from, if empty."""
    needs_note: bool = False


ASSIGNMENT_MOVES: tuple[Move, ...] = (
    Move("send", _("Confirm and send"), (L.DRAFTED,), L.SENT, (P.CONFIRM_RESTRICTIONS,)),
    Move("confirm", _("Confirm, first of two"), (L.DRAFTED,), L.CONFIRMED, (P.CONFIRM_RESTRICTIONS,)),
    Move("second", _("Confirm as the second and send"), (L.CONFIRMED,), L.SENT, (P.CONFIRM_RESTRICTIONS,)),
    Move(
        "cancel", _("Cancel the list"), (L.DRAFTED, L.CONFIRMED), L.CANCELLED,
        (P.CONFIRM_RESTRICTIONS,), True,
    ),
)  # fmt: skip
MOVES: tuple[Move, ...] = (
    Move("order", pgettext_lazy("of a restriction", "Order"), (S.PROPOSED,), S.ORDERED, ()),
    Move("refuse", _("Do not confirm"), (S.PROPOSED,), S.REFUSED, (P.CONFIRM_RESTRICTIONS,), True),
    Move("control", _("Report as controlled"), (S.ORDERED,), S.IN_FORCE, (P.ANSWER_LISTS,)),
    Move("serve", _("Notice served"), (S.ORDERED,), S.IN_FORCE, (P.PROPOSE_RESTRICTIONS,)),
    Move("dispute", _("Dispute"), (S.ORDERED,), S.DISPUTED, (P.ANSWER_LISTS,), True),
    Move("insist", _("Insist"), (S.DISPUTED,), S.ORDERED, (P.CONFIRM_RESTRICTIONS,), True),
    Move(
        "withdraw",
        pgettext_lazy("of a restriction", "Withdraw"),
        (S.ORDERED, S.DISPUTED),
        S.WITHDRAWN,
        (P.CONFIRM_RESTRICTIONS,),
        True,
    ),
    Move("release", _("Order the release"), (S.IN_FORCE,), S.RELEASING, (P.CONFIRM_RESTRICTIONS,), True),
    Move("expire", _("Expire"), (S.IN_FORCE,), S.RELEASING, ()),
    Move(
        "lift",
        _("Report as released"),
        (S.RELEASING,),
        S.RELEASED,
        (P.ANSWER_LISTS, P.CONFIRM_RESTRICTIONS),
    ),
)
APPEAL_MOVES: tuple[Move, ...] = (
    Move("uphold", _("Uphold the appeal"), (A.FILED,), A.UPHELD, (P.CONFIRM_RESTRICTIONS,), True),
    Move("reject", _("Reject the appeal"), (A.FILED,), A.REJECTED, (P.CONFIRM_RESTRICTIONS,), True),
)
FINDING_MOVES: tuple[Move, ...] = (
    Move("confirm", _("Confirm the finding"), (F.PUSHED,), F.CONFIRMED, (P.PROPOSE_RESTRICTIONS,)),
    Move("dismiss", _("It is no fraud"), (F.PUSHED,), F.DISMISSED, (P.PROPOSE_RESTRICTIONS,), True),
)
CHECK_MOVES: tuple[Move, ...] = (
    Move("notify", _("The holder was told"), (C.FLAGGED,), C.NOTICED, (P.ANSWER_LISTS,)),
    Move("pass", _("The check is passed"), (C.NOTICED,), C.PASSED, (P.ANSWER_LISTS,)),
    Move("suspend", _("Suspend"), (C.NOTICED,), C.SUSPENDED, (P.ANSWER_LISTS,), True),
    Move(
        "object", _("Enter an objection"), (C.SUSPENDED, C.KEPT), C.OBJECTED,
        (P.ANSWER_LISTS, P.PROPOSE_RESTRICTIONS), True,
    ),
    Move(
        "order_restoring", _("Order the restoring"), (C.SUSPENDED, C.OBJECTED, C.KEPT), C.RESTORING,
        (P.CONFIRM_RESTRICTIONS,), True,
    ),
    Move("expire", _("Expire"), (C.SUSPENDED, C.OBJECTED, C.KEPT), C.RESTORING, ()),
    Move(
        "restore", _("Restore"), (C.SUSPENDED, C.OBJECTED, C.RESTORING), C.RESTORED, (P.ANSWER_LISTS,), True
    ),
    Move("keep", _("Keep it suspended"), (C.OBJECTED,), C.KEPT, (P.CONFIRM_RESTRICTIONS,), True),
)  # fmt: skip
TABLES: dict[str, tuple[Move, ...]] = {
    "industry_assignment": ASSIGNMENT_MOVES,
    "industry_restriction": MOVES,
    "industry_appeal": APPEAL_MOVES,
    "industry_finding": FINDING_MOVES,
    "industry_cardcheck": CHECK_MOVES,
}
"""The moves by the table of the database whose column `state` they change."""


def pairs(table: str) -> set[tuple[str, str]]:
    """From which state to which a row of that table may go."""
    return {(str(source), str(move.target)) for move in TABLES[table] for source in move.sources}


def sources(verb: str) -> list[str]:
    """The states from which a restriction makes that move."""
    return [str(state) for move in MOVES if move.verb == verb for state in move.sources]


def check(actor: User | None, table: tuple[Move, ...], verb: str, state: str) -> Move:
    """The move `verb`, which is legal from there and the actor's to make; None is the clock.

    Errors: NotPermitted (role), IllegalMove (state), naming what is.
    """
    move = next((one for one in table if one.verb == verb), None)
    if move is None or (actor is None) == bool(move.permissions):
        raise IllegalMove(gettext("Nobody may do that by hand."))
    if actor is not None and not any(may(actor, one) for one in move.permissions):
        require(actor, move.permissions[0])
    if state not in {str(source) for source in move.sources}:
        words = type(move.sources[0])(state).label
        legal = [str(one.label) for one in table if state in one.sources]
        raise IllegalMove(
            gettext("It stands at “%(state)s” now; possible from there: %(legal)s.")
            % {"state": words, "legal": ", ".join(legal) or gettext("nothing")}
        )
    return move

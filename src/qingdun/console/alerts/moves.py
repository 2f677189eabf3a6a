"""Every legal move of a task, once: from which states, by whom, which clocks it stops and starts.

The lines stand by who makes them: `moves_outward`, `moves_field`, `moves_aside`. The page docs/moves.md is
drawn from this table, and the action bar of every page is read from it.
"""

from __future__ import annotations

from collections.abc import Iterable

from django.utils.functional import Promise
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from qingdun.console.alerts.moves_aside import ASIDE
from qingdun.console.alerts.moves_field import IN_FIELD
from qingdun.console.alerts.moves_outward import OUTWARD
from qingdun.console.alerts.moving import Move
from qingdun.console.alerts.states import AT_A_DESK, VERDICTS, State
from qingdun.console.kernel.roles import Role
from qingdun.errors import IllegalMove, NotPermitted

MOVES: tuple[Move, ...] = (*OUTWARD, *IN_FIELD, *ASIDE)
BY_VERB: dict[str, Move] = {move.verb: move for move in MOVES}
MARKS: dict[str, str | Promise] = {
    "open": _("Alert raised"),
    "raise_level": _("Level raised"),
    "merged": _("Another alert joined"),
    "breach": _("Clock ran out"),
    "tell_above": _("Level above told"),
    "undo": _("Undone"),
}
"""Lines of a history that are no moves."""
BY_THE_CLOCK = ("breach", "tell_above")
"""Marks that the passing of time makes: nobody acted."""

VERDICT_OF: dict[str, State] = {
    verb: verdict for verdict in VERDICTS for verb in (verdict.value, f"{verdict.value}_by_phone")
}
"""The verdict each verb passes."""


def word(verb: str) -> str:
    """What a line of history says was done, in the reader's language."""
    return str(MARKS.get(verb) or (BY_VERB[verb].label if verb in BY_VERB else verb))


def pairs() -> set[tuple[str, str]]:
    """From where to where a state may change, by anybody: what the database lets through."""
    return {(source.value, move.target.value) for move in MOVES if move.target for source in move.sources}


DISPATCH = ("dispatch_straight", "dispatch_county", "dispatch_station", "hand_down")
NEXT_STEP: dict[State, tuple[str, ...]] = {
    **dict.fromkeys(AT_A_DESK, (*DISPATCH, "hotline")),
    State.STATION: ("sign",),
    State.SIGNED: ("call",),
    State.CALLING: ("reach",),
    State.REACHED: ("awakened_by_phone", "meet"),
    State.UNREACHABLE: ("call",),
    State.REFUSED: ("meet",),
    State.SEARCHING: ("meet",),
    State.MET: ("awakened",),
    **dict.fromkeys(VERDICTS, ("report",)),
    State.FEEDBACK: ("review",),
    State.REVIEWED: ("follow_up",),
    State.FOLLOW_UP: ("close",),
    State.SUPPRESSED: ("unsuppress",),
}
"""The verbs that bring a task forward; the first legal one is the step the pages offer first."""


def legal(state: str, level: str, role: str | None = None) -> list[Move]:
    """The moves that are legal from `state` for a task of `level`, to `role` if one is given."""
    return [
        move
        for move in MOVES
        if state in move.sources and level in move.levels and (role is None or role in move.roles)
    ]


def check(verb: str, state: str, level: str, role: str, note: str = "") -> Move:
    """The move `verb`, which is legal now and open to that role.

    Errors, in the reader's language: IllegalMove says where the task stands and what is legal from there;
    NotPermitted names the role.
    """
    move = BY_VERB.get(verb)
    if move is None or state not in move.sources or level not in move.levels:
        raise impossible(str(move.label) if move else verb, state, legal(state, level))
    if role not in move.roles:
        raise NotPermitted(
            gettext("%(move)s: not for the role %(role)s, only for: %(roles)s")
            % {"move": move.label, "role": Role(role).label, "roles": _listed(r.label for r in move.roles)}
        )
    if move.needs_note and not note.strip():
        raise IllegalMove(gettext("%(move)s: a reason is needed, none was given") % {"move": move.label})
    return move


def impossible(word: str, state: str, options: Iterable[Move]) -> IllegalMove:
    """What is said to whoever tries what the table forbids: where the task stands and what it allows."""
    words = dict.fromkeys(str(move.label) for move in options)
    return IllegalMove(
        gettext("%(move)s: not possible. The task stands at: %(state)s. Possible from there: %(options)s")
        % {"move": word, "state": State(state).label, "options": _listed(words) or gettext("nothing")}
    )


def _listed(words: Iterable[str | Promise]) -> str:
    return gettext(", ").join(str(word) for word in words)


def next_step(state: str, level: str, role: str) -> Move | None:
    """The single most sensible move for that role now, None if it has none."""
    options = {move.verb: move for move in legal(state, level, role)}
    return next((options[verb] for verb in NEXT_STEP.get(State(state), ()) if verb in options), None)

"""Every legal move of a task, once: from which states, by whom, which clocks it stops and starts.

The page docs/moves.md is drawn from this table, and the action bar of every page is read from it.
"""

from __future__ import annotations

from dataclasses import dataclass

from django.db.models import TextChoices
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from qingdun.console.kernel.roles import PERMISSIONS, Permission, Role
from qingdun.errors import IllegalMove, NotPermitted


class State(TextChoices):
    """Where a task stands in the life of an alert (domain: life of an alert)."""

    NEW = "new", _("New")
    CITY = "city", _("With the city")
    COUNTY = "county", _("With the county")
    STATION = "station", _("With the station")
    SIGNED = "signed", _("Signed")
    CALLING = "calling", _("Calling")
    REACHED = "reached", _("Reached by phone")
    UNREACHABLE = "unreachable", _("Not reached")
    REFUSED = "refused", _("Refused to talk")
    SEARCHING = "searching", _("Searching")
    MET = "met", _("Met")
    AWAKENED = "awakened", _("Dissuaded")
    NOT_AWAKENED = "not_awakened", _("Not dissuaded")
    FALSE_ALARM = "false_alarm", _("False alarm")
    ALREADY_PAID = "already_paid", _("Had already paid")
    FEEDBACK = "feedback", _("Reported back")
    CLOSED = "closed", _("Closed")
    BOUNCED = "bounced", _("Sent back")
    ESCALATED = "escalated", _("Escalated")


IN_THE_FIELD = frozenset(
    {
        State.SIGNED,
        State.CALLING,
        State.REACHED,
        State.UNREACHABLE,
        State.REFUSED,
        State.SEARCHING,
        State.MET,
    }
)
"""States in which the officer who signed writes the visit."""


class ClockName(TextChoices):
    """What is timed from the moment somebody is given a task."""

    SIGN = "sign", _("Sign")
    CALL = "call", _("Call")
    MEET = "meet", _("Meet")


VERDICTS = (State.AWAKENED, State.NOT_AWAKENED, State.FALSE_ALARM, State.ALREADY_PAID)
UNDECIDED = (State.REACHED, State.UNREACHABLE, State.REFUSED, State.SEARCHING)
ON_THE_WAY = (State.SIGNED, State.CALLING, *UNDECIDED)
AT_A_DESK = (State.NEW, State.CITY, State.COUNTY, State.BOUNCED, State.ESCALATED)

CITY = Permission.DISPATCH_CITY
COUNTY = Permission.DISPATCH_COUNTY
REVIEW = Permission.REVIEW_ALERTS
FIELD = Permission.WORK_ALERTS

ALL_LEVELS = ("urgent", "high", "medium", "low")
STRAIGHT = ("urgent", "high")
"""Levels that go from the city straight to the station, the county being copied."""
CALM = ("medium", "low")
"""Levels that a phone call may settle without a visit."""


@dataclass(frozen=True, slots=True)
class Move:
    """One line of the table."""

    verb: str
    label: str | Promise
    sources: tuple[State, ...]
    target: State
    permission: Permission
    stops: tuple[ClockName, ...] = ()
    starts: tuple[ClockName, ...] = ()
    needs_note: bool = False
    levels: tuple[str, ...] = ALL_LEVELS
    by_owner: bool = False
    """Only whoever signed may, so that nobody is called by two levels about one task."""

    @property
    def roles(self) -> tuple[Role, ...]:
        """The roles that may make it."""
        return tuple(role for role in Role if self.permission in PERMISSIONS[role])


MOVES: tuple[Move, ...] = (
    Move(
        "accept",
        _("Accept"),
        (State.NEW, State.BOUNCED, State.ESCALATED),
        State.CITY,
        CITY,
    ),
    Move(
        "dispatch_county",
        _("Dispatch to the county"),
        (State.NEW, State.CITY, State.BOUNCED, State.ESCALATED),
        State.COUNTY,
        CITY,
        stops=(ClockName.SIGN,),
        starts=(ClockName.SIGN,),
    ),
    Move(
        "dispatch_straight",
        _("Dispatch to the station, county copied"),
        (State.NEW, State.CITY, State.BOUNCED, State.ESCALATED),
        State.STATION,
        CITY,
        stops=(ClockName.SIGN,),
        starts=(ClockName.SIGN, ClockName.CALL, ClockName.MEET),
        levels=STRAIGHT,
    ),
    Move(
        "dispatch_station",
        _("Dispatch to the station"),
        (State.COUNTY, State.BOUNCED, State.ESCALATED),
        State.STATION,
        COUNTY,
        stops=(ClockName.SIGN,),
        starts=(ClockName.SIGN, ClockName.CALL, ClockName.MEET),
    ),
    Move("recall", _("Take back"), (State.COUNTY, State.STATION), State.CITY, CITY),
    Move(
        "sign",
        _("Sign"),
        (State.STATION,),
        State.SIGNED,
        FIELD,
        stops=(ClockName.SIGN,),
    ),
    Move(
        "call",
        _("Call"),
        (State.SIGNED, *UNDECIDED),
        State.CALLING,
        FIELD,
        stops=(ClockName.CALL,),
        by_owner=True,
    ),
    Move("reach", _("Reached"), (State.CALLING,), State.REACHED, FIELD, by_owner=True),
    Move(
        "miss",
        _("Not reached"),
        (State.CALLING,),
        State.UNREACHABLE,
        FIELD,
        by_owner=True,
    ),
    Move("refuse", _("Refused"), (State.CALLING,), State.REFUSED, FIELD, by_owner=True),
    Move(
        "search",
        _("Search for them"),
        (State.SIGNED, State.CALLING, State.REACHED, State.UNREACHABLE, State.REFUSED),
        State.SEARCHING,
        FIELD,
        by_owner=True,
    ),
    Move(
        "meet",
        _("Visit: met"),
        ON_THE_WAY,
        State.MET,
        FIELD,
        stops=(ClockName.CALL, ClockName.MEET),
        by_owner=True,
    ),
    *(
        Move(verdict.value, verdict.label, (State.MET,), verdict, FIELD, by_owner=True)
        for verdict in VERDICTS
    ),
    *(
        Move(
            f"{verdict.value}_by_phone",
            verdict.label,
            (State.REACHED,),
            verdict,
            FIELD,
            stops=(ClockName.MEET,),
            levels=CALM,
            by_owner=True,
        )
        for verdict in VERDICTS
    ),
    Move("report", _("Report"), VERDICTS, State.FEEDBACK, FIELD),
    Move("close", _("Close the task"), (State.FEEDBACK,), State.CLOSED, FIELD),
    Move(
        "dismiss",
        _("Close with a reason"),
        AT_A_DESK,
        State.CLOSED,
        REVIEW,
        stops=tuple(ClockName),
        needs_note=True,
    ),
    Move(
        "bounce",
        _("Send back"),
        (State.COUNTY, State.STATION, State.SIGNED),
        State.BOUNCED,
        FIELD,
        stops=(ClockName.SIGN,),
        starts=(ClockName.SIGN,),
        needs_note=True,
    ),
    Move(
        "escalate",
        _("Escalate"),
        (State.COUNTY, State.STATION, *ON_THE_WAY, State.MET, State.NOT_AWAKENED),
        State.ESCALATED,
        FIELD,
        needs_note=True,
    ),
    Move(
        "reopen",
        _("Reopen"),
        (State.FEEDBACK, State.CLOSED),
        State.CITY,
        REVIEW,
        starts=(ClockName.SIGN,),
        needs_note=True,
    ),
)
BY_VERB: dict[str, Move] = {move.verb: move for move in MOVES}

DISPATCH = ("dispatch_straight", "dispatch_county", "dispatch_station")
NEXT_STEP: dict[State, tuple[str, ...]] = {
    **dict.fromkeys(AT_A_DESK, DISPATCH),
    State.STATION: ("sign",),
    State.SIGNED: ("call",),
    State.CALLING: ("reach",),
    State.REACHED: ("awakened_by_phone", "meet"),
    State.UNREACHABLE: ("call",),
    State.REFUSED: ("meet",),
    State.SEARCHING: ("meet",),
    State.MET: ("awakened",),
    **dict.fromkeys(VERDICTS, ("report",)),
    State.FEEDBACK: ("close",),
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

    Errors: IllegalMove says where the task stands and what is legal from there; NotPermitted names the role.
    """
    move = BY_VERB.get(verb)
    if move is None or state not in move.sources or level not in move.levels:
        options = ", ".join(m.verb for m in legal(state, level)) or "nothing"
        raise IllegalMove(f"{verb}: the task is {state} at level {level}; legal from there: {options}")
    if role not in move.roles:
        raise NotPermitted(f"{verb}: {role} may not; {', '.join(move.roles)} may")
    if move.needs_note and not note.strip():
        raise IllegalMove(f"{verb}: a reason is needed, found an empty note")
    return move


def next_step(state: str, level: str, role: str) -> Move | None:
    """The single most sensible move for that role now, None if it has none."""
    options = {move.verb: move for move in legal(state, level, role)}
    return next((options[verb] for verb in NEXT_STEP.get(State(state), ()) if verb in options), None)

"""Every legal move of a task, once: from which states, by whom, which clocks it stops and starts.

The page docs/moves.md is drawn from this table, and the action bar of every page is read from it.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from django.db.models import TextChoices
from django.utils.functional import Promise
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from qingdun.console.kernel.roles import PERMISSIONS, Permission, Role
from qingdun.errors import IllegalMove, NotPermitted


class State(TextChoices):
    """Where a task stands in the life of an alert (domain: life of an alert)."""

    NEW = "new", _("New")
    SCORED = "scored", _("Scored")
    MERGED = "merged", _("Merged")
    SUPPRESSED = "suppressed", _("Set aside")
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
    REVIEWED = "reviewed", _("Reviewed")
    FOLLOW_UP = "follow_up", _("Being followed up")
    CLOSED = "closed", _("Closed")
    BOUNCED = "bounced", _("Sent back")
    ESCALATED = "escalated", _("Escalated")
    OUT_OF_AREA = "out_of_area", _("Out of our area")
    REOPENED = "reopened", _("Reopened")


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


class Timed(TextChoices):
    """Everything whose length is configured by level and place: the clocks, and four other spans."""

    SIGN = ClockName.SIGN.value, ClockName.SIGN.label
    CALL = ClockName.CALL.value, ClockName.CALL.label
    MEET = ClockName.MEET.value, ClockName.MEET.label
    ESCALATE = "escalate", _("Until the level above hears of it")
    CAP = "cap", _("Meet at the latest, from the first order")
    QUIET = "quiet", _("No second call without confirming")
    SUPPRESS = "suppress", _("Set aside after a false alarm")


VERDICTS = (State.AWAKENED, State.NOT_AWAKENED, State.FALSE_ALARM, State.ALREADY_PAID)
UNDECIDED = (State.REACHED, State.UNREACHABLE, State.REFUSED, State.SEARCHING)
ON_THE_WAY = (State.SIGNED, State.CALLING, *UNDECIDED)
ARRIVED = (State.NEW, State.SCORED)
SENT_BACK = (State.BOUNCED, State.ESCALATED, State.OUT_OF_AREA, State.REOPENED)
AT_A_DESK = (*ARRIVED, State.CITY, State.COUNTY, *SENT_BACK)
SETTLED = (State.FEEDBACK, State.REVIEWED, State.FOLLOW_UP, State.CLOSED)
"""The officer is done: a new serious alert takes the task up again."""
ENDED = (State.CLOSED, State.MERGED, State.SUPPRESSED)
"""Nobody works on it and no clock runs; `closed_at` says since when."""
AT_THE_HOTLINE = (*ARRIVED, State.CITY)
"""Where a calm task waits for a call from the hotline."""
WORKED_ON = tuple(state for state in State if state not in (*SETTLED, *ENDED))
"""Somebody still owes the person a contact or the desk a report: a new alert joins it, however old it is."""

CITY = Permission.DISPATCH_CITY
COUNTY = Permission.DISPATCH_COUNTY
REVIEW = Permission.REVIEW_ALERTS
FIELD = Permission.WORK_ALERTS
HOTLINE = Permission.CALL_HOTLINE
GRID = Permission.VISIT_ENTRUSTED

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
    target: State | None
    """None: the task stays where it is, and only its mark `lost_at` changes."""
    permission: Permission
    also: tuple[Permission, ...] = ()
    """Other permissions that do as well."""
    stops: tuple[ClockName, ...] = ()
    starts: tuple[ClockName, ...] = ()
    starts_calm: tuple[ClockName, ...] = ()
    """Started as well for levels that a call may settle, unless they run: those are timed from the alert and
    not from an order, because the city may call by itself."""
    needs_note: bool = False
    levels: tuple[str, ...] = ALL_LEVELS
    by_owner: bool = False
    """Only whoever signed may, so that nobody is called by two levels about one task."""
    by_engine: bool = False
    """The system makes it as well, with nobody's name on it."""
    apart: bool = False
    """Made by an act of its own, which asks for more than a reason; no button of the action bar."""
    lost: bool | None = None
    """Whether the contact with the person is lost after it; None leaves that as it is."""

    @property
    def roles(self) -> tuple[Role, ...]:
        """The roles that may make it."""
        return tuple(role for role in Role if PERMISSIONS[role] & {self.permission, *self.also})

    def fits(self, lost: bool) -> bool:
        """Whether it changes anything for a task whose contact is lost, or is not."""
        return self.target is not None or self.lost is not lost


MOVES: tuple[Move, ...] = (
    Move(
        "score",
        _("Assess"),
        (State.NEW,),
        State.SCORED,
        CITY,
        starts=(ClockName.SIGN,),
        starts_calm=(ClockName.CALL, ClockName.MEET),
        by_engine=True,
    ),
    Move(
        "merge",
        _("Merge into another task"),
        (*AT_A_DESK, State.SUPPRESSED),
        State.MERGED,
        CITY,
        stops=tuple(ClockName),
        by_engine=True,
        apart=True,
    ),
    Move(
        "suppress",
        _("Set aside"),
        ARRIVED,
        State.SUPPRESSED,
        CITY,
        stops=tuple(ClockName),
        needs_note=True,
        levels=CALM,
        by_engine=True,
    ),
    Move(
        "unsuppress",
        _("Take up again"),
        (State.SUPPRESSED,),
        State.SCORED,
        CITY,
        starts=(ClockName.SIGN,),
        starts_calm=(ClockName.CALL, ClockName.MEET),
        by_engine=True,
    ),
    Move(
        "accept",
        _("Accept"),
        (*ARRIVED, *SENT_BACK),
        State.CITY,
        CITY,
    ),
    Move(
        "dispatch_county",
        _("Dispatch to the county"),
        (*ARRIVED, State.CITY, *SENT_BACK),
        State.COUNTY,
        CITY,
        stops=(ClockName.SIGN,),
        starts=(ClockName.SIGN,),
    ),
    Move(
        "dispatch_straight",
        _("Dispatch to the station, county copied"),
        (*ARRIVED, State.CITY, *SENT_BACK),
        State.STATION,
        CITY,
        stops=(ClockName.SIGN,),
        starts=(ClockName.SIGN, ClockName.CALL, ClockName.MEET),
        levels=STRAIGHT,
    ),
    Move(
        "dispatch_station",
        _("Dispatch to the station"),
        (State.COUNTY, State.BOUNCED, State.ESCALATED, State.REOPENED),
        State.STATION,
        COUNTY,
        stops=(ClockName.SIGN,),
        starts=(ClockName.SIGN, ClockName.CALL, ClockName.MEET),
    ),
    Move(
        "hotline",
        _("Call from the hotline 96110"),
        AT_THE_HOTLINE,
        State.SIGNED,
        CITY,
        (HOTLINE,),
        stops=(ClockName.SIGN,),
        levels=CALM,
    ),
    Move(
        "hand_down",
        _("Not settled by phone: to the county for a visit"),
        (State.SIGNED, *UNDECIDED),
        State.COUNTY,
        CITY,
        (HOTLINE,),
        starts=(ClockName.SIGN,),
        levels=CALM,
        by_owner=True,
    ),
    Move(
        "entrust",
        _("Entrust to a grid member"),
        (State.SIGNED, *UNDECIDED),
        State.SIGNED,
        FIELD,
        levels=CALM,
        by_owner=True,
        apart=True,
    ),
    Move(
        "hand_back",
        _("Not settled: back to the station"),
        (State.SIGNED, *UNDECIDED),
        State.STATION,
        GRID,
        starts=(ClockName.SIGN,),
        levels=CALM,
        needs_note=True,
        by_owner=True,
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
        (HOTLINE, GRID),
        stops=(ClockName.CALL,),
        by_owner=True,
    ),
    *(
        Move(
            verb,
            label,
            (State.CALLING,),
            target,
            FIELD,
            (HOTLINE, GRID),
            by_owner=True,
            apart=True,
            lost=lost,
        )
        for verb, label, target, lost in (
            ("reach", _("Reached"), State.REACHED, False),
            ("miss", _("Not reached"), State.UNREACHABLE, None),
            ("refuse", _("Refused"), State.REFUSED, None),
        )
    ),
    Move(
        "search",
        _("Search for them"),
        (State.SIGNED, State.CALLING, State.REACHED, State.UNREACHABLE, State.REFUSED),
        State.SEARCHING,
        FIELD,
        (HOTLINE, GRID),
        by_owner=True,
    ),
    Move("take_over", _("Take it over"), (State.SEARCHING,), None, FIELD, apart=True),
    Move(
        "meet",
        _("Visit: met"),
        ON_THE_WAY,
        State.MET,
        FIELD,
        (GRID,),
        stops=(ClockName.CALL, ClockName.MEET),
        by_owner=True,
        lost=False,
    ),
    Move("lose", _("Contact lost"), ON_THE_WAY, None, FIELD, lost=True),
    Move("find", _("Contact found again"), ON_THE_WAY, None, FIELD, lost=False),
    *(
        Move(
            verdict.value,
            verdict.label,
            (State.MET,),
            verdict,
            FIELD,
            (GRID,),
            by_owner=True,
            apart=verdict is State.FALSE_ALARM,
        )
        for verdict in VERDICTS
    ),
    *(
        Move(
            f"{verdict.value}_by_phone",
            verdict.label,
            (State.REACHED,),
            verdict,
            FIELD,
            (HOTLINE, GRID),
            stops=(ClockName.MEET,),
            levels=CALM,
            by_owner=True,
            apart=verdict is State.FALSE_ALARM,
        )
        for verdict in VERDICTS
    ),
    Move("report", _("Report"), VERDICTS, State.FEEDBACK, FIELD, (HOTLINE, GRID)),
    Move("review", _("Review"), (State.FEEDBACK,), State.REVIEWED, REVIEW),
    Move("follow_up", _("Follow up"), (State.REVIEWED,), State.FOLLOW_UP, FIELD, by_engine=True),
    Move(
        "close",
        _("Close the task"),
        (State.REVIEWED, State.FOLLOW_UP),
        State.CLOSED,
        FIELD,
        by_engine=True,
    ),
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
        "out_of_area",
        _("Out of our area"),
        (State.CITY, State.COUNTY, State.STATION, State.SIGNED, *UNDECIDED),
        State.OUT_OF_AREA,
        FIELD,
        stops=tuple(ClockName),
        starts=(ClockName.SIGN,),
        starts_calm=(ClockName.CALL, ClockName.MEET),
        needs_note=True,
    ),
    Move(
        "escalate",
        _("Escalate"),
        (State.COUNTY, State.STATION, *ON_THE_WAY, State.MET, State.NOT_AWAKENED),
        State.ESCALATED,
        FIELD,
        needs_note=True,
        by_engine=True,
    ),
    Move(
        "reopen",
        _("Reopen"),
        SETTLED,
        State.REOPENED,
        REVIEW,
        starts=(ClockName.SIGN,),
        starts_calm=(ClockName.CALL, ClockName.MEET),
        needs_note=True,
        by_engine=True,
    ),
)
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

"""Moves after the report, and those that take a task off its way."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from qingdun.console.alerts.moving import FIELD, REVIEW, Move
from qingdun.console.alerts.states import AT_A_DESK, ON_THE_WAY, SETTLED, UNDECIDED, ClockName, State

ASIDE: tuple[Move, ...] = (
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
        by_engine=True,
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

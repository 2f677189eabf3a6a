"""Where a task may stand, what is timed, and the sets of states that rules and pages speak of."""

from __future__ import annotations

from django.db.models import TextChoices
from django.utils.translation import gettext_lazy as _


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

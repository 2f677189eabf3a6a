"""Reads of the module: the viewer first. A party sees what was addressed to it and nothing else; the police
see what their region made.
"""

from __future__ import annotations

import datetime as dt
from typing import NamedTuple

from django.db.models import Count, OuterRef, Q, QuerySet, Subquery
from django.db.models.functions import Coalesce
from django.utils import timezone

from qingdun.console.industry import rules
from qingdun.console.industry.access import addressed, legal, only
from qingdun.console.industry.codes import PARTY_KINDS
from qingdun.console.industry.models import Appeal, Assignment, Breach, ProposalRun, Restriction, Submission
from qingdun.console.industry.moves import (
    APPEAL_MOVES,
    ASSIGNMENT_MOVES,
    CONFIRMED,
    MOVES,
    AssignmentState,
    Move,
    State,
)
from qingdun.console.kernel.models import Organisation, User
from qingdun.console.kernel.roles import Permission, may


class Budget(NamedTuple):
    """How many false blocks a week has had, and how many it may have until automatic proposals stop."""

    monday: dt.date
    spent: int
    most: int

    @property
    def is_spent(self) -> bool:
        """Whether nothing is proposed automatically any more this week."""
        return self.spent >= self.most


def parties(viewer: User) -> QuerySet[Organisation]:
    """Banks and operators of the viewer's region; to a party, itself alone."""
    found = Organisation.objects.filter(kind__in=PARTY_KINDS).select_related("region")
    if may(viewer, Permission.ANSWER_LISTS):
        return found.filter(pk=viewer.organisation_id or 0)
    if not may(viewer, Permission.SEE_INDUSTRY):
        return found.none()
    # A county sends lists to banks of the whole city: branches answer to one compliance officer there.
    return found.filter(_above_or_below(viewer)) if viewer.region_path else found.none()


def assignments(viewer: User, region: str = "") -> QuerySet[Assignment]:
    """Lists for parties, the latest first; to a party, those sent to it."""
    stored = Assignment.objects.select_related("party", "proposed_by", "confirmed_by", "second_by")
    found = addressed(viewer, stored, region)
    if may(viewer, Permission.ANSWER_LISTS):
        found = found.filter(state=AssignmentState.SENT)
    rows = Restriction.objects.filter(assignment=OuterRef("pk")).order_by()
    done = rows.exclude(state__in=[State.PROPOSED, State.ORDERED]).values("assignment")
    # Counted for the lists that are shown and not for all there are.
    answered = Coalesce(Subquery(done.annotate(count=Count("pk")).values("count")), 0)
    return found.annotate(answered=answered)


def assignment(viewer: User, assignment_id: int) -> Assignment:
    """One of them. Errors: NotPermitted if it is not there or not the viewer's to see."""
    return only(assignments(viewer), assignment_id)


def answer_counts(viewer: User, about: Assignment) -> dict[State, int]:
    """How many rows of the list stand in each state, in the order of the states; those with none left out."""
    found = restrictions(viewer).filter(assignment=about).order_by()
    counts = dict(found.values_list("state").annotate(Count("pk")))
    return {State(state): counts[state] for state in State.values if state in counts}


def restrictions(viewer: User, region: str = "") -> QuerySet[Restriction]:
    """Restrictions, the latest first; to a party, those ordered of it."""
    stored = Restriction.objects.select_related("assignment", "party", "confirmed_by", "answered_by")
    found = addressed(viewer, stored, region)
    if may(viewer, Permission.ANSWER_LISTS):
        found = found.filter(state__in=CONFIRMED)
    return found


def restriction(viewer: User, restriction_id: int) -> Restriction:
    """One of them. Errors: NotPermitted if it is not there or not the viewer's to see."""
    return only(restrictions(viewer), restriction_id)


def appeals(viewer: User, region: str = "") -> QuerySet[Appeal]:
    """Appeals against restrictions that the viewer sees, the latest first."""
    stored = Appeal.objects.select_related("restriction__party", "filed_by", "decided_by")
    return addressed(viewer, stored, region, "restriction__party")


def appeal(viewer: User, appeal_id: int) -> Appeal:
    """One of them. Errors: NotPermitted if it is not there or not the viewer's to see."""
    return only(appeals(viewer), appeal_id)


def breaches(viewer: User, region: str = "") -> QuerySet[Breach]:
    """Clocks that ran out, the latest first; to a party, its own."""
    return addressed(viewer, Breach.objects.select_related("party"), region)


def assignment_moves(viewer: User, about: Assignment) -> list[Move]:
    """What the viewer may do with the list now: the second confirmation is not the first one's to give."""
    if not assignments(viewer).filter(pk=about.pk).exists():
        return []
    found = legal(ASSIGNMENT_MOVES, about.state, viewer)
    left = {"send" if about.needs_two else "confirm"}
    if about.confirmed_by_id == viewer.pk:
        left.add("second")
    return [move for move in found if move.verb not in left]


def restriction_moves(viewer: User, about: Restriction) -> list[Move]:
    """What the viewer may do with the restriction now."""
    if not restrictions(viewer).filter(pk=about.pk).exists():
        return []
    left = {"serve"} if about.party_id else {"control", "dispute"}
    if about.party_id and not may(viewer, Permission.ANSWER_LISTS):
        left.add("lift")
    return [move for move in legal(MOVES, about.state, viewer) if move.verb not in left]


def appeal_moves(viewer: User, about: Appeal) -> list[Move]:
    """What the viewer may do with the appeal now."""
    if not appeals(viewer).filter(pk=about.pk).exists():
        return []
    return legal(APPEAL_MOVES, about.state, viewer)


def budget(viewer: User) -> Budget:
    """The false blocks of this week in the viewer's region, and how many a week may have."""
    begin = rules.week_begin(timezone.now())
    spent = restrictions(viewer).filter(unfounded_at__gte=begin).count()
    return Budget(begin.date(), spent, rules.limit("false_blocks_per_week"))


def runs(viewer: User) -> QuerySet[ProposalRun]:
    """The runs of automatic proposals, the latest first; they are the whole city's."""
    if not may(viewer, Permission.CONFIRM_RESTRICTIONS):
        return ProposalRun.objects.none()
    return ProposalRun.objects.all()


def submissions(viewer: User, key: str = "") -> QuerySet[Submission]:
    """What the viewer's bank or operator has sent by program, under that key."""
    if not may(viewer, Permission.ANSWER_LISTS):
        return Submission.objects.none()
    found = Submission.objects.filter(party=viewer.organisation_id)
    return found.filter(key=key) if key else found


def _above_or_below(viewer: User) -> Q:
    codes = viewer.region_path.strip("/").split("/")
    above = ["/".join(codes[:count]) + "/" for count in range(1, len(codes))]
    return Q(region__path__startswith=viewer.region_path) | Q(region__path__in=above)

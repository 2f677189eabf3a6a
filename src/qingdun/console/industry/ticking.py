"""What the tick process calls once a second: restrictions and suspensions end with their term, clocks that
ran out become rows and are told above, the engine's proposals are made.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from typing import Any

from django.db import transaction
from django.db.models import Exists, OuterRef, QuerySet

from qingdun.console.alerts import unattended as alerts
from qingdun.console.industry import automatic, checking, rules
from qingdun.console.industry.actions import announce
from qingdun.console.industry.checking import CLOCKS, TERM_RUNS
from qingdun.console.industry.codes import Clock
from qingdun.console.industry.models import Appeal, Assignment, Breach, CardCheck, Restriction
from qingdun.console.industry.moves import AppealState, AssignmentState, State
from qingdun.console.kernel.audit import record

AT_ONCE = 500
Late = Assignment | Restriction | Appeal | CardCheck
OF_THE_POLICE = (Clock.APPEAL, Clock.OBJECTION)
TOP = 2
"""How often a clock that ran out is told above: at once, and once more if nothing came of it."""


def tick(now: dt.datetime) -> int:
    """What is due at `now` is done; how much it was."""
    done = end_terms(now) + end_suspensions(now) + find_breaches(now) + tell_again(now)
    return done + automatic.tick(now, alerts.sure_suspects, alerts.flagged)


def end_terms(now: dt.datetime) -> int:
    """Every restriction whose term is over is to be released by its party; how many this call ended."""
    due = Restriction.objects.filter(state=State.IN_FORCE, until__lte=now).order_by("until")
    ids = list(due.values_list("pk", flat=True)[:AT_ONCE])
    return sum(_end(pk, now) for pk in ids)


@transaction.atomic
def _end(pk: int, now: dt.datetime) -> bool:
    due = Restriction.objects.filter(pk=pk, state=State.IN_FORCE, until__lte=now)
    if not due.update(state=State.RELEASING, release_due_at=now + rules.hours("release_h")):
        return False
    about = Restriction.objects.get(pk=pk)
    record(None, "restriction_expire", about, {"state": State.IN_FORCE}, {"state": about.state})
    return True


def end_suspensions(now: dt.datetime) -> int:
    """Every suspended card whose term is over is to be restored by its operator; how many this call ended."""
    due = CardCheck.objects.filter(state__in=TERM_RUNS, until__lte=now).order_by("until")
    return sum(checking.end_suspension(pk, now) for pk in due.values_list("pk", flat=True)[:AT_ONCE])


def find_breaches(now: dt.datetime) -> int:
    """Every clock that ran out and is not met is a row, once, and the level above has heard; how many are
    new.
    """
    return sum(_breach(clock, one, now) for clock, found in _late(now) for one in found[:AT_ONCE])


def _late(now: dt.datetime) -> Iterator[tuple[Clock, QuerySet[Any]]]:
    """What is late and was not found yet, by its clock. Of a list, and of each row of it that was insisted
    upon.
    """
    ordered = Restriction.objects.filter(state=State.ORDERED)
    waiting = ordered.filter(assignment=OuterRef("pk"), answer_due_at=None)
    lists = Assignment.objects.filter(state=AssignmentState.SENT, due_at__lte=now)
    yield Clock.ANSWER, lists.filter(~_found(Clock.ANSWER, "due_at"), Exists(waiting))
    anew = ordered.filter(answer_due_at__lte=now)
    yield Clock.ANSWER, anew.filter(~_found(Clock.ANSWER, "answer_due_at", "assignment"))
    releases = Restriction.objects.filter(state=State.RELEASING, release_due_at__lte=now)
    yield Clock.RELEASE, releases.filter(~_found(Clock.RELEASE, "release_due_at"))
    undecided = Appeal.objects.filter(state=AppealState.FILED, due_at__lte=now)
    yield Clock.APPEAL, undecided.filter(~_found(Clock.APPEAL, "due_at"))
    for state, (clock, _rule) in CLOCKS.items():
        checks = CardCheck.objects.filter(state=state, due_at__lte=now)
        yield clock, checks.filter(~_found(clock, "due_at"))


def _found(clock: Clock, due: str, about: str = "pk") -> Exists:
    return Exists(Breach.objects.filter(clock=clock, about=OuterRef(about), due_at=OuterRef(due)))


@transaction.atomic
def _breach(clock: Clock, about: Late, now: dt.datetime) -> bool:
    due = about.due_at
    party = None if isinstance(about, Appeal) else about.party
    ident = about.assignment_id if isinstance(about, Restriction) and clock == Clock.ANSWER else about.pk
    if due is None:
        return False
    # Appeals and objections are the police's to decide: no party is late with them.
    made, fresh = Breach.objects.get_or_create(
        clock=clock, about=ident, due_at=due,
        defaults={
            "party": None if clock in OF_THE_POLICE else party, "found_at": now, "told_at": now,
            "region_path": about.region_path,
        },
    )  # fmt: skip
    if fresh:
        record(None, "industry_breach", made, None, {"clock": clock, "due_at": due})
        announce(made.region_path, "breach", made.pk)
    return fresh


def tell_again(now: dt.datetime) -> int:
    """What is still not done a while after it was told is told once more, as a case for an interview; how
    many this call told of.
    """
    due = Breach.objects.filter(ended_at=None, level__lt=TOP, told_at__lte=now - rules.hours("escalate_h"))
    return sum(_tell(pk, now) for pk in due.values_list("pk", flat=True)[:AT_ONCE])


@transaction.atomic
def _tell(pk: int, now: dt.datetime) -> bool:
    due = Breach.objects.filter(pk=pk, ended_at=None, level__lt=TOP)
    if not due.update(level=TOP, told_at=now):
        return False
    about = Breach.objects.get(pk=pk)
    record(None, "tell_above", about, {"level": 1}, {"level": about.level, "clock": about.clock})
    announce(about.region_path, "breach", about.pk)
    return True

"""Every figure once: which rows of which table it counts. Shares name two figures.

All figures are about the tasks that came in within the period (`received_at`, our time), those merged into
another task excepted. A figure is a condition on tasks and on the rows that hang on them: what counts it
(`counting`) and what lists it (`listing`) apply the same condition.
"""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from importlib import resources
from typing import Any, NamedTuple

from django.db.models import (
    BooleanField,
    Case,
    DateTimeField,
    Exists,
    ExpressionWrapper,
    F,
    OuterRef,
    Q,
    QuerySet,
    Value,
    When,
)
from django.utils.functional import Promise
from django.utils.translation import gettext, pgettext_lazy
from django.utils.translation import gettext_lazy as _

from qingdun.console.alerts.queries import AVOIDED
from qingdun.contract.codes import OutcomeResult
from qingdun.errors import InputError

CONFIRMED = (OutcomeResult.AWAKENED.value, OutcomeResult.NOT_AWAKENED.value, OutcomeResult.ALREADY_PAID.value)
VERIFIED = (*CONFIRMED, OutcomeResult.FALSE_ALARM.value)
WITH_MONEY = ("transfer", "laundering")
"""Stages of an alert at which money can leave."""


class Ground(NamedTuple):
    """What a condition may need besides the task: the time, every task of the days asked for, the incidents
    the viewer sees."""

    now: dt.datetime
    tasks: QuerySet[Any]
    incidents: QuerySet[Any]


@dataclass(frozen=True, slots=True)
class Figure:
    """One number: rows of `table` whose task came in within the period and that fulfil `where`.

    `rows` is the key of what is counted: the task ("pk"), or a row that hangs on it ("clocks__pk").
    """

    code: str
    word: str | Promise
    table: str
    where: Callable[[Ground], Any]
    rows: str = "pk"
    split: tuple[str, ...] = ()
    """Fields by which it is told apart as well, each a parameter of the list."""


@dataclass(frozen=True, slots=True)
class Share:
    """Part of whole, both figures; `open` counts rows of the whole that may still change."""

    code: str
    word: str | Promise
    part: str
    whole: str
    formula: str | Promise
    basis: str | Promise
    better: str
    """Whether `more` or `less` of it is better."""
    open: str = ""


def days(name: str) -> dt.timedelta:
    """A span of `rules.json`."""
    return dt.timedelta(days=_rules()[name])


@cache
def _rules() -> dict[str, Any]:
    raw: dict[str, Any] = json.loads(resources.files(__package__).joinpath("rules.json").read_text("utf-8"))
    return raw


def _there(rows: QuerySet[Any]) -> Q:
    """Whether there are such rows. Looked up for one task after the other by index: as a plain EXISTS the
    planner joins it, and with statistics out of date it joins everything with everything.
    """
    return Q(Case(When(Exists(rows), then=Value(True)), default=Value(False), output_field=BooleanField()))


def _ran_out(ground: Ground) -> Q:
    """The clock was not stopped in time, be it that it still runs, stopped late or was called off late."""
    still = Q(clocks__stopped_at=None, clocks__due_at__lt=ground.now)
    return still | Q(clocks__stopped_at__gt=F("clocks__due_at"))


def _meeting(ground: Ground) -> Q:
    """The task had a clock for meeting that was not called off before it ran out."""
    return Q(clocks__name="meet") & (Q(clocks__kept=True) | _ran_out(ground))


def _in_time(ground: Ground) -> Any:
    late = ground.tasks.filter(_ran_out(ground), clocks__name="meet", pk=OuterRef("pk"))
    return Q(clocks__name="meet", clocks__kept=True) & ~_there(late)


def _met(ground: Ground) -> Q:
    return Q(events__verb="meet", events__withdrawn_at=None)


def _harmed(ground: Ground, since: str, within: dt.timedelta) -> Q:
    """An incident with a loss was reported of the person within the span after `since`; not the one of a task
    whose verdict says that the money had gone before.
    """
    theirs = ground.incidents.filter(
        person_id=OuterRef("person_id"),
        loss_fen__gt=0,
        reported_at__gt=OuterRef(since),
        reported_at__lte=ExpressionWrapper(OuterRef(since) + within, DateTimeField()),
    )
    return _there(theirs.exclude(task=OuterRef("pk"), task__verdict=OutcomeResult.ALREADY_PAID.value))


def _safe(ground: Ground) -> Any:
    after_one = _met(ground) & _harmed(ground, "events__at", days("safe_days"))
    harmed = ground.tasks.filter(after_one, pk=OuterRef("pk"))
    return _met(ground) & ~_there(harmed)


def _not_yet_safe(ground: Ground) -> Any:
    return _safe(ground) & Q(events__at__gt=ground.now - days("safe_days"))


def _dissuaded(ground: Ground) -> Q:
    return Q(verdict=OutcomeResult.AWAKENED.value)


def _defrauded(ground: Ground) -> Any:
    return _dissuaded(ground) & _harmed(ground, "verdict_at", days("relapse_days"))


def _may_relapse(ground: Ground) -> Any:
    waiting = Q(verdict_at__gt=ground.now - days("relapse_days"))
    return _dissuaded(ground) & waiting & ~_harmed(ground, "verdict_at", days("relapse_days"))


def _with_money(ground: Ground) -> Q:
    return Q(alerts__stage__in=WITH_MONEY)


def _ahead(ground: Ground) -> Any:
    at_once = ground.tasks.filter(
        pk=OuterRef("pk"), alerts__stage__in=WITH_MONEY, alerts__raised_at__lte=F("raised_at")
    )
    return _with_money(ground) & ~_there(at_once)


FIGURES: dict[str, Figure] = {
    figure.code: figure
    for figure in (
        Figure("received", _("Tasks that came in"), "tasks", lambda ground: Q()),
        Figure(
            "verified", pgettext_lazy("by a verdict", "Verified"), "tasks",
            lambda ground: Q(verdict__in=VERIFIED),
        ),
        Figure("confirmed", _("Contact or fraud confirmed"), "tasks", lambda g: Q(verdict__in=CONFIRMED)),
        Figure("dissuaded", _("Dissuaded"), "tasks", _dissuaded),
        Figure("defrauded", _("Defrauded within 30 days of dissuasion"), "tasks", _defrauded),
        Figure("may_relapse", _("Dissuaded less than 30 days ago"), "tasks", _may_relapse),
        Figure("avoided", _("Tasks with loss avoided"), "tasks", lambda ground: AVOIDED),
        Figure("required", _("Required to be met"), "meetings", _meeting),
        Figure(
            "met_required", _("Met, of those required"), "meetings",
            lambda ground: Q(clocks__name="meet", clocks__kept=True),
        ),
        Figure("met_in_time", _("Met within the clock"), "meetings", _in_time),
        Figure("met", _("Met"), "meets", _met),
        Figure("met_safe", _("Met, no transfer within 7 days"), "meets", _safe),
        Figure("met_open", _("Met less than 7 days ago"), "meets", _not_yet_safe),
        Figure("money", _("A transfer became possible"), "alerts", _with_money),
        Figure("ahead", _("Alerted before a transfer was possible"), "alerts", _ahead),
        Figure(
            "clocks", _("Clocks that ran"), "clocks",
            lambda ground: Q(clocks__kept=True) | _ran_out(ground), "clocks__pk", ("clocks__name", "level"),
        ),
        Figure(
            "clocks_kept", _("Clocks kept"), "clocks",
            lambda ground: Q(clocks__kept=True, clocks__stopped_at__lte=F("clocks__due_at")), "clocks__pk",
            ("clocks__name", "level"),
        ),
        Figure(
            "contacts", _("Calls to the person"), "contacts",
            lambda ground: Q(contacts__withdrawn_at=None, contacts__isnull=False), "contacts__pk",
            ("contacts__result",),
        ),
    )
}  # fmt: skip
"""Every figure by its code."""


def figure_of(code: str) -> Figure:
    """The figure of that code. Errors: InputError."""
    if code not in FIGURES:
        raise InputError(
            gettext("There is no figure “%(found)s”; expected one of %(known)s.")
            % {"found": code[:40], "known": ", ".join(FIGURES)}
        )
    return FIGURES[code]


LAW = _("Anti-Telecom and Online Fraud Law, art. 34; field manual, §3")
SHARES: tuple[Share, ...] = (
    Share(
        "meeting", _("Meeting rate"), "met_required", "required",
        _("Tasks whose person was met ÷ tasks whose meeting clock was not called off before it ran out"),
        LAW, "more",
    ),
    Share(
        "timeliness", _("Timeliness"), "met_in_time", "required",
        _("Tasks whose person was met and of which no meeting clock ran out ÷ tasks required to be met"),
        LAW, "more",
    ),
    Share(
        "success", _("Success of dissuasion"), "met_safe", "met",
        _("Tasks met with no incident with a loss reported within 7 days of any meeting ÷ tasks met"),
        LAW, "more", "met_open",
    ),
    Share(
        "precision", _("Precision of alerts"), "confirmed", "verified",
        _("Verdicts that confirm contact or fraud ÷ all verdicts"),
        _("Field manual, §3; Personal Information Protection Law, art. 24 (automated decisions)"),
        "more",
    ),
    Share(
        "relapse", _("Re-victimisation"), "defrauded", "dissuaded",
        _("Dissuaded persons of whom an incident with a loss was reported within 30 days ÷ all dissuaded"),
        LAW, "less", "may_relapse",
    ),
    Share(
        "ahead", _("Alerted ahead of the money"), "ahead", "money",
        _("Tasks alerted before their first alert at the transfer stage ÷ tasks that came to that stage"),
        _("Field manual, §3: lead time"), "more",
    ),
)  # fmt: skip
"""Every share, in the order of the page."""

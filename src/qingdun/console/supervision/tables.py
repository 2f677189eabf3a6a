"""The ledgers of supervision as tables."""

from __future__ import annotations

import datetime as dt
from typing import Any

from django.db.models import Q, QuerySet
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from qingdun.console.kernel.localtime import midnight, written, written_day
from qingdun.console.kernel.models import User
from qingdun.console.kernel.places import place_name
from qingdun.console.kernel.tables import Ask, Column, Filter, Table
from qingdun.console.supervision import queries
from qingdun.console.supervision.codes import FORM_WHY, WHY, Area, Change, Kind, Late, SupervisionForm
from qingdun.console.supervision.models import Charge
from qingdun.console.supervision.moves import RoundState, ShortcomingState

NOW = "now"


def reasons(codes: list[str], words: Any) -> str:
    """Why, in words."""
    return "；".join(str(words[one]) for one in codes)


def _charges(viewer: User, ask: Ask) -> QuerySet[Charge]:
    """What was supervised in rounds of the period; if that is asked, in the one in force on its last day."""
    found = queries.charges(viewer, ask.region)
    if ask.picks.get("list") == "1":
        found = found.exclude(change=Change.HELD)
    end = midnight((ask.until or timezone.localdate()) + dt.timedelta(days=1))
    if ask.picks.get("when") == NOW:
        in_force = Q(round__ended_at=None) | Q(round__ended_at__gte=end)
        return found.filter(in_force, round__confirmed_at__lt=end)
    if ask.since:
        found = found.filter(Q(round__ended_at=None) | Q(round__ended_at__gte=midnight(ask.since)))
    return found.filter(round__drawn_at__lt=end) if ask.until else found


def _shortcomings(viewer: User, ask: Ask) -> QuerySet[Any]:
    late = ask.picks.get("late") == "1"
    return queries.overdue(viewer, ask.region) if late else queries.shortcomings(viewer, ask.region)


def _commissioners(viewer: User, ask: Ask) -> QuerySet[Any]:
    """Those in office on the last day of the period, if that is asked."""
    found = queries.commissioners(viewer, ask.region)
    if ask.picks.get("when") != NOW:
        return found
    on = ask.until or timezone.localdate()
    return found.filter(Q(ended_on=None) | Q(ended_on__gt=on), appointed_on__lte=on)


PLACE = Column(
    pgettext_lazy("county or town", "Place"), lambda row: place_name(row.region_path), "region_path"
)
WHEN = Filter("when", _("When"), ((NOW, _("In force on the last day")),))
KIND = Filter("kind", _("Of what"), Kind.choices, "kind")
_KIND_OF = Filter("kind", _("Of what"), Kind.choices, "charge__kind")
CHARGES = Table(
    "charges",
    _("Under supervision"),
    _charges,
    (
        Column(_("Town or enterprise"), str, "region_path"),
        Column(_("Of what"), lambda row: row.get_kind_display(), "kind"),
        Column(pgettext_lazy("in a list", "Position"), lambda row: row.position, "position", "num"),
        Column(_("Position before"), lambda row: row.position_before or "", "position_before", "num"),
        Column(pgettext_lazy("in a round", "Change"), lambda row: row.get_change_display(), "change"),
        Column(_("Form"), lambda row: row.get_form_display(), "form"),
        Column(_("Why this form"), lambda row: reasons(row.form_why, FORM_WHY)),
        Column(_("Commissioner"), lambda row: str(row.commissioner), "commissioner"),
        Column(_("Why this one"), lambda row: reasons(row.why, WHY)),
        Column(pgettext_lazy("of supervision", "Visits"), lambda row: row.visited, "visited", "num"),
        Column(_("Visits wanted"), lambda row: row.wanted, "wanted", "num"),
        Column(_("Round"), lambda row: row.round_id, "round", "num"),
    ),
    (
        WHEN,
        KIND,
        Filter("list", _("List"), (("1", _("Without those held")),)),
        Filter("form", _("Form"), SupervisionForm.choices, "form"),
        Filter("change", pgettext_lazy("in a round", "Change"), Change.choices, "change"),
        Filter("round", _("Round"), (), "round", ids=True),
    ),
)
VISITS = Table(
    "visits",
    _("Visits of supervision"),
    lambda viewer, ask: queries.visits(viewer, ask.region),
    (
        Column(_("Town or enterprise"), str, "region_path"),
        Column(_("Visited"), lambda row: written(row.visited_at), "visited_at"),
        Column(_("Form"), lambda row: row.get_form_display(), "form"),
        Column(_("What was looked at"), lambda row: row.notes),
        Column(pgettext_lazy("of a visit", "Findings"), lambda row: row.found, "found", "num"),
        Column(_("Photos"), lambda row: row.pictures, "pictures", "num"),
        Column(_("By"), lambda row: str(row.by)),
    ),
    (_KIND_OF, Filter("form", _("Form"), SupervisionForm.choices, "form")),
    "visited_at",
    True,
    "supervision:visit",
    ("notes",),
)
SHORTCOMINGS = Table(
    "findings",
    pgettext_lazy("of visits", "Findings"),
    _shortcomings,
    (
        Column(pgettext_lazy("of a finding", "No."), lambda row: row.pk, "pk", "num"),
        Column(_("Town or enterprise"), lambda row: str(row.charge), "region_path"),
        Column(pgettext_lazy("of a finding", "About"), lambda row: row.get_area_display(), "area"),
        Column(pgettext_lazy("of a finding", "What was found"), lambda row: row.text),
        Column(_("State"), lambda row: row.get_state_display(), "state"),
        Column(pgettext_lazy("of a finding", "Deadline"), lambda row: written_day(row.due_on), "due_on"),
        Column(_("Found on"), lambda row: written(row.found_at), "found_at"),
        Column(
            pgettext_lazy("of a finding", "Reported"), lambda row: written(row.answered_at), "answered_at"
        ),
        Column(pgettext_lazy("of a finding", "Settled"), lambda row: written(row.closed_at), "closed_at"),
        Column(_("Commissioner"), lambda row: str(row.charge.commissioner)),
    ),
    (
        _KIND_OF,
        Filter("state", _("State"), ShortcomingState.choices, "state"),
        Filter("area", pgettext_lazy("of a finding", "About"), Area.choices, "area"),
        Filter("late", _("Overdue"), (("1", _("Only overdue ones")),)),
    ),
    "found_at",
    True,
    "supervision:finding",
    ("text",),
)
RECHECKS = Table(
    "rechecks",
    _("Re-inspections"),
    lambda viewer, ask: queries.rechecks(viewer, ask.region),
    (
        Column(_("Inspected again"), lambda row: written(row.at), "at"),
        Column(_("Town or enterprise"), lambda row: str(row.shortcoming.charge), "region_path"),
        Column(pgettext_lazy("of a finding", "What was found"), lambda row: row.shortcoming.text),
        Column(_("Put right"), lambda row: str(_("yes") if row.passed else _("no")), "passed"),
        Column(_("Remark"), lambda row: row.note),
        Column(_("New deadline"), lambda row: written_day(row.due_on), "due_on"),
        Column(_("By"), lambda row: str(row.visit.by)),
    ),
    (Filter("passed", _("Put right"), (("True", _("yes")), ("False", _("no"))), "passed"),),
    "at",
    True,
)
ESCALATIONS = Table(
    "escalations",
    _("Deadlines that passed"),
    lambda viewer, ask: queries.escalations(viewer, ask.region),
    (
        Column(_("Escalated"), lambda row: written(row.at), "at"),
        Column(_("Town or enterprise"), lambda row: str(row.shortcoming.charge), "region_path"),
        Column(pgettext_lazy("of a finding", "What was found"), lambda row: row.shortcoming.text),
        Column(pgettext_lazy("of a finding", "Deadline"), lambda row: written_day(row.due_on), "due_on"),
        Column(_("Who is late"), lambda row: row.get_late_display(), "late"),
        Column(_("State now"), lambda row: row.shortcoming.get_state_display()),
        Column(_("Commissioner"), lambda row: str(row.shortcoming.charge.commissioner)),
    ),
    (Filter("whose", _("Who is late"), Late.choices, "late"),),
    "at",
    True,
)
ENTERPRISES = Table(
    "enterprises",
    _("Enterprises by staff"),
    lambda viewer, ask: queries.enterprises(viewer, ask.region),
    (
        Column(_("Enterprise"), str, "name"),
        PLACE,
        Column(_("Staff"), lambda row: row.staff or "", "staff", "num"),
        Column(_("Figure of the day"), lambda row: written_day(row.staff_as_of), "staff_as_of"),
    ),
    (),
    "",
    False,
    "supervision:enterprise",
    ("name",),
)
STAFF = Table(
    "staff",
    _("Figures of staff"),
    lambda viewer, ask: queries.staff(viewer, ask.region),
    (
        Column(_("Enterprise"), lambda row: str(row.partner), "partner__name"),
        PLACE,
        Column(_("Staff"), lambda row: row.staff, "staff", "num"),
        Column(_("Figure of the day"), lambda row: written_day(row.as_of), "as_of"),
        Column(_("Source of the figure"), lambda row: row.source),
        Column(_("Entered"), lambda row: written(row.at), "at"),
        Column(_("By"), lambda row: str(row.by)),
    ),
    (),
    "as_of",
    search=("partner__name",),
)
COMMISSIONERS = Table(
    "commissioners",
    _("Commissioners"),
    _commissioners,
    (
        Column(_("Commissioner"), str, "user"),
        Column(_("Home county"), lambda row: place_name(row.region_path), "region_path"),
        Column(_("Appointed on"), lambda row: written_day(row.appointed_on), "appointed_on"),
        Column(pgettext_lazy("an office", "Until"), lambda row: written_day(row.ended_on), "ended_on"),
        Column(_("Appointed by"), lambda row: str(row.by)),
    ),
    (WHEN,),
    "",
    False,
    "supervision:commissioner",
)
ROUNDS = Table(
    "rounds",
    _("Rounds of assignment"),
    lambda viewer, ask: queries.rounds(viewer),
    (
        Column(_("Round"), lambda row: row.pk, "pk", "num"),
        Column(_("By the ranking of"), lambda row: f"{row.ranking.since} – {row.ranking.until}"),
        Column(_("State"), lambda row: row.get_state_display(), "state"),
        Column(_("Drawn"), lambda row: written(row.drawn_at), "drawn_at"),
        Column(
            pgettext_lazy("of a round", "Confirmed"), lambda row: written(row.confirmed_at), "confirmed_at"
        ),
        Column(_("Confirmed by"), lambda row: str(row.confirmed_by or "")),
        Column(pgettext_lazy("of a round", "Ended"), lambda row: written(row.ended_at), "ended_at"),
        Column(_("Rules"), lambda row: row.rules),
    ),
    (Filter("state", _("State"), RoundState.choices, "state"),),
    "drawn_at",
    True,
    "supervision:round",
)
TABLES: dict[str, Table] = {
    table.code: table
    for table in (
        SHORTCOMINGS, VISITS, RECHECKS, ESCALATIONS, CHARGES, ENTERPRISES, STAFF, COMMISSIONERS, ROUNDS,
    )
}  # fmt: skip
"""Every ledger of the module by its code; each stands as a tab."""

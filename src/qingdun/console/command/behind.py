"""The rows behind the figures of a dashboard, as tables: each read through the queries of its own module.

No person stands in any column; what a row is about is opened where it belongs.
"""

from __future__ import annotations

from typing import Any

from django.db.models import Q, QuerySet
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from qingdun.console.alerts import queries as alerts
from qingdun.console.alerts.codes import scam_type_label
from qingdun.console.assessment import queries as assessment
from qingdun.console.cases import queries as cases
from qingdun.console.funds import queries as funds
from qingdun.console.kernel.localtime import written, written_day
from qingdun.console.kernel.models import User
from qingdun.console.kernel.places import place_code, place_name
from qingdun.console.kernel.roles import Permission
from qingdun.console.kernel.scope import of_region
from qingdun.console.kernel.tables import Ask, Column, Filter, Table
from qingdun.console.outreach import queries as outreach


def _place(row: Any) -> str:
    return place_name(row.region_path)


def _type(row: Any) -> str:
    return scam_type_label(row.scam_type)


def _dissuaded(viewer: User, ask: Ask) -> QuerySet[Any]:
    """As the measures count them: tasks that came in, those merged into another one excepted."""
    found = alerts.counted(viewer).exclude(state="merged").filter(verdict="awakened")
    return of_region(viewer, found, ask.region).order_by("-received_at", "-pk")


def _cards(viewer: User, ask: Ask) -> QuerySet[Any]:
    """Cards and listings that were in force on the last day asked for, or are now."""
    found = assessment.rulings(viewer, ask.region).filter(kind__in=("yellow", "red", "listing"))
    if ask.until is None:
        return found.filter(state="confirmed")
    over = Q(ended_at=None) | Q(ended_at__date__gt=ask.until)
    return found.filter(over, state__in=("confirmed", "ended", "withdrawn"), decided_at__date__lte=ask.until)


def _ranked(viewer: User, ask: Ask) -> QuerySet[Any]:
    """The cases that the latest published ranking of towns counted."""
    latest = assessment.rankings(viewer, "town").filter(state="published").first()
    return assessment.counted(viewer, ask.region).filter(ranking=latest, span="now")


PLACE = Column(pgettext_lazy("county or town", "Place"), _place, "region_path")
INCIDENTS = Table(
    "incidents",
    _("Incidents"),
    lambda viewer, ask: of_region(viewer, cases.counted(viewer), ask.region),
    (
        Column("#", lambda row: row.pk, "pk"),
        Column(_("Reported"), lambda row: written(row.reported_at), "reported_at"),
        PLACE,
        Column(_("Scam type"), _type, "scam_type"),
        Column(_("Loss, yuan"), lambda row: row.loss_fen / 100, "loss_fen", "money"),
    ),
    (),
    "reported_at",
    True,
    "cases:incident",
)
DISSUADED = Table(
    "dissuaded",
    _("People dissuaded"),
    _dissuaded,
    (
        Column("#", lambda row: row.pk, "pk"),
        Column(_("Came in"), lambda row: written(row.received_at), "received_at"),
        Column(_("Level"), lambda row: row.get_level_display(), "level_rank"),
        PLACE,
        Column(_("Scam type"), _type, "scam_type"),
        Column(_("Loss avoided, yuan"), lambda row: row.loss_avoided_fen / 100, "loss_avoided_fen", "money"),
    ),
    (),
    "received_at",
    True,
    "alerts:task",
)
STOPPED = Table(
    "stopped",
    _("Payments stopped"),
    lambda viewer, ask: of_region(viewer, funds.counted(viewer), ask.region).exclude(held_at=None),
    (
        Column("#", lambda row: row.pk, "pk"),
        Column(_("Stopped at"), lambda row: written(row.held_at), "held_at"),
        Column(_("State"), lambda row: row.get_state_display(), "state"),
        PLACE,
        Column(_("Bank"), lambda row: row.bank, "bank"),
        Column(_("Amount, yuan"), lambda row: row.amount_fen / 100, "amount_fen", "money"),
        Column(_("Holds until"), lambda row: written(row.ends_at), "ends_at"),
    ),
    (Filter("state", _("State"), funds.State.choices, "state"),),
    "held_at",
    True,
    "funds:stop",
)
FROZEN = Table(
    "frozen",
    _("Money frozen"),
    lambda viewer, ask: funds.freezes(viewer, ask.region).exclude(frozen_at=None),
    (
        Column("#", lambda row: row.pk, "pk"),
        Column(_("Frozen at"), lambda row: written(row.frozen_at), "frozen_at"),
        Column(_("State"), lambda row: row.get_state_display(), "state"),
        PLACE,
        Column(_("Bank"), lambda row: row.bank, "bank"),
        Column(_("Amount, yuan"), lambda row: row.amount_fen / 100, "amount_fen", "money"),
    ),
    (),
    "frozen_at",
    True,
    "funds:freeze",
)
REGISTERED = Table(
    "registered",
    _("Registrations of the app"),
    lambda viewer, ask: outreach.counts(viewer, ask.region),
    (
        Column(_("Day"), lambda row: written_day(row.day), "day"),
        PLACE,
        Column(_("Where won"), lambda row: row.get_won_at_display(), "won_at"),
        Column(_("Registrations"), lambda row: row.installed, "installed", "num"),
    ),
    (),
    "day",
)
CARDS = Table(
    "cards",
    _("Cards and listings in force"),
    _cards,
    (
        Column(pgettext_lazy("of a ruling", "What"), lambda row: row.get_kind_display(), "kind"),
        PLACE,
        Column(pgettext_lazy("of a ruling", "Decided"), lambda row: written(row.decided_at), "decided_at"),
        Column(_("Report due"), lambda row: written_day(row.answer_due_on), "answer_due_on"),
        Column(_("Code of the place"), lambda row: place_code(row.region_path)),
    ),
    address="assessment:ruling",
)
RANKED = Table(
    "ranked",
    _("Cases of the latest ranking"),
    _ranked,
    (
        Column(_("Day"), lambda row: written_day(row.on), "on"),
        PLACE,
        Column(_("Scam type"), _type, "scam_type"),
        Column(_("Loss, yuan"), lambda row: row.loss_fen / 100, "loss_fen", "money"),
    ),
)
OPENED_BY = {
    "incidents": Permission.SEE_ALERTS, "dissuaded": Permission.SEE_ALERTS, "stopped": Permission.SEE_ALERTS,
    "frozen": Permission.TRACE_FUNDS, "cards": Permission.SEE_ASSESSMENT,
}  # fmt: skip
"""Who opens a row of such a table; whoever reads figures alone reads the row here and no more."""
BEHIND: dict[str, Table] = {
    table.code: table for table in (INCIDENTS, DISSUADED, STOPPED, FROZEN, REGISTERED, CARDS, RANKED)
}

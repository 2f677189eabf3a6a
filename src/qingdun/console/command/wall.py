"""The rows behind the wall's figures. No person stands in them, so whoever shows the wall may open them."""

from __future__ import annotations

import datetime as dt
from typing import Any

from django.db.models import QuerySet
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from qingdun.console.alerts import queries as alerts
from qingdun.console.alerts.codes import Level, scam_type_label
from qingdun.console.command.tables import moment
from qingdun.console.funds import queries as funds
from qingdun.console.kernel.figures import Counted, Figure, address, reading
from qingdun.console.kernel.models import User
from qingdun.console.kernel.places import place_name
from qingdun.console.kernel.scope import narrowed
from qingdun.console.kernel.tables import Ask, Column, Filter, Table

DAYS = 7


def _here(viewer: User, ask: Ask, found: QuerySet[Any]) -> QuerySet[Any]:
    picked = narrowed(viewer, ask.region)
    return found.filter(region_path__startswith=picked.path) if picked else found.none()


def _open(viewer: User, ask: Ask) -> QuerySet[Any]:
    """Open tasks as the wall counts them."""
    found = alerts.counted(viewer).filter(state__in=alerts.GROUPS["open"], closed_at=None)
    if ask.picks.get("late"):
        found = found.filter(due_at__lt=timezone.now())
    return _here(viewer, ask, found).order_by("level_rank", "due_at", "-pk")


PLACE = Column(
    pgettext_lazy("county or town", "Place"), lambda row: place_name(row.region_path), "region_path"
)
OPEN = Table(
    "open",
    _("Open tasks"),
    _open,
    (
        Column("#", lambda row: row.pk, "pk"),
        Column(_("Level"), lambda row: row.get_level_display(), "level_rank"),
        PLACE,
        Column(_("Scam type"), lambda row: scam_type_label(row.scam_type), "scam_type"),
        Column(_("State"), lambda row: row.get_state_display(), "state"),
        Column(_("Came in"), lambda row: moment(row.received_at), "received_at"),
        Column(_("Clock ends"), lambda row: moment(row.due_at), "due_at"),
    ),
    (
        Filter("level", _("Level"), Level.choices, "level"),
        Filter("late", pgettext_lazy("of rows", "Overdue"), (("1", _("yes")),)),
    ),
    "received_at",
    True,
    "alerts:task",
)
STOPS = Table(
    "stops",
    _("Payments stopped"),
    lambda viewer, ask: _here(viewer, ask, funds.counted(viewer)).exclude(held_at=None),
    (
        Column("#", lambda row: row.pk, "pk"),
        Column(_("Stopped at"), lambda row: moment(row.held_at), "held_at"),
        Column(_("State"), lambda row: row.get_state_display(), "state"),
        PLACE,
        Column(_("Bank"), lambda row: row.bank, "bank"),
        Column(_("Amount, yuan"), lambda row: row.amount_fen / 100, "amount_fen", "money"),
        Column(_("Holds until"), lambda row: moment(row.ends_at), "ends_at"),
    ),
    (Filter("state", _("State"), funds.State.choices, "state"),),
    "held_at",
    True,
    "funds:stop",
)
TABLES = {table.code: table for table in (OPEN, STOPS)}
FIGURES = (
    Figure("stopped", _("Stopped, 7 days"), "", "stops", total="amount_fen"),
    Figure("orders", _("Orders, 7 days"), "", "stops"),
    Figure("holding", _("Held now"), "", "stops", {"state": "held"}, total="amount_fen"),
)


def money(viewer: User) -> list[Counted]:
    """What was stopped in the last seven days, by how many orders, and what is held now, whenever it was
    stopped; each with where its rows are.
    """
    today = timezone.localdate()
    week = Ask(since=today - dt.timedelta(days=DAYS - 1), until=today)
    told = []
    for figure in FIGURES:
        ask = Ask(picks=figure.picks) if figure.picks else week
        value = reading(figure, TABLES[figure.table].rows(viewer, ask))
        told.append(Counted(figure, value, address(figure, ask, "command:wall")))
    return told

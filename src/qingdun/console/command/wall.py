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
from qingdun.console.command.behind import PLACE, STOPPED
from qingdun.console.kernel.figures import Counted, Figure, ledger
from qingdun.console.kernel.localtime import written
from qingdun.console.kernel.models import User
from qingdun.console.kernel.scope import of_region
from qingdun.console.kernel.tables import Ask, Column, Filter, Table

DAYS = 7


def _open(viewer: User, ask: Ask) -> QuerySet[Any]:
    """Open tasks as the wall counts them."""
    found = alerts.counted(viewer).filter(state__in=alerts.GROUPS["open"], closed_at=None)
    if ask.picks.get("late"):
        found = found.filter(due_at__lt=timezone.now())
    return of_region(viewer, found, ask.region).order_by("level_rank", "due_at", "-pk")


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
        Column(_("Came in"), lambda row: written(row.received_at), "received_at"),
        Column(_("Clock ends"), lambda row: written(row.due_at), "due_at"),
    ),
    (
        Filter("level", _("Level"), Level.choices, "level"),
        Filter("late", pgettext_lazy("of rows", "Overdue"), (("1", _("yes")),)),
    ),
    "received_at",
    True,
    "alerts:task",
)
TABLES = {table.code: table for table in (OPEN, STOPPED)}
FIGURES = (
    Figure("stopped", _("Stopped, 7 days"), "", "stopped", total="amount_fen"),
    Figure("orders", _("Orders, 7 days"), "", "stopped"),
    Figure("holding", _("Held now"), "", "stopped", {"state": "held"}, total="amount_fen"),
)


def money(viewer: User) -> list[Counted]:
    """What was stopped in the last seven days, by how many orders, and what is held now, whenever it was
    stopped; each with where its rows are.
    """
    today = timezone.localdate()
    week = Ask(since=today - dt.timedelta(days=DAYS - 1), until=today)
    ledgers = ledger(FIGURES, TABLES, "command:wall")
    return [
        one
        for figure in FIGURES
        for one in ledgers.counted(viewer, Ask() if figure.picks else week, [figure])
    ]

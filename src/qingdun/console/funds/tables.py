"""The ledgers of funds as tables: what a line of each is, how it is filtered, sorted and written."""

from __future__ import annotations

import datetime as dt
from typing import Any

from django.db.models import Count, Q, QuerySet
from django.urls import reverse
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from qingdun.console.funds import queries
from qingdun.console.funds.lapses import Told
from qingdun.console.funds.moves import FreezeState, RefundState, RefundWay, State
from qingdun.console.kernel.localtime import written
from qingdun.console.kernel.masking import mask_account, mask_name
from qingdun.console.kernel.models import User
from qingdun.console.kernel.tables import Ask, Column, Filter, Table

SOON = (("soon", _("ends soon")),)
YES_NO = (("1", _("yes")), ("0", _("no")))


def _account(row: Any) -> str:
    return " ".join(
        part for part in (mask_name(row.account_name), row.bank, mask_account(row.account)) if part
    )


def _state(row: Any) -> str:
    """The state, and that its end is near."""
    soon = row.state in (State.HELD, FreezeState.FROZEN) and row.warned_at is not None
    return f"{row.get_state_display()} · {gettext('ends soon')}" if soon else str(row.get_state_display())


def _incident(row: Any) -> str:
    return f"{row.incident_id or ''}"


def _parts(row: Any) -> str:
    return ", ".join(str(part.incident_id) for part in row.parts.all())


def _soon(found: QuerySet[Any], ask: Ask) -> QuerySet[Any]:
    if ask.picks.get("end") != "soon":
        return found
    return found.filter(warned_at__isnull=False, state__in=(State.HELD, FreezeState.FROZEN))


def _lapses(viewer: User, ask: Ask) -> QuerySet[Any]:
    found = queries.lapses(viewer, ask.region)
    pick = ask.picks.get("open", "")
    return found.filter(entered_at__isnull=pick == "1") if pick else found


def _refunds(viewer: User, ask: Ask) -> QuerySet[Any]:
    victims = Count("shares", filter=Q(shares__share_fen__gt=0))
    # A sum over groups takes the model's own order away.
    return queries.refunds(viewer, ask.region).annotate(victims=victims).order_by("-prepared_at", "-pk")


def late_min(row: Any) -> int:
    """Minutes from when it was due until it was entered, or until now."""
    until: dt.datetime = row.entered_at or timezone.now()
    return max(0, int((until - row.due_at).total_seconds() // 60))


ACCOUNT: str | Promise = _("Account")

STOPS = Table(
    "stops",
    _("Stop-payment orders"),
    lambda viewer, ask: _soon(queries.stops(viewer, ask.region), ask),
    (
        Column("#", lambda row: row.pk, "pk"),
        Column(_("Requested"), lambda row: written(row.requested_at), "requested_at"),
        Column(_("State"), _state, "state"),
        Column(ACCOUNT, _account),
        Column(_("Amount"), lambda row: row.amount_fen / 100, "amount_fen", "money"),
        Column(_("Paid"), lambda row: written(row.paid_at), "paid_at"),
        Column(_("Holds until"), lambda row: written(row.ends_at), "ends_at"),
        Column(_("Order on the account"), lambda row: row.turn or "", "turn", "num"),
        Column(_("Incident"), _incident, "incident_id"),
        Column(_("Task"), lambda row: row.task_id or "", "task_id"),
        Column(_("Asked for by"), lambda row: str(row.by)),
    ),
    (
        Filter("state", _("State"), State.choices, "state"),
        Filter("end", _("Its end"), SOON),
    ),
    "requested_at",
    True,
    "funds:stop",
)
FREEZES = Table(
    "freezes",
    _("Freezes"),
    lambda viewer, ask: _soon(queries.freezes(viewer, ask.region).prefetch_related("parts"), ask),
    (
        Column("#", lambda row: row.pk, "pk"),
        Column(_("Requested"), lambda row: written(row.requested_at), "requested_at"),
        Column(_("State"), _state, "state"),
        Column(ACCOUNT, _account),
        Column(_("Amount"), lambda row: row.amount_fen / 100, "amount_fen", "money"),
        Column(_("Returned"), lambda row: row.returned_fen / 100, "returned_fen", "money"),
        Column(_("Traced there"), lambda row: row.traced_fen / 100, "traced_fen", "money"),
        Column(_("Frozen until"), lambda row: written(row.ends_at), "ends_at"),
        Column(_("Continued, times"), lambda row: row.renewals or "", "renewals", "num"),
        Column(_("Incidents"), _parts),
        Column(_("Asked for by"), lambda row: str(row.by)),
    ),
    (
        Filter("state", _("State"), FreezeState.choices, "state"),
        Filter("end", _("Its end"), SOON),
    ),
    "requested_at",
    True,
    "funds:freeze",
)
REFUNDS = Table(
    "refunds",
    _("Refunds"),
    _refunds,
    (
        Column("#", lambda row: row.pk, "pk"),
        Column(_("Prepared"), lambda row: written(row.prepared_at), "prepared_at"),
        Column(_("State"), lambda row: str(row.get_state_display()), "state"),
        Column(_("By which rule"), lambda row: str(row.get_way_display()), "way"),
        Column(_("Amount"), lambda row: row.amount_fen / 100, "amount_fen", "money"),
        Column(_("Victims"), lambda row: row.victims, "victims", "num"),
        Column(_("Notice until"), lambda row: written(row.notice_until), "notice_until"),
        Column(_("Ended at"), lambda row: written(row.ended_at), "ended_at"),
        Column(_("Freeze"), lambda row: row.freeze_id, "freeze_id", "num"),
    ),
    (
        Filter("state", _("State"), RefundState.choices, "state"),
        Filter("way", _("By which rule"), RefundWay.choices, "way"),
    ),
    "prepared_at",
    True,
    "funds:refund",
)
LAPSES = Table(
    "lapses",
    _("Late first-level accounts"),
    _lapses,
    (
        Column(_("Incident"), _incident, "incident_id"),
        Column(_("Reported"), lambda row: written(row.incident.reported_at), "incident__reported_at"),
        Column(_("Loss"), lambda row: row.incident.loss_fen / 100, "incident__loss_fen", "money"),
        Column(_("Entry due"), lambda row: written(row.due_at), "due_at"),
        Column(_("Entered"), lambda row: written(row.entered_at), "entered_at"),
        Column(_("Late by, min"), lambda row: late_min(row), "", "num"),
        Column(_("Who has been told"), lambda row: str(row.get_told_display()), "told"),
    ),
    (
        Filter("open", _("Still to enter"), YES_NO),
        Filter("told", _("Who has been told"), [(str(code), word) for code, word in Told.choices], "told"),
    ),
    "due_at",
    True,
)
TABLES = {table.code: table for table in (STOPS, FREEZES, REFUNDS, LAPSES)}


def incident_address(row: Any) -> str:
    """Where an incident is traced from, and its account entered."""
    return f"{reverse('funds:trace')}?incident={row.incident_id}"

"""The ledgers of the module as tables: what a line of each is, how it is filtered, sorted and written."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from django.db.models import Exists, OuterRef, QuerySet
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from qingdun.console.industry import queries, rules, subjects
from qingdun.console.industry.cells import PARTY, TRADE, YES_NO
from qingdun.console.industry.codes import Clock, Kind, Source, SubjectKind
from qingdun.console.industry.models import Restriction
from qingdun.console.industry.moves import AppealState, AssignmentState, State
from qingdun.console.industry.register_tables import TABLES as REGISTERS
from qingdun.console.kernel.forms import Choices
from qingdun.console.kernel.localtime import written
from qingdun.console.kernel.masking import mask_name, mask_text
from qingdun.console.kernel.models import Organisation, User
from qingdun.console.kernel.scope import out_of_reach
from qingdun.console.kernel.tables import Ask, Column, Filter, Table


def _subject(row: Any) -> str:
    return subjects.masked(row.subject_kind, row.subject)


def _appeals(viewer: User, ask: Ask) -> QuerySet[Any]:
    found = queries.appeals(viewer, ask.region)
    pick = ask.picks.get("site", "")
    return found if not pick else found.filter(restriction__isnull=pick == "1")


def _ended(viewer: User, ask: Ask) -> QuerySet[Any]:
    found = queries.breaches(viewer, ask.region)
    pick = ask.picks.get("open", "")
    return found if not pick else found.filter(ended_at__isnull=pick == "1")


def _assignments(viewer: User, ask: Ask) -> QuerySet[Any]:
    # A punishment is a list of one without a party, and stands in its own table.
    found = queries.assignments(viewer, ask.region).exclude(party=None)
    pick = ask.picks.get("open", "")
    waits = Exists(Restriction.objects.filter(assignment=OuterRef("pk"), state=State.ORDERED))
    return found if not pick else found.filter(waits if pick == "1" else ~waits)


def _restrictions(viewer: User, ask: Ask) -> QuerySet[Any]:
    pick, found = ask.picks.get("wrong", ""), queries.restrictions(viewer, ask.region)
    if pick == "week":
        return found.filter(unfounded_at__gte=rules.week_begin(timezone.now()))
    return found.exclude(unfounded_at=None) if pick else found


def _in_force(viewer: User, ask: Ask) -> QuerySet[Any]:
    """Restrictions that a party has carried out, whatever became of them."""
    return queries.restrictions(viewer, ask.region).exclude(since=None)


RESTRICTION_COLUMNS = (
    Column("#", lambda row: row.pk),
    Column(_("Bank or operator"), lambda row: str(row.party or ""), "party__name"),
    Column(_("What"), _subject),
    Column(_("Holder"), lambda row: mask_name(row.holder)),
    Column(_("Restriction"), lambda row: row.get_kind_display(), "kind"),
    Column(_("State"), lambda row: row.state_word, "state"),
    Column(_("Reason"), lambda row: mask_text(row.reason)),
    Column(_("In force since"), lambda row: written(row.since), "since"),
    Column(_("Until"), lambda row: written(row.until), "until"),
)
RESTRICTION_FILTERS = (
    Filter("kind", _("Restriction"), Kind.choices, "kind"),
    Filter("subject", _("On what"), SubjectKind.choices, "subject_kind"),
    Filter("state", _("State"), State.choices, "state"),
    Filter("corporate", _("Enterprise"), YES_NO, "corporate"),
    TRADE,
    PARTY,
    Filter("assignment", _("Lists for parties"), lambda: (), "assignment", ids=True),
)
_TABLES: Sequence[Table] = (
    Table(
        "assignments",
        _("Lists for parties"),
        _assignments,
        (
            Column(_("Title"), lambda row: mask_text(row.title)),
            Column(_("Bank or operator"), lambda row: str(row.party or ""), "party__name"),
            Column(_("Restriction"), lambda row: row.get_kind_display(), "kind"),
            Column(_("State"), lambda row: row.get_state_display(), "state"),
            Column(_("Rows"), lambda row: row.rows, "rows", "num"),
            Column(_("Rows answered"), lambda row: row.answered, "answered", "num"),
            Column(_("Sent out"), lambda row: written(row.sent_at), "sent_at"),
            Column(_("Due"), lambda row: written(row.due_at), "due_at"),
        ),
        (
            Filter("state", _("State"), AssignmentState.choices, "state"),
            Filter("open", _("Rows to answer"), YES_NO),
            Filter("kind", _("Restriction"), Kind.choices, "kind"),
            Filter("source", _("Source"), Source.choices, "source"),
            TRADE,
            PARTY,
        ),
        "proposed_at",
        True,
        "industry:assignment",
        search=("title", "reason"),
    ),
    Table(
        "restrictions",
        _("Restrictions"),
        _restrictions,
        RESTRICTION_COLUMNS,
        (
            *RESTRICTION_FILTERS,
            Filter("wrong", _("It proved wrong"), (("week", _("since Monday")), ("ever", _("at any time")))),
        ),
        "proposed_at",
        True,
        "industry:restriction",
        search=("reason", "assignment__title"),
    ),
    Table(
        "carried_out",
        _("Restrictions carried out"),
        _in_force,
        RESTRICTION_COLUMNS,
        RESTRICTION_FILTERS,
        "since",
        True,
        "industry:restriction",
    ),
    Table(
        "appeals",
        _("Appeals"),
        _appeals,
        (
            Column(_("Against what"), lambda row: row.about),
            Column(_("Appellant"), lambda row: mask_name(row.appellant)),
            Column(_("Filed"), lambda row: written(row.filed_at), "filed_at"),
            Column(_("Due"), lambda row: written(row.due_at), "due_at"),
            Column(_("State"), lambda row: row.get_state_display(), "state"),
            Column(_("Decided"), lambda row: written(row.decided_at), "decided_at"),
            Column(_("Bank or operator"), lambda row: str((row.restriction and row.restriction.party) or "")),
        ),
        (
            Filter("state", _("State"), AppealState.choices, "state"),
            Filter("site", _("Blocked site"), YES_NO),
            Filter("kind", _("Restriction"), Kind.choices, "restriction__kind"),
            replace(TRADE, lookup="restriction__party__kind"),
            replace(PARTY, lookup="restriction__party"),
        ),
        "filed_at",
        True,
        "industry:appeal",
    ),
    Table(
        "breaches",
        _("Clocks that ran out"),
        _ended,
        (
            Column(_("Clock"), lambda row: row.get_clock_display(), "clock"),
            Column("#", lambda row: row.about),
            Column(_("Bank or operator"), lambda row: str(row.party or ""), "party__name"),
            Column(_("Due"), lambda row: written(row.due_at), "due_at"),
            Column(_("Told above"), lambda row: row.level, "level", "num"),
            Column(_("Done after all"), lambda row: written(row.ended_at), "ended_at"),
        ),
        (
            Filter("clock", _("Clock"), Clock.choices, "clock"),
            Filter("open", _("Still open"), YES_NO),
            PARTY,
        ),
        "due_at",
        True,
    ),
)
TABLES: dict[str, Table] = {table.code: table for table in (*_TABLES, *REGISTERS)}
"""Every table by its code."""


def table_of(code: str) -> Table:
    """The table of that code. Errors: NotPermitted (there is none)."""
    if code not in TABLES:
        raise out_of_reach()
    return TABLES[code]


def rows(viewer: User, code: str, ask: Ask, sort: str = "") -> QuerySet[Any]:
    """The rows of a table by its code. Errors: NotPermitted (no such table), InputError (no such choice)."""
    return table_of(code).rows(viewer, ask, sort)


def address(code: str, row: Any) -> str:
    """Where the page of the row is; '' if it has none."""
    table = TABLES[code]
    if table.address:
        return reverse(table.address, args=[row.pk])
    return reverse(LATE.get(row.clock, "industry:check"), args=[row.about]) if code == "breaches" else ""


LATE: dict[str, str] = {
    Clock.ANSWER: "industry:assignment", Clock.RELEASE: "industry:restriction",
    Clock.APPEAL: "industry:appeal",
}  # fmt: skip
"""The page of what a clock that ran out is about; all others are of checks."""


def party_choices(viewer: User, kind: str = "") -> Choices:
    """Banks and operators by code, or those of one kind, as choices of a form."""
    found = queries.parties(viewer)
    found = found.filter(kind=kind) if kind else found
    return [(party.code, f"{party} · {Organisation.Kind(party.kind).label}") for party in found]

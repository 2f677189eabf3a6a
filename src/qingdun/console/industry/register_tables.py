"""Findings, second checks, the blacklist, interviews and punishments as tables."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.db.models import Case, F, Q, QuerySet, Value, When
from django.utils import timezone
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from qingdun.console.industry import registers
from qingdun.console.industry.cells import PARTY, TRADE
from qingdun.console.industry.codes import FindingKind, Interviewed, ListedKind
from qingdun.console.industry.moves import CheckState, FindingState, State
from qingdun.console.industry.punishing import rule_words
from qingdun.console.industry.subjects import masked
from qingdun.console.kernel.localtime import written
from qingdun.console.kernel.masking import mask_account, mask_name, mask_number, mask_text
from qingdun.console.kernel.models import User
from qingdun.console.kernel.roles import Permission, may
from qingdun.console.kernel.tables import Ask, Column, Filter, Table

PARTY_FIRST = Q(engine_at=None) | Q(engine_at__gte=F("pushed_at"))
"""Whether the party pushed before the engine flagged the same thing, if it ever did."""
LISTED_STATES = (
    ("holds", _("Listed")),
    ("waits", _("Waits for a second person")),
    ("over", _("Ended")),
    ("listed", _("Listed or ended")),
    ("refused", _("Not confirmed")),
)


def _findings(viewer: User, ask: Ask) -> QuerySet[Any]:
    """Findings; those that the party or the engine had first apart if asked for. A party is told what the
    engine knows only of what the police have decided: it could ask about anybody by pushing them.
    """
    waits = Q(state=FindingState.PUSHED) if may(viewer, Permission.ANSWER_LISTS) else Q(pk__in=[])
    found = registers.findings(viewer, ask.region).annotate(
        told_at=Case(When(waits, then=None), default=F("engine_at")),
        is_told=Case(When(waits, then=Value(False)), default=Value(True)),
    )
    if ask.picks.get("first"):
        found = found.exclude(waits)
    pick = ask.picks.get("first", "")
    if pick == "both":
        return found.exclude(engine_at=None)
    return found.filter(PARTY_FIRST if pick == "party" else ~PARTY_FIRST) if pick else found


def _first(row: Any) -> str:
    if not row.is_told:
        return ""
    if row.engine_at is None:
        return gettext("the party; not the engine")
    return gettext("the engine") if row.engine_at < row.pushed_at else gettext("the party")


def _blacklist(viewer: User, ask: Ask) -> QuerySet[Any]:
    found = registers.blacklist(viewer, ask.region)
    over = Q(ended_on__isnull=False) | Q(until__lte=timezone.localdate())
    state = {"holds": ~over & Q(waits=False), "waits": ~over & Q(waits=True), "over": over & Q(waits=False),
             "refused": over & Q(waits=True), "listed": Q(waits=False)}  # fmt: skip
    pick = ask.picks.get("state", "")
    return found.filter(state[pick]) if pick in state else found


def _listed_state(row: Any) -> str:
    over = row.ended_on is not None or (row.until is not None and row.until <= timezone.localdate())
    if row.waits:
        return gettext("Not confirmed") if over else gettext("Waits for a second person")
    return gettext("Ended") if over else gettext("Listed")


def _punishments(viewer: User, ask: Ask) -> QuerySet[Any]:
    return registers.punishments(viewer, ask.region)


TABLES: Sequence[Table] = (
    Table(
        "findings",
        _("Findings of parties"),
        _findings,
        (
            Column("#", lambda row: row.pk),
            Column(_("Bank or operator"), lambda row: str(row.party), "party__name"),
            Column(_("What"), lambda row: masked(row.kind, row.entity)),
            Column(_("Reason"), lambda row: mask_text(row.reason)),
            Column(_("Pushed"), lambda row: written(row.pushed_at), "pushed_at"),
            Column(_("Flagged by the engine"), lambda row: written(row.told_at), "told_at"),
            Column(_("First found by"), _first),
            Column(_("State"), lambda row: row.get_state_display(), "state"),
        ),
        (
            Filter("kind", _("On what"), FindingKind.choices, "kind"),
            Filter("state", _("State"), FindingState.choices, "state"),
            Filter(
                "first",
                _("First found by"),
                (
                    ("party", _("the party")),
                    ("engine", _("the engine")),
                    ("both", _("found by both")),
                ),
            ),
            TRADE,
            PARTY,
        ),
        "pushed_at",
        True,
        "industry:finding",
        search=("reason",),
    ),
    Table(
        "checks",
        _("Second real-name checks"),
        lambda viewer, ask: registers.card_checks(viewer, ask.region),
        (
            Column("#", lambda row: row.pk),
            Column(_("Operator"), lambda row: str(row.party), "party__name"),
            Column(_("Phone number"), lambda row: mask_number(row.number)),
            Column(_("Risk"), lambda row: mask_text(row.risk)),
            Column(_("State"), lambda row: row.get_state_display(), "state"),
            Column(_("Flagged"), lambda row: written(row.flagged_at), "flagged_at"),
            Column(_("Next step due"), lambda row: written(row.due_at), "due_at"),
            Column(_("Checked"), lambda row: written(row.checked_at), "checked_at"),
            Column(_("Suspended until"), lambda row: written(row.until), "until"),
        ),
        (Filter("state", _("State"), CheckState.choices, "state"), PARTY),
        "flagged_at",
        True,
        "industry:check",
    ),
    Table(
        "blacklist",
        _("Blacklist"),
        _blacklist,
        (
            Column("#", lambda row: row.pk),
            Column(_("Whom it is about"), lambda row: row.get_kind_display(), "kind"),
            Column(_("Keyed digest"), lambda row: f"{row.digest[:8]}…"),
            Column(_("Reason"), lambda row: mask_text(row.reason)),
            Column(_("Bank or operator"), lambda row: str(row.party or "")),
            Column(_("Listed on"), lambda row: f"{row.listed_on}", "listed_on"),
            Column(_("Until"), lambda row: f"{row.until or ''}", "until"),
            Column(_("Ended on"), lambda row: f"{row.ended_on or ''}", "ended_on"),
            Column(_("State"), _listed_state),
        ),
        (
            Filter("kind", _("Whom it is about"), ListedKind.choices, "kind"),
            Filter("state", _("State"), LISTED_STATES),
        ),
        "listed_on",
        False,
        "industry:blacklist_entry",
    ),
    Table(
        "punishments",
        _("Punishments over cards"),
        _punishments,
        (
            Column("#", lambda row: row.pk),
            Column(_("Name"), lambda row: mask_name(row.restriction.holder)),
            Column(_("Identity document"), lambda row: mask_account(row.identity)),
            Column(_("Years"), lambda row: row.years, "years", "num"),
            Column(_("Rule"), lambda row: rule_words(row.rule), "rule"),
            Column(_("State"), lambda row: row.restriction.state_word, "restriction__state"),
            Column(_("Day of the deed"), lambda row: f"{row.deed_on}", "deed_on"),
            Column(_("Decided on"), lambda row: f"{row.decided_on}", "decided_on"),
            Column(_("Ends on"), lambda row: f"{row.ends_on or ''}", "ends_on"),
        ),
        (
            Filter("state", _("State"), State.choices, "restriction__state"),
            Filter("years", _("Years"), [(str(one), str(one)) for one in (2, 3, 5)], "years"),
        ),
        "decided_on",
        False,
        "industry:punishment",
    ),
    Table(
        "interviews",
        _("Interviews"),
        lambda viewer, ask: registers.interviews(viewer, ask.region),
        (
            Column(_("Held on"), lambda row: f"{row.held_on}", "held_on"),
            Column(_("Kind"), lambda row: row.get_kind_display(), "kind"),
            Column(_("Who was called in"), lambda row: row.name, "name"),
            Column(_("Topic"), lambda row: mask_text(row.topic)),
            Column(_("Demands"), lambda row: mask_text(row.demands)),
        ),
        (Filter("kind", _("Kind"), Interviewed.choices, "kind"), PARTY),
        "held_on",
        search=("name", "topic", "demands"),
    ),
)
"""Tables of registers, in the order of the tabs."""

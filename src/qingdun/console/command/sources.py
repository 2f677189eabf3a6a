"""What falls due anywhere, by module: which rows wait, which moment counts, where a row is opened.

Each source reads through the queries of its own module, so nobody finds here what they may not see there.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django.db.models import F, QuerySet
from django.db.models.functions import Coalesce
from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from qingdun.console.alerts import queries as alerts
from qingdun.console.alerts.codes import scam_type_label
from qingdun.console.alerts.queries import Filters
from qingdun.console.assessment import queries as assessment
from qingdun.console.care import queries as care
from qingdun.console.command import queries
from qingdun.console.funds import queries as funds
from qingdun.console.industry import queries as industry
from qingdun.console.kernel.models import User
from qingdun.console.kernel.roles import Permission
from qingdun.console.supervision import queries as supervision


@dataclass(frozen=True, slots=True)
class Source:
    """Rows of one module that fall due."""

    code: str
    word: str | Promise
    permission: Permission
    """Who may read them at all."""
    read: Callable[[User, str], QuerySet[Any]]
    """Those that wait, of the viewer's region or of the part of it named by code."""
    due: Any
    """The field, or the expression, that says when."""
    opens: Callable[[Any], str]
    """Where a row is opened."""
    tell: Callable[[Any], str]
    """What it is about, in a few words that name nobody."""
    day: bool = False
    """Whether it falls due at the end of a day."""


def _follow_ups(viewer: User, region: str) -> QuerySet[Any]:
    return care.follow_ups(viewer, "open", region)


def _rulings(viewer: User, region: str) -> QuerySet[Any]:
    return assessment.rulings(viewer, region).filter(state="confirmed")


def _page(name: str) -> Callable[[Any], str]:
    return lambda row: reverse(name, args=[row.pk])


def _about_stop(row: Any) -> str:
    return f"{row.get_state_display()} · {row.bank} · ¥{row.amount_fen / 100:,.2f}"


def _about_undertaking(row: Any) -> str:
    whose = f"{row.unit} · " if row.unit else ""
    return f"{whose}{row.provision.number} {row.title}"


CHECKS = ("notice", "check", "objection", "restore")
"""Clocks about the second check of a card."""
SOURCES: tuple[Source, ...] = (
    Source(
        "alerts", _("Clocks of alerts"), Permission.SEE_ALERTS,
        lambda viewer, region: alerts.tasks(viewer, Filters(region=region)).exclude(due_at=None),
        "due_at", _page("alerts:task"),
        lambda row: f"{row.get_level_display()} · {scam_type_label(row.scam_type)} · "
                    f"{row.get_state_display()}",
    ),
    Source(
        "follow_ups", _("Follow-ups"), Permission.SEE_ALERTS, _follow_ups, "due_at",
        _page("care:follow_up"), lambda row: f"D+{row.day}",
    ),
    Source(
        "reviews", _("Reviews of key persons"), Permission.SEE_ALERTS,
        lambda viewer, region: care.key_files(viewer, region), "review_due_at",
        _page("care:key_person"), lambda row: str(row.get_reason_display()),
    ),
    Source(
        "stops", _("Stops of payment that end"), Permission.SEE_ALERTS,
        lambda viewer, region: funds.stops(viewer, region, "held"), "ends_at",
        _page("funds:stop"), _about_stop,
    ),
    Source(
        "freezes", _("Freezes that end"), Permission.TRACE_FUNDS,
        lambda viewer, region: funds.freezes(viewer, region, "frozen"), "ends_at",
        _page("funds:freeze"), _about_stop,
    ),
    Source(
        "refunds", _("Notices of refunds that are over"), Permission.TRACE_FUNDS,
        lambda viewer, region: funds.refunds(viewer, region, "noticed"), "notice_until",
        _page("funds:refund"), lambda row: f"{row.get_way_display()} · ¥{row.amount_fen / 100:,.2f}",
    ),
    Source(
        "answers", _("Answers of banks and operators"), Permission.SEE_INDUSTRY,
        lambda viewer, region: industry.restrictions(viewer, region).filter(state="ordered"),
        Coalesce("answer_due_at", F("assignment__due_at")), _page("industry:restriction"),
        lambda row: f"{row.party or '–'} · {row.state_word}",
    ),
    Source(
        "releases", _("Restrictions to be released"), Permission.SEE_INDUSTRY,
        lambda viewer, region: industry.restrictions(viewer, region).filter(state="releasing"),
        "release_due_at", _page("industry:restriction"),
        lambda row: f"{row.party or '–'} · {row.state_word}",
    ),
    Source(
        "appeals", _("Appeals against restrictions"), Permission.SEE_INDUSTRY,
        lambda viewer, region: industry.appeals(viewer, region).filter(state="filed"), "due_at",
        _page("industry:appeal"), lambda row: row.host or str(row.restriction.party or "–"),
    ),
    Source(
        "checks", _("Second real-name checks"), Permission.SEE_INDUSTRY,
        lambda viewer, region: industry.breaches(viewer, region).filter(ended_at=None, clock__in=CHECKS),
        "due_at", lambda row: reverse("industry:check", args=[row.about]),
        lambda row: f"{row.party or '–'} · {row.get_clock_display()}",
    ),
    Source(
        "objections", _("Objections of towns"), Permission.SEE_ASSESSMENT,
        lambda viewer, region: assessment.objections(viewer, region).filter(state="filed"), "due_on",
        lambda row: reverse("assessment:ruling", args=[row.ruling_id]),
        lambda row: str(row.ruling.get_kind_display()), day=True,
    ),
    Source(
        "reports", _("Reports of towns on cards and listings"), Permission.SEE_ASSESSMENT,
        lambda viewer, region: _rulings(viewer, region).filter(reported_at=None).exclude(answer_due_on=None),
        "answer_due_on", _page("assessment:ruling"), lambda row: str(row.get_kind_display()), day=True,
    ),
    Source(
        "listings", _("Terms of listings that end"), Permission.SEE_ASSESSMENT,
        lambda viewer, region: _rulings(viewer, region).filter(kind="listing").exclude(ends_on=None),
        "ends_on", _page("assessment:ruling"), lambda row: str(row.get_kind_display()), day=True,
    ),
    Source(
        "findings", _("Findings of commissioners"), Permission.SEE_SUPERVISION,
        lambda viewer, region: supervision.unsettled(viewer, region), "due_on",
        _page("supervision:finding"),
        lambda row: f"{row.get_area_display()} · {row.get_state_display()}", day=True,
    ),
    Source(
        "undertakings", _("Undertakings"), Permission.SEE_COMMAND,
        lambda viewer, region: queries.undertakings(viewer, region).filter(state="open"), "due_on",
        _page("command:undertaking"), _about_undertaking, day=True,
    ),
    Source(
        "acceptances", _("Undertakings to be accepted"), Permission.SEE_COMMAND,
        lambda viewer, region: queries.undertakings(viewer, region).filter(state="reported"),
        "accept_due_on", _page("command:undertaking"), _about_undertaking, day=True,
    ),
)  # fmt: skip
"""Every source; a module that has something fall due adds its line."""
BY_CODE = {one.code: one for one in SOURCES}

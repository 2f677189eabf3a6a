"""Every figure of outreach: what it counts, in which ledger its rows stand, narrowed by what.

A figure is counted over exactly the rows its link shows, so the two cannot differ.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import NamedTuple
from urllib.parse import urlencode

from django.db.models import Sum
from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from qingdun.console.kernel.models import User
from qingdun.console.kernel.tables import Ask
from qingdun.console.outreach.codes import Count
from qingdun.console.outreach.ledgers import TABLES


@dataclass(frozen=True, slots=True)
class Figure:
    """One figure."""

    code: str
    word: str | Promise
    meaning: str | Promise
    table: str
    picks: Mapping[str, str] = field(default_factory=dict)
    total: str = ""
    """A field whose sum it is; '' counts rows."""
    distinct: str = ""
    """A field whose different values it counts."""
    latest: str = ""
    """A field of the latest row."""


class Counted(NamedTuple):
    """A figure in a place and period, and where its rows are."""

    figure: Figure
    value: int
    url: str


FIGURES: tuple[Figure, ...] = (
    Figure("installed", Count.INSTALLED.label, _("Registrations, which are no persons"), "counts",
           total="installed"),
    Figure("real_name", Count.REAL_NAME.label, _("Of these by real name"), "counts", total="real_name"),
    Figure("warning_on", Count.WARNING_ON.label, _("Of these with the warning of calls on"), "counts",
           total="warning_on"),
    Figure("rank", _("Rank in the province"), _("By registrations, the latest that the province said"),
           "ranks", {"count": "installed"}, latest="rank"),
    Figure("mailings", _("Mailings"), _("To people who need them, prepared in the period"), "mailings"),
    Figure(
        "queued", _("Educational messages"), _("Queued by mailings of the period"), "mailings", total="queued"
    ),
    Figure("units", _("Member units"), _("On the last day; in May 2021 they rose from 31 to 50"), "units"),
    Figure("ambassadors", _("Ambassadors"), _("Appointed on the last day"), "ambassadors"),
    Figure("venues", _("Venues"), _("Open on the last day"), "venues"),
    Figure("events", _("Events"), _("Held in the period"), "events"),
    Figure(
        "heads", _("People who came"), _("To these events, as counted on the spot"), "events", total="heads"
    ),
    Figure(
        "universities", _("Universities reached"), _("Where an event was held"), "partners",
        {"kind": "university", "held": "1"},
    ),
    Figure(
        "technicians", _("Technician colleges reached"), _("Where an event was held"), "partners",
        {"kind": "technician", "held": "1"},
    ),
    Figure(
        "campus_heads", _("People at visits to a campus"), _("Teachers and students, as counted"), "events",
        {"kind": "campus"}, total="heads",
    ),
    Figure(
        "enterprises", _("Visits to an enterprise"), _("Held in the period"), "events", {"kind": "enterprise"}
    ),
    Figure("pledges", _("Pledges"), _("Signed in the period"), "pledges"),
    Figure("commended", _("Commended"), _("People, in the period"), "commendations"),
    Figure("doors", _("Visits at doors"), _("Made in the period"), "doors"),
    Figure("told", _("People told at doors"), _("In the period"), "doors", total="told"),
    Figure("sheets", _("Sheets of the quiz"), _("Filled in, in the period"), "sheets"),
    Figure("right", _("Right answers"), _("Of all answers of these sheets"), "sheets", total="right"),
)  # fmt: skip
BY_CODE = {one.code: one for one in FIGURES}


def counted(viewer: User, ask: Ask) -> list[Counted]:
    """Every figure in the place and period asked for."""
    return [Counted(one, value(viewer, one, ask), _url(one, ask)) for one in FIGURES]


def value(viewer: User, figure: Figure, ask: Ask) -> int:
    """The figure in that place and period."""
    found = TABLES[figure.table].rows(viewer, replace(ask, picks=figure.picks))
    if figure.latest:
        return found.values_list(figure.latest, flat=True).first() or 0
    found = found.order_by()
    if figure.total:
        return int(found.aggregate(total=Sum(figure.total))["total"] or 0)
    if figure.distinct:
        return found.values(figure.distinct).distinct().count()
    return found.count()


def _url(figure: Figure, ask: Ask) -> str:
    asked = {"region": ask.region, "since": ask.since, "until": ask.until, **figure.picks}
    query = urlencode({name: one for name, one in asked.items() if one})
    return f"{reverse('outreach:table', args=[figure.table])}?{query}"

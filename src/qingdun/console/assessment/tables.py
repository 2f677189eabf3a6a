"""The ledgers of assessment as tables."""

from __future__ import annotations

from typing import Any

from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from qingdun.console.alerts.codes import scam_type_label
from qingdun.console.assessment import queries
from qingdun.console.assessment.codes import DIFFERS, REASONS, OpenedFor, Ranked, RulingKind, Span
from qingdun.console.assessment.models import CountedRow, Line
from qingdun.console.assessment.moves import FileState, ObjectionState, RankingState, RulingState
from qingdun.console.assessment.rules import rule_named
from qingdun.console.kernel.localtime import written, written_day
from qingdun.console.kernel.models import User
from qingdun.console.kernel.places import place_name
from qingdun.console.kernel.tables import Ask, Column, Filter, Table


def _place(row: Any) -> str:
    return place_name(row.region_path)


def _reasons(row: Any) -> str:
    return "；".join(str(REASONS[one]) for one in row.reasons)


PLACE = Column(pgettext_lazy("county or town", "Place"), _place, "region_path")
_RANKING = Filter("ranking", _("Ranking"), (), "ranking", ids=True)


def _lines(viewer: User, ask: Ask) -> QuerySet[Line]:
    """The lines of the ranking asked for, else of the latest of towns that was over on the last day."""
    seen, pick = queries.rankings(viewer), ask.picks.get("ranking", "")
    latest = seen.filter(level=Ranked.TOWN, state=RankingState.PUBLISHED)
    if ask.until:
        latest = latest.filter(until__lte=ask.until)
    ranking = seen.filter(pk=int(pick[:18])).first() if pick.isdecimal() else latest.first()
    return queries.lines(viewer, ranking, ask.region) if ranking else Line.objects.none()


def _counted(viewer: User, ask: Ask) -> QuerySet[CountedRow]:
    found, major = queries.counted(viewer, ask.region), ask.picks.get("major", "")
    if major:
        pick = ask.picks.get("ranking", "")
        about = queries.rankings(viewer).filter(pk=int(pick[:18]) if pick.isdecimal() else 0).first()
        bounds = dict(zip(MAJOR, rule_named(about.rules).major_fen, strict=True)) if about else {}
        found = found.filter(loss_fen__gte=bounds[major]) if major in bounds else found.none()
    return found


MAJOR = ("low", "high")
RANKINGS = Table(
    "rankings",
    _("Rankings and their corrections"),
    lambda viewer, ask: queries.rankings(viewer),
    (
        Column(_("Period"), lambda row: f"{row.since} – {row.until}", "since"),
        Column(_("Of what"), lambda row: row.get_level_display(), "level"),
        Column(_("Version"), lambda row: row.version, "version", "num"),
        Column(_("State"), lambda row: row.get_state_display(), "state"),
        Column(pgettext_lazy("of a place", "Cases"), lambda row: row.cases, "cases", "num"),
        Column(_("Rules"), lambda row: row.rules),
        Column(_("Estimates"), lambda row: row.estimated, "estimated", "num"),
        Column(
            pgettext_lazy("of a ranking", "Published"), lambda row: written(row.published_at), "published_at"
        ),
        Column(pgettext_lazy("of a ranking", "Published by"), lambda row: str(row.published_by or "")),
        Column(_("Why corrected"), lambda row: row.reason),
    ),
    (
        Filter("level", _("Of what"), Ranked.choices, "level"),
        Filter("state", _("State"), RankingState.choices, "state"),
    ),
    "since",
    False,
    "assessment:ranking",
)  # fmt: skip
LINES = Table(
    "lines",
    _("Lines of a ranking"),
    _lines,
    (
        Column(pgettext_lazy("of a place", "Rank"), lambda row: row.rank, "rank", "num"),
        PLACE,
        Column(_("Points"), lambda row: round(row.points, 2), "points", "num"),
        Column(_("Residents"), lambda row: row.residents, "residents", "num"),
        Column(_("Estimate"), lambda row: _("yes") if row.estimated else _("no"), "estimated"),
        Column(pgettext_lazy("of a place", "Cases"), lambda row: row.cases, "cases", "num"),
        Column(_("Period before"), lambda row: row.cases_before, "cases_before", "num"),
        Column(_("Year before"), lambda row: row.cases_year, "cases_year", "num"),
        Column(_("Cases per 10,000, raw"), lambda row: round(row.raw, 3), "raw", "num"),
        Column(_("95 %, from"), lambda row: round(row.low, 3), "low", "num"),
        Column(_("95 %, to"), lambda row: round(row.high, 3), "high", "num"),
        Column(_("Cases per 10,000, shrunk"), lambda row: round(row.shrunk, 3), "shrunk", "num"),
        Column(_("Against the city"), lambda row: str(DIFFERS[row.differs]), "differs"),
        Column(_("Loss, yuan"), lambda row: row.loss_fen / 100, "loss_fen", "money"),
        Column(_("Major cases"), lambda row: row.major_500k, "major_500k", "num"),
        Column(_("Of these the largest"), lambda row: row.major_1m, "major_1m", "num"),
    ),
    (_RANKING, Filter("differs", _("Against the city"), tuple(DIFFERS.items()), "differs")),
)
COUNTED = Table(
    "rows",
    _("Counted incidents"),
    _counted,
    (
        Column(_("Incident no."), lambda row: row.incident, "incident", "num"),
        Column(_("Reported on"), lambda row: written_day(row.on), "on"),
        PLACE,
        Column(_("Scam type"), lambda row: scam_type_label(row.scam_type), "scam_type"),
        Column(_("Loss, yuan"), lambda row: row.loss_fen / 100, "loss_fen", "money"),
        Column(_("Counted as"), lambda row: row.get_span_display(), "span"),
        Column(_("Ranking"), lambda row: f"{row.ranking.since} v{row.ranking.version}"),
    ),
    (
        _RANKING,
        Filter("span", _("Counted as"), Span.choices, "span"),
        Filter("major", _("Major cases"), ((MAJOR[0], _("Major")), (MAJOR[1], _("The largest")))),
    ),
    "on",
)
RULINGS = Table(
    "rulings",
    _("Cards and listings"),
    lambda viewer, ask: queries.rulings(viewer, ask.region),
    (
        Column(pgettext_lazy("of a ruling", "What"), lambda row: row.get_kind_display(), "kind"),
        PLACE,
        Column(_("State"), lambda row: row.get_state_display(), "state"),
        Column(pgettext_lazy("of a ruling", "Why"), _reasons),
        Column(_("Proposed"), lambda row: written(row.proposed_at), "proposed_at"),
        Column(pgettext_lazy("of a ruling", "Decided"), lambda row: written(row.decided_at), "decided_at"),
        Column(_("Decided by"), lambda row: str(row.decided_by or "")),
        Column(_("Report due"), lambda row: written_day(row.answer_due_on), "answer_due_on"),
        Column(_("Reported"), lambda row: written(row.reported_at), "reported_at"),
        Column(_("Term ends"), lambda row: written_day(row.ends_on), "ends_on"),
    ),
    (
        Filter("kind", pgettext_lazy("of a ruling", "What"), RulingKind.choices, "kind"),
        Filter("state", _("State"), RulingState.choices, "state"),
    ),
    "proposed_at",
    True,
    "assessment:ruling",
)  # fmt: skip
OBJECTIONS = Table(
    "objections",
    pgettext_lazy("of a town", "Objections"),
    lambda viewer, ask: queries.objections(viewer, ask.region),
    (
        Column(_("Entered"), lambda row: written(row.at), "at"),
        PLACE,
        Column(pgettext_lazy("of an objection", "Against"), lambda row: row.ruling.get_kind_display()),
        Column(_("State"), lambda row: row.get_state_display(), "state"),
        Column(_("Answer due"), lambda row: written_day(row.due_on), "due_on"),
        Column(_("Answered"), lambda row: written(row.answered_at), "answered_at"),
        Column(_("Answered by"), lambda row: str(row.answered_by or "")),
    ),
    (Filter("state", _("State"), ObjectionState.choices, "state"),),
    "at",
    True,
)
INSPECTIONS = Table(
    "inspections",
    _("Inspections of listed towns"),
    lambda viewer, ask: queries.inspections(viewer, ask.region),
    (
        Column(_("Day"), lambda row: written_day(row.on), "on"),
        PLACE,
        Column(_("Passed"), lambda row: str(_("yes") if row.passed else _("no")), "passed"),
        Column(_("Found"), lambda row: row.findings),
        Column(_("By"), lambda row: str(row.by)),
    ),
    (),
    "on",
)
FILES = Table(
    "accountability",
    _("Accountability"),
    lambda viewer, ask: queries.accountabilities(viewer, ask.region),
    (
        Column(_("Incident no."), lambda row: row.incident_id, "incident", "num"),
        PLACE,
        Column(_("Opened for"), lambda row: row.get_why_display(), "why"),
        Column(_("Loss, yuan"), lambda row: row.loss_fen / 100, "loss_fen", "money"),
        Column(_("Opened"), lambda row: written(row.opened_at), "opened_at"),
        Column(_("State"), lambda row: row.get_state_display(), "state"),
        Column(_("Closed by"), lambda row: str(row.closed_by or "")),
    ),
    (
        Filter("why", _("Opened for"), OpenedFor.choices, "why"),
        Filter("state", _("State"), FileState.choices, "state"),
    ),
    "opened_at",
    True,
    "assessment:accountability",
)
RESIDENTS = Table(
    "residents",
    _("Figures of residents"),
    lambda viewer, ask: queries.figures(viewer, ask.region),
    (
        Column(_("Figure of the day"), lambda row: written_day(row.as_of), "as_of"),
        PLACE,
        Column(_("Residents"), lambda row: row.residents, "residents", "num"),
        Column(_("Source of the figure"), lambda row: row.source),
        Column(_("Entered"), lambda row: written(row.at), "at"),
        Column(_("By"), lambda row: str(row.by)),
    ),
    (),
    "as_of",
)
TABLES: dict[str, Table] = {
    table.code: table
    for table in (RULINGS, OBJECTIONS, INSPECTIONS, FILES, RANKINGS, LINES, COUNTED, RESIDENTS)
}
"""Every ledger of the module by its code."""
TABS = ("rulings", "objections", "inspections", "accountability", "rankings", "residents")
"""Those that stand as tabs; the others are reached from a ranking."""

"""The ledgers of registrations and mailings as tables."""

from __future__ import annotations

from typing import Any

from django.db import models
from django.utils.translation import gettext, pgettext_lazy
from django.utils.translation import gettext_lazy as _

from qingdun.console.kernel.localtime import written, written_day
from qingdun.console.kernel.tables import Column, Filter, Table
from qingdun.console.outreach import queries
from qingdun.console.outreach.codes import Arm, AudienceKind, Count, DoorResult, Outcome, WonAt
from qingdun.console.outreach.moves import MailingState
from qingdun.console.outreach.places import place_name


def _place(row: Any) -> str:
    return place_name(row.region_path)


PLACE = Column(pgettext_lazy("county or town", "Place"), _place, "region_path")

COUNTS = Table(
    "counts",
    _("Registrations by day"),
    lambda viewer, ask: queries.counts(viewer, ask.region),
    (
        Column(_("Day"), lambda row: written_day(row.day), "day"),
        PLACE,
        Column(_("Grid"), lambda row: str(row.grid or "")),
        Column(_("Where won"), lambda row: row.get_won_at_display(), "won_at"),
        Column(Count.INSTALLED.label, lambda row: row.installed, "installed", "num"),
        Column(Count.REAL_NAME.label, lambda row: row.real_name, "real_name", "num"),
        Column(Count.WARNING_ON.label, lambda row: row.warning_on, "warning_on", "num"),
    ),
    (
        Filter("won_at", _("Where won"), WonAt.choices, "won_at"),
        Filter("grid", _("Grid"), (), "grid", ids=True),
    ),
    "day",
)
TARGETS = Table(
    "targets",
    _("Targets"),
    lambda viewer, ask: queries.targets(viewer, ask.region),
    (
        Column(_("To be met by"), lambda row: written_day(row.due_on), "due_on"),
        PLACE,
        Column(_("Which count"), lambda row: row.get_count_display(), "count"),
        Column(_("Goal"), lambda row: row.goal, "goal", "num"),
        Column(_("Set by"), lambda row: str(row.by)),
        Column(_("Set at"), lambda row: written(row.at), "at"),
    ),
    (Filter("count", _("Which count"), Count.choices, "count"),),
    "due_on",
)
RANKS = Table(
    "ranks",
    _("Rank in the province"),
    lambda viewer, ask: queries.ranks(viewer, ask.region),
    (
        Column(_("Day"), lambda row: written_day(row.day), "day"),
        Column(_("Which count"), lambda row: row.get_count_display(), "count"),
        Column(pgettext_lazy("of a city", "Rank"), lambda row: row.rank, "rank", "num"),
        Column(_("Of how many"), lambda row: row.of, "", "num"),
        Column(_("Said by"), lambda row: row.source),
    ),
    (Filter("count", _("Which count"), Count.choices, "count"),),
    "day",
)
GRIDS = Table(
    "grids",
    _("Grids"),
    lambda viewer, ask: queries.grids(viewer, ask.region),
    (
        Column(pgettext_lazy("of a grid", "Code"), lambda row: row.code, "code"),
        Column(_("Grid"), lambda row: row.name, "name"),
        PLACE,
        Column(_("Doors"), lambda row: row.doors, "doors", "num"),
        Column(_("Residents, estimated"), lambda row: row.residents, "residents", "num"),
    ),
    search=("code", "name"),
)
DOORS = Table(
    "doors",
    _("Visits at doors"),
    lambda viewer, ask: queries.doors(viewer, ask.region),
    (
        Column(_("Visited"), lambda row: written(row.visited_at), "visited_at"),
        PLACE,
        Column(_("Grid"), lambda row: str(row.grid), "grid__name"),
        Column(pgettext_lazy("building and number", "Door"), lambda row: row.place, "place"),
        Column(_("Came of it"), lambda row: row.get_result_display(), "result"),
        Column(_("People told"), lambda row: row.told, "told", "num"),
        Column(Count.INSTALLED.label, lambda row: row.installed, "installed", "num"),
        Column(Count.REAL_NAME.label, lambda row: row.real_name, "real_name", "num"),
        Column(Count.WARNING_ON.label, lambda row: row.warning_on, "warning_on", "num"),
        Column(
            pgettext_lazy("of a door", "Leaflet"),
            lambda row: gettext("yes") if row.leaflet else "",
            "leaflet",
        ),
        Column(_("By"), lambda row: str(row.by)),
    ),
    (
        Filter("result", _("Came of it"), DoorResult.choices, "result"),
        Filter("grid", _("Grid"), (), "grid", ids=True),
    ),
    "visited_at",
    True,
    search=("place", "grid__name"),
)
MAILINGS = Table(
    "mailings",
    _("Mailings"),
    lambda viewer, ask: (
        queries.mailings(viewer, ask.region)
        .annotate(
            sent_to=models.Count("recipients", filter=models.Q(recipients__arm=Arm.SENT)),
            queued=models.Count("recipients", filter=models.Q(recipients__outcome=Outcome.QUEUED)),
            held_out=models.Count("recipients", filter=models.Q(recipients__arm=Arm.HELD)),
        )
        .order_by("-prepared_at", "-pk")
    ),
    (
        Column(_("Mailing"), lambda row: row.name, "name"),
        Column(_("Prepared"), lambda row: written(row.prepared_at), "prepared_at"),
        Column(pgettext_lazy("of a mailing", "Who"), lambda row: row.get_kind_display(), "kind"),
        Column(_("State"), lambda row: row.get_state_display(), "state"),
        Column(Arm.SENT.label, lambda row: row.sent_to, "sent_to", "num"),
        Column(pgettext_lazy("of a mailing", "Queued"), lambda row: row.queued, "queued", "num"),
        Column(Arm.HELD.label, lambda row: row.held_out, "held_out", "num"),
    ),
    (
        Filter("kind", pgettext_lazy("of a mailing", "Who"), AudienceKind.choices, "kind"),
        Filter("state", _("State"), MailingState.choices, "state"),
    ),
    "prepared_at",
    True,
    "outreach:mailing",
    ("name",),
)
OWN: tuple[Table, ...] = (COUNTS, TARGETS, RANKS, MAILINGS, GRIDS, DOORS)

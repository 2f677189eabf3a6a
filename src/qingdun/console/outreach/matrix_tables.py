"""The ledgers of the matrix: units, ambassadors, venues, partners, events, pledges, materials, the quiz."""

from __future__ import annotations

import datetime as dt
from typing import Any

from django.db.models import Count, Q, QuerySet
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from qingdun.console.kernel.models import User
from qingdun.console.kernel.tables import Ask, Column, Filter, Table
from qingdun.console.outreach import queries
from qingdun.console.outreach.codes import EventKind, MaterialKind, PartnerKind, UnitKind, VenueKind
from qingdun.console.outreach.tables import PLACE, day


def _standing(found: QuerySet[Any], ask: Ask, begin: str, end: str) -> QuerySet[Any]:
    """What stood on the last day asked for: begun by then, not ended. The first day narrows when it began."""
    wanted = Q()
    if ask.until:
        wanted &= Q(**{f"{begin}__lte": ask.until}) & (Q(**{end: None}) | Q(**{f"{end}__gt": ask.until}))
    if ask.since:
        wanted &= Q(**{f"{begin}__gte": ask.since})
    return found.filter(wanted)


def _units(viewer: User, ask: Ask) -> QuerySet[Any]:
    return _standing(queries.units(viewer, ask.region), ask, "joined_on", "left_on")


def _ambassadors(viewer: User, ask: Ask) -> QuerySet[Any]:
    return _standing(queries.ambassadors(viewer, ask.region), ask, "appointed_on", "ended_on")


def _venues(viewer: User, ask: Ask) -> QuerySet[Any]:
    return _standing(queries.venues(viewer, ask.region), ask, "opened_on", "closed_on")


def _partners(viewer: User, ask: Ask) -> QuerySet[Any]:
    """Partners; if it is asked for, those where an event was held in the period."""
    found = (
        queries.partners(viewer, ask.region)
        .annotate(held=Count("events", distinct=True))
        .order_by("name", "pk")
    )
    if not ask.picks.get("held"):
        return found
    held = Q()
    if ask.since:
        held &= Q(events__on__gte=ask.since)
    if ask.until:
        held &= Q(events__on__lt=ask.until + dt.timedelta(days=1))
    there = queries.partners(viewer, ask.region).filter(held, events__isnull=False)
    return found.filter(pk__in=there.values("pk"))


MATRIX: tuple[Table, ...] = (
    Table(
        "units",
        _("Member units"),
        _units,
        (
            Column(_("Unit"), lambda row: row.name, "name"),
            Column(pgettext_lazy("what sort", "Kind"), lambda row: row.get_kind_display(), "kind"),
            PLACE,
            Column(_("Joined on"), lambda row: day(row.joined_on), "joined_on"),
            Column(_("Left the group on"), lambda row: day(row.left_on), "left_on"),
        ),
        (Filter("kind", pgettext_lazy("what sort", "Kind"), UnitKind.choices, "kind"),),
    ),
    Table(
        "ambassadors",
        _("Ambassadors"),
        _ambassadors,
        (
            Column(_("Name"), lambda row: row.name, "name"),
            Column(_("Known for"), lambda row: row.field, "field"),
            Column(_("Unit"), lambda row: str(row.unit or "")),
            Column(_("Appointed on"), lambda row: day(row.appointed_on), "appointed_on"),
            Column(_("Until"), lambda row: day(row.ended_on), "ended_on"),
        ),
    ),
    Table(
        "venues",
        _("Venues"),
        _venues,
        (
            Column(_("Venue"), lambda row: row.name, "name"),
            Column(pgettext_lazy("what sort", "Kind"), lambda row: row.get_kind_display(), "kind"),
            PLACE,
            Column(_("Opened on"), lambda row: day(row.opened_on), "opened_on"),
            Column(pgettext_lazy("of a venue", "Closed on"), lambda row: day(row.closed_on), "closed_on"),
        ),
        (Filter("kind", pgettext_lazy("what sort", "Kind"), VenueKind.choices, "kind"),),
    ),
    Table(
        "events",
        _("Events"),
        lambda viewer, ask: (
            queries.events(viewer, ask.region)
            .annotate(pictures=Count("photos", distinct=True))
            .order_by("-on", "-pk")
        ),
        (
            Column(_("Event"), lambda row: row.title, "title"),
            Column(_("Day"), lambda row: day(row.on), "on"),
            Column(pgettext_lazy("what sort", "Kind"), lambda row: row.get_kind_display(), "kind"),
            PLACE,
            Column(_("People who came"), lambda row: row.heads, "heads", "num"),
            Column(_("Photos"), lambda row: row.pictures, "pictures", "num"),
            Column(_("Unit"), lambda row: str(row.unit or "")),
        ),
        (Filter("kind", pgettext_lazy("what sort", "Kind"), EventKind.choices, "kind"),),
        "on",
        False,
        "outreach:event",
    ),
    Table(
        "partners",
        _("Schools and enterprises"),
        _partners,
        (
            Column(_("Name"), lambda row: row.name, "name"),
            Column(pgettext_lazy("what sort", "Kind"), lambda row: row.get_kind_display(), "kind"),
            PLACE,
            Column(pgettext_lazy("of a partner", "People"), lambda row: row.people or "", "people", "num"),
            Column(_("Events there"), lambda row: row.held, "held", "num"),
        ),
        (
            Filter("kind", pgettext_lazy("what sort", "Kind"), PartnerKind.choices, "kind"),
            Filter("held", _("Events there"), (("1", _("At least one")),)),
        ),
    ),
    Table(
        "pledges",
        _("Pledges"),
        lambda viewer, ask: queries.pledges(viewer, ask.region),
        (
            Column(_("Signed on"), lambda row: day(row.signed_on), "signed_on"),
            Column(
                pgettext_lazy("kind of partner", "Enterprise"), lambda row: str(row.partner), "partner__name"
            ),
            Column(_("Document"), lambda row: row.document),
            Column(_("Until"), lambda row: day(row.until), "until"),
        ),
        day="signed_on",
    ),
    Table(
        "commendations",
        _("Commendations"),
        lambda viewer, ask: queries.commendations(viewer, ask.region),
        (
            Column(_("Day"), lambda row: day(row.on), "on"),
            Column(_("Name"), lambda row: row.name, "name"),
            Column(_("Works at"), lambda row: str(row.partner or ""), "partner__name"),
            Column(_("Commended for"), lambda row: row.deed),
        ),
        day="on",
    ),
    Table(
        "materials",
        _("Materials"),
        lambda viewer, ask: queries.materials(viewer, ask.region),
        (
            Column(_("Title"), lambda row: row.title, "title"),
            Column(pgettext_lazy("what sort", "Kind"), lambda row: row.get_kind_display(), "kind"),
            Column(_("Version"), lambda row: row.version, "version", "num"),
            PLACE,
        ),
        (Filter("kind", pgettext_lazy("what sort", "Kind"), MaterialKind.choices, "kind"),),
        address="outreach:material",
    ),
    Table(
        "sheets",
        _("Sheets of the quiz"),
        lambda viewer, ask: queries.sheets(viewer, ask.region),
        (
            Column(_("Day"), lambda row: day(row.on), "on"),
            PLACE,
            Column(_("Event"), lambda row: str(row.event or "")),
            Column(_("Right answers"), lambda row: row.right, "right", "num"),
            Column(pgettext_lazy("questions", "Of"), lambda row: row.of, "", "num"),
            Column(_("Version"), lambda row: row.version, "", "num"),
        ),
        day="on",
    ),
)

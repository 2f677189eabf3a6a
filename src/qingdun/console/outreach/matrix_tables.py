"""The ledgers of the matrix: units, ambassadors, venues, partners, events, pledges, materials, the quiz."""

from __future__ import annotations

import datetime as dt
from typing import Any

from django.db.models import Count, OuterRef, Q, QuerySet, Subquery
from django.db.models.functions import Coalesce, Least
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from qingdun.console.alerts.codes import scam_type_label
from qingdun.console.kernel.forms import Choices
from qingdun.console.kernel.localtime import written_day
from qingdun.console.kernel.models import User
from qingdun.console.kernel.tables import Ask, Column, Filter, Table
from qingdun.console.outreach import queries
from qingdun.console.outreach.codes import Body, EventKind, MaterialKind, PartnerKind, UnitKind, VenueKind
from qingdun.console.outreach.models import EventPhoto
from qingdun.console.outreach.tables import PLACE
from qingdun.contract.codes import scam_types


def _standing(found: QuerySet[Any], ask: Ask, begin: str, end: str) -> QuerySet[Any]:
    """What stood on the last day asked for: begun by then, not ended. The first day narrows when it began."""
    wanted = Q(**{f"{begin}__isnull": False})
    if ask.until:
        wanted &= Q(**{f"{begin}__lte": ask.until}) & (Q(**{end: None}) | Q(**{f"{end}__gt": ask.until}))
    if ask.since:
        wanted &= Q(**{f"{begin}__gte": ask.since})
    return found.filter(wanted)


def _number(rows: QuerySet[Any], of: str) -> Coalesce:
    """How many of the rows hang on each row by that field; asked for the rows of one page alone."""
    found = rows.filter(**{of: OuterRef("pk")}).order_by().values(of).annotate(number=Count("pk"))
    return Coalesce(Subquery(found.values("number")), 0)


def _units(viewer: User, ask: Ask) -> QuerySet[Any]:
    """Units of the body asked for by its days; else of either, since whichever came first."""
    found = queries.units(viewer, ask.region).annotate(
        began=Least(Coalesce("joined_on", "matrix_on"), Coalesce("matrix_on", "joined_on")),
        voices=_number(queries.ambassadors(viewer), "unit"),
        held=_number(queries.events(viewer), "unit"),
    )
    return _standing(found, ask, BODY_DAYS.get(ask.picks.get("body", ""), "began"), "left_on")


def _ambassadors(viewer: User, ask: Ask) -> QuerySet[Any]:
    held = _number(queries.events(viewer), "ambassadors")
    found = queries.ambassadors(viewer, ask.region).annotate(held=held)
    return _standing(found, ask, "appointed_on", "ended_on")


def _venues(viewer: User, ask: Ask) -> QuerySet[Any]:
    found = queries.venues(viewer, ask.region).annotate(held=_number(queries.events(viewer), "venue"))
    return _standing(found, ask, "opened_on", "closed_on")


def _partners(viewer: User, ask: Ask) -> QuerySet[Any]:
    """Partners; if it is asked for, those where an event was held in the period."""
    events = _number(queries.events(viewer), "partners")
    found = queries.partners(viewer, ask.region).annotate(held=events).order_by("name", "pk")
    if not ask.picks.get("held"):
        return found
    held = Q()
    if ask.since:
        held &= Q(events__on__gte=ask.since)
    if ask.until:
        held &= Q(events__on__lt=ask.until + dt.timedelta(days=1))
    there = queries.partners(viewer, ask.region).filter(held, events__isnull=False)
    return found.filter(pk__in=there.values("pk"))


def scam_choices() -> Choices:
    """Scam types by code with their words."""
    return [(code, scam_type_label(code)) for code in scam_types().names]


def _scam_type(row: Any) -> str:
    return scam_type_label(row.scam_type) if row.scam_type else ""


def _about(name: str, word: Any, lookup: str = "") -> Filter:
    """Narrows to the rows of one unit, venue and so on, by its id: links lead there."""
    return Filter(name, word, (), lookup or name, ids=True)


BODY_DAYS = {Body.GROUP.value: "joined_on", Body.MATRIX.value: "matrix_on"}
"""The day on which a unit came to that body."""
UNIT = _about("unit", _("Unit"))
PARTNER = _about("partner", _("School or enterprise"))
MATRIX: tuple[Table, ...] = (
    Table(
        "units",
        _("Member units"),
        _units,
        (
            Column(_("Unit"), lambda row: row.name, "name"),
            Column(pgettext_lazy("what sort", "Kind"), lambda row: row.get_kind_display(), "kind"),
            PLACE,
            Column(_("In the leading group since"), lambda row: written_day(row.joined_on), "joined_on"),
            Column(_("In the publicity matrix since"), lambda row: written_day(row.matrix_on), "matrix_on"),
            Column(_("Left the group on"), lambda row: written_day(row.left_on), "left_on"),
            Column(_("Ambassadors"), lambda row: row.voices, "voices", "num"),
            Column(_("Events"), lambda row: row.held, "held", "num"),
        ),
        (
            Filter("kind", pgettext_lazy("what sort", "Kind"), UnitKind.choices, "kind"),
            Filter("body", _("Body"), Body.choices),
        ),
        search=("name",),
    ),
    Table(
        "ambassadors",
        _("Ambassadors"),
        _ambassadors,
        (
            Column(_("Name"), lambda row: row.name, "name"),
            Column(_("Known for"), lambda row: row.field, "field"),
            Column(_("Unit"), lambda row: str(row.unit or ""), "unit__name"),
            PLACE,
            Column(_("Appointed on"), lambda row: written_day(row.appointed_on), "appointed_on"),
            Column(_("Until"), lambda row: written_day(row.ended_on), "ended_on"),
            Column(_("Events"), lambda row: row.held, "held", "num"),
        ),
        (UNIT,),
        search=("name", "field"),
    ),
    Table(
        "venues",
        _("Venues"),
        _venues,
        (
            Column(_("Venue"), lambda row: row.name, "name"),
            Column(pgettext_lazy("what sort", "Kind"), lambda row: row.get_kind_display(), "kind"),
            PLACE,
            Column(_("Opened on"), lambda row: written_day(row.opened_on), "opened_on"),
            Column(
                pgettext_lazy("of a venue", "Closed on"), lambda row: written_day(row.closed_on), "closed_on"
            ),
            Column(_("Events"), lambda row: row.held, "held", "num"),
        ),
        (Filter("kind", pgettext_lazy("what sort", "Kind"), VenueKind.choices, "kind"),),
        search=("name",),
    ),
    Table(
        "events",
        _("Events"),
        lambda viewer, ask: (
            queries.events(viewer, ask.region)
            .annotate(pictures=_number(EventPhoto.objects.all(), "event"))
            .order_by("-on", "-pk")
        ),
        (
            Column(_("Event"), lambda row: row.title, "title"),
            Column(_("Day"), lambda row: written_day(row.on), "on"),
            Column(pgettext_lazy("what sort", "Kind"), lambda row: row.get_kind_display(), "kind"),
            PLACE,
            Column(_("People who came"), lambda row: row.heads, "heads", "num"),
            Column(_("Photos"), lambda row: row.pictures, "pictures", "num"),
            Column(_("Unit"), lambda row: str(row.unit or ""), "unit__name"),
        ),
        (
            Filter("kind", pgettext_lazy("what sort", "Kind"), EventKind.choices, "kind"),
            UNIT,
            _about("venue", _("Venue")),
            _about("partner", _("School or enterprise"), "partners"),
            _about("ambassador", _("Ambassador"), "ambassadors"),
        ),
        "on",
        False,
        "outreach:event",
        search=("title", "place"),
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
        search=("name",),
    ),
    Table(
        "pledges",
        _("Pledges"),
        lambda viewer, ask: queries.pledges(viewer, ask.region),
        (
            Column(_("Signed on"), lambda row: written_day(row.signed_on), "signed_on"),
            Column(
                pgettext_lazy("kind of partner", "Enterprise"), lambda row: str(row.partner), "partner__name"
            ),
            PLACE,
            Column(_("Document"), lambda row: row.document),
            Column(_("Until"), lambda row: written_day(row.until), "until"),
        ),
        (PARTNER,),
        day="signed_on",
        search=("partner__name", "document"),
    ),
    Table(
        "commendations",
        _("Commendations"),
        lambda viewer, ask: queries.commendations(viewer, ask.region),
        (
            Column(_("Day"), lambda row: written_day(row.on), "on"),
            Column(_("Name"), lambda row: row.name, "name"),
            Column(_("Works at"), lambda row: str(row.partner or ""), "partner__name"),
            PLACE,
            Column(_("Commended for"), lambda row: row.deed),
        ),
        (PARTNER,),
        day="on",
        search=("name", "deed"),
    ),
    Table(
        "materials",
        _("Materials"),
        lambda viewer, ask: queries.materials(viewer, ask.region),
        (
            Column(_("Title"), lambda row: row.title, "title"),
            Column(pgettext_lazy("what sort", "Kind"), lambda row: row.get_kind_display(), "kind"),
            Column(_("Scam type"), _scam_type, "scam_type"),
            Column(_("Version"), lambda row: row.version, "version", "num"),
            PLACE,
        ),
        (
            Filter("kind", pgettext_lazy("what sort", "Kind"), MaterialKind.choices, "kind"),
            Filter("scam_type", _("Scam type"), scam_choices, "scam_type"),
        ),
        address="outreach:material",
        search=("title",),
    ),
    Table(
        "sheets",
        _("Sheets of the quiz"),
        lambda viewer, ask: queries.sheets(viewer, ask.region),
        (
            Column(_("Day"), lambda row: written_day(row.on), "on"),
            PLACE,
            Column(_("Event"), lambda row: str(row.event or ""), "event__title"),
            Column(_("Right answers"), lambda row: row.right, "right", "num"),
            Column(pgettext_lazy("questions", "Of"), lambda row: row.of, "", "num"),
            Column(_("Version"), lambda row: row.version, "", "num"),
        ),
        (_about("event", _("Event")),),
        day="on",
        search=("event__title",),
    ),
)
